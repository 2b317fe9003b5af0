import Foundation
import Postgres

/// Somebody changed an entry since the caller read it: what, who and when, so that the caller can see whether the two changes go together.
public struct Overtaken: Sendable, Equatable {
    /// The version that the caller had read.
    public let since: Int
    /// The changes after it, newest first: the latest ``most`` of them.
    public let changes: [HistoryEntry]

    public static let most = 50

    /// Every member that one of the changes touched.
    public var members: [String] { Set(changes.flatMap { $0.changes.map(\.member) }).sorted() }
}

extension Session where Failure == RegistryError {
    /// Refuses a change that is meant for another version than the present one (If-Match), and says what has happened since that version.
    func check<Entry: Historic>(
        _ precondition: Precondition, of id: Entry.ID, _ record: Record, as _: Entry.Type
    ) async throws(RegistryError) {
        if record.archivedAt != nil { throw .archived }
        guard precondition.holds(for: record.version) else { throw try await overtaken(precondition, of: id, as: Entry.self) }
    }

    /// The error of a change that came too late.
    func overtaken<Entry: Historic>(_ precondition: Precondition, of id: Entry.ID, as _: Entry.Type) async throws(RegistryError)
        -> RegistryError
    {
        guard case .versions(let seen) = precondition, let since = seen.max(), since >= 1 else { return .changedSince }
        let kept = try await kept(Entry.self, of: id, from: since, limit: Overtaken.most + 1)
        let changes = HistoryEntry.changes(of: kept).filter { $0.version > since }.prefix(Overtaken.most)
        return changes.isEmpty ? .changedSince : .overtaken(Overtaken(since: since, changes: Array(changes)))
    }
}
