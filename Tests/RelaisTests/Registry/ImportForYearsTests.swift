import Foundation
import Postgres
import Support
import Testing

@testable import Relais

@Suite("Imports for years", .database)
struct ImportForYearsTests {
    let registry = OwnRegistry()
    var imports: PlaceImport { PlaceImport(registry.database, registry.generators) }

    static let header = "id,pivot,nom,commune,code_postal,adresse,telephone,date_maj,services,source"

    /// A record of source X.
    static func row(_ id: String, _ name: String = "A", phone: String = "+33477000001", source: String = "X") -> String {
        "\(id),00000000000000,\(name),Saint-Étienne,42000,1 rue,\(phone),2024-04-02,Insertion professionnelle via le numérique,\(source)"
    }

    func run(_ rows: [String], dryRun: Bool = false, partial: Bool = false) async throws -> ImportReport {
        let file = try await PlaceFile(Array(([Self.header] + rows).joined(separator: "\n").utf8))
        var options = PlaceImport.Options()
        options.isDryRun = dryRun
        options.isPartial = partial
        return try await imports.run(file, options, by: .system)
    }

    func correct(_ id: Place.ID, _ patch: JSONValue) async throws {
        _ = try await registry.write { tx throws(RegistryError) in
            try await registry.places.change(id, by: patch, if: .any, by: OwnRegistry.staff, in: tx)
        }
    }

    /// In the order of their ids at the source.
    func places() async throws -> [Place] {
        let found = try await registry.database.search(PlaceFilter(), Paging(limit: 200)).items.map(\.place)
        return found.sorted { ($0.sourceID ?? "") < ($1.sourceID ?? "") }
    }

    /// Every row of a table, without what goes on when something is undone.
    func hash(_ table: SQL = "places") async throws -> String {
        try await registry.database.value(
            "SELECT md5(string_agg((to_jsonb(t) - 'version' - 'updated_at')::text, '|' ORDER BY to_jsonb(t)::text)) FROM \(table) AS t",
            as: String.self) ?? "empty"
    }

    @Test func aCorrectionStaysUntilTheSourceChangesThatField() async throws {
        try await registry.communes()
        _ = try await run([Self.row("1")])
        let place = try #require(try await places().first)
        try await correct(place.id, ["phone": "+33477999999", "name": "A corrected"])
        let same = try await run([Self.row("1")])
        #expect(same.unchanged == 1 && same.kept == 1 && same.changes.isEmpty)
        // The source changes its name only: the phone stays as it was corrected.
        let changed = try await run([Self.row("1", "B")])
        #expect(changed.updated == 1 && changed.kept == 1)
        #expect(changed.changes.first?.fields == [.init(member: "name", before: "A corrected", after: "B", isCorrected: true)])
        let now = try #require(try await places().first)
        #expect(now.name == "B" && now.phone == "+33477999999")
        // What it says once more is nothing new.
        let again = try await run([Self.row("1", "B")])
        #expect(again.unchanged == 1)
        let phone = try await run([Self.row("1", "B", phone: "+33477000002")])
        #expect(phone.updated == 1 && phone.kept == 0)
        #expect(try await places().first?.phone == "+33477000002")
    }

    @Test func whatTheSourceSaysOfSomethingCorrectedAlikeIsRemembered() async throws {
        try await registry.communes()
        _ = try await run([Self.row("1")])
        let place = try #require(try await places().first)
        try await correct(place.id, ["name": "B"])
        _ = try await run([Self.row("1", "B")])
        try await correct(place.id, ["name": "C"])
        let report = try await run([Self.row("1", "B")])
        #expect(report.unchanged == 1 && report.kept == 1)
        #expect(try await places().first?.name == "C")
    }

    @Test func aDryRunTellsFieldByFieldAndWritesNothing() async throws {
        try await registry.communes()
        _ = try await run([Self.row("1"), Self.row("2")])
        let tables: [SQL] = ["places", "place_sources", "imports", "import_changes", "events"]
        var before: [String] = []
        for table in tables { before.append(try await hash(table)) }
        let report = try await run([Self.row("1", "B", phone: ""), Self.row("3")], dryRun: true)
        #expect(report.id == nil && report.created == 1 && report.updated == 1 && report.vanished == 1)
        #expect(
            report.changes.first?.fields.map { "\($0.member): \($0.before ?? "-") > \($0.after ?? "-")" }
                == ["name: A > B", "phone: +33477000001 > -"])
        var after: [String] = []
        for table in tables { after.append(try await hash(table)) }
        #expect(after == before)
    }

    /// Before its source is heard for the first time, what a person changed of a place is known from its history.
    @Test func aCorrectionOfAPlaceThatNoImportMadeStaysToo() async throws {
        try await registry.communes()
        var draft = PlaceDraft(name: "A", address: "1 rue", postcode: "42000", communeName: "Saint-Étienne")
        (draft.source, draft.sourceID, draft.phone) = ("X", "1", "+33477000001")
        let made = draft
        let place = try await registry.write { tx throws(RegistryError) in
            try await registry.places.create(made, by: OwnRegistry.staff, in: tx)
        }
        try await correct(place.id, ["phone": "+33477999999"])
        let same = try await run([Self.row("1")])
        #expect(same.kept == 1 && same.created == 0)
        #expect(try await places().map(\.phone) == ["+33477999999"])
        let changed = try await run([Self.row("1", phone: "+33477000002")])
        #expect(changed.changes.first?.fields.map(\.isCorrected) == [true])
        #expect(try await places().map(\.phone) == ["+33477000002"])
    }

    @Test func whatVanishesIsMarkedAndComesBack() async throws {
        try await registry.communes()
        _ = try await run([Self.row("1"), Self.row("2"), Self.row("9", source: "Y")])
        let report = try await run([Self.row("1")])
        #expect(report.vanished == 1)
        #expect(try await vanished() == ["2"])
        #expect(try await registry.events("place.vanished") == 1)
        #expect(try await places().count == 3)
        let partial = try await run([Self.row("2")], partial: true)
        #expect(partial.vanished == 0 && partial.unchanged == 1)
        #expect(try await vanished() == [])
        // A row that cannot be read is still one that the source has.
        let unreadable = try await run([Self.row("1"), Self.row("2", "")])
        #expect(unreadable.rejectedRows == 1 && unreadable.vanished == 0)
        // What comes after the cut of a file is not gone.
        let cut = try await run([Self.row("1"), "3,00000000000000,Tr"])
        #expect(cut.rejected.map(\.code) == ["truncated"] && cut.vanished == 0)
    }

    func vanished() async throws -> [String] {
        try await registry.database.values(
            "SELECT source_id FROM place_sources WHERE vanished_at IS NOT NULL ORDER BY 1", as: String.self)
    }

    @Test func undoingPutsEveryRowBack() async throws {
        try await registry.communes()
        _ = try await run([Self.row("1"), Self.row("2"), Self.row("3")])
        let first = try #require(try await places().first)
        try await correct(first.id, ["name": "corrected", "phone": "+33477999999"])
        let before = (places: try await hash(), sources: try await hash("place_sources"))
        let report = try await run([Self.row("1", "B"), Self.row("2", phone: ""), Self.row("4"), Self.row("5")])
        #expect([report.created, report.updated, report.vanished] as [Int] == [2, 2, 1])
        #expect(try await hash() != before.places)
        let undone = try await imports.undo(try #require(report.id), by: .system)
        #expect(undone.removed == 2 && undone.restored == 2 && undone.kept == 0)
        #expect(try await hash() == before.places)
        #expect(try await hash("place_sources") == before.sources)
        #expect(try await registry.events("place.removed") == 2)
        // Versions go on, so that nobody takes the row for the one that the import made.
        #expect(try await registry.database.place(first.id)?.version == 4)
        let again = await failure { () throws(RegistryError) in try await imports.undo(report.id ?? .init(UUID()), by: .system) }
        #expect(again == .conflict(.importNotUndoable))
        let next = try await run([Self.row("1", "B"), Self.row("2", phone: ""), Self.row("4"), Self.row("5")])
        #expect([next.created, next.updated, next.vanished] as [Int] == [2, 2, 1])
    }

    @Test func whatHappenedSinceOutlivesTheUndoing() async throws {
        try await registry.communes()
        _ = try await run([Self.row("1")])
        let place = try #require(try await places().first)
        let report = try await run([Self.row("1", "B", phone: "+33477000002"), Self.row("2"), Self.row("3"), Self.row("4")])
        try await correct(place.id, ["name": "C"])
        let made = try await places().dropFirst()
        let second = try #require(made.first { $0.sourceID == "2" })
        try await correct(second.id, ["name": "D"])
        // A mediator works at the third.
        let structure = try await registry.structure()
        let mediator = try await registry.mediator(structure.id)
        let third = try #require(made.first { $0.sourceID == "3" })
        try await registry.database.execute("INSERT INTO mediator_places (mediator_id, place_id) VALUES (\(mediator.id), \(third.id))")
        let undone = try await imports.undo(try #require(report.id), by: .system)
        #expect(undone.removed == 1 && undone.restored == 1 && undone.kept == 3)
        let now = try await places()
        #expect(now.map(\.sourceID) == ["1", "2", "3"])
        #expect(now.map(\.name) == ["C", "D", "A"])
        #expect(now.first?.phone == "+33477000001")
    }

    @Test func zerosReplaceNoSiret() async throws {
        try await registry.communes()
        let siret = "43493312300029"
        let known = Self.row("1").replacing("00000000000000", with: siret)
        _ = try await run([known])
        let report = try await run([Self.row("1")])
        #expect(report.unchanged == 1 && report.updated == 0)
        #expect(try await places().map(\.pivot) == [siret])
        // A source that told none, and begins to write zeros, says nothing new.
        _ = try await run([Self.row("2").replacing("00000000000000", with: "")], partial: true)
        let place = try #require(try await places().last)
        #expect(place.pivot == nil)
        try await correct(place.id, ["pivot": "43493312300029"])
        let zeros = try await run([Self.row("2")], partial: true)
        #expect(zeros.updated == 0 && zeros.kept == 1)
        #expect(try await places().map(\.pivot) == [siret, siret])
    }

    @Test func theLatestImportIsUndoneFirst() async throws {
        try await registry.communes()
        let first = try await run([Self.row("1")])
        let second = try await run([Self.row("1", "B")])
        let early = await failure { () throws(RegistryError) in try await imports.undo(first.id ?? .init(UUID()), by: .system) }
        #expect(early == .conflict(.importOvertaken))
        _ = try await imports.undo(try #require(second.id), by: .system)
        _ = try await imports.undo(try #require(first.id), by: .system)
        #expect(try await places().isEmpty)
        let unknown = await failure { () throws(RegistryError) in try await imports.undo(.init(UUID()), by: .system) }
        #expect(unknown == .unknown)
    }

    @Test func oneImportIsAtWorkAtATimeAndOthersMayNot() async throws {
        try await registry.communes()
        let error = await failure { () throws(RegistryError) in
            try await registry.database.aloneInImports { () throws(RegistryError) in
                try await registry.database.aloneInImports { () throws(RegistryError) in }
            }
        }
        #expect(error == .conflict(.importRunning))
        let file = try await PlaceFile(Array((Self.header + "\n" + Self.row("1")).utf8))
        let refused = await failure { () throws(RegistryError) in
            try await imports.run(file, by: Caller(.manager, structure: .init(UUID())))
        }
        #expect(refused == .forbidden(member: nil))
    }

    /// Until PostgreSQL counts by itself, it takes the table for empty, and sorts all places for a page of a list.
    @Test func whatALargeFileFillsIsCounted() async throws {
        try await registry.communes()
        try await registry.database.execute("ANALYZE places")
        #expect(try await run((1...1200).map { Self.row("\($0)") }).created == 1200)
        let counted = try await registry.database.value("SELECT reltuples::int FROM pg_class WHERE oid = 'places'::regclass", as: Int.self)
        #expect((counted ?? 0) >= 1000)
    }

    @Test func anInterruptedImportIsKnownAndItsHalfCanBeUndone() async throws {
        try await registry.communes()
        let report = try await run([Self.row("1")])
        let id = try #require(report.id)
        try await registry.database.execute("UPDATE imports SET status = 'running', finished_at = NULL WHERE id = \(id)")
        _ = try await run([Self.row("7", source: "Y")])
        #expect(try await registry.database.fileImport(id)?.status == .failed)
        _ = try await imports.undo(id, by: .system)
        #expect(try await places().map(\.sourceID) == ["7"])
        #expect(try await registry.database.imports().items.map(\.status) == [.done, .undone])
    }

    @Test func twoRecordsOfOnePlaceAreMergedOneAfterTheOther() async throws {
        try await registry.communes()
        _ = try await run([Self.row("1"), Self.row("9", source: "Y")])
        let place = try #require(try await places().first { $0.sourceID == "1" })
        try await registry.database.execute("UPDATE place_sources SET place_id = \(place.id) WHERE source = 'Y'")
        let before = try await hash()
        let report = try await run([Self.row("1", "B"), Self.row("9", phone: "+33477000003", source: "Y")])
        #expect(report.updated == 2)
        let now = try #require(try await registry.database.place(place.id))
        #expect(now.name == "B" && now.phone == "+33477000003")
        _ = try await imports.undo(try #require(report.id), by: .system)
        #expect(try await hash() == before)
    }
}
