import Foundation
import Postgres
import Support
import Testing

@testable import Relais

@Suite("Imports", .database)
struct ImportTests {
    let registry = OwnRegistry()

    static let header = "id,pivot,nom,commune,code_postal,code_insee,adresse,latitude,longitude,telephone,date_maj,services,source"
    static let good =
        "1,00000000000000,Médiathèque,Saint-Étienne,42000,42218,1 rue,45.43,4.39,+33477123456,2024-04-02,Insertion professionnelle via le numérique,X"

    func run(_ bytes: [UInt8], dryRun: Bool = false) async throws -> ImportReport {
        let file = try await PlaceFile(bytes)
        var options = PlaceImport.Options()
        options.isDryRun = dryRun
        return try await PlaceImport(registry.database, registry.generators).run(file, options, by: .system)
    }

    func run(_ rows: String...) async throws -> ImportReport {
        try await run(Array(([Self.header] + rows).joined(separator: "\n").utf8))
    }

    /// The notes of a report, as `row field code`.
    func notes(_ list: [ImportReport.Note]) -> [String] { list.map { "\($0.row) \($0.field ?? "-") \($0.code)" } }

    func counts(_ report: ImportReport) -> [Int] { [report.created, report.updated, report.unchanged, report.rejectedRows] }

    @Test func withoutCommunesItSaysSo() async throws {
        let file = try await PlaceFile(Array((Self.header + "\n" + Self.good).utf8))
        let error = await failure { () throws(RegistryError) in
            try await PlaceImport(registry.database, registry.generators).run(file, by: .system)
        }
        #expect(error?.problems == [" no_communes"])
    }

    @Test func aSecondRunChangesNothingAndAChangedRowIsUpdated() async throws {
        try await registry.communes()
        #expect(counts(try await run(Self.good)) == [1, 0, 0, 0])
        #expect(counts(try await run(Self.good)) == [0, 0, 1, 0])
        #expect(counts(try await run(Self.good.replacing("1 rue", with: "2 rue"))) == [0, 1, 0, 0])
        #expect(try await registry.events("place.changed") == 1)
        let place = try #require(try await registry.database.search(PlaceFilter()).items.first?.place)
        #expect(place.address == "2 rue" && place.version == 2 && place.commune == "42218")
        #expect(place.services == ["insertion-professionnelle"] && place.pivot == "00000000000000" && place.updatedOn == Day("2024-04-02"))
    }

    @Test func aDryRunTellsAndWritesNothing() async throws {
        try await registry.communes()
        let report = try await run(Array((Self.header + "\n" + Self.good).utf8), dryRun: true)
        #expect(report.created == 1)
        #expect(try await registry.database.search(PlaceFilter()).items.isEmpty)
    }

    @Test func whatIsNeededKeepsARowOutAndTheRestGoesIn() async throws {
        try await registry.communes()
        let report = try await run(
            Self.good, "2,,,Roanne,423,,,,,,2024-04-02,,X", Self.good.replacing("1,000", with: ",000"), Self.good,
            Self.good.replacing("1,000", with: "5,000"))
        #expect(counts(report) == [2, 0, 0, 3])
        #expect(
            notes(report.rejected) == ["3 nom required", "3 adresse required", "3 code_postal format", "4 id required", "5 id duplicate"])
        #expect(report.rejected[2].value == "423")
    }

    @Test func whatIsWrongOtherwiseIsLeftOutWithAWarning() async throws {
        try await registry.communes()
        let report = try await run(
            "1,43493312300028,A,St Etienne,42100,99999,1 rue,4.39,45.43,12,2024-02-30,Usage securisé|Utilisation sécurisée du numérique,X",
            "2,00000000000000,B,Deux Fois,99000,,1 rue,0,0,,2024-04-02,,X",
            "3,00000000000000,C,Nulle-Part,42000,,1 rue,45.4,,,2024-04-02,,X")
        #expect(counts(report) == [3, 0, 0, 0])
        #expect(
            notes(report.warnings) == [
                "2 services unknown_code", "2 pivot checksum", "2 latitude swapped", "2 telephone format", "2 date_maj format",
                "2 code_insee unknown_code", "3 latitude null_island", "3 commune several_communes", "4 latitude required",
                "4 commune unknown_commune",
            ])
        let places = try await registry.database.search(PlaceFilter()).items.map(\.place).sorted { $0.name < $1.name }
        #expect(places.map(\.commune) == ["42218", nil, nil])
        #expect(places.allSatisfy { $0.location == nil && $0.phone == nil })
        #expect(places[0].pivot == "43493312300028" && places[0].services == ["usage-securise"] && places[0].updatedOn == nil)
    }

    @Test func theBytesOfRealSpreadsheets() async throws {
        try await registry.communes()
        let text = Self.header + "\r\n" + Self.good + "\r\n"
        #expect(counts(try await run([0xef, 0xbb, 0xbf] + Array(text.utf8))) == [1, 0, 0, 0])
        let latin = try #require(text.data(using: .windowsCP1252))
        let report = try await run(Array(latin))
        #expect(counts(report) == [0, 0, 1, 0] && notes(report.warnings) == ["1 - encoding"])
        let cut = try await run(Array(text.replacing("1,000", with: "7,000").utf8.dropLast(60)))
        #expect(counts(cut) == [0, 0, 0, 1] && notes(cut.rejected) == ["2 - truncated"])
        let semicolons = try await run(Array(text.replacing(",", with: ";").replacing("45.43", with: "45,43").utf8))
        #expect(counts(semicolons) == [0, 0, 1, 0] && semicolons.warnings.isEmpty)
        await #expect(throws: ImportRefusal.self) { try await PlaceFile(Array(text.replacing("code_postal", with: "cp").utf8)) }
        await #expect(throws: ImportRefusal.self) { try await PlaceFile(Array("[{\"id\": 1".utf8)) }
    }

    @Test func theVariantsThatFilesAreKnownToHave() async throws {
        try await registry.communes()
        let file =
            "id,pivot,nom,commune,code_postal,adresse,date_maj,telephone,courriels,typologie,prise_en_charge_specifique,formations_labels,modalites_acces,couleur\n"
            + "1,W423000001,A,Saint-Étienne,42000,1 rue,2024-04-02,04 77 12 34 56,a@b.fr;c@d.fr,BIB|XYZ,Langues étrangères|Surdité,Étapes numériques (La Poste),Ce lieu n’accueille pas de public,bleu"
        let report = try await run(Array(file.utf8))
        #expect(notes(report.warnings) == ["1 couleur unknown_column", "2 typologie unknown_code"])
        let place = try #require(try await registry.database.search(PlaceFilter()).items.first?.place)
        #expect(place.phone == "+33477123456" && place.emails == ["a@b.fr", "c@d.fr"] && place.typologies == ["BIB", "XYZ"])
        #expect(place.specialCare == ["langues-anglais", "langues-autres", "surdite"])
        #expect(place.labels == ["etapes-numeriques"] && place.accessModes == ["pas-de-public"])
    }

    @Test func dirtyValuesOfRealFiles() async throws {
        try await registry.communes()
        let file =
            "id,pivot,nom,commune,code_postal,adresse,date_maj,telephone,courriels,site_web,services,frais_a_charge,publics_specifiquement_adresses,horaires\n"
            + "1,434 933 123 00029,A,Saint-Étienne,42000,1 rue,02/04/2024,04 77 12 34 56 / 06 11 22 33 44,mailto:a@b.fr ; c@d.fr,www.a.example,"
            + "\"[\"\"Utilisation sécurisée du numérique\"\", \"\"Loisirs et créations numériques\"\"]\",\"Gratuit, Payant\",{Jeunes},NULL\n"
        let report = try await run(Array(file.utf8))
        #expect(notes(report.warnings) == ["2 telephone several"])
        let place = try #require(try await registry.database.search(PlaceFilter()).items.first?.place)
        #expect(place.pivot == "43493312300029" && place.phone == "+33477123456" && place.emails == ["a@b.fr", "c@d.fr"])
        #expect(place.websites == ["http://www.a.example"] && place.updatedOn == Day("2024-04-02") && place.openingHours == nil)
        #expect(
            place.services == ["usage-securise", "loisirs-creations"] && place.fees == ["gratuit", "payant"] && place.publics == ["jeunes"])
    }

    @Test func theZerosThatSpreadsheetsLoseArePutBack() async throws {
        try await registry.communes()
        let report = try await run(
            "1,00000000000000,A,Bourg-en-Bresse,1000,1053,1 rue,,,477123456,2024-04-02,,X",
            "2,00000000000000,B,Bourg-en-Bresse,1000,,1 rue,,,33477123456,2024-04-02,,X",
            "3,00000000000000,C,Bourg-en-Bresse,01000,1053,1 rue,,,04.77.12.34.56 (accueil),2024-04-02,,X",
            "4,00000000000000,D,Saint-Étienne,4200,42218,1 rue,,,,2024-04-02,,X",
            "5,00000000000000,E,Saint-Étienne,42000,4221,1 rue,,,,2024-04-02,,X")
        #expect(notes(report.rejected) == ["5 code_postal format"])
        let told = report.warnings.filter { $0.code == "leading_zero" }
        let columns = ["2 code_insee", "2 code_postal", "2 telephone", "3 code_postal", "4 code_insee"]
        #expect(notes(told) == columns.map { "\($0) leading_zero" })
        #expect(told.first?.value == "1053" && notes(report.warnings).contains("6 code_insee format"))
        let places = try await registry.database.search(PlaceFilter()).items.map(\.place).sorted { $0.name < $1.name }
        #expect(places.map(\.postcode) == ["01000", "01000", "01000", "42000"])
        #expect(places.map(\.phone) == ["+33477123456", "+33477123456", "+33477123456", nil])
    }

    @Test func whatSpreadsheetsPutAroundATableIsPassedOver() async throws {
        try await registry.communes()
        let text =
            "sep=;\r\n\r\n;;\r\nID; Pivot ;NOM;Commune;Code_Postal;adresse;date_maj;Prise_RDV\r\n;;;;;;;\r\n"
            + "1;00000000000000;A;Saint-Étienne;42000;1 rue;2024-04-02;www.rdv.fr\r\n;;;;;;;\r\n ;;;;;;;\r\n"
            + "2;00000000000000;;Saint-Étienne;42000;1 rue;2024-04-02;\r\n;;;;;;;"
        let report = try await run(Array(text.utf8))
        #expect(counts(report) == [1, 0, 0, 1] && report.warnings.isEmpty)
        // Excel does not show the first line, and the header is in row 3.
        #expect(notes(report.rejected) == ["8 nom required"])
        let place = try #require(try await registry.database.search(PlaceFilter()).items.first?.place)
        #expect(place.bookingURL == "https://www.rdv.fr")
    }

    @Test(arguments: [
        #"{"items": [{"id": "1", "nom": "A"}], "next_cursor": null}"#, #"{"type": "FeatureCollection", "features": []}"#,
        "{\n  \"id\": 1,\n  \"items\": []\n}", #"{"data": [{"id": "1"}]}"#, "{}",
    ])
    func anObjectThatIsNoRecordIsRefused(text: String) async throws {
        let error = await #expect(throws: ImportRefusal.self) { try await PlaceFile(Array(text.utf8)) }
        #expect(error?.description.contains("expected an array of records") == true)
    }

    @Test func hoursWhoseDaysWereGuessedAreTold() async throws {
        try await registry.communes()
        let file =
            "id,pivot,nom,commune,code_postal,adresse,date_maj,horaires\n"
            + "1,00000000000000,A,Saint-Étienne,42000,1 rue,2024-04-02,\"lun, mar 9h-12h\"\n"
            + "2,00000000000000,B,Saint-Étienne,42000,2 rue,2024-04-02,lundi 9h-12h\n"
        let report = try await run(Array(file.utf8))
        #expect(counts(report) == [2, 0, 0, 0] && notes(report.warnings) == ["2 horaires guessed"])
        #expect(report.warnings.first?.value == "lun, mar 9h-12h" && report.warnings.first?.message.hasPrefix("Column 6: ") == true)
    }

    @Test func theOlderFormIsMapped() async throws {
        try await registry.communes()
        let json = """
            [{"id": 17, "nom": "A", "pivot": "00000000000000", "commune": "ST-ETIENNE", "code_postal": "42000", "adresse": "1 rue",
              "latitude": 45.43, "longitude": 4.39, "courriel": "", "date_maj": "2022-09-14", "source": "Hinaura", "horaires": null,
              "services": "Accéder à du matériel;Accéder à une connexion internet;Promouvoir la citoyenneté numérique;Jouer",
              "publics_accueillis": "Adultes;Jeunes (16-26 ans);Surdité",
              "conditions_acces": "Payant : L'accès au lieu et/ou à ses services est payant",
              "modalites_accompagnement": "A ma place : une personne habilitée fait les démarches à ma place"},
             "x"]
            """
        let report = try await run(Array(json.utf8))
        #expect(notes(report.warnings) == ["1 services unknown_code", "1 - not_marked"] && report.warnings[0].value == "Jouer")
        #expect(notes(report.rejected) == ["2 - type"])
        let place = try #require(try await registry.database.search(PlaceFilter()).items.first?.place)
        #expect(place.services == ["acces-internet-materiel", "comprehension-du-numerique"])
        #expect(place.publics == ["jeunes"] && place.specialCare == ["surdite"] && place.fees == ["payant"])
        #expect(place.supportModes == ["accompagnement-individuel"] && place.sourceID == "17" && place.commune == "42218")
    }

    @Test(
        .enabled(if: Shared.isThere, "the real files are not here"),
        arguments: ["data/lieux-loire-2022.json", "data/lieux-loire-1.0.2.csv"])
    func theRealFilesOfTheLoire(name: String) async throws {
        let bytes = try #require(Shared.bytes(name))
        let communes = try #require(Shared.bytes("data/communes.csv"))
        let file = try CommuneFile(communes)
        let first = try await registry.write { tx throws(RegistryError) in try await CommuneImport().run(file, by: .system, in: tx) }
        #expect(counts(first) == [34_973, 0, 0, 0])
        let again = try await registry.write { tx throws(RegistryError) in try await CommuneImport().run(file, by: .system, in: tx) }
        #expect(counts(again) == [0, 0, 34_973, 0])
        let created = try await run(bytes)
        #expect(counts(created) == [81, 0, 0, 0])
        #expect(counts(try await run(bytes)) == [0, 0, 81, 0])
        let lost = try await registry.database.value("SELECT count(*) FROM places WHERE commune IS NULL OR latitude IS NULL", as: Int.self)
        #expect(lost == 0, "\(created.warnings)")
    }

    @Test(.enabled(if: Shared.isThere, "the real files are not here")) func theStandardsOwnExample() async throws {
        let bytes = try #require(Shared.bytes("data/mednum-exemple-valide.csv"))
        try await registry.communes()
        let report = try await run(bytes)
        #expect(counts(report) == [1, 0, 0, 0])
        #expect(notes(report.warnings) == ["2 code_insee unknown_code", "2 commune unknown_commune"])
    }

    @Test func communesAreReadRowByRow() async throws {
        let file = try CommuneFile(
            Array("code_insee,nom,codes_postaux,departement\n42218,Saint-Étienne,42000|42100,42\nx,,420,42\n42218,Autre,42000,42\n".utf8))
        let report = try await registry.write { tx throws(RegistryError) in try await CommuneImport().run(file, by: .system, in: tx) }
        #expect(report.created == 1)
        #expect(notes(report.rejected) == ["3 nom required", "3 code_insee format", "3 codes_postaux format", "4 code_insee duplicate"])
        var filter = CommuneFilter()
        filter.words = "ST ET"
        #expect(try await registry.database.communes(filter).items.map(\.id) == ["42218"])
    }
}
