import Foundation
import Postgres
import Support
import Testing

@testable import Relais

@Suite("The standard's export", .database)
struct ExportTests {
    let registry = OwnRegistry()

    /// Every column of the standard with something in it, and with what must be quoted.
    static let whole = """
        id,pivot,nom,commune,code_postal,code_insee,adresse,complement_adresse,latitude,longitude,typologie,telephone,courriels,site_web,horaires,presentation_resume,presentation_detail,source,itinerance,structure_parente,date_maj,services,publics_specifiquement_adresses,prise_en_charge_specifique,frais_a_charge,dispositif_programmes_nationaux,formations_labels,autres_formations_labels,modalites_acces,modalites_accompagnement,fiche_acces_libre,prise_rdv
        a-1,43493312300029,"Le ""Patio"", étage 2",Saint-Étienne,42000,42218,12 bis rue,Bât. B,45.4339123,4.39,TIERS_LIEUX|ASSO,+33180059880,a@b.fr|c@d.fr,https://a.example/x;y?b=1|https://c.example/,"Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00",Court,"Long
        sur deux lignes",Hubik,Itinérant|Fixe,Ville,2024-04-02,Maîtrise des outils numériques du quotidien|Insertion professionnelle via le numérique,Jeunes|Femmes,Surdité|Langues étrangères (anglais),Gratuit sous condition|Payant,Aidants Connect|La Croix Rouge,Formé à « Mon Espace Santé »|Étapes numériques(La Poste),Label et la bête,Se présenter|Ce lieu n'accueille pas de public,À distance|En autonomie,https://acceslibre.example/x,https://rdv.example/

        """

    func bring(_ bytes: [UInt8], source: String? = nil) async throws -> ImportReport {
        let file = try await PlaceFile(bytes)
        var options = PlaceImport.Options()
        options.source = source
        return try await PlaceImport(registry.database, registry.generators).run(file, options, by: .system)
    }

    func export() async throws -> String {
        var bytes: [UInt8] = []
        CSVText.append(StandardRecord.columns, to: &bytes)
        try await registry.database.eachPlace { places in
            for place in places { CSVText.append(StandardRecord(place).values, to: &bytes) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// All rows of the table, down to the last column.
    func table() async throws -> String? {
        try await registry.database.value("SELECT string_agg(places::text, '|' ORDER BY id) FROM places", as: String.self)
    }

    @Test func whatComesInByTheStandardGoesOutTheSame() async throws {
        try await registry.communes()
        let report = try await bring(Array(Self.whole.utf8))
        #expect(report.created == 1 && report.rejected.isEmpty && report.warnings.isEmpty)
        let text = try await export().replacingOccurrences(of: "\r\n", with: "\n")
        #expect(text == Self.whole)
    }

    @Test func whatTheStandardRequiresIsFilledInAndTakenOutAgain() async throws {
        try await registry.communes()
        let made = try await registry.place()
        _ = try await bring(Array("id,pivot,nom,commune,code_postal,adresse,date_maj,source\n7,,A,Saint-Étienne,42000,1 rue,,X\n".utf8))
        registry.clock.advance(by: 3 * 86400)
        let text = try await export()
        #expect(text.contains("\r\n\(made.id),00000000000000,Médiathèque,"))
        #expect(text.components(separatedBy: ",2026-03-10,").count == 3)
        let before = try await table()
        let report = try await bring(Array(text.utf8))
        #expect(report.created == 0 && report.updated == 0 && report.unchanged == 2 && report.rejected.isEmpty)
        let after = try await table()
        #expect(after == before)
    }

    @Test func whatWasFilledInReplacesNothingThatHasComeSince() async throws {
        try await registry.communes()
        let made = try await registry.place()
        _ = try await bring(Array("id,pivot,nom,commune,code_postal,adresse,date_maj,source\n7,,A,Saint-Étienne,42000,1 rue,,X\n".utf8))
        let text = try await export()
        registry.clock.advance(by: 3 * 86400)
        let imported = try #require(try await registry.database.value("SELECT id FROM places WHERE source = 'X'", as: Place.ID.self))
        let patches: [JSONValue] = [["pivot": "43493312300029"], ["updated_on": "2026-01-15"]]
        for patch in patches {
            for id in [made.id, imported] {
                _ = try await registry.write { tx throws(RegistryError) in
                    try await registry.places.change(id, by: patch, if: .any, by: OwnRegistry.staff, in: tx)
                }
            }
            let before = try await table()
            let report = try await bring(Array(text.utf8))
            #expect(report.updated == 0 && report.unchanged == 2 && report.kept == 2)
            let after = try await table()
            #expect(after == before)
        }
    }

    @Test func whatWasMadeHereIsKnownWhicheverSourceIsNamedForIt() async throws {
        try await registry.communes()
        _ = try await registry.place()
        let text = try await export()
        let before = try await table()
        let report = try await bring(Array(text.utf8), source: "Zoomacom")
        #expect(report.created == 0 && report.unchanged == 1)
        let after = try await table()
        #expect(after == before)
        #expect(try await registry.database.value("SELECT count(*) FROM place_sources", as: Int.self) == 0)
    }

    @Test func whatASpreadsheetWouldComputeComesBackAsItWas() async throws {
        try await registry.communes()
        let header = "id,pivot,nom,commune,code_postal,adresse,telephone,presentation_resume,presentation_detail,date_maj,source\n"
        let row = "@7,,\"=HYPERLINK(\"\"a\"\",1)\",Saint-Étienne,42000,1 rue,+33477000001,- Aide,''=1,2026-01-01,X\n"
        let report = try await bring(Array((header + row).utf8))
        #expect(report.created == 1)
        let kept = try await registry.database.value("SELECT name || ' ' || summary || ' ' || description FROM places", as: String.self)
        #expect(kept == "=HYPERLINK(\"a\",1) - Aide '=1")
        let text = try await export()
        #expect(text.contains("\r\n'@7,00000000000000,\"'=HYPERLINK("))
        #expect(text.contains(",+33477000001,") && text.contains(",- Aide,''=1,"))
        let before = try await table()
        let again = try await bring(Array(text.utf8))
        #expect(again.unchanged == 1 && again.created == 0)
        let after = try await table()
        #expect(after == before)
    }

    @Test func howFarAPlaceWasIsPassedOver() async throws {
        try await registry.communes()
        let header = "id,pivot,nom,commune,code_postal,adresse,date_maj,source,distance_m\n"
        let report = try await bring(Array((header + "7,43493312300029,A,Saint-Étienne,42000,1 rue,2026-01-01,X,780\n").utf8))
        #expect(report.created == 1)
        #expect(report.warnings.contains { $0.field == "distance_m" && $0.code == "unknown_column" })
    }

    @Test func whatIsArchivedIsNotThereAndIdsOfSeveralSourcesAreTold() async throws {
        try await registry.communes()
        let header = "id,pivot,nom,commune,code_postal,adresse,date_maj,source\n"
        _ = try await bring(Array((header + "7,,A,Saint-Étienne,42000,1 rue,,X\n7,,B,Saint-Étienne,42000,1 rue,,Y\n").utf8))
        #expect(try await registry.database.sharedSourceIDs() == 1)
        var ofX: [String] = []
        try await registry.database.eachPlace(of: "X") { ofX += $0.map(\.name) }
        #expect(ofX == ["A"])
        try await registry.database.execute("UPDATE places SET archived_at = now() WHERE source = 'X'")
        #expect(try await registry.database.sharedSourceIDs() == 0)
        #expect(try await export().components(separatedBy: "\r\n").count == 3)
    }

    @Test(.enabled(if: Shared.isThere, "the real files are not here"), arguments: ["lieux-loire-1.0.2.csv", "lieux-loire-2022.json"])
    func theRealFilesComeBackUnchanged(name: String) async throws {
        let communes = try CommuneFile(try #require(Shared.bytes("data/communes.csv")))
        _ = try await registry.write { tx throws(RegistryError) in try await CommuneImport().run(communes, by: .system, in: tx) }
        let bytes = try #require(Shared.bytes("data/\(name)"))
        let created = try await bring(bytes).created
        #expect(created == 81)
        let before = try await table()
        let text = try await export()
        let again = try await bring(Array(text.utf8))
        #expect(again.unchanged == 81)
        let after = try await table()
        #expect(after == before)
        guard name.hasSuffix(".csv") else { return }
        // Line for line the file itself, whatever its order.
        let lines = { (text: String) in Set(text.split(whereSeparator: \.isNewline).map(String.init)) }
        #expect(lines(text) == lines(String(decoding: bytes, as: UTF8.self)))
    }

    @Test func whatIsNoNumberOfTheStandardAndWhatIsTwoAddressesStaysOut() async throws {
        try await registry.communes()
        let report = try await bring(
            Array(
                """
                id,pivot,nom,commune,code_postal,adresse,latitude,longitude,date_maj,services
                1,N/C,A,Saint-Étienne,42000,1 rue,45.43,4.39,2024-04-02,Insertion professionnelle via le numérique

                """.utf8), source: "X")
        #expect(report.created == 1)
        #expect(try await export().contains("1,00000000000000,A,"))
        #expect(!Form.email.matches("a|b@c.fr") && Form.email.matches("a+b@c.fr"))
    }
}
