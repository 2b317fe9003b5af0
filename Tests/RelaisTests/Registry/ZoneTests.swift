import Foundation
import Matching
import Postgres
import Support
import Testing

@testable import Relais

@Suite("Zones and EPCI", .database)
struct ZoneTests {
    let registry = OwnRegistry()
    static let header = "code_insee,siren_epci,nom_epci"

    func run(_ rows: String..., dryRun: Bool = false) async throws -> ImportReport {
        let file = try EpciFile(Array(([Self.header] + rows).joined(separator: "\n").utf8))
        return try await registry.write { tx throws(RegistryError) in
            try await EpciImport().run(file, dryRun: dryRun, by: .system, in: tx)
        }
    }

    func counts(_ report: ImportReport) -> [Int] { [report.created, report.updated, report.unchanged, report.rejectedRows] }
    func notes(_ list: [ImportReport.Note]) -> [String] { list.map { "\($0.row) \($0.field ?? "-") \($0.code)" } }

    @Test func aSecondRunChangesNothingAndAMoveOrANewNameIsAnUpdate() async throws {
        try await registry.communes()
        let rows = ["42218,200000016,CC des Essais", "42207,200000016,CC des Essais", "42005,200000024,CA du Test"]
        let dry = try await run(rows[0], rows[1], rows[2], dryRun: true)
        #expect(counts(dry) == [3, 0, 0, 0])
        #expect(try await registry.database.allEpci().items.isEmpty)
        #expect(counts(try await run(rows[0], rows[1], rows[2])) == [3, 0, 0, 0])
        #expect(counts(try await run(rows[0], rows[1], rows[2])) == [0, 0, 3, 0])
        #expect(try await registry.database.epci("200000016")?.communes == ["42207", "42218"])
        #expect(try await registry.database.commune("42005")?.epci == "200000024")

        // One moves; the other EPCI has a new name. Who is not in the file stays.
        let report = try await run("42207,200000024,CA du Grand Test")
        #expect(counts(report) == [0, 1, 0, 0])
        #expect(try await registry.database.epci("200000016")?.communes == ["42218"])
        let other = try #require(try await registry.database.epci("200000024"))
        #expect(other.communes == ["42005", "42207"] && other.name == "CA du Grand Test")
    }

    @Test func whatIsWrongIsToldByRowAndColumn() async throws {
        try await registry.communes()
        let report = try await run(
            "42218,20000001,A", "1,200000016,", "42207,200000016,A", "42207,200000024,B", "42999,200000016,A", "42005,200000016,Autre",
            "99001,200000017,C", "99002")
        #expect(
            notes(report.rejected) == [
                "2 siren_epci format", "3 code_insee format", "3 nom_epci required", "5 code_insee duplicate", "6 code_insee unknown_code",
                "9 - truncated",
            ])
        #expect(notes(report.warnings) == ["7 nom_epci other_name", "8 siren_epci checksum"])
        #expect(counts(report) == [3, 0, 0, 5])
        #expect(try await registry.database.epci("200000016")?.name == "A")
        #expect(throws: ImportRefusal.self) { try EpciFile(Array("code_insee,siren\n42218,200000016".utf8)) }
        #expect(throws: ImportRefusal.self) { try EpciFile([]) }
        // A byte order mark and Windows line ends.
        let file = try EpciFile([0xef, 0xbb, 0xbf] + Array("code_insee,siren_epci,nom_epci\r\n42218,200000016,A\r\n".utf8))
        #expect(file.memberships.map(\.commune) == ["42218"] && file.rejected.isEmpty)
        let forbidden = await failure { () throws(RegistryError) in
            try await registry.write { tx throws(RegistryError) in
                try await EpciImport().run(file, by: Caller(.manager), in: tx)
            }
        }
        #expect(forbidden == .forbidden(member: nil))
    }

    @Test func aZoneCoversByCommuneEpciAndDepartment() async throws {
        try await registry.communes()
        try await registry.database.execute(
            """
            INSERT INTO communes (insee_code, name, name_key, postcodes, department, kind, parent)
            VALUES ('42900', 'Quartier', 'quartier', '{42100}', '42', 'ARM', '42218')
            """)
        _ = try await run("42218,200000016,A", "42207,200000016,A", "42005,200000024,B")
        let zones: [(String, Zone?)] = [
            ("commune", Zone(communes: ["42218"])), ("epci", Zone(epci: ["200000016"])), ("department", Zone(departments: ["42"])),
            ("everywhere", Zone(everywhere: true)), ("two", Zone(communes: ["99001"], epci: ["200000024"])), ("unknown", nil),
        ]
        for (name, zone) in zones {
            var draft = PlaceDraft(name: name, address: "1 rue", postcode: "42000", communeName: "Saint-Étienne")
            draft.zone = zone
            let made = try await registry.write { [draft] tx throws(RegistryError) in
                try await registry.places.create(draft, by: OwnRegistry.staff, in: tx)
            }
            #expect(made.zone == zone)
        }
        let expected = [
            "42218": ["commune", "department", "epci", "everywhere"], "42207": ["department", "epci", "everywhere"],
            "42005": ["department", "everywhere", "two"], "99001": ["everywhere", "two"], "99002": ["everywhere"],
            // An arrondissement lies in its commune, and in its commune's EPCI.
            "42900": ["commune", "department", "epci", "everywhere"], "12345": [],
        ]
        for (commune, names) in expected {
            var filter = PlaceFilter()
            filter.serves = commune
            #expect(try await registry.database.search(filter).items.map(\.place.name).sorted() == names, "\(commune)")
        }
        var filter = PlaceFilter()
        filter.serves = "42218"
        #expect(try await registry.database.count(of: filter) == 4)
        filter.source = "nowhere"
        let relaxations = try await registry.database.relaxations(of: filter)
        #expect(relaxations.map(\.parameter) == ["source"] && relaxations.first?.wouldFind == 4)
    }

    @Test func aZoneNamesWhatIsThere() async throws {
        try await registry.communes()
        let place = try await registry.place()
        func change(_ zone: JSONValue) async -> RegistryError? {
            await failure { () throws(RegistryError) in
                try await registry.write { tx throws(RegistryError) in
                    try await registry.places.change(place.id, by: ["zone": zone], if: .any, by: OwnRegistry.staff, in: tx)
                }
            }
        }
        #expect(
            await change(["communes": ["42218", "42999"], "epci": ["200000016"], "departments": ["42", "75"]])?.problems == [
                "/zone/communes/1 unknown_code", "/zone/departments/1 unknown_code", "/zone/epci/0 unknown_code",
            ])
        #expect(await change(["communes": []])?.problems == ["/zone empty"])
        #expect(await change(["everywhere": .bool(true), "departments": ["42"]])?.problems == ["/zone/everywhere contradiction"])
        #expect(
            await change(["communes": ["1"], "departments": ["20"], "colour": 1])?.problems.contains("/zone/colour unknown_member") == true)
        #expect(await change(["communes": ["42218"]]) == nil)
        // A merge patch changes what it names of the zone.
        #expect(await change(["departments": ["42"]]) == nil)
        let changed = try #require(try await registry.database.place(place.id))
        #expect(changed.zone == Zone(communes: ["42218"], departments: ["42"]) && changed.version == 3)
        #expect(await change(["communes": nil, "departments": nil])?.problems == ["/zone empty"])
        #expect(await change(nil) == nil)
        #expect(try await registry.database.place(place.id)?.zone == nil)
    }

    @Test func aMediatorsZoneIsKeptFoundAndGivenToTheMatcher() async throws {
        try await registry.communes()
        _ = try await run("42218,200000016,A")
        let structure = try await registry.structure()
        let mediator = try await registry.mediator(structure.id)
        let changed = try await registry.write { tx throws(RegistryError) in
            try await registry.mediators.change(
                mediator.id, by: ["zone": ["epci": ["200000016"]]], if: .any, by: OwnRegistry.staff, in: tx)
        }
        #expect(changed.zone == Zone(epci: ["200000016"]))
        for (commune, count) in [("42218", 1), ("42207", 0)] {
            var filter = MediatorFilter(at: registry.clock.now)
            filter.serves = commune
            #expect(try await registry.database.search(filter).items.count == count)
        }
        let demand = Demand(needs: [], modes: [.home], location: nil, reach: 0, publics: [], declinedBy: [])
        let supplies = try await registry.write { [now = registry.clock.now] tx throws(RegistryError) in
            try await tx.supplies(for: demand, at: now)
        }
        #expect(supplies.map(\.zone) == [["epci:200000016"]])
    }
}
