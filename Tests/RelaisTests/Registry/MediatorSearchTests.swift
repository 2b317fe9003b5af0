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
                "UPDATE mediator_capacities SET agreed_open = \(open), agreed_weekly = 5, held = \(held) WHERE mediator_id = \(id)")
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

/// A mediator, with what is made of it once for all questions.
private struct KnownMediator {
    let mediator: Mediator
    /// Those that are not archived.
    let places: [Place]
    let accepts: Bool
    /// The words by which it is found.
    let words: Set<String>
    let name: String

    init(_ mediator: Mediator, _ places: [Place], of structure: Structure.ID?, _ skills: [Skill.ID: String]) {
        self.mediator = mediator
        self.places = places
        accepts = structure != nil && !mediator.paused && (mediator.capacity.left ?? 0) > 0
        name = Self.folded(mediator.name)
        let all = [mediator.name, mediator.presentation ?? ""] + mediator.skills.map { skills[$0.skill] ?? "" }
        words = Set(all.flatMap { Self.folded($0).split { !$0.isLetter }.map(String.init) })
    }

    static func folded(_ text: String) -> String {
        text.folding(options: [.diacriticInsensitive, .caseInsensitive], locale: nil).replacing("’", with: " ")
    }

    func nearest(to location: Location) -> Int? { places.compactMap { $0.location.map { location.distance(to: $0) } }.min() }

    /// The straight line to the nearest of its places, of which the order of distance is made.
    func line(to location: Location) -> Double {
        let center = Self.vector(location)
        return places.compactMap(\.location).map { place -> Double in
            zip(center, Self.vector(place)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        }.min() ?? .infinity
    }

    private static func vector(_ location: Location) -> [Double] {
        let latitude: Double = location.latitude * .pi / 180
        let longitude: Double = location.longitude * .pi / 180
        return [cos(latitude) * cos(longitude), cos(latitude) * sin(longitude), sin(latitude)]
    }
}

/// A question drawn at random, and its answer by looking at every mediator.
private struct MediatorQuestion: CustomStringConvertible {
    var filter: MediatorFilter
    let sort: SearchSort
    let limit: Int
    let description: String

    static let lineages = [
        "ameli": ["ameli", "sante-en-ligne", "demarches-administratives"], "sauvegarde": ["sauvegarde", "fichiers", "outils-du-quotidien"],
        "tableur": ["tableur", "outils-du-quotidien"], "transition-libre": ["transition-libre"],
    ]

    init(_ random: inout SearchDraw, at now: Date, _ known: [KnownMediator]) {
        filter = MediatorFilter(at: now)
        let one = random.one(of: known).mediator
        if random.chance(0.5) {
            filter.near = .init(
                location: Location(latitude: 45.2 + random.unit() * 0.6, longitude: 4.1 + random.unit() * 0.6),
                distance: random.one(of: [1000, 5000, 12_000, 50_000]))
        }
        if random.chance(0.4) {
            filter.need = .init(random.one(of: Self.lineages.keys.sorted()), level: random.one(of: [1, 1, 2, 3]))
        }
        if random.chance(0.1) { filter.skill = random.one(of: MediatorSearchTests.skills) }
        if random.chance(0.2) { filter.codes[.modes] = random.one(of: [["home"], ["place", "remote"], ["on_site"]]) }
        if random.chance(0.15) { filter.codes[.languages] = random.one(of: [["en"], ["ar", "en"], ["de"]]) }
        if random.chance(0.15) { filter.codes[.publics] = [random.one(of: Vocabulary.publics.codes)] }
        if random.chance(0.15) { filter.codes[.fees] = [random.one(of: Vocabulary.fees.codes)] }
        if random.chance(0.25) { filter.accepting = random.chance(0.7) }
        if random.chance(0.15) { filter.serves = random.one(of: ["42218", "42207"]) }
        if random.chance(0.15) { filter.structure = one.structure }
        if random.chance(0.1) { filter.place = one.places.first }
        if random.chance(0.2) {
            filter.words = random.one(of: [
                "Camille", "beal", "séverine chavanon", "institutrice", "tableur", "yasmina tableur", "claviers",
            ])
        }
        if random.chance(0.15) {
            filter.reliability = Reliability(
                stale: random.one(of: [true, false, nil]), least: random.one(of: [20, 40, nil]), most: random.one(of: [80, nil]),
                at: now + 183 * 86_400 - 5 * 86_400)
        }
        var sorts: [SearchSort] = [.id, .freshness, .quality, .name]
        if filter.near != nil { sorts += [.distance, .distance, .distance] }
        sort = random.one(of: sorts)
        limit = random.one(of: [1, 7, 50])
        description = "\(filter) by \(sort), \(limit) a page"
    }

    /// - Parameter mediators: In the order of their ids.
    func answer(among mediators: [KnownMediator]) -> [KnownMediator] {
        let found = mediators.filter { known in
            let mediator = known.mediator
            if let near = filter.near {
                guard let nearest = known.nearest(to: near.location) else { return false }
                let travels = mediator.modes.contains(.home) || mediator.modes.contains(.onSite)
                guard nearest <= near.distance || travels && nearest <= mediator.travelRadius else { return false }
            }
            if let need = filter.need {
                let lineage = Self.lineages[need.skill] ?? []
                guard mediator.skills.contains(where: { lineage.contains($0.skill) && $0.level >= need.level }) else { return false }
            }
            if let skill = filter.skill, !mediator.skills.contains(where: { $0.skill == skill }) { return false }
            for (member, codes) in filter.codes {
                let held: [String] =
                    switch member {
                    case .modes: mediator.modes.map(\.rawValue)
                    case .languages: mediator.languages
                    case .publics: known.places.flatMap(\.publics)
                    default: known.places.flatMap(\.fees)
                    }
                guard held.contains(where: codes.contains) else { return false }
            }
            if let accepting = filter.accepting, accepting != known.accepts { return false }
            if let serves = filter.serves {
                guard let zone = mediator.zone else { return false }
                guard zone.everywhere || zone.departments.contains("42") || zone.communes.contains(serves) else { return false }
            }
            if let structure = filter.structure, mediator.structure != structure { return false }
            if let place = filter.place, !mediator.places.contains(place) { return false }
            if let words = filter.words {
                // Each stands there as it is, and in no other form or by mistake: so all of them must be there.
                guard KnownMediator.folded(words).split(separator: " ").allSatisfy({ known.words.contains(String($0)) }) else {
                    return false
                }
            }
            if let reliability = filter.reliability {
                if let stale = reliability.stale, stale != (mediator.standing.knownAt + 183 * 86_400 <= reliability.now) { return false }
                guard (reliability.least ?? 0)...(reliability.most ?? 100) ~= mediator.standing.quality else { return false }
            }
            return true
        }
        // Sorting is stable, so what is equal stays in the order of the ids.
        func sorted(_ keys: [some Comparable]) -> [KnownMediator] { zip(keys, found).sorted { $0.0 < $1.0 }.map(\.1) }
        switch sort {
        case .distance: return sorted(found.map { known in filter.near.map { known.line(to: $0.location) } ?? 0 })
        case .freshness: return sorted(found.map { -$0.mediator.standing.knownAt.timeIntervalSince1970 })
        case .quality: return sorted(found.map { -$0.mediator.standing.quality })
        case .name: return sorted(found.map(\.name))
        default: return found
        }
    }
}
