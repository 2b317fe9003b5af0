import Foundation
import Postgres

/// One change of an entry: which version it made, who did it and when, and what was before and after.
public struct HistoryEntry: Sendable, Equatable {
    public let version: Int
    public let at: Date
    /// Who did it: role and token; `nil` when it was not written in the log (before the history began, or by hand).
    public let by: Author?
    /// The event that tells of it: `place.changed`.
    public let event: String?
    /// The version whose change this one set back.
    public let undoes: Int?
    /// The import that made the change; `nil` when somebody made it here.
    public let importing: FileImport.ID?
    /// The import that was undone by it.
    public let undoneImport: FileImport.ID?
    /// The members that changed; all that were given, when this is how the entry began.
    public var changes: [MemberChange]

    public struct Author: Sendable, Equatable, Encodable {
        public let role: Caller.Role
        public let token: Token.ID?
    }
}

/// A member of an entry, by the name under which the API shows it, before and after a change; null where there was nothing.
public struct MemberChange: Sendable, Equatable, Encodable {
    public let member: String
    public let before: JSONValue
    public let after: JSONValue

    /// What is not the same in both, by name.
    static func between(_ before: [String: JSONValue], _ after: [String: JSONValue]) -> [MemberChange] {
        Set(before.keys).union(after.keys).sorted().compactMap { name in
            let (old, new) = (before[name] ?? .null, after[name] ?? .null)
            return old == new ? nil : MemberChange(member: name, before: old, after: new)
        }
    }
}

extension HistoryEntry: Encodable {
    private enum CodingKeys: String, CodingKey {
        case version, at, by, event, undoes
        case importing = "import"
        case undoneImport = "undone_import"
        case changes
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(version, forKey: .version)
        try container.encode(at, forKey: .at)
        try container.encode(by, forKey: .by)
        try container.encode(event, forKey: .event)
        try container.encode(undoes, forKey: .undoes)
        try container.encode(importing, forKey: .importing)
        try container.encode(undoneImport, forKey: .undoneImport)
        try container.encode(changes, forKey: .changes)
    }
}

extension HistoryEntry {
    /// The entry without members that the reader may not see.
    public func without(_ members: Set<String>) -> HistoryEntry {
        var entry = self
        entry.changes.removeAll { members.contains($0.member) }
        return entry
    }

    /// What each of `versions`, newest first, changed of the one after it in the list. The last is compared with `nothing`, the entry before it began,
    /// when it is the first version; else with none, since nothing is known of what it changed.
    static func changes<Entry: Historic>(of versions: [Kept<Entry>]) -> [HistoryEntry] {
        versions.indices.map { index in
            let kept = versions[index]
            let before = index + 1 < versions.count ? versions[index + 1].entry.told : kept.version == 1 ? [:] : nil
            let after = kept.entry.told.filter { before?.isEmpty != true || $0.value != .array([]) }
            return HistoryEntry(
                version: kept.version, at: kept.at, by: kept.by, event: kept.event, undoes: kept.undoes, importing: kept.importing,
                undoneImport: kept.undoneImport, changes: before.map { MemberChange.between($0, after) } ?? [])
        }
    }
}

/// A version that was kept, with the event of its transaction.
struct Kept<Entry: Historic>: RowDecodable {
    static var columns: SQL {
        "\(Entry.columns), kept_version, kept_at, kept_event, kept_role, kept_actor, kept_undoes, kept_import, kept_undone"
    }

    let entry: Entry
    let version: Int
    let at: Date
    let by: HistoryEntry.Author?
    let event: String?
    let undoes: Int?
    let importing: FileImport.ID?
    let undoneImport: FileImport.ID?

    init(row: borrowing Row) throws(PostgresError) {
        entry = try Entry(row: row)
        version = try row["kept_version"]
        at = try row["kept_at"]
        let role: Caller.Role? = try row["kept_role"]
        let actor: Token.ID? = try row["kept_actor"]
        by = role.map { HistoryEntry.Author(role: $0, token: actor) }
        event = try row["kept_event"]
        undoes = try row["kept_undoes"]
        importing = try row["kept_import"]
        undoneImport = try row["kept_undone"]
    }
}
