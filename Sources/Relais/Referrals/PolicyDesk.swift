import Postgres

/// Where the policy is changed: by a new version, which is in force for all that is done after it.
public struct PolicyDesk: Sendable {
    private let generators: Generators

    public init(_ generators: Generators) { self.generators = generators }

    /// Makes the next version of a merge patch into the one in force; a patch that changes nothing makes none.
    public func change(
        by patch: JSONValue, if precondition: Precondition, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Policy {
        guard caller.reach(for: .writePolicies) != nil else { throw .forbidden(member: nil) }
        // Two who change it at once queue here, so that the second reads what the first made.
        guard let current = try await tx.lockedPolicy() else { throw .unknown }
        let draft = try invalidAsRegistryError { () throws(InvalidInput) in
            try PolicyDraft(reading: try Change.merging(patch, into: current.details), was: current.details)
        }
        guard precondition.holds(for: current.version) else { throw .changedSince }
        let members = Change.members(from: current.details, to: draft)
        if members.isEmpty { return current }
        let now = generators.now()
        let changed = try await tx.insert(draft, by: caller, at: now)
        try await tx.publish(Event("policy.changed", changed.version, .changed(members, undoing: nil)), by: caller, at: now)
        return changed
    }
}
