import Postgres
import Relais
import Support
import Testing

@Suite("The words by which places are found", .database)
struct PlaceWordsTests {
    private let registry = OwnRegistry()

    private func found(_ words: String, sort: SearchSort = .id) async throws -> [String] {
        var filter = PlaceFilter()
        filter.words = words
        return try await registry.database.search(filter, sort: sort, Paging(limit: 200, order: sort.rawValue)).items.map(\.place.name)
    }

    private func make(_ drafts: [PlaceDraft]) async throws {
        try await registry.write { tx throws(RegistryError) in
            for draft in drafts { _ = try await registry.places.create(draft, allowingDuplicates: true, by: OwnRegistry.staff, in: tx) }
        }
    }

    private static func draft(_ name: String) -> PlaceDraft {
        PlaceDraft(name: name, address: "1 chemin", postcode: "99000", communeName: "Ailleurs")
    }

    /// What is offered, how, and what kind of place it is, by the words of its label: those of the vocabularies and those of the database are the same.
    @Test func whatAPlaceHasIsFoundByTheWordsOfItsLabel() async throws {
        let lists: [(Vocabulary, WritableKeyPath<PlaceDraft, [String]>)] = [
            (.services, \.services), (.publics, \.publics), (.specialCare, \.specialCare), (.fees, \.fees), (.programmes, \.programmes),
            (.labels, \.labels), (.accessModes, \.accessModes), (.supportModes, \.supportModes), (.typologies, \.typologies),
        ]
        var drafts: [PlaceDraft] = []
        var labels: [(name: String, label: String)] = []
        for (vocabulary, member) in lists {
            for entry in vocabulary.entries {
                var draft = Self.draft("Z\(drafts.count)")
                draft[keyPath: member] = [entry.code]
                drafts.append(draft)
                // Whoever looks for a welcome does not look for who receives nobody.
                if entry.code != "pas-de-public" { labels.append((draft.name, entry.label)) }
            }
        }
        try await make(drafts)
        for (name, label) in labels { #expect(try await found(label).contains(name), "\(label)") }
        #expect(labels.count > 140)
    }

    @Test(arguments: [
        ("Salles partagées", ["partagé", "partagée", "partagés", "partagee", "partagge"], ["partir"]),
        ("Atelier partagé", ["partagée", "partagées", "partagees"], []), ("Postes équipés", ["équipée", "équipées", "equipee"], []),
        ("Organismes agréés", ["agréée", "agréées", "agreee", "agréé"], ["agricole"]), ("Association créée", ["créé", "créés"], []),
        ("Lycées du Forez", ["lycée", "lycee"], []), ("Musée de la Mine", ["musées", "musees"], []),
        ("Protection des données", ["données", "donnees", "donnée"], ["don", "dons"]), ("Journée du don", ["journées"], ["données"]),
    ])
    func aParticipleIsFoundInEachGenderAndNumber(name: String, queries: [String], others: [String]) async throws {
        try await make([Self.draft(name), Self.draft("Z")])
        for query in queries { #expect(try await found(query) == [name], "\(query)") }
        for query in others { #expect(try await found(query) == [], "\(query)") }
    }

    @Test func aNameComesBeforeWhatIsOffered() async throws {
        var (typed, collective) = (Self.draft("Lieu"), Self.draft("Autre lieu"))
        typed.typologies = ["BIB"]
        collective.supportModes = ["atelier-collectif"]
        try await make([typed, collective, Self.draft("Bibliothèque"), Self.draft("Atelier collectif du Forez")])
        #expect(try await found("bibliothèque", sort: .relevance) == ["Bibliothèque", "Lieu"])
        #expect(try await found("atelier collectif", sort: .relevance) == ["Atelier collectif du Forez", "Autre lieu"])
    }
}
