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
        /// The source of the records that name none.
        public var source: String?
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

    /// - Parameter progress: Told after each piece how many records have been dealt with, and what came of them.
    /// - Throws: ``RegistryError/invalid(_:)`` when there are no communes to find the places' in. What was brought in before a failure stays, and
    ///   can be undone; the same file again goes on from there.
    public func run(
        _ file: PlaceFile, _ options: Options = Options(), by caller: Caller, progress: (Int, ImportReport) -> Void = { _, _ in }
    ) async throws(RegistryError) -> ImportReport {
        guard caller.may(.importPlaces, of: nil) else { throw .forbidden(member: nil) }
        return try await database.aloneInImports { () throws(RegistryError) in
            let id = options.isDryRun ? nil : FileImport.ID(generators.newID())
            if let id { try await database.begin(id, options, total: file.count, by: caller, at: generators.now()) }
            do throws(RegistryError) {
                var begun = ImportProgress()
                begun.report.id = id
                let report = try await bring(file, in: id, options, by: caller, from: begun, progress)
                if let id { try await database.finish(id, report, at: generators.now()) }
                return report
            } catch {
                // The database may be what failed: then the next import finds this one interrupted.
                if let id { try? await database.fail(id, error, at: generators.now()) }
                throw error
            }
        }
    }

    /// Carries out an import that was asked for, or goes on with it where it was interrupted: with the record after the last that was written, so that
    /// nothing is done twice and its report is whole.
    ///
    /// - Parameter isLastAttempt: A failure of the database is the end of it, too.
    /// - Throws: What another attempt may not meet: that another import is at work, or an error of the database.
    func carryOut(_ id: FileImport.ID, isLastAttempt: Bool) async throws(RegistryError) {
        do throws(RegistryError) {
            try await database.aloneInImports { () throws(RegistryError) in
                guard let (begun, caller) = try await database.resume(id, at: generators.now()) else { return }
                var options = Options()
                options.isDryRun = begun.isDryRun
                options.isPartial = begun.isPartial
                options.source = begun.source
                let sent = await Result { () async throws(ImportRefusal) in try await PlaceFile(database.sentFile(of: id)) }
                let file = try sent.orInvalid()
                try await database.note(total: file.count, of: id)
                let progress = try await database.transaction { tx throws(RegistryError) in try await tx.progress(of: begun) }
                let report = try await bring(file, in: id, options, by: caller, from: progress) { _, _ in }
                try await database.finish(id, report, at: generators.now())
            }
        } catch {
            switch error {
            case .conflict(.importRunning): throw error
            // A value that the database refuses it refuses again.
            case .database(let refusal) where !isLastAttempt && !refusal.isOfData: throw error
            default: try await database.fail(id, error, at: generators.now())
            }
            if case .database(let refusal) = error, !refusal.isOfData { throw error }
        }
    }

    private func bring(
        _ file: PlaceFile, in id: FileImport.ID?, _ options: Options, by caller: Caller, from begun: ImportProgress,
        _ tell: (Int, ImportReport) -> Void
    ) async throws(RegistryError) -> ImportReport {
        var progress = begun
        if begun.records == 0, !file.warnings.isEmpty, progress.report.warnings.isEmpty {
            var warned = ImportReport.ofPiece
            warned.warn(file.warnings)
            progress = try await keep(warned, in: progress, of: id)
        }
        var seen = SeenRecords()
        var counted = 0
        var (next, rest) = try await PlacePieces(file, source: options.source, known: begun.records).ahead().orInvalid()
        while var piece = next {
            let reading = rest
            async let ahead = reading.ahead()
            var report = ImportReport.ofPiece
            report.reject(piece.rejected)
            seen.sift(&piece, &report)
            if !piece.isKnown {
                do throws(RegistryError) {
                    progress = try await bring(piece, report, telling: file.told, in: id, options, by: caller, progress)
                } catch .conflict(.sourceTaken) {
                    // Somebody made the place of one of these records meanwhile: it is known now.
                    progress = try await bring(piece, report, telling: file.told, in: id, options, by: caller, progress)
                }
                tell(progress.records, progress.report)
                // At each doubling, so that a large file is followed and a small one waits for nothing.
                if !options.isDryRun, progress.report.created - counted >= max(1000, counted) {
                    counted = progress.report.created
                    try await database.transaction { tx throws(RegistryError) in try await tx.countAfterImport() }
                }
            }
            (next, rest) = try (await ahead).orInvalid()
        }
        if seen.hasUnknownRows, !options.isPartial {
            if !progress.report.warnings.contains(where: { $0.code == ImportReport.Note.notMarked }) {
                var warned = ImportReport.ofPiece
                let message =
                    "Some rows cannot be read, and nobody knows which records these are: so what the file does not have is not marked."
                warned.warn([.init(row: 1, code: ImportReport.Note.notMarked, message: message)])
                progress = try await keep(warned, in: progress, of: id)
            }
        } else if !options.isPartial {
            progress = try await vanish(seen, in: id, options, by: caller, progress)
        }
        progress.report.sort()
        return progress.report
    }

    /// Brings one piece in.
    ///
    /// - Parameter sifted: What came of the rows that do not go in.
    /// - Returns: How far the import is then.
    private func bring(
        _ piece: PlacePieces.Piece, _ sifted: ImportReport, telling told: Set<String>, in id: FileImport.ID?, _ options: Options,
        by caller: Caller, _ progress: ImportProgress
    ) async throws(RegistryError) -> ImportProgress {
        let now = generators.now()
        return try await database.transaction(attempts: 3) { tx throws(RegistryError) in
            var rows = piece.rows
            var report = sifted
            try await tx.findCommunes(of: &rows)
            // What a dry run would have written of places that several records speak of.
            var drafts: [Place.ID: PlaceDraft] = [:]
            while !rows.isEmpty {
                let known = try await tx.known(of: rows, locking: !options.isDryRun)
                var work = ImportPiece(telling: told)
                for row in rows {
                    let found = known[SourceKey(row.draft)].map { $0.holding(drafts[$0.place.id]) }
                    work.add(row, over: found, newID: generators.newID)
                }
                if options.isDryRun { drafts.merge(work.drafts) { $1 } }
                if let id, !options.isDryRun { try await tx.write(work.payload, of: id, by: caller, at: now) }
                report.add(work.report)
                rows = work.late
            }
            var progress = progress
            progress.records += piece.count
            progress.report.add(report)
            if let id { tx.keep(report, in: &progress, of: id) }
            return progress
        }
    }

    private func keep(
        _ report: ImportReport, in progress: ImportProgress, of id: FileImport.ID?
    ) async throws(RegistryError) -> ImportProgress {
        try await database.transaction(attempts: 3) { tx throws(RegistryError) in
            var progress = progress
            progress.report.add(report)
            if let id { tx.keep(report, in: &progress, of: id) }
            return progress
        }
    }

    private func vanish(
        _ seen: SeenRecords, in id: FileImport.ID?, _ options: Options, by caller: Caller, _ progress: ImportProgress
    ) async throws(RegistryError) -> ImportProgress {
        let now = generators.now()
        var progress = progress
        for (source, ids) in seen.ids.sorted(by: { $0.key < $1.key }) {
            progress = try await database.transaction { [progress] tx throws(RegistryError) in
                var progress = progress
                progress.report.vanished += try await tx.vanish(
                    source, but: Array(ids.keys), in: options.isDryRun ? nil : id, by: caller, at: now)
                if let id { tx.keep(.ofPiece, in: &progress, of: id) }
                return progress
            }
        }
        return progress
    }

    /// Puts back what was there before an import: places that it changed have their former values, those that it made are gone, and what was
    /// marked as vanished is so no more.
    ///
    /// What was corrected since stays: a member that no longer holds what the import wrote, a new place that was changed or that others refer to.
    /// Versions and times of change go on, so that whoever has seen the import sees the undoing too.
    ///
    /// - Throws: ``RegistryError/unknown``; a conflict when it cannot be undone, or a later import changed the same places.
    public func undo(_ id: FileImport.ID, by caller: Caller) async throws(RegistryError) -> UndoReport {
        guard caller.may(.importPlaces, of: nil) else { throw .forbidden(member: nil) }
        return try await database.aloneInImports { () throws(RegistryError) in
            var (report, before) = try await database.transaction { tx throws(RegistryError) in try await tx.beginUndoing(id) }
            var limit = PlacePieces.size
            while true {
                let now = generators.now()
                do throws(RegistryError) {
                    let piece = try await database.transaction(attempts: 3) { [report, before, limit] tx throws(RegistryError) in
                        let piece = try await tx.undo(id, before: before, limit: limit, by: caller, at: now)
                        tx.note(report.adding(piece), before: piece.last ?? before)
                        return piece
                    }
                    guard let last = piece.last else { break }
                    before = last
                    report = report.adding(piece)
                    limit = min(2 * limit, PlacePieces.size)
                } catch .database(let error) where error.sqlState == "23503" {
                    // Something refers to a place that the import made. By halves, that one is found, and stays.
                    if limit > 1 {
                        limit /= 2
                        continue
                    }
                    report.kept += 1
                    before = try await database.transaction { [report, before] tx throws(RegistryError) in
                        let last = try await tx.leave(id, before: before)
                        tx.note(report, before: last)
                        return last
                    }
                }
            }
            let undone = report
            try await database.transaction { tx throws(RegistryError) in
                try await tx.close(undone: undone, by: caller, at: generators.now())
            }
            return undone
        }
    }

    /// Carries out an undoing that was asked for, or goes on with it where it was interrupted.
    ///
    /// - Throws: What another attempt may not meet: that another import is at work, or an error of the database.
    func carryOutUndoing(_ id: FileImport.ID) async throws(RegistryError) {
        guard let caller = try await database.undoer(of: id) else { return }
        do throws(RegistryError) {
            _ = try await undo(id, by: caller)
        } catch {
            switch error {
            case .conflict(.importRunning), .database: throw error
            default: try await database.giveUpUndoing(id, error)
            }
        }
    }
}

extension Result where Failure == ImportRefusal {
    fileprivate init(_ read: () async throws(ImportRefusal) -> Success) async {
        do throws(ImportRefusal) { self = .success(try await read()) } catch { self = .failure(error) }
    }

    /// What was read of a file; its refusal is an error of the registry.
    fileprivate func orInvalid() throws(RegistryError) -> Success {
        switch self {
        case .success(let value): return value
        case .failure(let refusal):
            throw refusal.database.map { .database($0) } ?? .invalid(InvalidInput("", "file", refusal.description))
        }
    }
}

/// The records that a file has spoken of so far.
private struct SeenRecords {
    /// By source, the ids there, and whether one of their rows could be read.
    private(set) var ids: [String: [String: Bool]] = [:]
    /// Whether there are rows of which nobody knows which records they are.
    private(set) var hasUnknownRows = false

    /// Takes out of a piece what cannot go in, and tells what keeps it out.
    mutating func sift(_ piece: inout PlacePieces.Piece, _ report: inout ImportReport) {
        if !piece.rejected.isEmpty { hasUnknownRows = true }
        piece.rows.removeAll { row in
            let key = SourceKey(row.draft)
            guard row.rejected.isEmpty else {
                report.reject(row.rejected)
                if key.id.isEmpty { hasUnknownRows = true }
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
public struct UndoReport: Sendable, Equatable, Codable {
    public let id: FileImport.ID
    /// Places that the import had made, and that are gone.
    public var removed = 0
    /// Places that have former values back.
    public var restored = 0
    /// Places that stay, or keep some value, because of what happened to them since.
    public var kept = 0
    /// Why it could not be done; then the import stands.
    public var failure: String?

    func adding(_ piece: UndonePiece) -> UndoReport {
        var sum = self
        sum.removed += piece.removed
        sum.restored += piece.restored
        sum.kept += piece.kept
        return sum
    }
}
