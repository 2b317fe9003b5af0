import Foundation
import Matching
import Postgres
import Support
import Testing

@testable import Relais

/// Whose word counts where a file is not what its source says: an export of this registry, a file without some columns, one with rows that cannot be read.
extension ImportForYearsTests {
    func run(text: String, dryRun: Bool = false, partial: Bool = false, source: String? = nil) async throws -> ImportReport {
        var options = PlaceImport.Options()
        (options.isDryRun, options.isPartial, options.source) = (dryRun, partial, source)
        return try await imports.run(try await PlaceFile(Array(text.utf8)), options, by: .system)
    }

    /// All places as an export has them.
    func exported() async throws -> String {
        let rows = try await places().map { StandardRecord($0).values.map { "\"\($0)\"" }.joined(separator: ",") }
        return ([StandardRecord.columns.joined(separator: ",")] + rows).joined(separator: "\n")
    }

    func phone(_ id: Place.ID) async throws -> String? { try await registry.database.place(id)?.phone }

    @Test func anExportThatIsBroughtBackIsNoWordOfTheSource() async throws {
        try await registry.communes()
        let rows = [Self.row("1"), Self.row("2")]
        _ = try await run(rows)
        let place = try #require(try await places().first)
        try await correct(place.id, ["phone": "+33477999999"])
        #expect(try await run(rows).kept == 1)
        let back = try await run(text: try await exported())
        #expect(back.unchanged == 2 && back.updated == 0)
        let again = try await run(rows)
        #expect(again.kept == 1 && again.updated == 0)
        #expect(try await phone(place.id) == "+33477999999")
        // Corrected once more: neither its first word nor the one that was brought back is news.
        try await correct(place.id, ["phone": "+33477888888"])
        #expect(try await run(rows).kept == 1)
        #expect(try await run([Self.row("1", phone: "+33477999999"), Self.row("2")]).kept == 1)
        #expect(try await phone(place.id) == "+33477888888")
        // The source says something new of it: that is taken, over the correction.
        let new = try await run([Self.row("1", phone: "+33477000002"), Self.row("2")])
        #expect(new.changes.first?.fields.map(\.isCorrected) == [true])
        #expect(try await phone(place.id) == "+33477000002")
    }

    @Test func anOldExportOfWhatWasMadeHereDoesNotTakeACorrectionBack() async throws {
        try await registry.communes()
        let place = try await registry.place()
        try await correct(place.id, ["phone": "+33477111111"])
        let old = try await exported()
        try await correct(place.id, ["phone": "+33477222222"])
        // The telephone that it was made with is none, so the one of the export is something new.
        let report = try await run(text: old)
        #expect(report.changes.first?.fields.map(\.isCorrected) == [true])
        try await correct(place.id, ["name": "Autre"])
        let first = try await run(text: old)
        #expect(first.kept == 1 && first.updated == 0)
        #expect(try await registry.database.place(place.id)?.name == "Autre")
    }

    @Test func aColumnThatIsNotThereSaysNothing() async throws {
        try await registry.communes()
        _ = try await run([Self.row("1")])
        let place = try #require(try await places().first)
        #expect(place.phone != nil && !place.services.isEmpty)
        let bare = "id,pivot,nom,commune,code_postal,adresse,date_maj,source\n1,00000000000000,B,Saint-Étienne,42000,1 rue,2024-04-03,X"
        let report = try await run(text: bare)
        #expect(report.changes.first?.fields.map(\.member) == ["name", "updated_on"])
        let now = try #require(try await registry.database.place(place.id))
        #expect(now.phone == place.phone && now.services == place.services)
        // An empty cell does, and so does null in JSON, whatever the capitals of the names.
        let json =
            #"[{"ID": "1", "pivot": "00000000000000", "Nom": "B", "commune": "Saint-Étienne", "code_postal": "42000", "adresse": "1 rue", "#
            + #""date_maj": "2024-04-03", "source": "X", "telephone": null}]"#
        #expect(try await run(text: json).changes.first?.fields.map(\.member) == ["phone"])
        #expect(try await phone(place.id) == nil)
        // What was never told anew is still what the source said.
        #expect(try await run([Self.row("1", "B", phone: "")]).updated == 1)
    }

    @Test(arguments: [
        "2,00000000000000,B, le lieu,Saint-Étienne,42000,1 rue,,2024-04-02,,X", "\"2\"x,00000000000000,B,,,,,,,X", ",,B,,,,,,,X",
    ])
    func rowsThatNobodyCanReadMayBeAnyRecord(row: String) async throws {
        try await registry.communes()
        _ = try await run([Self.row("1"), Self.row("2")])
        for dryRun in [true, false] {
            let report = try await run([Self.row("1"), row], dryRun: dryRun)
            #expect(report.rejectedRows == 1 && report.vanished == 0)
            #expect(report.warnings.contains { $0.code == "not_marked" })
        }
        #expect(try await vanished() == [])
        // In a part of a source nothing vanishes anyway.
        #expect(try await !run([Self.row("1"), row], partial: true).warnings.contains { $0.code == "not_marked" })
    }

    @Test func whatComesBackIsCountedAlsoOfWhatIsArchivedHere() async throws {
        try await registry.communes()
        let rows = [Self.row("1"), Self.row("2")]
        _ = try await run(rows)
        let second = try #require(try await places().last)
        #expect(try await run([Self.row("1")]).vanished == 1)
        _ = try await registry.write { tx throws(RegistryError) in
            try await registry.places.archive(second.id, by: OwnRegistry.staff, in: tx)
        }
        let report = try await run(rows)
        #expect(report.returned == 1 && report.vanished == 0)
        #expect(try await vanished() == [])
        #expect(try await run(rows).returned == 0)
    }

    @Test func jsonWithoutTheMembersOfARecordIsRefused() async throws {
        let refusal = await #expect(throws: ImportRefusal.self) {
            try await PlaceFile(Array(#"{"id": "1", "source": "X", "name": "A"}"#.utf8))
        }
        #expect(refusal?.description.contains("nom, commune, code_postal, adresse") == true)
    }

    /// Two records of one place: the second is read over what the first has written.
    @Test func aDryRunTellsWhatAnImportDoes() async throws {
        try await registry.communes()
        _ = try await run([Self.row("1"), Self.row("2", source: "Y")])
        let (one, other) = (try #require(try await places().first), try #require(try await places().last))
        try await merge(other.id, into: one.id)
        let rows = [Self.row("1", phone: "+33477000002"), Self.row("2", phone: "+33477000002", source: "Y")]
        let (told, done) = (try await run(rows, dryRun: true), try await run(rows))
        #expect(told.updated == 1 && told.unchanged == 1)
        #expect([done.updated, done.unchanged, done.kept] as [Int] == [told.updated, told.unchanged, told.kept])
    }

    @Test func whatNoDatabaseTakesIsLeftOutWithAWarning() async throws {
        try await registry.communes()
        let header = "id,pivot,nom,commune,code_postal,adresse,date_maj,typologie,services,source\n"
        let codes = (0..<60).map { "T\($0)" }.joined(separator: "|")
        let labels = (0..<5000).map { "zz\($0)" }.joined(separator: "|")
        let rows = [
            "1,00000000000000,A,Saint-Étienne,42000,1 rue,0000-01-01,CC\0AS,,X",
            "2,00000000000000,A,Saint-Étienne,42000,1 rue,2024-04-02,\(codes),,X",
            "3,00000000000000,A,Saint-Étienne,42000,1 rue,2024-04-02,\(String(repeating: "x", count: 101)),\(labels),X",
        ]
        let report = try await run(text: header + rows.joined(separator: "\n"))
        #expect(report.created == 3 && report.rejectedRows == 0)
        #expect(try await places().map(\.typologies.count) == [0, 50, 0])
        #expect(report.warnings.filter { $0.row == 4 }.count <= 60 && report.warnings.contains { $0.row == 4 && $0.code == "more" })
        #expect(report.warnings.filter { $0.row == 2 }.map(\.field).contains("date_maj"))
    }

    @Test func whatSomebodyConfirmedSinceIsNotUndone() async throws {
        try await registry.communes()
        let report = try await run([Self.row("1"), Self.row("2")])
        let place = try #require(try await places().first)
        _ = try await registry.write { tx throws(RegistryError) in
            try await registry.places.confirm(place.id, if: .any, by: OwnRegistry.staff, in: tx)
        }
        let undone = try await imports.undo(try #require(report.id), by: .system)
        #expect(undone.removed == 1 && undone.kept == 1)
        #expect(try await places().map(\.id) == [place.id])
    }

    @Test func theSourceOfRecordsThatNameNoneIsTrimmed() async throws {
        try await registry.communes()
        let row = Self.row("1", source: "")
        _ = try await run(text: "\(Self.header)\n\(row)", source: " hub ")
        #expect(try await run(text: "\(Self.header)\n\(row)", source: "hub").unchanged == 1)
    }

    /// A CEDEX has postcodes of its own, with its name or without.
    @Test func aCedexIsInItsCommune() async throws {
        try await registry.communes()
        let row = { (id: String, name: String, postcode: String) in "\(id),00000000000000,A,\(name),\(postcode),1 rue,,2024-04-02,,X" }
        let report = try await run([
            row("1", "Saint-Étienne Cedex 2", "42030"), row("2", "ST ETIENNE CEDEX", "42100"), row("3", "Saint-Étienne", "42023"),
            row("4", "Saint-Étienne Cedex 9", "69030"), row("5", "Saint-Étienne", "42160"), row("6", "Cedex", "42030"),
        ])
        #expect(report.created == 6)
        #expect(report.warnings.map { "\($0.row) \($0.code)" } == ["5 unknown_commune", "6 unknown_commune", "7 unknown_commune"])
        #expect(try await places().map(\.commune) == ["42218", "42218", "42218", nil, nil, nil])
        let made = try await registry.write { tx throws(RegistryError) in
            try await registry.places.create(
                PlaceDraft(name: "B", address: "5 rue", postcode: "42030", communeName: "Saint-Étienne cedex 2"), by: OwnRegistry.staff,
                in: tx)
        }
        #expect(made.commune == "42218")
    }

    @Test func anAddressInParisIsInItsArrondissement() async throws {
        try await registry.communes()
        let city = try CommuneFile(
            Array(
                """
                code_insee,nom,codes_postaux,latitude,longitude,population,departement,type,code_insee_parent
                75111,Paris 11e Arrondissement,75011,48.875,2.375,142583,75,ARM,75056
                75112,Paris 12e Arrondissement,75012,48.825,2.425,142583,75,ARM,75056

                """.utf8))
        _ = try await registry.write { tx throws(RegistryError) in try await CommuneImport().run(city, by: .system, in: tx) }
        let row = { (id: String, name: String) in "\(id),00000000000000,A,\(name),75011,1 rue,,2024-04-02,,X" }
        let report = try await run([row("1", "Paris"), row("2", "PARIS 11E ARRONDISSEMENT")])
        #expect(report.created == 2 && report.warnings.isEmpty)
        #expect(try await places().map(\.commune) == ["75111", "75111"])
        let made = try await registry.write { tx throws(RegistryError) in
            try await registry.places.create(
                PlaceDraft(name: "B", address: "5 rue Oberkampf", postcode: "75012", communeName: "paris"), by: OwnRegistry.staff, in: tx)
        }
        #expect(made.commune == "75112")

        // The city itself is in no row of the file, and known all the same: by its code, to searches and zones.
        let paris = try #require(try await registry.database.commune("75056"))
        #expect(paris.name == "Paris" && paris.postcodes == ["75011", "75012"] && paris.department == "75" && paris.parent == nil)
        #expect(paris.population == 285_166)
        #expect(paris.location?.distance(to: Location(latitude: 48.85, longitude: 2.4)) == 0)
        var filter = PlaceFilter()
        filter.commune = "75056"
        #expect(try await registry.database.count(of: filter) == 3)
        filter.commune = "75111"
        #expect(try await registry.database.count(of: filter) == 2)
        // The same file again, and one that has it.
        let again = try await registry.write { tx throws(RegistryError) in try await CommuneImport().run(city, by: .system, in: tx) }
        #expect(again.unchanged == 2 && again.updated == 0 && again.created == 0)
        let whole = try CommuneFile(Array("code_insee,nom,codes_postaux,departement\n75056,Ville de Paris,75011,75\n".utf8))
        _ = try await registry.write { tx throws(RegistryError) in try await CommuneImport().run(whole, by: .system, in: tx) }
        #expect(try await registry.database.commune("75056")?.name == "Ville de Paris")
    }
}
