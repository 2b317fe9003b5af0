import Postgres
import Support
import Testing

@testable import Relais

@Suite("Which structures are alike", .database)
struct StructuresAlikeTests {
    let registry = OwnRegistry()

    /// How like two names are, by what they are compared by.
    func likeness(_ one: String, _ other: String) async throws -> Double {
        let found = try await registry.database.value(
            "SELECT similarity(structure_key(\(one)), structure_key(\(other)))::float8", as: Double.self)
        return try #require(found)
    }

    @Test func whatPeopleWriteDifferentlyIsTheSame() async throws {
        let pairs = [
            ("Ville de Saint-Étienne", "Ville de St-Etienne"), ("Ville de Saint-Étienne", "Mairie de Saint-Etienne"),
            ("Association Zoomacom", "Zoomacom"), ("Association Zoomacom", "ZOOMACOM asso"),
            ("Zoomacom", "Zoomacom (association loi 1901)"),
            ("CCAS de Saint-Étienne", "Centre communal d\u{2019}action sociale de Saint-Étienne"),
            ("C.C.A.S. de Saint-Étienne", "CCAS St Etienne"),
            ("MJC des Tilleuls", "Maison des jeunes et de la culture des Tilleuls"),
            ("Loire Forez agglomération", "Loire Forez Agglo"), ("Loire Forez agglomération", "Communauté d'agglomération Loire Forez"),
            ("Association", "association"), ("A", "A"),
        ]
        for (one, other) in pairs { #expect(try await likeness(one, other) == 1, "\(one), \(other)") }
        #expect(try await likeness("Maison des possibles", "Maison des posibles") >= 0.75, "a slip of the pen")
    }

    @Test func namesOfOneKindStayDifferent() async throws {
        let pairs = [
            ("Ville de Saint-Étienne", "Ville de Saint-Chamond"), ("MJC des Tilleuls", "MJC de Côte-Chaude"),
            ("Centre communal d'action sociale de Rive-de-Gier", "Centre communal d'action sociale de Saint-Chamond"),
            ("Communauté de communes du Pays de Charlieu", "Communauté de communes des Monts du Pilat"),
            ("Centre social du Soleil", "Centre social de Beaulieu"), ("Association", "Association Zoomacom"), ("A", "B"),
        ]
        for (one, other) in pairs { #expect(try await likeness(one, other) < 0.5, "\(one), \(other)") }
        // These are shown to staff, and nobody is refused for them.
        let near = [
            ("Ville de Saint-Étienne", "CCAS de Saint-Étienne"), ("Ville de Saint-Étienne", "Ville de Saint-Étienne-le-Molard"),
        ]
        for (one, other) in near { #expect(try await likeness(one, other) < 0.75, "\(one), \(other)") }
    }

    /// What stands in one town, and what has the same river in its name.
    @Test func otherKindsOfOneTownAreOthers() async throws {
        let names = [
            "Mission locale de Saint-Étienne", "MJC Saint-Étienne", "Centre social de Saint-Étienne", "CCAS de Saint-Étienne",
            "Ville de Saint-Étienne",
            "Foyer de jeunes travailleurs de Saint-Étienne", "Département de la Loire", "Conseil départemental de Saône-et-Loire",
            "Département de la Haute-Loire", "La Scop", "La SAS", "Association Le Sas", "L'Association", "La Commune", "Ville libre",
        ]
        for name in names {
            let likely = try await registry.write { tx throws(RegistryError) in
                try await tx.likelyDuplicates(of: StructureDraft(name: name))
            }
            #expect(likely.map(\.name) == [], "\(name)")
            _ = try await registry.structure(name)
        }
        let same = try await registry.write { tx throws(RegistryError) in
            try await tx.likelyDuplicates(of: StructureDraft(name: "Conseil départemental de la Loire"))
        }
        #expect(same.map(\.name) == ["Département de la Loire"])
    }

    @Test func theLikestComesFirstAndNoneOfOtherKindsComes() async throws {
        for name in ["Ville de Saint-Chamond", "Ville de Saint-Étiene", "Mairie de St-Etienne"] { _ = try await registry.structure(name) }
        let likely = try await registry.write { tx throws(RegistryError) in
            try await tx.likelyDuplicates(of: StructureDraft(name: "Ville de Saint-Étienne"))
        }
        #expect(likely.map(\.name) == ["Mairie de St-Etienne", "Ville de Saint-Étiene"])
        #expect(likely.allSatisfy { $0.reasons == ["name"] })
    }
}
