import Foundation
import Postgres

/// Brings a file of places into the registry, and undoes what it brought.
///
/// A record is known by its source and its id there. It is merged member by member (``ThreeWayMerge``): a correction made here stays until the source
/// says something new of that member. What a source no longer has is marked, never taken away. A file goes in piece by piece, each in a transaction
/// with its events and what is needed to undo it, so that nobody waits long for a place; one import is at work at a time.
public struct PlaceImport: Sendable {
    /// What is wanted of an import.
    public struct Options: Sendable {
        /// Tells what would happen, and writes nothing.
        public var isDryRun = false
        /// The file holds a part of its sources only: what is not in it has not vanished.
        public var isPartial = false
        /// The file's name, for people.
        public var file: String?

        public init() {}
    }

    private let database: Database
    private let generators: Generators

    public init(_ database: Database, _ generators: Generators) {
        self.database = database
        self.generators = generators
    }

    /// - Parameter progress: Told after each piece how many records have been looked at, and what came of them.
    /// - Throws: ``RegistryError/invalid(_:)`` when there are no communes to find the places' in. What was brought in before a failure stays, and
    ///   can be undone; the same file again goes on from there.
    public func run(
        _ file: PlaceFile, _ options: Options = Options(), by caller: Caller, progress: (Int, ImportReport) -> Void = { _, _ in }
    ) async throws(RegistryError) -> ImportReport {
        guard caller.may(.writePlaces, of: nil) else { throw .forbidden(member: nil) }
        return try await database.aloneInImports { () throws(RegistryError) in
            let id = options.isDryRun ? nil : FileImport.ID(generators.newID())
            if let id { try await database.begin(id, options, by: caller, at: generators.now()) }
            do throws(RegistryError) {
                let report = try await bring(file, in: id, options, by: caller, progress)
                if let id { try await database.finish(id, report, at: generators.now()) }
                return report
            } catch {
                // The database may be what failed: then the next import finds this one interrupted.
                if let id { try? await database.fail(id, error, at: generators.now()) }
                throw error
            }
        }
    }

    private func bring(
        _ file: PlaceFile, in id: FileImport.ID?, _ options: Options, by caller: Caller, _ progress: (Int, ImportReport) -> Void
    ) async throws(RegistryError) -> ImportReport {
        var report = ImportReport()
        report.id = id
        report.warn(file.warnings)
        var seen = SeenRecords()
        var count = 0
        var (next, rest) = try await PlacePieces(file).ahead().orInvalid()
        while var piece = next {
            let reading = rest
            async let ahead = reading.ahead()
            count += piece.count
            report.reject(piece.rejected)
            seen.sift(&piece, &report)
            report.add(try await bring(piece, in: id, by: caller, count))
            progress(count, report)
            (next, rest) = try (await ahead).orInvalid()
        }
        if !options.isPartial { try await vanish(seen, in: id, by: caller, &report) }
        report.sort()
        return report
    }

    /// Brings one piece in.
    ///
    /// - Parameter count: The records of the file until its end.
    private func bring(
        _ piece: PlacePieces.Piece, in id: FileImport.ID?, by caller: Caller, _ count: Int
    ) async throws(RegistryError) -> ImportReport {
        let now = generators.now()
        return try await database.transaction(attempts: 3) { tx throws(RegistryError) in
            var rows = piece.rows
            var report = ImportReport()
            try await tx.findCommunes(of: &rows)
            while !rows.isEmpty {
                let known = try await tx.known(of: rows.map { SourceKey($0.draft) }, locking: id != nil)
                var piece = ImportPiece()
                for row in rows { piece.add(row, over: known[SourceKey(row.draft)], newID: generators.newID) }
                if let id { try await tx.write(piece.payload, of: id, by: caller, at: now) }
                report.add(piece.report)
                rows = piece.late
            }
            if let id { tx.later("UPDATE imports SET records = \(count) WHERE id = \(id)") }
            return report
        }
    }

    private func vanish(
        _ seen: SeenRecords, in id: FileImport.ID?, by caller: Caller, _ report: inout ImportReport
    ) async throws(RegistryError) {
        let now = generators.now()
        for (source, ids) in seen.ids.sorted(by: { $0.key < $1.key }) {
            report.vanished += try await database.transaction { tx throws(RegistryError) in
                try await tx.vanish(source, but: Array(ids.keys), in: id, by: caller, at: now)
            }
        }
    }

    /// Puts back what was there before an import: places that it changed have their former values, those that it made are gone, and what was
    /// marked as vanished is so no more.
    ///
    /// What was corrected since stays: a member that no longer holds what the import wrote, a new place that was changed or that others refer to.
    /// Versions and times of change go on, so that whoever has seen the import sees the undoing too.
    ///
    /// - Throws: ``RegistryError/unknown``; a conflict when it cannot be undone, or a later import changed the same places.
    public func undo(_ id: FileImport.ID, by caller: Caller) async throws(RegistryError) -> UndoReport {
        guard caller.may(.writePlaces, of: nil) else { throw .forbidden(member: nil) }
        return try await database.aloneInImports { () throws(RegistryError) in
            try await database.transaction { tx throws(RegistryError) in try await tx.checkUndoable(id) }
            var report = UndoReport(id: id)
            var before = Int64.max
            var limit = PlacePieces.size
            while true {
                let now = generators.now()
                do throws(RegistryError) {
                    let piece = try await database.transaction(attempts: 3) { [before, limit] tx throws(RegistryError) in
                        try await tx.undo(id, before: before, limit: limit, by: caller, at: now)
                    }
                    guard let last = piece.last else { break }
                    before = last
                    report.add(piece)
                    limit = PlacePieces.size
                } catch .database(let error) where error.sqlState == "23503" {
                    // Something refers to a place that the import made. One by one, that one is found, and stays.
                    if limit > 1 {
                        limit = 1
                        continue
                    }
                    before = try await database.transaction { [before] tx throws(RegistryError) in try await tx.leave(id, before: before) }
                    report.kept += 1
                }
            }
            try await database.transaction { tx throws(RegistryError) in try await tx.close(undone: id, by: caller, at: generators.now()) }
            return report
        }
    }
}

extension Result where Failure == ImportRefusal {
    /// What was read of a file; its refusal is an error of the registry.
    fileprivate func orInvalid() throws(RegistryError) -> Success {
        switch self {
        case .success(let value): return value
        case .failure(let refusal): throw .invalid(InvalidInput("", "file", refusal.description))
        }
    }
}

/// The records that a file has spoken of so far.
private struct SeenRecords {
    /// By source, the ids there, and whether one of their rows could be read.
    private(set) var ids: [String: [String: Bool]] = [:]

    /// Takes out of a piece what cannot go in, and tells what keeps it out.
    mutating func sift(_ piece: inout PlacePieces.Piece, _ report: inout ImportReport) {
        piece.rows.removeAll { row in
            let key = SourceKey(row.draft)
            guard row.rejected.isEmpty else {
                report.reject(row.rejected)
                if !key.id.isEmpty, ids[key.source]?[key.id] == nil { ids[key.source, default: [:]][key.id] = false }
                return true
            }
            if ids[key.source, default: [:]].updateValue(true, forKey: key.id) != true { return false }
            let message = "An earlier row has the same id and source."
            report.reject([.init(row: row.row, field: "id", value: key.id, code: "duplicate", message: message)])
            return true
        }
    }
}

/// What came of an undoing.
public struct UndoReport: Sendable, Equatable, Encodable {
    public let id: FileImport.ID
    /// Places that the import had made, and that are gone.
    public var removed = 0
    /// Places that have former values back.
    public var restored = 0
    /// Places that stay, or keep some value, because of what happened to them since.
    public var kept = 0

    mutating func add(_ piece: UndonePiece) {
        removed += piece.removed
        restored += piece.restored
        kept += piece.kept
    }
}

/// What is to be done with the records of one piece.
struct ImportPiece: Sendable {
    private(set) var payload = PlacePayload()
    private(set) var report = ImportReport()
    /// Rows of a place that an earlier row speaks of: to be looked at once that one is written.
    private(set) var late: [PlaceRow] = []
    private var touched: Set<Place.ID> = []

    mutating func add(_ row: PlaceRow, over known: KnownPlace?, newID: () -> UUID) {
        let key = SourceKey(row.draft)
        guard let known else {
            report.warn(row.warnings)
            report.created += 1
            payload.add("created", Place.ID(newID()), key, version: 1, row: nil, said: row.draft)
            return
        }
        let place = known.place
        guard touched.insert(place.id).inserted else { return late.append(row) }
        report.warn(row.warnings)
        guard place.record.archivedAt == nil else {
            report.unchanged += 1
            let message = "This place is archived here: it was left as it is."
            return report.warn([.init(row: row.row, field: "id", value: key.id, code: "archived", message: message)])
        }
        let draft = row.draft.withoutFillings(of: place)
        let merge = ThreeWayMerge(base: known.said, theirs: draft, ours: place.details)
        if merge.keepsCorrections { report.kept += 1 }
        // What was made here, exported and brought back has no source that could say something anew.
        let told = draft.sourceID == nil ? nil : key
        if !merge.changed.isEmpty {
            report.note(.init(row: row.row, place: place.id, fields: merge.differences(from: place.details)))
            payload.add(
                "changed", place.id, told, version: place.record.version + 1, changed: merge.changed.map(\.member), row: merge.draft,
                said: draft)
            return
        }
        report.unchanged += 1
        if told != nil, known.said != draft || known.hasVanished {
            payload.add("said", place.id, told, version: place.record.version, row: nil, said: draft)
        }
    }
}

/// What a record is known by: its source may be missing, its id there not.
struct SourceKey: Hashable, Sendable {
    let source: String
    let id: String

    init(source: String, id: String) {
        self.source = source
        self.id = id
    }

    init(_ draft: PlaceDraft) {
        source = draft.source ?? ""
        id = draft.sourceID ?? ""
    }

    init(_ place: Place) {
        source = place.source ?? ""
        id = place.sourceID ?? place.id.description
    }
}
