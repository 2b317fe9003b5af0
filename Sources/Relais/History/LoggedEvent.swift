import Foundation
import Postgres

/// An event as the log has it.
public struct LoggedEvent: Sendable, Equatable, Encodable {
    /// Its number in the log, by which a reader knows it again. Numbers do not say the order in which events became visible.
    public let id: Int
    public let at: Date
    public let kind: String
    public let subject: String
    public let by: HistoryEntry.Author
    public let data: JSONValue
}

extension LoggedEvent: RowDecodable {
    public static let columns: SQL = "position, at, kind, subject, actor_role, actor, data"

    public init(row: borrowing Row) throws(PostgresError) {
        id = try row["position"]
        at = try row["at"]
        kind = try row["kind"]
        subject = try row["subject"]
        by = HistoryEntry.Author(role: try row["actor_role"], token: try row["actor"])
        let data: JSON<JSONValue> = try row["data"]
        self.data = data.value
    }
}

extension LoggedEvent {
    /// What the kinds of events begin with that `caller` may know of; `nil`: all. Staff knows of all, a tool of what its scopes let it read.
    public static func kinds(for caller: Caller) -> [String]? {
        if caller.isStaff { return nil }
        var kinds = ["structure", "place", "mediator", "skill", "capacity", "synonym", "proprietary_service", "alternative"]
        if caller.may(.readRequests, of: nil) { kinds += ["request", "referral"] }
        if caller.may(.importPlaces, of: nil) { kinds.append("import") }
        if caller.may(.settleDuplicates, of: nil) { kinds += ["duplicate", "duplicates"] }
        if caller.may(.readPolicies, of: nil) { kinds.append("policy") }
        return kinds
    }
}
