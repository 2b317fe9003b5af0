import Foundation
import Matching

/// An invented network in the real communes of the Loire, as plain values that follow from a seed. ``DemoLoader`` puts it into a database.
struct DemoNetwork: Sendable {
    struct PlannedPlace: Sendable {
        /// Index in ``DemoNetwork/structures``.
        let structure: Int
        let draft: PlaceDraft
    }

    struct PlannedMediator: Sendable {
        let structure: Int
        /// Indices in ``DemoNetwork/places``.
        let places: [Int]
        let name: String
        let email: String
        let phone: String?
        let skills: [(skill: String, level: Int)]
        let modes: [Mode]
        let languages: [String]
        let travelRadius: Int
        let isPaused: Bool
        let capacity: PlannedCapacity
    }

    struct PlannedCapacity: Sendable {
        /// What a coordinator validated; `nil`: nobody ever did, so the mediator is no candidate.
        let agreed: (open: Int, weekly: Int)?
        /// The partner's own word, and how many days ago it was given: beyond thirty days it is stale.
        let declared: (open: Int, weekly: Int, daysAgo: Int)?
    }

    let structures: [StructureDraft]
    let places: [PlannedPlace]
    let mediators: [PlannedMediator]
    let requests: [DemoRequest]

    static let placeCount = 40
    static let mediatorCount = 60
    static let requestCount = 300

    init(seed: UInt64) {
        // One generator for each part, so that a change in one leaves the others as they were.
        var random = SeededGenerator(seed: seed)
        var ofStructures = SeededGenerator(seed: random.next())
        var ofMediators = SeededGenerator(seed: random.next())
        var ofRequests = SeededGenerator(seed: random.next())
        let hosts = Self.hosts(&ofStructures)
        let askers = Self.askers
        structures = hosts.structures + askers
        places = hosts.places
        mediators = Self.mediators(at: hosts.places, of: hosts.structures, &ofMediators)
        let hostCount = hosts.structures.count
        requests = (0..<Self.requestCount).map { _ in
            DemoRequest(hosts: Array(0..<hostCount), authorities: Array(hostCount..<hostCount + askers.count), &ofRequests)
        }
    }

    // MARK: - Structures and places

    private struct Kind {
        let title: String
        let typology: String
        let programmes: [String]
        let publics: [String]
    }

    private static let kinds: [(weight: Int, value: Kind)] = [
        (5, Kind(title: "Médiathèque", typology: "BIB", programmes: ["conseillers-numeriques"], publics: [])),
        (5, Kind(title: "Centre social", typology: "CS", programmes: ["aidants-connect"], publics: ["familles-enfants", "seniors"])),
        (5, Kind(title: "Espace public numérique", typology: "EPN", programmes: ["conseillers-numeriques"], publics: [])),
        (4, Kind(title: "Guichet de services", typology: "RFS", programmes: ["france-services", "aidants-connect"], publics: [])),
        (4, Kind(title: "Association", typology: "ASSO", programmes: [], publics: [])),
        (3, Kind(title: "Tiers-lieu", typology: "TIERS_LIEUX", programmes: [], publics: [])),
        (2, Kind(title: "Maison des jeunes", typology: "MJC", programmes: ["promeneurs-du-net"], publics: ["jeunes"])),
        (1, Kind(title: "Atelier partagé", typology: "FABLAB", programmes: [], publics: [])),
    ]

    /// Those who receive people: each with a place, some with a second or a third one nearby.
    private static func hosts(_ random: inout SeededGenerator) -> (structures: [StructureDraft], places: [PlannedPlace]) {
        var structures: [StructureDraft] = []
        var places: [PlannedPlace] = []
        // One place in each of the larger communes, several in Saint-Étienne, the rest where the chance falls.
        let towns = Array(LoireCommunes.all.prefix(14))
        for nickname in DemoWords.nicknames {
            let kind = random.one(weighed: kinds)
            let commune =
                structures.count < 5
                ? LoireCommunes.all[0] : structures.count < 18 ? towns[structures.count - 4] : random.one(of: LoireCommunes.all)
            let name = "\(kind.title) \(nickname)"
            structures.append(
                StructureDraft(
                    name: name, typologies: [kind.typology], networks: ["Réseau de démonstration"], phone: DemoWords.phone(&random),
                    email: "accueil@\(DemoWords.slug(nickname)).example", website: "https://\(DemoWords.slug(nickname)).example"))
            places.append(PlannedPlace(structure: structures.count - 1, draft: place(name, kind: kind, nickname, in: commune, &random)))
        }
        while places.count < placeCount {
            let structure = random.int(0...structures.count - 1)
            let base = places[structure].draft
            let commune = neighbour(of: base.location, &random)
            let isBus = random.chance(25)
            let nickname = DemoWords.nicknames[structure]
            let kind = kinds.first { structures[structure].typologies == [$0.value.typology] }?.value ?? kinds[0].value
            var draft = place(
                isBus ? "Bus numérique \(nickname)" : "\(structures[structure].name), antenne de \(commune.name)", kind: kind, nickname,
                in: commune,
                &random)
            if isBus {
                draft.itinerance = ["itinerant"]
                draft.zone = Zone(departments: ["42"])
                draft.typologies = ["ENM"]
            }
            places.append(PlannedPlace(structure: structure, draft: draft))
        }
        return (structures, places)
    }

    private static func place(
        _ name: String, kind: Kind, _ nickname: String, in commune: Commune, _ random: inout SeededGenerator
    ) -> PlaceDraft {
        var draft = PlaceDraft(
            name: name, address: "\(random.int(1...98)) \(random.one(of: DemoWords.streets))", postcode: commune.postcodes.first ?? "42000",
            communeName: commune.name, commune: commune.id)
        // Within some hundred metres of the commune's centre.
        draft.location = commune.location.map { centre in
            let (north, east) = (Double(random.int(-40...40)) / 10_000, Double(random.int(-60...60)) / 10_000)
            // To a ten-thousandth of a degree, as people give them.
            let rounded = { (degrees: Double) in (degrees * 10_000).rounded() / 10_000 }
            return Location(latitude: rounded(centre.latitude + north), longitude: rounded(centre.longitude + east))
        }
        draft.typologies = [kind.typology]
        draft.programmes = kind.programmes
        draft.publics = random.chance(30) ? kind.publics : []
        draft.phone = DemoWords.phone(&random)
        draft.emails = ["accueil@\(DemoWords.slug(nickname)).example"]
        draft.itinerance = ["fixe"]
        draft.services = random.some(random.int(2...5), of: Vocabulary.services.codes)
        draft.fees = [random.chance(80) ? "gratuit" : "gratuit-sous-condition"]
        draft.accessModes = random.some(2, of: ["se-presenter", "telephoner", "contacter-par-mail"])
        draft.supportModes = random.some(2, of: ["en-autonomie", "accompagnement-individuel", "atelier-collectif"])
        draft.openingHours = random.one(of: [
            "Mo-Fr 09:00-12:00,14:00-18:00", "Tu,We,Fr 10:00-12:30,14:00-19:00; Sa 09:30-12:30", "Mo,Th 13:30-17:30; We 09:00-17:30",
        ])
        return draft
    }

    /// One of the six communes nearest to a place, the own one apart.
    private static func neighbour(of location: Location?, _ random: inout SeededGenerator) -> Commune {
        guard let location else { return random.one(of: LoireCommunes.all) }
        // A plane is good enough for who is near: at this latitude a degree of longitude is 0.7 of one of latitude.
        func distance(_ commune: Commune) -> Double {
            guard let centre = commune.location else { return .infinity }
            let (north, east) = (centre.latitude - location.latitude, 0.7 * (centre.longitude - location.longitude))
            return north * north + east * east
        }
        return random.one(of: Array(LoireCommunes.all.sorted { (distance($0), $0.id) < (distance($1), $1.id) }[1...6]))
    }

    /// Local authorities, which ask and receive nobody.
    private static let askers = [
        "Communauté de communes des Hauts-Crêts", "Syndicat intercommunal du Val des Moulins", "Communauté de communes Loire-et-Lumières",
        "Commune de Valclair-les-Rubans",
    ].map { name in
        StructureDraft(
            name: name, typologies: [name.hasPrefix("Commune ") ? "MUNI" : "EPCI"], networks: ["Réseau de démonstration"],
            email: "contact@\(DemoWords.slug(name)).example")
    }

    // MARK: - Mediators

    private static func mediators(
        at places: [PlannedPlace], of structures: [StructureDraft], _ random: inout SeededGenerator
    ) -> [PlannedMediator] {
        (0..<mediatorCount).map { index in
            // Everybody has at least one, the rest go where the chance falls.
            let structure = index < structures.count ? index : random.int(0...structures.count - 1)
            let own = places.indices.filter { places[$0].structure == structure }
            let (given, family) = (random.one(of: DemoWords.givenNames), random.one(of: DemoWords.familyNames))
            let isMilitant = ["ASSO", "TIERS_LIEUX", "FABLAB"].contains(structures[structure].typologies.first ?? "")
            var modes: [Mode] = random.chance(92) ? [.place] : []
            if random.chance(35) || modes.isEmpty { modes.append(.remote) }
            if random.chance(20) { modes.append(.home) }
            if isMilitant || random.chance(25) { modes.append(.onSite) }
            let travels = modes.contains(.home) || modes.contains(.onSite)
            return PlannedMediator(
                structure: structure, places: random.some(random.int(1...2), of: own), name: "\(given) \(family)",
                email: "\(DemoWords.slug(given)).\(DemoWords.slug(family))@\(DemoWords.slug(DemoWords.nicknames[structure])).example",
                phone: random.chance(70) ? DemoWords.phone(&random, mobile: true) : nil, skills: skills(isMilitant: isMilitant, &random),
                modes: modes,
                languages: ["fr"] + (random.chance(40) ? random.some(1, of: ["ar", "en", "es", "it", "pt", "tr"]) : []),
                travelRadius: travels ? 5000 * random.int(3...9) : 0, isPaused: random.chance(4), capacity: capacity(index, &random))
        }
    }

    private static func skills(isMilitant: Bool, _ random: inout SeededGenerator) -> [(skill: String, level: Int)] {
        let services = Vocabulary.services.codes
        var chosen = random.chance(75) ? ["outils-du-quotidien"] : []
        if random.chance(65) { chosen.append("demarches-administratives") }
        chosen += random.some(random.int(1...3), of: services.filter { !chosen.contains($0) })
        if isMilitant || random.chance(12) { chosen.append("transition-libre") }
        if isMilitant ? random.chance(60) : random.chance(12) { chosen.append("sensibilisation") }
        if isMilitant ? random.chance(45) : random.chance(10) { chosen.append("strategie-communication") }
        return chosen.map { ($0, random.one(weighed: [(2, 1), (5, 2), (3, 3)])) }
    }

    /// Every twelfth mediator has nothing agreed yet; half of the others gave their own word, a third of which is stale.
    private static func capacity(_ index: Int, _ random: inout SeededGenerator) -> PlannedCapacity {
        let (open, weekly) = (random.int(2...8), random.int(2...6))
        let (less, daysAgo) = (random.int(0...2), random.chance(33) ? random.int(35...80) : random.int(1...20))
        let declares = random.chance(50)
        guard index % 12 != 7 else { return PlannedCapacity(agreed: nil, declared: nil) }
        return PlannedCapacity(agreed: (open, weekly), declared: declares ? (max(1, open - less), weekly, daysAgo) : nil)
    }
}
