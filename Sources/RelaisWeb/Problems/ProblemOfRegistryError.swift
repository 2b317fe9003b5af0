import Relais

extension Problem {
    static func of(_ error: RegistryError) -> Problem {
        switch error {
        case .unknown: .notFound
        case .forbidden(nil): Problem(.forbidden, "This token's role or scopes do not include it, or not for this one.")
        case .forbidden(let member?): Problem(.forbidden, "This token may not change \(member).", code: "member")
        case .changedSince: Problem(.preconditionFailed)
        case .overtaken(let overtaken): of(overtaken)
        case .changedAfterwards(let members):
            Problem(
                .conflict, "This was changed again afterwards: \(members.joined(separator: ", ")). Undo the later changes first.",
                code: "changed_afterwards", members: ["members": .array(members.map { .string($0) })])
        case .cannotBeSetBack(let input):
            Problem(
                .conflict,
                "What was there before cannot be set back now. \(input.problems.map { "\($0.pointer): \($0.message)" }.joined(separator: " "))",
                code: "cannot_be_set_back")
        case .archived: Problem(.conflict, "It is archived: it can be read, and not changed.", code: "archived")
        case .invalid(let input): of(input)
        case .noneDone(let outcomes): of(outcomes)
        case .conflict(let conflict): Problem(.conflict, conflict.words, code: conflict.rawValue)
        case .duplicate(let candidates): of(candidates)
        case .structureDuplicate(let likely): of(likely)
        case .database(let error): of(error)
        }
    }

    /// Says which members were changed meanwhile, by whom and when; not their values, which the entry itself tells to who may see them.
    private static func of(_ overtaken: Overtaken) -> Problem {
        let changes = overtaken.changes.map { change -> JSONValue in
            .object([
                "version": .number(Double(change.version)), "at": .string(change.at.rfc3339),
                "by": change.by.map { .string($0.role.rawValue) } ?? .null,
                "members": .array(change.changes.map { .string($0.member) }),
            ])
        }
        let members = overtaken.members
        let what = members.isEmpty ? "" : ": \(members.joined(separator: ", "))"
        return Problem(
            .preconditionFailed, "It has been changed since version \(overtaken.since)\(what).",
            members: [
                "since": .number(Double(overtaken.since)), "changed": .array(members.map { .string($0) }), "changes": .array(changes),
            ])
    }

    /// All or none: the kind of the failures when they are of one kind, else a conflict.
    private static func of(_ outcomes: [BulkOutcome]) -> Problem {
        let kinds = Set(outcomes.compactMap { if case .failure(let error) = $0.result { of(error).kind } else { nil } })
        return Problem(
            kinds.count == 1 ? kinds.first ?? .conflict : .conflict, "Nothing was done, since some of it cannot be: see items.",
            code: "none_done", members: ["items": JSONValue(representing: BulkReport(outcomes, done: false).items)])
    }

    private static func of(_ candidates: [DuplicateCandidate]) -> Problem {
        let names = candidates.prefix(3).map { "\($0.place.name) (\($0.place.communeName))" }.joined(separator: ", ")
        return Problem(
            .conflict, "This may be there already: \(names). If it is another one, send it again with allow_duplicate=true.",
            code: "duplicate",
            members: ["candidates": .array(candidates.map(\.json))])
    }

    /// An equal SIRET is told by its own code, for it cannot be allowed.
    private static func of(_ likely: [LikelyDuplicate]) -> Problem {
        let candidates: [String: JSONValue] = ["candidates": JSONValue(representing: likely)]
        if let same = likely.first(where: \.hasSameNumber) {
            let taken: RegistryError.Conflict = same.hasSameSiret ? .siretTaken : .rnaTaken
            return Problem(.conflict, "\(taken.words) It is \(same.name).", code: taken.rawValue, members: candidates)
        }
        let names = likely.prefix(3).map(\.name).joined(separator: ", ")
        return Problem(
            .conflict, "This may be there already: \(names). If it is another one, send it again with allow_duplicate=true.",
            code: "duplicate", members: candidates)
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
