import Foundation
import Postgres

/// Brings a file of places into the registry, in one transaction: all rows that can be read go in, or nothing does.
///
/// A record is known by its source and its id there, so the same file a second time changes nothing. What a record says replaces what stood there;
/// its structure, which files do not name, stays.
public struct PlaceImport: Sendable {
    private let generators: Generators

    public init(_ generators: Generators) { self.generators = generators }

    /// - Parameter dryRun: Tells what would happen, and writes nothing.
    /// - Throws: ``RegistryError/invalid(_:)`` when there are no communes to find the places' in.
    public func run(
        _ file: PlaceFile, dryRun: Bool = false, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> ImportReport {
        guard caller.may(.writePlaces, of: nil) else { throw .forbidden(member: nil) }
        guard try await tx.exists("SELECT FROM communes") else {
            throw .invalid(InvalidInput("", "no_communes", "There are no communes yet. Import them first: relais import communes FILE"))
        }
        // Two imports at once would both find a record missing.
        try await tx.execute("SELECT pg_advisory_xact_lock(hashtext('relais import places'))")
        var report = ImportReport()
        report.rejected = file.rejected
        report.warnings = file.warnings
        var rows = file.records.map { PlaceRow($0, of: file.form) }
        try await tx.findCommunes(of: &rows)
        let stored = try await tx.places(from: rows.map(\.draft))
        var seen: Set<SourceKey> = []
        for row in rows {
            guard row.rejected.isEmpty else {
                report.rejected += row.rejected
                continue
            }
            let key = SourceKey(row.draft)
            guard seen.insert(key).inserted else {
                let message = "An earlier row has the same id and source."
                report.rejected.append(.init(row: row.row, field: "id", value: row.draft.sourceID, code: "duplicate", message: message))
                continue
            }
            report.warnings += row.warnings
            try await bring(row, over: stored[key], dryRun: dryRun, by: caller, in: tx, &report)
        }
        report.rejected.sort { $0.row < $1.row }
        return report
    }

    private func bring(
        _ row: PlaceRow, over current: Place?, dryRun: Bool, by caller: Caller, in tx: Session<RegistryError>, _ report: inout ImportReport
    ) async throws(RegistryError) {
        let now = generators.now()
        guard let current else {
            report.created += 1
            if dryRun { return }
            let place = try await tx.insert(row.draft, as: Place.ID(generators.newID()), at: now)
            try await tx.publish(Event("place.created", place.id), by: caller, at: now)
            return
        }
        var draft = row.draft.withoutFillings(of: current)
        draft.structure = current.structure
        draft.zone = current.zone
        if draft == current.details {
            report.unchanged += 1
            return
        }
        if current.record.archivedAt != nil {
            report.unchanged += 1
            let message = "This place is archived here: it was left as it is."
            report.warnings.append(.init(row: row.row, field: "id", value: draft.sourceID, code: "archived", message: message))
            return
        }
        report.updated += 1
        if dryRun { return }
        guard try await tx.update(current, to: draft, at: now) != nil else { throw .changedSince }
        let members = Change.members(from: current.details, to: draft)
        try await tx.publish(Event("place.changed", current.id, ["changed": .codes(members)]), by: caller, at: now)
    }
}

/// What a record is known by: its source may be missing, its id there not.
struct SourceKey: Hashable {
    let source: String
    let id: String

    init(_ draft: PlaceDraft) {
        source = draft.source ?? ""
        id = draft.sourceID ?? ""
    }

    init(_ place: Place) {
        source = place.source ?? ""
        id = place.sourceID ?? place.id.description
    }
}

extension Session where Failure == RegistryError {
    /// The places that the registry has of these records, locked, so that what is compared is what is changed.
    func places(from drafts: [PlaceDraft]) async throws(RegistryError) -> [SourceKey: Place] {
        let ids = drafts.compactMap(\.sourceID)
        // What was made here is exported under its own id.
        let own = ids.compactMap { Place.ID($0) }
        let places = try await query(
            """
            SELECT \(Place.columns) FROM places WHERE source_id = ANY (\(ids)) OR source_id IS NULL AND id = ANY (\(own))
             ORDER BY id FOR UPDATE
            """, as: Place.self)
        return Dictionary(places.map { (SourceKey($0), $0) }) { first, _ in first }
    }

    /// Gives each row its commune: by INSEE code, else by postcode and name. With none or several the place is kept without one, and a warning.
    func findCommunes(of rows: inout [PlaceRow]) async throws(RegistryError) {
        let codes = Array(Set(rows.compactMap(\.draft.commune)))
        let keys = Array(Set(rows.map { CommuneName.key($0.draft.communeName) }))
        let communes = try await query(
            "SELECT \(Commune.columns) FROM communes WHERE insee_code = ANY (\(codes)) OR name_key = ANY (\(keys))", as: Commune.self)
        let known = Set(communes.map(\.id))
        let named = Dictionary(grouping: communes) { CommuneName.key($0.name) }
        for index in rows.indices {
            let draft = rows[index].draft
            if let code = draft.commune {
                if known.contains(code) { continue }
                rows[index].warn(
                    "code_insee", code, "unknown_code", "There is no commune with this code: it was looked for by postcode and name.")
            }
            let alike = (named[CommuneName.key(draft.communeName)] ?? []).filter { $0.postcodes.contains(draft.postcode) }
            rows[index].draft.commune = alike.count == 1 ? alike.first?.id : nil
            if alike.count == 1 { continue }
            let count = alike.isEmpty ? "No commune has" : "Several communes have"
            rows[index].warn(
                "commune", "\(draft.postcode) \(draft.communeName)", alike.isEmpty ? "unknown_commune" : "several_communes",
                "\(count) this name and postcode: the place is kept without a commune.")
        }
    }
}
