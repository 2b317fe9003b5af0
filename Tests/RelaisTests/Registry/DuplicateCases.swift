import Foundation
import Matching

@testable import Relais

/// A place as somebody would enter it, before it is compared.
struct WrittenPlace {
    var name = ""
    var address = ""
    var postcode = ""
    var communeName = ""
    var commune: String?
    var location: Location?
    var pivot: String?
    var phone: String?
    var emails: [String] = []
    var websites: [String] = []

    func compared(_ number: Int) -> ComparedPlace {
        let id = UUID(
            uuid: (
                0, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, UInt8(number >> 24 & 255), UInt8(number >> 16 & 255), UInt8(number >> 8 & 255),
                UInt8(number & 255)
            ))
        return ComparedPlace(
            id: Place.ID(id), name: name, address: address, postcode: postcode, communeName: communeName, commune: commune,
            location: location,
            pivot: pivot, phone: phone, emails: emails, websites: websites)
    }
}

/// Pairs of places that are one, or look like one and are two: drawn from a seed, for the figures in docs/duplicates.md.
///
/// What is drawn follows what the real files of the Loire show (abbreviations, capitals, missing numbers, switchboards, points off by some hundred
/// metres), not what the comparison knows: its words are its own.
struct DuplicateCases {
    enum Case: String, CaseIterable {
        case same
        /// The same building and another service.
        case otherService
        /// Two branches of one library.
        case branches
        /// The same chain or federation in two communes.
        case chain
        /// Neighbours with alike names.
        case neighbours
    }

    struct Pair {
        let kind: Case
        let one: WrittenPlace
        let other: WrittenPlace
        var isSame: Bool { kind == .same }
    }

    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// - Parameter negatives: Of a hundred pairs, so many look like one place and are two.
    mutating func pairs(_ count: Int, negatives: Int = 40) -> [Pair] {
        (0..<count).map { _ in
            if !random.chance(negatives) {
                let place = fresh()
                return Pair(kind: .same, one: seen(place), other: rewritten(readdressed(place)))
            }
            let kind = random.one(of: Array(Case.allCases.dropFirst()))
            let (one, other) = two(kind)
            return Pair(kind: kind, one: seen(one), other: rewritten(other))
        }
    }
}

// MARK: - Drawing

extension DuplicateCases {
    mutating func chance(_ percent: Int) -> Bool { random.chance(percent) }
    mutating func int(_ range: ClosedRange<Int>) -> Int { random.int(range) }
    mutating func one<Value>(of list: [Value]) -> Value { random.one(of: list) }
    mutating func near(_ point: Location?, _ metres: ClosedRange<Int>) -> Location? {
        moved(point, from: metres.lowerBound, within: metres.upperBound)
    }
}

// MARK: - Places

extension DuplicateCases {
    private typealias Words = DuplicateWords

    /// A place that nobody has written down yet: all is known.
    private mutating func fresh() -> WrittenPlace {
        var place = WrittenPlace()
        settle(&place, in: random.one(of: Words.communes))
        let kind = random.one(of: Words.kinds)
        place.name = named(kind, in: place)
        return place
    }

    private mutating func named(_ kind: DuplicateWords.Kind, in place: WrittenPlace) -> String {
        let proper = random.one(of: Words.proper)
        let word = kind.words[0]
        switch random.int(1...10) {
        case 1...5: return "\(word) \(proper)"
        case 6: return proper
        case 7, 8: return "\(word) de \(place.communeName)"
        case 9: return "\(word) \(proper) - \(place.communeName)"
        default: return word
        }
    }

    /// Gives a place its address, contacts and number.
    private mutating func settle(_ place: inout WrittenPlace, in commune: DuplicateWords.Commune) {
        place.communeName = commune.name
        place.postcode = random.one(of: commune.postcodes)
        place.commune = commune.code
        place.address = "\(random.int(1...140)) \(random.one(of: Words.streetKinds)) \(random.one(of: Words.streets))"
        place.location = moved(Location(latitude: commune.latitude, longitude: commune.longitude), within: 1500)
        place.phone = phone()
        let site = "\(commune.name.lowercased().filter(\.isLetter)).fr"
        place.websites = ["https://www.\(site)/\(random.one(of: Words.pages))"]
        place.emails = ["\(random.one(of: Words.mailboxes))@\(site)"]
        place.pivot = siret(of: "21\(commune.code)0")
    }

    private mutating func phone() -> String {
        "+334\(random.int(70...79))\(random.int(100_000...999_999))"
    }

    private mutating func siret(of body: String) -> String {
        let stem = String((body + "00000000").prefix(9)) + "000" + "\(random.int(1...9))"
        return (0...9).map { "\(stem)\($0)" }.first(where: Siret.isValid) ?? Siret.placeholder
    }

    /// A point at up to `metres` from another, in any direction.
    private mutating func moved(_ point: Location?, from nearest: Int = 0, within metres: Int) -> Location? {
        guard let point else { return nil }
        let distance = Double(random.int(nearest...max(nearest, metres)))
        let direction = Double(random.int(0...359)) * .pi / 180
        let north = distance * cos(direction) / 111_195
        let east = distance * sin(direction) / (111_195 * cos(point.latitude * .pi / 180))
        return Location(latitude: point.latitude + north, longitude: point.longitude + east)
    }
}

// MARK: - Two places that look like one

extension DuplicateCases {
    /// One place under two addresses: a slip in the number, or a move that one source has not heard of.
    private mutating func readdressed(_ place: WrittenPlace) -> WrittenPlace {
        var place = place
        let street = place.address.split(separator: " ", maxSplits: 1).last.map(String.init) ?? ""
        switch random.int(1...100) {
        case 1...6: place.address = "\(random.int(1...140)) \(street)"
        case 7...10:
            place.address = "\(random.int(1...140)) \(random.one(of: Words.streetKinds)) \(random.one(of: Words.streets))"
            place.location = random.chance(50) ? nil : moved(place.location, from: 100, within: 1500)
        default: break
        }
        return place
    }

    private mutating func two(_ kind: Case) -> (WrittenPlace, WrittenPlace) {
        let one = fresh()
        switch kind {
        case .same: return (one, one)
        case .otherService: return sameBuilding(one)
        case .branches: return branches()
        case .chain: return chain()
        case .neighbours: return neighbours()
        }
    }

    private mutating func sameBuilding(_ place: WrittenPlace) -> (WrittenPlace, WrittenPlace) {
        var (one, other) = (place, place)
        let first = random.int(0...Words.kinds.count - 1)
        let second = (first + random.int(1...Words.kinds.count - 1)) % Words.kinds.count
        one.name = named(Words.kinds[first], in: place)
        other.name = named(Words.kinds[second], in: place)
        // A building has a name, too, and both may carry it.
        if random.chance(25) {
            let building = random.one(of: Words.proper)
            one.name = "\(Words.kinds[first].words[0]) \(building)"
            other.name = "\(Words.kinds[second].words[0]) \(building)"
        }
        other.location = moved(place.location, within: 40)
        if random.chance(65) { other.phone = phone() }
        if random.chance(50) { other.emails = ["\(random.one(of: Words.mailboxes)).\(random.int(1...99))@autre.example"] }
        if random.chance(60) { other.websites = ["https://\(random.one(of: Words.pages)).example/"] }
        if random.chance(60) { other.pivot = siret(of: "\(random.int(300_000_000...899_999_999))") }
        return (one, other)
    }

    private mutating func branches() -> (WrittenPlace, WrittenPlace) {
        let commune = random.one(of: Words.communes)
        var one = WrittenPlace()
        settle(&one, in: commune)
        var other = one
        settle(&other, in: commune)
        let word = random.one(of: ["Médiathèque", "Bibliothèque", "Médiathèque municipale"])
        let (first, second) = (random.one(of: Words.proper), random.one(of: Words.quarters))
        switch random.int(1...4) {
        case 1: (one.name, other.name) = ("\(word) \(first)", "\(word) \(second)")
        case 2: (one.name, other.name) = ("\(word) \(first)", "\(word) \(first) - annexe \(second)")
        case 3: (one.name, other.name) = ("\(word) de \(commune.name)", "\(word) de \(commune.name) - \(second)")
        default: (one.name, other.name) = ("\(word) \(random.one(of: Words.quarters))", "\(word) \(second)")
        }
        other.location = moved(one.location, from: 350, within: 2500)
        if random.chance(70) { other.pivot = one.pivot }
        if random.chance(35) { other.phone = one.phone }
        if random.chance(60) { other.emails = one.emails }
        if random.chance(40) { other.websites = one.websites }
        return (one, other)
    }

    private mutating func chain() -> (WrittenPlace, WrittenPlace) {
        let (here, there) = (random.int(0...Words.communes.count - 1), random.int(1...Words.communes.count - 1))
        var one = WrittenPlace()
        var other = WrittenPlace()
        settle(&one, in: Words.communes[here])
        // A large town has two of them.
        settle(&other, in: Words.communes[random.chance(15) ? here : (here + there) % Words.communes.count])
        let chain = random.one(of: Words.chains)
        let said = random.chance(60)
        one.name = said ? "\(chain) \(random.one(of: ["", "- ", "de "]))\(one.communeName)" : chain
        other.name = said ? "\(chain) \(random.one(of: ["", "- ", "de "]))\(other.communeName)" : chain
        other.websites = one.websites
        // One switchboard and one mailbox for the whole network, or some of it.
        let central = random.chance(25)
        if central || random.chance(50) { other.emails = one.emails }
        if central || random.chance(30) { other.phone = one.phone }
        if random.chance(40) { other.pivot = one.pivot }
        return (one, other)
    }

    private mutating func neighbours() -> (WrittenPlace, WrittenPlace) {
        var one = fresh()
        var other = one
        settle(&other, in: Words.communes.first { $0.code == one.commune } ?? Words.communes[0])
        let word = random.one(of: Words.kinds).words[0]
        let (first, second) = random.one(of: Words.alike)
        one.name = "\(word) \(first)"
        other.name = "\(word) \(second)"
        if random.chance(40) {
            // Some houses further in the same street.
            let street = one.address.split(separator: " ", maxSplits: 1).last.map(String.init) ?? ""
            other.address = "\(random.int(141...200)) \(street)"
        }
        other.location = moved(one.location, from: 60, within: 500)
        if random.chance(25) { other.phone = one.phone }
        if random.chance(40) { other.websites = one.websites }
        return (one, other)
    }
}
