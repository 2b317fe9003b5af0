import Foundation

/// What is to be done with the records of one piece.
struct ImportPiece: Sendable {
    private(set) var payload = PlacePayload()
    private(set) var report = ImportReport.ofPiece
    /// Rows of a place that an earlier row speaks of: to be looked at once that one is written.
    private(set) var late: [PlaceRow] = []
    /// Places that take other values, as they are then.
    private(set) var drafts: [Place.ID: PlaceDraft] = [:]
    /// The members that the file tells of.
    let told: Set<String>
    private var touched: Set<Place.ID> = []

    init(telling told: Set<String>) { self.told = told }

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
            // Its source has the record all the same.
            if known.hasVanished, let said = known.said {
                report.countReturned()
                payload.add("said", place.id, key, version: place.record.version, row: nil, said: said, also: known.also)
            }
            let message = "This place is archived here: it was left as it is."
            return report.warn([.init(row: row.row, field: "id", value: key.id, code: "archived", message: message)])
        }
        let draft = row.draft.withoutFillings(of: known)
        let merge = ThreeWayMerge(base: known.base, also: known.also, theirs: draft, ours: place.details, telling: told)
        if merge.keepsCorrections { report.kept += 1 }
        // What was made here, exported and brought back has no source that could say something anew.
        let speaker: SourceKey? = draft.sourceID == nil ? nil : key
        if speaker != nil, known.hasVanished { report.countReturned() }
        if !merge.changed.isEmpty {
            drafts[place.id] = merge.draft
            report.note(.init(row: row.row, place: place.id, fields: merge.differences(from: place.details)))
            payload.add(
                "changed", place.id, speaker, version: place.record.version + 1, changed: merge.changed.map(\.member), row: merge.draft,
                said: merge.said, also: merge.alsoSaid)
            return
        }
        report.unchanged += 1
        if speaker != nil, known.said != merge.said || known.also != merge.alsoSaid || known.hasVanished {
            payload.add(
                "said", place.id, speaker, version: place.record.version, row: nil, said: merge.said, also: merge.alsoSaid)
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
