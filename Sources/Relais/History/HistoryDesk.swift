import Foundation
import Postgres

/// A desk that keeps entries with a history: each of them can be changed, archived, restored, and a change of it undone.
public protocol HistoryDesk: Sendable {
    /// The entry as the API shows it.
    associatedtype Entry: Encodable & Versioned & Sendable
    /// The entry as it was.
    associatedtype Past: Historic

    /// The present entry, for who may change it.
    ///
    /// - Throws: ``RegistryError/unknown``, ``RegistryError/forbidden(member:)``.
    func writable(_ id: Past.ID, by caller: Caller, in tx: Session<RegistryError>) async throws(RegistryError) -> Entry

    /// Changes the entry by a merge patch.
    ///
    /// - Parameters:
    ///   - precondition: The version that the caller has seen; another one in the registry is ``RegistryError/overtaken(_:)``.
    ///   - undone: The version whose change this one sets back, for the log.
    func change(
        _ id: Past.ID, by patch: JSONValue, if precondition: Precondition, undoing undone: Int?, by caller: Caller,
        in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Entry

    /// The entries of the same kind that a patch names: a new parent.
    func named(by patch: JSONValue) -> [Past.ID]

    /// Gives members the values back that they had before the change that made the version `undone`. A change by a merge patch, where an entry has
    /// nothing that other desks keep.
    func setBack(
        _ id: Past.ID, by patch: JSONValue, if precondition: Precondition, undoing undone: Int, by caller: Caller,
        in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Entry

    /// Takes the entry out of the lists; once more does nothing.
    func archive(
        _ id: Past.ID, if precondition: Precondition, undoing undone: Int?, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError)

    /// Puts an archived entry back into the lists, when what it belongs to is there and its unique numbers are free.
    func restore(
        _ id: Past.ID, if precondition: Precondition, undoing undone: Int?, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Entry
}

extension HistoryDesk {
    public func named(by patch: JSONValue) -> [Past.ID] { [] }

    public func change(
        _ id: Past.ID, by patch: JSONValue, if precondition: Precondition, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Entry {
        try await tx.lock(id, and: named(by: patch), of: Past.self, if: precondition)
        return try await change(id, by: patch, if: precondition, undoing: nil, by: caller, in: tx)
    }

    public func setBack(
        _ id: Past.ID, by patch: JSONValue, if precondition: Precondition, undoing undone: Int, by caller: Caller,
        in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Entry {
        try await change(id, by: patch, if: precondition, undoing: undone, by: caller, in: tx)
    }

    public func archive(
        _ id: Past.ID, if precondition: Precondition = .any, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) {
        try await archive(id, if: precondition, undoing: nil, by: caller, in: tx)
    }

    public func restore(
        _ id: Past.ID, if precondition: Precondition = .any, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Entry {
        try await restore(id, if: precondition, undoing: nil, by: caller, in: tx)
    }

    /// Sets back exactly what the change that made `version` changed, when all of it still holds. A new change, with its event.
    ///
    /// - Throws: ``RegistryError/changedAfterwards(_:)`` with the members that have other values by now; what ``setBack(_:by:if:undoing:by:in:)``,
    ///   ``archive(_:if:undoing:by:in:)`` and ``restore(_:if:undoing:by:in:)`` throw.
    public func undo(
        _ version: Int, of id: Past.ID, if precondition: Precondition = .any, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Entry {
        try await tx.lock(id, of: Past.self, if: precondition)
        let current = try await writable(id, by: caller, in: tx)
        guard precondition.holds(for: current.version) else { throw try await tx.overtaken(precondition, of: id, as: Past.self) }
        switch try await tx.undo(of: version, of: id, as: Past.self) {
        case .patch(let patch, let present):
            do throws(RegistryError) {
                return try await setBack(id, by: patch, if: .versions([present]), undoing: version, by: caller, in: tx)
            } catch {
                // Nobody sent these values: what is wrong with them is told of the registry as it is now.
                if case .invalid(let input) = error { throw .cannotBeSetBack(input) }
                throw error
            }
        case .restore:
            return try await restore(id, if: .versions([current.version]), undoing: version, by: caller, in: tx)
        case .archive:
            try await archive(id, if: .versions([current.version]), undoing: version, by: caller, in: tx)
            return try await writable(id, by: caller, in: tx)
        }
    }
}

extension EventData {
    /// What the log tells of a change: which members, and the version whose change it set back.
    static func changed(_ members: [String], undoing undone: Int?) -> EventData {
        undoing(undone).merging(["changed": .codes(members)]) { $1 }
    }

    static func undoing(_ undone: Int?) -> EventData { undone.map { ["undoes": .number($0)] } ?? [:] }
}

extension Session where Failure == RegistryError {
    /// Takes a row out of the lists, unless somebody else was quicker.
    ///
    /// - Returns: Whether this did it.
    /// - Throws: ``RegistryError/overtaken(_:)`` when the precondition held for `version`, and the row has been changed since.
    func archive<Entry: Historic>(
        _ table: SQL, where condition: SQL, if precondition: Precondition, version: Int, of id: Entry.ID, as _: Entry.Type, at now: Date
    ) async throws(RegistryError) -> Bool {
        let meant: SQL = precondition == .any ? "TRUE" : "version = \(version)"
        let touched = try await execute(
            """
            UPDATE \(table) SET archived_at = \(now), updated_at = \(now), version = version + 1
             WHERE \(condition) AND \(meant) AND archived_at IS NULL
            """)
        if touched == 0, precondition != .any { throw try await overtaken(.versions([version]), of: id, as: Entry.self) }
        return touched > 0
    }

    /// Puts a row back into the lists. What a unique index says to that is the error.
    ///
    /// - Throws: ``RegistryError/Conflict/notArchived`` when somebody else was quicker.
    func restore(_ table: SQL, where condition: SQL, at now: Date) async throws(RegistryError) {
        let touched = try await execute(
            "UPDATE \(table) SET archived_at = NULL, updated_at = \(now), version = version + 1 WHERE \(condition) AND archived_at IS NOT NULL"
        )
        if touched == 0 { throw .conflict(.notArchived) }
    }

    /// Refuses to restore what is not archived, or another version than the one that is meant.
    func checkArchived<Entry: Historic>(
        _ precondition: Precondition, of id: Entry.ID, _ record: Record, as _: Entry.Type
    ) async throws(RegistryError) {
        if record.archivedAt == nil { throw .conflict(.notArchived) }
        guard precondition.holds(for: record.version) else { throw try await overtaken(precondition, of: id, as: Entry.self) }
    }
}

/// Runs the checks of what an archived entry names. What is wrong there cannot be mended in the entry while it is archived: it is a conflict.
func orBelongsToArchived(_ check: () async throws(RegistryError) -> Void) async throws(RegistryError) {
    do throws(RegistryError) {
        try await check()
    } catch {
        if case .invalid = error { throw .conflict(.belongsToArchived) }
        throw error
    }
}
