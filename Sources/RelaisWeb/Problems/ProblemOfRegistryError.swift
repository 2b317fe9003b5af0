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
        case .duplicate(let candidates): of(candidates)
        case .database(let error): of(error)
        }
    }

    private static func of(_ candidates: [DuplicateCandidate]) -> Problem {
        let names = candidates.prefix(3).map { "\($0.place.name) (\($0.place.communeName))" }.joined(separator: ", ")
        return Problem(
            .conflict, "This may be there already: \(names). If it is another one, send it again with allow_duplicate=true.",
            code: "duplicate",
            members: ["candidates": .array(candidates.map(\.json))])
    }
}

extension DuplicateCandidate {
    /// Which place, and why: nothing else of it.
    fileprivate var json: JSONValue {
        let reasons = likeness.reasons.map { reason in
            var members: [String: JSONValue] = ["reason": .string(reason.kind.rawValue), "weight": .number(reason.weight)]
            if let value = reason.value { members["value"] = .number(value) }
            return JSONValue.object(members)
        }
        return .object([
            "id": .string(place.id.description), "name": .string(place.name), "commune": place.commune.map { .string($0) } ?? .null,
            "commune_name": .string(place.communeName), "reasons": .array(reasons),
        ])
    }
}
