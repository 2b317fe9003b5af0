import Hummingbird
import Relais

/// `/request-states` and `/referral-states`: the two lives, from the tables that the program itself follows.
struct StateRoutes {
    var endpoints: RouteCollection<AppContext> {
        RouteCollection(context: AppContext.self)
            .get("request-states", use: requestStates)
            .get("referral-states", use: referralStates)
    }

    @Sendable func requestStates(_ request: Request, context: AppContext) async throws -> Response {
        try request.refuseQuery()
        let states = Relais.Request.Status.allCases.map { States.State(state: $0.rawValue, open: !$0.isOver) }
        let transitions = RequestLifecycle.transitions.map { transition in
            States.Transition(
                from: transition.from.map(\.rawValue), verb: transition.verb.rawValue,
                href: transition.action.map { _ in transition.verb.address(of: "{id}") }, to: transition.to.rawValue,
                roles: roles(transition.action), needs: transition.needs)
        }
        return context.answer(States(states: states, transitions: transitions), to: request)
    }

    @Sendable func referralStates(_ request: Request, context: AppContext) async throws -> Response {
        try request.refuseQuery()
        let states = Referral.Status.allCases.map { States.State(state: $0.rawValue, open: $0.isOpen) }
        let transitions = ReferralLifecycle.transitions.map { transition in
            States.Transition(
                from: transition.from.map(\.rawValue), verb: transition.verb.rawValue,
                href: transition.action.map { _ in transition.verb.address(of: "{id}") }, to: transition.to.rawValue,
                roles: roles(transition.action), needs: transition.needs)
        }
        return context.answer(States(states: states, transitions: transitions), to: request)
    }

    /// Who may do it, in some case; nobody: it follows from something else.
    private func roles(_ action: Action?) -> [String] {
        guard let action else { return [] }
        return Caller.Role.ofTokens.filter { role in
            let scopes: Set<Scope> = role == .tool ? Set(Scope.allCases) : []
            return Caller(role, scopes: scopes).reach(for: action) != nil
        }.map(\.rawValue)
    }
}

private struct States: Encodable {
    struct State: Encodable {
        let state: String
        /// Something is still expected.
        let open: Bool
    }

    struct Transition: Encodable {
        let from: [String]
        let verb: String
        /// Where somebody does it; `nil`: nobody does.
        let href: String?
        let to: String
        let roles: [String]
        let needs: [String]
    }

    let states: [State]
    let transitions: [Transition]
}
