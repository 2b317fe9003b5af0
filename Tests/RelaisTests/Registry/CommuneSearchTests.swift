import Postgres
import Support
import Testing

@testable import Relais

@Suite("Searching communes", .database)
struct CommuneSearchTests {
    let registry = OwnRegistry()

    /// Real ones, and one that is larger than all others and has their words elsewhere.
    func fill() async throws {
        let file = try CommuneFile(
            Array(
                """
                code_insee,nom,codes_postaux,population,departement
                01001,Roannay,01400,100,01
                04178,Saint-Étienne-les-Orgues,04230,1245,04
                05135,Sainte-Colombe,05700,59,05
                2A004,Ajaccio,20000|20090|20167,73822,2A
                42100,L'Hôpital-le-Grand,42210,1100,42
                42187,Roanne,42300,34762,42
                42218,Saint-Étienne,42000|42100|42230,172718,42
                69189,Sainte-Colombe,69560,1953,69
                76575,Saint-Étienne-du-Rouvray,76800,28508,76
                88999,Bourg-Saint-Étienne,88000,300000,88

                """.utf8))
        let report = try await registry.write { tx throws(RegistryError) in try await CommuneImport().run(file, by: .system, in: tx) }
        #expect(report.created == 10)
    }

    func found(_ words: String, department: String? = nil) async throws -> [Commune.ID] {
        var filter = CommuneFilter()
        filter.words = words
        filter.department = department
        return try await registry.database.communes(filter).items.map(\.id)
    }

    @Test(arguments: ["saint-etienne", "ST ETIENNE", "Saint Étienne", " st-étienne "])
    func theVeryNameComesFirstThenWhatBeginsSoThenTheOthers(words: String) async throws {
        try await fill()
        #expect(try await found(words) == ["42218", "76575", "04178", "88999"])
    }

    @Test func wordsAreFoundWhereverTheyStandAndTheLargestFirst() async throws {
        try await fill()
        #expect(try await found("etienne st") == ["88999", "42218", "76575", "04178"])
        #expect(try await found("etienne du rou") == ["76575"])
        #expect(try await found("hopital") == ["42100"])
        #expect(try await found("ste colombe") == ["69189", "05135"])
        #expect(try await found("tienne").isEmpty, "a word is asked for from its beginning")
        #expect(try await found("-").isEmpty)
        #expect(try await found("%").isEmpty)
    }

    @Test func aSlipIsForgivenWhereNothingElseIsMeant() async throws {
        try await fill()
        for words in ["saint-etiene", "st-etienen", "saintetienne", "Saint-Ettienne", "siant etienne"] {
            #expect(try await found(words) == ["42218"], "\(words)")
        }
        for words in ["Roane", "roanme", "raonne"] { #expect(try await found(words) == ["42187"], "\(words)") }
        #expect(try await found("ste-colonbe") == ["69189", "05135"])
        #expect(try await found("saint-etiene", department: "04").isEmpty)
        #expect(try await found("ajacccioo").isEmpty, "these are two")
        #expect(CommuneName.slips(of: "lyn").isEmpty, "what is short is meant")
    }

    @Test func aNameThatIsRightIsNeverTakenForAnother() async throws {
        try await fill()
        try await registry.database.execute("UPDATE communes SET name = 'Rouanne', name_key = 'rouanne' WHERE insee_code = '01001'")
        #expect(try await found("roanne", department: "01").isEmpty)
        #expect(try await found("rouannee", department: "01") == ["01001"])
    }

    @Test func postcodesAndCodesAreFoundToo() async throws {
        try await fill()
        #expect(try await found("42000") == ["42218"])
        #expect(try await found("42100") == ["42218", "42100"], "a postcode of one is the code of another")
        #expect(try await found("2a004") == ["2A004"])
        #expect(try await found("20090", department: "2A") == ["2A004"])
        #expect(try await found("99999").isEmpty)
    }

    @Test func aNumberBesideANameSaysWhereItIs() async throws {
        try await fill()
        for words in ["saint-etienne 42", "Saint-Étienne (42000)", "42100 st etienne"] {
            #expect(try await found(words) == ["42218"], "\(words)")
        }
        #expect(try await found("sainte colombe 05") == ["05135"])
        #expect(try await found("ajaccio 2A") == ["2A004"])
        #expect(try await found("roane 42300") == ["42187"])
        #expect(try await found("saint-etienne 69").isEmpty)
        try await registry.database.execute(
            "UPDATE communes SET name = 'Lyon 3e Arrondissement', name_key = 'lyon 3e arrondissement' WHERE insee_code = '69189'")
        #expect(try await found("lyon 3e") == ["69189"])
    }

    @Test(arguments: ["saint etienne", "etienne saint", "ste colonbe", "42100"])
    func aListGoesOnWhereItEnded(words: String) async throws {
        try await fill()
        var filter = CommuneFilter()
        filter.words = words
        let whole = try await registry.database.communes(filter).items.map(\.id)
        var pieces: [Commune.ID] = []
        var after: Cursor?
        repeat {
            let page = try await registry.database.communes(filter, Paging(limit: 1, order: "relevance", after: after))
            pieces += page.items.map(\.id)
            after = page.next
        } while after != nil && pieces.count < 20
        #expect(whole.count > 1 && pieces == whole)
    }

    @Test(.enabled(if: Shared.isThere, "the real files are not here")) func amongAllOfFranceTheOneThatIsMeantIsFirst() async throws {
        let communes = try CommuneFile(try #require(Shared.bytes("data/communes.csv")))
        _ = try await registry.write { tx throws(RegistryError) in try await CommuneImport().run(communes, by: .system, in: tx) }
        for (words, code) in [
            ("saint-etienne", "42218"), ("saint-etiene", "42218"), ("Roane", "42187"), ("havre", "76351"), ("boutheon", "42005"),
            ("montbrizon", "42147"),
        ] {
            #expect(try await found(words).first == code, "\(words)")
        }
    }
}
