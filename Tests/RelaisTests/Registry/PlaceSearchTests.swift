import Foundation
import Matching
import Postgres
import Relais
import Support
import Testing

/// What is found against a slow scan of the same places in memory, which shares nothing with the SQL.
@Suite("Searching places", .database)
struct PlaceSearchTests {
    private let registry = OwnRegistry()

    /// Invented places around the Loire: same seed, same places.
    private static func places(_ count: Int, _ random: inout SearchDraw) -> [PlaceDraft] {
        let names = ["Médiathèque", "Espace public numérique", "Centre social", "Maison des possibles", "Point relais", "Cyber-espace"]
        let quarters = ["Tarentaize", "Bellevue", "Montaud", "Côte-Chaude", "Terrenoire", "Solaure", "Châteaucreux", "Fourchanon"]
        let communes = [("Saint-Étienne", "42000"), ("Roanne", "42300"), ("Montbrison", "42600"), ("Firminy", "42700")]
        return (0..<count).map { number in
            let commune = random.one(of: communes)
            var draft = PlaceDraft(
                name: "\(random.one(of: names)) \(random.one(of: quarters))", address: "\(number % 90 + 1) rue de la République",
                postcode: commune.1, communeName: commune.0)
            if random.chance(0.9) {
                draft.location = Location(latitude: 45.2 + random.unit() * 0.9, longitude: 3.7 + random.unit() * 0.9)
            }
            draft.services = random.some(of: Vocabulary.services.codes)
            draft.publics = random.some(of: Vocabulary.publics.codes)
            draft.fees = random.some(of: Vocabulary.fees.codes)
            draft.openingHours =
                random.chance(0.8) ? random.one(of: ["Mo-Fr 09:00-12:00", "We 14:00-18:00; PH off", "24/7", "Tu-Sa 10:00-19:00"]) : nil
            draft.updatedOn = random.one(of: [nil, Day("2025-03-01"), Day("2025-12-01"), Day("2026-02-01")])
            draft.source = random.one(of: ["A", "B"])
            draft.sourceID = "\(number)"
            return draft
        }
    }

    /// The standard's services do not name what the network has below its own roots: who works there holds it.
    @Test func aNeedIsMetByServicesAndByWhoWorksThere() async throws {
        let structure = try await registry.structure()
        let library = try await registry.place(structure.id, "Médiathèque")
        _ = try await registry.place(structure.id, "Annexe")
        let mediator = try await registry.write { tx throws(RegistryError) in
            try await registry.mediators.create(
                MediatorDraft(
                    structure: structure.id, name: "Camille", places: [library.id], skills: [.init("transition-libre", level: 1)],
                    modes: [.place]),
                by: OwnRegistry.staff, in: tx)
        }
        func found(_ need: Skill.ID) async throws -> [String] {
            var filter = PlaceFilter()
            filter.need = need
            return try await registry.database.search(filter).items.map(\.place.name)
        }
        #expect(try await found("libre-messagerie") == ["Médiathèque"])
        #expect(try await found("usage-securise") == [])
        try await registry.write { tx throws(RegistryError) in
            _ = try await registry.places.change(library.id, by: ["services": ["usage-securise"]], if: .any, by: OwnRegistry.staff, in: tx)
            _ = try await registry.mediators.archive(mediator.id, if: .any, by: OwnRegistry.staff, in: tx)
        }
        #expect(try await found("usage-securise") == ["Médiathèque"])
        #expect(try await found("libre-messagerie") == [])
    }

    @Test func twoThousandQuestionsAreAnsweredAsBySlowlyLookingAtEachPlace() async throws {
        var random = SearchDraw(state: 20_261_126)
        let drafts = Self.places(600, &random)
        var all: [Place] = []
        for batch in stride(from: 0, to: drafts.count, by: 250) {
            let part = Array(drafts[batch..<min(batch + 250, drafts.count)])
            all += try await registry.write { tx throws(RegistryError) in
                var made: [Place] = []
                for draft in part { made.append(try await registry.places.create(draft, by: OwnRegistry.staff, in: tx)) }
                return made
            }
        }
        try await registry.database.execute("ANALYZE places")
        let known = all.sorted { $0.id.description < $1.id.description }.map(KnownPlace.init)
        var (found, empty, pages) = (0, 0, 0)
        for _ in 0..<2000 {
            let question = Question(&random)
            let expected = question.answer(among: known)
            var got: [Place.ID] = []
            var after: Cursor?
            repeat {
                let page = try await registry.database.search(
                    question.filter, sort: question.sort, Paging(limit: question.limit, order: question.sort.rawValue, after: after))
                got += page.items.map(\.place.id)
                after = page.next
                pages += 1
                #expect(after == nil || page.items.count == question.limit, "a page is never short")
            } while after != nil && got.count < 3 * question.limit
            #expect(got == Array(expected.prefix(got.count)), "\(question)")
            if after == nil { #expect(got.count == expected.count, "\(question)") }
            found += got.count
            if got.isEmpty { empty += 1 }
        }
        #expect(found > 10_000 && empty > 50 && pages > 2000, "\(found) found, \(empty) empty, \(pages) pages")
    }

    /// A place's holidays are those of where it is, for its own page as for the search.
    @Test func eachPlaceHasTheCalendarOfItsCommune() async throws {
        let file = try CommuneFile(
            Array(
                """
                code_insee,nom,codes_postaux,departement
                42218,Saint-Étienne,42000,42
                67482,Strasbourg,67000,67
                97411,Saint-Denis,97400,974

                """.utf8))
        _ = try await registry.write { tx throws(RegistryError) in try await CommuneImport().run(file, by: .system, in: tx) }
        func create(_ name: String, _ commune: Commune.ID?, _ hours: String) async throws -> Place {
            var draft = PlaceDraft(name: name, address: "1 rue de la Paix", postcode: "42000", communeName: name, commune: commune)
            draft.openingHours = hours
            return try await registry.write { [draft] tx throws(RegistryError) in
                try await registry.places.create(draft, by: OwnRegistry.staff, in: tx)
            }
        }
        // Good Friday of 2027 and a day of the holidays of zone A alone, at 10 h in Paris.
        let (friday, february) = (Date(timeIntervalSince1970: 1_806_051_600), Date(timeIntervalSince1970: 1_802_768_400))
        let cases: [(name: String, commune: Commune.ID?, hours: String, at: Date, state: String)] = [
            ("Strasbourg", "67482", "Mo-Sa 09:00-12:00; PH off", friday, "closed"),
            ("Saint-Étienne", "42218", "Mo-Sa 09:00-12:00; PH off", friday, "open"),
            ("Nulle part", nil, "Mo-Sa 09:00-12:00; PH off", friday, "open"),
            ("Strasbourg", "67482", "Mo-Sa 09:00-12:00; SH off", february, "open"),
            ("Saint-Étienne", "42218", "Mo-Sa 09:00-12:00; SH off", february, "closed"),
            ("Saint-Denis", "97411", "Mo-Sa 09:00-12:00; SH off", february, "unknown"),
            ("Nulle part", nil, "Mo-Sa 09:00-12:00; SH off", february, "closed"),
        ]
        for one in cases {
            let place = try await create(one.name, one.commune, one.hours)
            #expect(place.opening(at: one.at).state == one.state, "\(one)")
            var filter = PlaceFilter()
            filter.openAt = one.at
            let isFound = try await registry.database.search(filter).items.contains { $0.place.id == place.id }
            #expect(isFound == (one.state == "open"), "\(one)")
        }
    }

    @Test(arguments: [
        ("mediatheque", "Médiathèque Tarentaize"), ("MEDIATHEQUES tarentaize", "Médiathèque Tarentaize"),
        ("mediateque tarentaise", "Médiathèque Tarentaize"), ("medaitheque", "Médiathèque Tarentaize"), ("accuiel", "Point d’accueil"),
        ("ronane", "Fabrique"), ("roanme", "Fabrique"), ("Roannne fabrique", "Fabrique"), ("st etienne", "Médiathèque Tarentaize"),
        ("42300", "Fabrique"), ("montbirson papiers", "Point d’accueil"),
        ("fabrique à Roanne", "Fabrique"), ("Aide aux démarches administratives à Montbrison", "Point d’accueil"),
        ("adminsitratives", "Point d’accueil"),
        ("papiers administratifs", "Point d’accueil"), ("demarche administrative", "Point d’accueil"), ("montbrison", "Point d’accueil"),
    ])
    func wordsAreForgivenTheirAccentsEndingsAndMistakes(words: String, name: String) async throws {
        for (draft, services, summary) in [
            (
                PlaceDraft(name: "Médiathèque Tarentaize", address: "1 rue", postcode: "42000", communeName: "Saint-Étienne"),
                ["usage-securise"], nil
            ),
            (
                PlaceDraft(name: "Point d’accueil", address: "2 rue", postcode: "42600", communeName: "Montbrison"),
                ["demarches-administratives"],
                "Aide pour les papiers de l’administration"
            ), (PlaceDraft(name: "Fabrique", address: "3 rue", postcode: "42300", communeName: "Roanne"), [], nil),
        ] {
            var draft = draft
            draft.services = services
            draft.summary = summary
            _ = try await registry.write { [draft] tx throws(RegistryError) in
                try await registry.places.create(draft, by: OwnRegistry.staff, in: tx)
            }
        }
        var filter = PlaceFilter()
        filter.words = words
        let found = try await registry.database.search(filter, sort: .relevance)
        #expect(found.items.first?.place.name == name)
        filter.words = "zzzz"
        #expect(try await registry.database.search(filter, sort: .relevance).items.isEmpty)
        #expect(try await registry.database.relaxations(of: filter).map(\.wouldFind) == [3])
    }

    /// Whoever asked for now is told to leave that out, by the name that it used.
    @Test func openNowIsNamedAsItWasAsked() {
        var filter = PlaceFilter()
        filter.openAt = Date(timeIntervalSince1970: 1_780_300_800)
        #expect(filter.names == ["open_at"])
        filter.isOpenNow = true
        #expect(filter.names == ["open_now"] && filter.without("open_now").names.isEmpty)
    }

    @Test func facetsAndTotalsCountWhatIsFound() async throws {
        var random = SearchDraw(state: 7)
        for draft in Self.places(120, &random) {
            _ = try await registry.write { tx throws(RegistryError) in
                try await registry.places.create(draft, by: OwnRegistry.staff, in: tx)
            }
        }
        let all = try await registry.database.search(PlaceFilter(), Paging(limit: 200)).items.map(\.place)
        var filter = PlaceFilter()
        filter.codes = [.services: ["usage-securise"], .fees: ["gratuit"]]
        let matching = all.filter { $0.services.contains("usage-securise") && $0.fees.contains("gratuit") }
        #expect(try await registry.database.count(of: filter) == matching.count && !matching.isEmpty)
        let facets = try await registry.database.facets([.publics, .services], of: filter)
        for count in facets[0].counts { #expect(count.count == matching.count { $0.publics.contains(count.code) }) }
        // Its own filter is left out, so that the other services can be seen.
        let free = all.filter { $0.fees.contains("gratuit") }
        for count in facets[1].counts { #expect(count.count == free.count { $0.services.contains(count.code) }) }
        #expect(facets[1].counts.count > 1)
    }
}

/// A question drawn at random, and its answer by looking at every place.
private struct Question: CustomStringConvertible {
    var filter = PlaceFilter()
    let sort: SearchSort
    let limit: Int
    let description: String

    /// What is written with a slip, and what is meant by it.
    static let slips = [
        "belevue": "bellevue", "medaitheque": "mediatheque", "cenrte socail": "centre social", "nontaud": "montaud",
        "terenoire firminy": "terrenoire firminy",
        "chateaucruex st etienne": "chateaucreux saint etienne",
    ]
    static let instants: [TimeInterval] = [1_780_300_800, 1_780_493_400]

    init(_ random: inout SearchDraw) {
        if random.chance(0.6) {
            filter.near = .init(
                location: Location(latitude: 45.2 + random.unit() * 0.9, longitude: 3.7 + random.unit() * 0.9),
                distance: random.one(of: [1000, 5000, 12_000, 50_000]))
        }
        for (member, codes) in [
            (PlaceFilter.Member.services, Vocabulary.services.codes), (.publics, Vocabulary.publics.codes), (.fees, Vocabulary.fees.codes),
        ] where random.chance(0.4) { filter.codes[member] = [random.one(of: codes), random.one(of: codes)] }
        if random.chance(0.2) {
            filter.words = random.one(
                of: Self.slips.keys.sorted() + ["Médiathèque", "bellevue", "cyber espace", "centre social montaud", "possibles"])
        }
        if random.chance(0.2) { filter.source = random.one(of: ["A", "B", "C"]) }
        if random.chance(0.2) {
            // Some of the days that places were last changed on are stale by then, and some are not.
            filter.reliability = Reliability(
                stale: random.one(of: [true, false, nil]), least: random.one(of: [20, 40, nil]), most: random.one(of: [60, nil]),
                at: Date(timeIntervalSince1970: 1_773_136_800))
        }
        // Monday 1 June 2026 at 10:00, or a Wednesday at 15:30, in Paris.
        if random.chance(0.25) { filter.openAt = Date(timeIntervalSince1970: random.one(of: Self.instants)) }
        var sorts: [SearchSort] = [.id, .freshness, .quality, .name]
        if filter.near != nil { sorts += [.distance, .distance, .distance] }
        sort = random.one(of: sorts)
        limit = random.one(of: [1, 7, 50])
        description = "\(filter) by \(sort), \(limit) a page"
    }

    /// - Parameter places: In the order of their ids.
    func answer(among places: [KnownPlace]) -> [Place.ID] {
        let center = filter.near.map { KnownPlace.vector($0.location) }
        let wanted = filter.codes.map { (member: $0.key, codes: Set($0.value)) }
        let found = places.filter { known in
            let place = known.place
            if let source = filter.source, place.source != source { return false }
            if let reliability = filter.reliability {
                if let stale = reliability.stale, stale != (place.standing.knownAt + 183 * 86400 <= reliability.now) { return false }
                guard (reliability.least ?? 0)...(reliability.most ?? 100) ~= place.standing.quality else { return false }
            }
            for (member, codes) in wanted {
                let held = member == .services ? place.services : member == .publics ? place.publics : place.fees
                guard held.contains(where: codes.contains) else { return false }
            }
            if let near = filter.near {
                guard let location = place.location, near.location.distance(to: location) <= near.distance else { return false }
            }
            if let words = filter.words {
                // Each of these words stands in a name as it is, or is meant by one slip: so all of them must be there.
                guard KnownPlace.folded(Self.slips[words] ?? words).split(separator: " ").allSatisfy({ known.key.contains($0) }) else {
                    return false
                }
            }
            if let instant = filter.openAt { return known.opens.contains(instant) }
            return true
        }
        // Sorting is stable, so what is equal stays in the order of the ids.
        func sorted(_ keys: [some Comparable]) -> [Place.ID] {
            zip(keys, found).sorted { $0.0 < $1.0 }.map(\.1.place.id)
        }
        switch sort {
        case .distance:
            return sorted(
                found.map { known -> Double in
                    guard let center, let vector = known.vector else { return 0 }
                    var sum: Double = 0
                    for (one, other) in zip(center, vector) { sum += (one - other) * (one - other) }
                    return sum.squareRoot()
                })
        case .freshness: return sorted(found.map { -$0.place.standing.knownAt.timeIntervalSince1970 })
        case .quality: return sorted(found.map { -$0.place.standing.quality })
        case .name: return sorted(found.map(\.key))
        default: return found.map(\.place.id)
        }
    }
}

/// A place, with what is made of it once for all questions.
private struct KnownPlace {
    let place: Place
    let vector: [Double]?
    let key: String
    /// When it is open, of the instants that are asked for.
    let opens: Set<Date>

    init(_ place: Place) {
        self.place = place
        opens = Set(Question.instants.map { Date(timeIntervalSince1970: $0) }.filter { place.opening(at: $0).state == "open" })
        vector = place.location.map(Self.vector)
        key = Self.folded(place.name + " " + place.communeName)
    }

    static func folded(_ text: String) -> String {
        text.folding(options: [.diacriticInsensitive, .caseInsensitive], locale: nil).replacing("-", with: " ").replacing("’", with: " ")
    }

    static func vector(_ location: Location) -> [Double] {
        let latitude: Double = location.latitude * .pi / 180
        let longitude: Double = location.longitude * .pi / 180
        return [cos(latitude) * cos(longitude), cos(latitude) * sin(longitude), sin(latitude)]
    }
}
