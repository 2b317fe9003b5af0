import Foundation
import Postgres
import Relais
import Support
import Testing

@Suite("The two lives as data")
struct LifecycleTests {
    @Test func everyVerbHasExactlyOneTransition() {
        #expect(ReferralLifecycle.transitions.map(\.verb.rawValue).sorted() == ReferralLifecycle.Verb.allCases.map(\.rawValue).sorted())
        #expect(RequestLifecycle.transitions.map(\.verb.rawValue).sorted() == RequestLifecycle.Verb.allCases.map(\.rawValue).sorted())
    }

    @Test func everyStateIsReachedAndOnlyEndsAreLeftByNothing() {
        let referrals = ReferralLifecycle.transitions
        for status in ReferralLifecycle.Status.allCases where status != .proposed {
            #expect(referrals.contains { $0.to == status }, "\(status)")
        }
        for status in ReferralLifecycle.Status.allCases {
            #expect(referrals.contains { $0.from.contains(status) } == status.isOpen, "\(status)")
        }
        for status in RequestLifecycle.Status.allCases where status != .received {
            #expect(RequestLifecycle.transitions.contains { $0.to == status }, "\(status)")
        }
    }

    @Test func whatEndsAReferralMovesItsRequestFromWhereItThenIs() {
        for transition in ReferralLifecycle.transitions {
            guard let verb = transition.request else { continue }
            let from: RequestLifecycle.Status = transition.from == [.proposed] ? .referred : .inProgress
            #expect(RequestLifecycle.transition(of: verb).from.contains(from), "\(transition.verb)")
        }
    }

    /// The database knows the same states.
    @Test(.database, arguments: ["referral_status_known", "request_status_known"])
    func theDatabaseKnowsTheSameStates(constraint: String) async throws {
        let found = try await OwnDatabase.current.value(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = \(constraint)", as: String.self)
        let definition = try #require(found)
        let known = Set(definition.matches(of: /'([a-z_]+)'/).map { String($0.output.1) })
        let states =
            constraint == "referral_status_known"
            ? ReferralLifecycle.Status.allCases.map(\.rawValue) : RequestLifecycle.Status.allCases.map(\.rawValue)
        #expect(known == Set(states))
    }
}

/// The desks do what the table says, and nothing else.
@Suite("Every verb from every state", .database)
struct EveryVerbTests {
    let database = OwnDatabase.current

    /// A new referral in a state.
    func referral(_ status: ReferralLifecycle.Status, in network: SmallNetwork, _ mediators: [Mediator.ID]) async throws -> Referral.ID {
        let id = try await network.propose(try await network.request(), to: mediators[0])
        let way: [ReferralLifecycle.Verb] =
            switch status {
            case .proposed: []
            case .accepted: [.accept]
            case .scheduled: [.accept, .schedule]
            case .declined: [.decline]
            case .expired: [.expire]
            case .withdrawn: [.withdraw]
            case .completed: [.accept, .complete]
            case .noShow: [.accept, .noShow]
            case .cancelled: [.accept, .cancel]
            }
        for verb in way { try await perform(verb, on: id, in: network, mediators) }
        return id
    }

    func perform(_ verb: ReferralLifecycle.Verb, on id: Referral.ID, in network: SmallNetwork, _ mediators: [Mediator.ID]) async throws {
        let staff = network.staff
        let start = network.now.addingTimeInterval(86400)
        let expiry = network.desk(at: network.now.addingTimeInterval(30 * 86400))
        try await network.act { desk, tx throws(ReferralError) in
            switch verb {
            case .accept: _ = try await desk.accept(id, by: staff, in: tx)
            case .decline: _ = try await desk.decline(id, reason: .other, text: nil, by: staff, in: tx)
            case .withdraw: _ = try await desk.withdraw(id, by: staff, in: tx)
            case .expire: try await expiry.expire(id, in: tx)
            case .schedule, .reschedule:
                _ = try await desk.schedule(
                    id, verb: verb, from: start, to: start.addingTimeInterval(3000), place: nil, by: staff, in: tx)
            case .unschedule: _ = try await desk.unschedule(id, by: staff, in: tx)
            case .complete: _ = try await desk.complete(id, outcome: .resolved, by: staff, in: tx)
            case .noShow: _ = try await desk.noShow(id, by: staff, in: tx)
            case .cancel: _ = try await desk.cancel(id, reason: "autre", by: staff, in: tx)
            case .handOver: _ = try await desk.handOver(id, ReferralDesk.Proposal(mediator: mediators[1]), by: staff, in: tx)
            }
        }
    }

    @Test(arguments: ReferralLifecycle.Status.allCases) func oneStartsWhereTheTableSaysAndLeadsThere(status: ReferralLifecycle.Status)
        async throws
    {
        let network = try await SmallNetwork()
        for transition in ReferralLifecycle.transitions {
            let mediators = [try await network.mediator(), try await network.mediator()]
            let id = try await referral(status, in: network, mediators)
            var refusal: ReferralError?
            do { try await perform(transition.verb, on: id, in: network, mediators) } catch { refusal = error as? ReferralError }
            let after = try #require(try await database.referral(id, for: .system)?.referral.status)
            if transition.from.contains(status) {
                #expect(refusal == nil && after == transition.to, "\(transition.verb): \(after)")
            } else {
                // The expiry that comes late does nothing.
                #expect(
                    refusal == (transition.action == nil ? nil : .notNow(transition.verb, in: status)) && after == status,
                    "\(transition.verb)")
            }
        }
    }
}

@Suite("Working days")
struct WorkingDayTests {
    func instant(_ text: String) throws -> Date { try #require(Date(rfc3339: text)) }

    @Test(arguments: [
        // Across a week-end, a public holiday (1 May 2026, a Friday), Easter Monday, and the changes of hour: the local time stays.
        ("2026-01-05T10:30:00+01:00", 3, "2026-01-08T10:30:00+01:00"),
        ("2026-01-08T10:30:00+01:00", 3, "2026-01-13T10:30:00+01:00"),
        ("2026-04-30T09:00:00+02:00", 1, "2026-05-04T09:00:00+02:00"),
        ("2026-04-03T09:00:00+02:00", 1, "2026-04-07T09:00:00+02:00"),
        ("2026-03-27T09:00:00+01:00", 1, "2026-03-30T09:00:00+02:00"),
        // Half past two, which the Sunday between does not have.
        ("2026-03-27T02:30:00+01:00", 1, "2026-03-30T02:30:00+02:00"),
        ("2026-10-23T09:00:00+02:00", 1, "2026-10-26T09:00:00+01:00"),
        // Filed on a Saturday: the count begins on Monday at midnight.
        ("2026-01-10T15:00:00+01:00", 1, "2026-01-13T00:00:00+01:00"),
        // Ascension Day and Whit Monday 2026.
        ("2026-05-13T09:00:00+02:00", 1, "2026-05-15T09:00:00+02:00"),
        ("2026-05-22T09:00:00+02:00", 1, "2026-05-26T09:00:00+02:00"),
    ])
    func countsWorkingDays(start: String, days: Int, end: String) throws {
        #expect(WorkingDays.add(days, to: try instant(start)) == (try instant(end)))
    }
}
