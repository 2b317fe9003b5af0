import Foundation
import Matching
import Postgres
import Relais
import Support
import Testing

/// What is found against a slow scan of the same mediators in memory, which shares nothing with the SQL.
@Suite("Searching mediators", .database)
struct MediatorSearchTests {
    private let registry = OwnRegistry()

    /// Invented mediators around Saint-Étienne, at places of two structures: same seed, same mediators.
    private func network(_ count: Int, _ random: inout SearchDraw) async throws -> [KnownMediator] {
        try await registry.communes()
        var structures: [Structure.ID] = []
        for number in 0..<4 { structures.append(try await registry.structure("Structure \(number)").id) }
        var places: [Place] = []
        for number in 0..<60 {
            var draft = PlaceDraft(name: "Lieu \(number)", address: "1 rue", postcode: "42000", communeName: "Saint-Étienne")
            if random.chance(0.9) { draft.location = Location(latitude: 45.2 + random.unit() * 0.6, longitude: 4.1 + random.unit() * 0.6) }
            draft.publics = random.some(of: Vocabulary.publics.codes)
            draft.fees = random.some(of: Vocabulary.fees.codes)
            places.append(
                try await registry.write { [draft] tx throws(RegistryError) in
                    try await registry.places.create(draft, by: OwnRegistry.staff, in: tx)
                })
        }
        var drafts: [MediatorDraft] = []
        for _ in 0..<count {
            var draft = MediatorDraft(
                structure: random.one(of: structures), name: "\(random.one(of: Self.given)) \(random.one(of: Self.family))")
            draft.presentation = random.one(of: [nil, "Ancienne institutrice à Roanne", "Bricoleur, apprécie les claviers mécaniques"])
            for place in places where random.chance(0.03) { draft.places.append(place.id) }
            for skill in Self.skills where random.chance(0.3) { draft.skills.append(.init(skill, level: random.one(of: [1, 2, 3]))) }
            for mode in [Mode.place, .home, .remote, .onSite] where random.chance(0.4) { draft.modes.append(mode) }
            draft.languages = random.one(of: [["fr"], ["fr", "en"], ["ar", "fr"]])
            draft.travelRadius = random.one(of: [0, 3000, 15_000, 60_000])
            draft.paused = random.chance(0.2)
            draft.zone = random.one(of: [nil, Zone(communes: ["42218"]), Zone(departments: ["42"]), Zone(everywhere: true)])
            if random.chance(0.5) { draft.email = "somebody@example.org" }
            drafts.append(draft)
        }
        var ids: [Mediator.ID] = []
        for batch in stride(from: 0, to: count, by: 20) {
            registry.clock.advance(by: 86_400)
            let part = Array(drafts[batch..<min(batch + 20, count)])
            ids += try await registry.write { tx throws(RegistryError) in
                var made: [Mediator.ID] = []
                for draft in part { made.append(try await registry.mediators.create(draft, by: OwnRegistry.staff, in: tx).id) }
                return made
            }
        }
        for id in ids where random.chance(0.7) {
            let (open, held) = (random.one(of: [0, 2, 5]), random.one(of: [0, 0, 2]))
            try await registry.database.execute(
                "UPDATE mediator_capacities SET agreed_open = \(open), agreed_weekly = 5 WHERE mediator_id = \(id)")
            try await registry.pretend(id, holds: held)
        }
        // What is archived is no place to be near of, and nobody of an archived structure accepts.
        let gone = Set(places.prefix(5).map(\.id))
        try await registry.database.execute("UPDATE places SET archived_at = now() WHERE id = ANY (\(Array(gone)))")
        try await registry.database.execute("UPDATE structures SET archived_at = now() WHERE id = \(structures[3])")
        try await registry.database.execute("ANALYZE")
        let names = try await registry.database.skills(Paging(limit: 200)).items.map { ($0.id, $0.name) }
        let tree = Dictionary(names) { first, _ in first }
        var known: [KnownMediator] = []
        for id in ids.sorted(by: { $0.description < $1.description }) {
            let mediator = try #require(try await registry.database.mediator(id, at: registry.clock.now))
            let own = places.filter { mediator.places.contains($0.id) && !gone.contains($0.id) }
            known.append(KnownMediator(mediator, own, of: mediator.structure == structures[3] ? nil : mediator.structure, tree))
        }
        return known
    }

    static let given = ["Camille", "Dominique", "Séverine", "Yasmina", "Thibault"]
    static let family = ["Fournier", "Béal", "Chavanon", "N’Guyen", "Peyrard"]
    /// Some stand above others: demarches-administratives, sante-en-ligne, ameli.
    static let skills = ["demarches-administratives", "sante-en-ligne", "ameli", "tableur", "fichiers", "sauvegarde", "transition-libre"]

    @Test func eightHundredQuestionsAreAnsweredAsBySlowlyLookingAtEachMediator() async throws {
        var random = SearchDraw(state: 20_261_127)
        let known = try await network(300, &random)
        var (found, empty, pages) = (0, 0, 0)
        for _ in 0..<800 {
            let question = MediatorQuestion(&random, at: registry.clock.now, known)
            let expected = question.answer(among: known)
            var got: [FoundMediator] = []
            var after: Cursor?
            repeat {
                let page = try await registry.database.search(
                    question.filter, sort: question.sort, Paging(limit: question.limit, order: question.sort.rawValue, after: after))
                got += page.items
                after = page.next
                pages += 1
                #expect(after == nil || page.items.count == question.limit, "a page is never short")
            } while after != nil && got.count < 3 * question.limit
            #expect(got.map(\.mediator.id) == Array(expected.prefix(got.count)).map(\.mediator.id), "\(question)")
            if after == nil { #expect(got.count == expected.count, "\(question)") }
            if let near = question.filter.near {
                for (one, other) in zip(got, expected) {
                    let nearest = try #require(other.nearest(to: near.location))
                    #expect(abs(try #require(one.distance) - nearest) <= 1, "\(question)")
                }
            } else {
                #expect(got.allSatisfy { $0.distance == nil })
            }
            #expect(try await registry.database.count(of: question.filter) == expected.count)
            found += got.count
            if got.isEmpty {
                empty += 1
                // Each filter that it tells to leave out is one, and leaving it out finds as many as it says.
                for relaxation in try await registry.database.relaxations(of: question.filter) {
                    var filter = question.filter.without(relaxation.parameter)
                    if let other = relaxation.with { filter = filter.without(other) }
                    #expect(try await registry.database.count(of: filter) == relaxation.wouldFind)
                }
            }
        }
        #expect(found > 5000 && empty > 50 && pages > 800, "\(found) found, \(empty) empty, \(pages) pages")
    }

    @Test func facetsCountWhatIsFoundWithoutTheirOwnFilter() async throws {
        var random = SearchDraw(state: 8)
        let known = try await network(80, &random)
        var filter = MediatorFilter(at: registry.clock.now)
        filter.skill = "tableur"
        filter.codes = [.languages: ["en"], .publics: ["seniors"]]
        let facets = try await registry.database.facets([.skills, .modes, .languages, .publics], of: filter)
        #expect(facets.map(\.member) == ["skills", "modes", "languages", "publics"])
        func count(_ facet: Facet, _ matching: [KnownMediator], _ codes: (KnownMediator) -> some Sequence<String>) {
            var counts: [String: Int] = [:]
            for known in matching { for code in Set(codes(known)) { counts[code, default: 0] += 1 } }
            let told = Dictionary(uniqueKeysWithValues: facet.counts.map { ($0.code, $0.count) })
            #expect(told == counts && !counts.isEmpty, "\(facet.member)")
        }
        func matching(_ skill: Bool, _ language: Bool, _ publics: Bool) -> [KnownMediator] {
            known.filter { one in
                (!skill || one.mediator.skills.contains { $0.skill == "tableur" }) && (!language || one.mediator.languages.contains("en"))
                    && (!publics || one.places.contains { $0.publics.contains("seniors") })
            }
        }
        count(facets[0], matching(false, true, true)) { $0.mediator.skills.map(\.skill) }
        count(facets[1], matching(true, true, true)) { $0.mediator.modes.map(\.rawValue) }
        count(facets[2], matching(true, false, true)) { $0.mediator.languages }
        count(facets[3], matching(true, true, false)) { $0.places.flatMap(\.publics) }
    }

    @Test(arguments: [
        ("severine", 1), ("SÉVERINES", 1), ("severinne beale", 1), ("institutrices", 1), ("tableur", 1), ("séverine tableurs", 1),
        ("severine fichiers", 0), ("secret", 0), ("0477123456", 0),
    ])
    func wordsAreForgivenTheirAccentsEndingsAndMistakes(words: String, count: Int) async throws {
        let structure = try await registry.structure().id
        for draft in [
            MediatorDraft(
                structure: structure, name: "Séverine Béal", presentation: "Ancienne institutrice", email: "secret@example.org",
                phone: "+33477123456", skills: [.init("tableur", level: 1)]),
            MediatorDraft(structure: structure, name: "Yann", skills: [.init("fichiers", level: 1)]),
        ] {
            _ = try await registry.write { tx throws(RegistryError) in
                try await registry.mediators.create(draft, by: OwnRegistry.staff, in: tx)
            }
        }
        var filter = MediatorFilter(at: registry.clock.now)
        filter.words = words
        let found = try await registry.database.search(filter, sort: .relevance).items
        #expect(found.count == count && found.allSatisfy { $0.mediator.name == "Séverine Béal" })
    }

    @Test func theNameComesBeforeTheSkillAndTheSkillBeforeThePresentation() async throws {
        let structure = try await registry.structure().id
        for (name, presentation, skill) in [
            ("Yann", "Aime le tableur", nil), ("Ludo", nil, "tableur"), ("Tableur Martin", nil, nil), ("Zoé", "Rien", "fichiers"),
        ] as [(String, String?, Skill.ID?)] {
            let draft = MediatorDraft(
                structure: structure, name: name, presentation: presentation, skills: skill.map { [.init($0, level: 1)] } ?? [])
            _ = try await registry.write { tx throws(RegistryError) in
                try await registry.mediators.create(draft, by: OwnRegistry.staff, in: tx)
            }
        }
        var filter = MediatorFilter(at: registry.clock.now)
        filter.words = "tableur"
        let found = try await registry.database.search(filter, sort: .relevance).items
        #expect(found.map(\.mediator.name) == ["Tableur Martin", "Ludo", "Yann"])
    }

    @Test func whoGoesToPeopleIsFoundAsFarAsItGoes() async throws {
        let structure = try await registry.structure().id
        var draft = PlaceDraft(name: "Lieu", address: "1 rue", postcode: "42000", communeName: "Saint-Étienne")
        draft.location = Location(latitude: 45.44, longitude: 4.39)
        let place = try await registry.write { [draft] tx throws(RegistryError) in
            try await registry.places.create(draft, by: OwnRegistry.staff, in: tx)
        }
        for (name, modes, radius) in [
            ("Sur place", [Mode.place], 20_000), ("À domicile", [.home], 20_000), ("Chez qui demande", [.onSite], 20_000),
            ("À domicile, tout près", [.home], 1000),
        ] {
            let draft = MediatorDraft(structure: structure, name: name, places: [place.id], modes: modes, travelRadius: radius)
            _ = try await registry.write { tx throws(RegistryError) in
                try await registry.mediators.create(draft, by: OwnRegistry.staff, in: tx)
            }
        }
        var filter = MediatorFilter(at: registry.clock.now)
        // 11 km to the north.
        filter.near = Near(location: Location(latitude: 45.54, longitude: 4.39), distance: 5000)
        let found = try await registry.database.search(filter, sort: .name).items
        #expect(found.map(\.mediator.name) == ["À domicile", "Chez qui demande"])
        #expect(found.map(\.distance) == [11_120, 11_120])
        #expect(try await registry.database.count(of: filter.without("near")) == 4)
    }
}
