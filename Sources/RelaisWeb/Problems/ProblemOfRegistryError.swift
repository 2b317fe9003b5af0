import Relais

extension Problem {
    static func of(_ error: RegistryError) -> Problem {
        switch error {
        case .unknown: .notFound
        case .forbidden(nil): Problem(.forbidden, "This token's role or scopes do not include it, or not for this one.")
        case .forbidden(let member?): Problem(.forbidden, "This token may not change \(member).", code: "member")
        case .changedSince: Problem(.preconditionFailed)
        case .archived: Problem(.conflict, "It is archived: it can be read, and not changed.", code: "archived")
        case .invalid(let input): of(input)
        case .conflict(let conflict): Problem(.conflict, conflict.words, code: conflict.rawValue)
        case .database(let error): of(error)
        }
    }
}
