import Foundation
import Postgres

extension Session {
    /// The policy in force: the latest version.
    func policy() async throws(Failure) -> Policy? { try await first(.policyInForce, as: Policy.self) }
}

extension Session where Failure == RegistryError {
    /// The policy in force, which nobody else changes before the transaction has ended. (A row cannot be locked that is not there yet.)
    func lockedPolicy() async throws(RegistryError) -> Policy? {
        try await execute("SELECT pg_advisory_xact_lock(hashtext('policies'))")
        return try await policy()
    }

    /// The next version.
    func insert(_ draft: PolicyDraft, by caller: Caller, at now: Date) async throws(RegistryError) -> Policy {
        try await inserted(
            """
            INSERT INTO policies (offers_to_several, settings, stale_after_days, review_members, created_at, created_by, created_as)
            VALUES (\(draft.offersToSeveral), \(JSON(Policy.Settings(draft))), \(draft.staleAfterDays), \(draft.reviewMembers), \(now),
                    \(caller.token), \(caller.role))
            RETURNING \(Policy.columns)
            """, as: Policy.self)
    }
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
