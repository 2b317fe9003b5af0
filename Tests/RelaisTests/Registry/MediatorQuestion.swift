import Foundation
import Matching
import Postgres
import Relais
import Testing

/// A mediator, with what is made of it once for all questions.
struct KnownMediator {
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
struct MediatorQuestion: CustomStringConvertible {
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
