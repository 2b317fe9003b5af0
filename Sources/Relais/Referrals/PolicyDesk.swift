import Foundation
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
        // Two who change it at once queue here, so that the second reads what the first made: a row cannot be locked that is not there yet.
        try await tx.execute("SELECT pg_advisory_xact_lock(hashtext('policies'))")
        guard let current = try await tx.policy() else { throw .unknown }
        let draft = try invalidAsRegistryError { () throws(InvalidInput) in
            try PolicyDraft(reading: try Change.merging(patch, into: current.details), was: current.details)
        }
        guard precondition.holds(for: current.version) else { throw .changedSince }
        let members = Change.members(from: current.details, to: draft)
        if members.isEmpty { return current }
        let now = generators.now()
        let changed = try await tx.inserted(
            """
            INSERT INTO policies (offers_to_several, settings, stale_after_days, review_members, created_at, created_by, created_as)
            VALUES (\(draft.offersToSeveral), \(JSON(Policy.Settings(draft))), \(draft.staleAfterDays), \(draft.reviewMembers), \(now),
                    \(caller.token), \(caller.role))
            RETURNING \(Policy.columns)
            """, as: Policy.self)
        try await tx.publish(Event("policy.changed", changed.version, .changed(members, undoing: nil)), by: caller, at: now)
        return changed
    }
}

extension Session {
    /// The policy in force: the latest version.
    func policy() async throws(Failure) -> Policy? { try await first(.policyInForce, as: Policy.self) }
}

extension Database {
    /// The policy in force: the latest version.
    public func policy() async throws(PostgresError) -> Policy? { try await first(.policyInForce, as: Policy.self) }

    public func policy(_ version: Int) async throws(PostgresError) -> Policy? {
        try await first("SELECT \(Policy.columns) FROM policies WHERE version = \(version)", as: Policy.self)
    }

    /// A piece of the list of versions, newest first.
    public func policies(_ paging: Paging = Paging(order: "version")) async throws(PostgresError) -> Page<Policy> {
        let before: SQL = if let after = paging.after { "version < \(after.number(0))" } else { "TRUE" }
        let found = try await query(
            "SELECT \(Policy.columns) FROM policies WHERE \(before) ORDER BY version DESC LIMIT \(paging.limit + 1)", as: Policy.self)
        return Page(found, paging) { [String($0.version)] }
    }
}

extension SQL {
    fileprivate static let policyInForce: SQL = "SELECT \(Policy.columns) FROM policies ORDER BY version DESC LIMIT 1"
}
