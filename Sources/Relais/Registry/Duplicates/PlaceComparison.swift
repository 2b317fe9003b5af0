import Foundation
import Matching

extension ComparedPlace {
    /// How likely the two are one place. The same whichever is asked about the other.
    ///
    /// Both what they are (name, SIRET, contacts) and where they are (address, distance, commune) must speak for it. What organisations share by
    /// right, their SIRET, switchboard and website, weighs little where name or place speak against it: a town's library and its social services
    /// have them in common, and so have two branches of one library.
    public func likeness(to other: ComparedPlace) -> Likeness {
        var reasons: [Likeness.Reason] = []
        func say(_ kind: Likeness.Kind, _ weight: Double, _ value: Double? = nil) {
            reasons.append(.init(kind: kind, value: value.map { ($0 * 1000).rounded() / 1000 }, weight: (weight * 100).rounded() / 100))
        }
        let name = nameEvidence(other, say)
        let isSameName = name >= Weights.sameName
        let place = placeEvidence(other, isSameName: isSameName, say)
        // A place of its own name that has moved within its town, or whose address was mistyped, keeps its telephone and its site; so do the offices of a
        // network, of which a town seldom has two.
        let hasMoved = isSameName && !reasons.contains { $0.kind == .otherCommune || $0.kind == .far && $0.value ?? 0 > 3000 }
        let share = name < 0 || place < 0 && !hasMoved ? 0.3 : place < 0 ? 0.6 : 1
        if let pivot, let others = other.pivot {
            if pivot == others { say(.sameSiret, 2 * share) } else { say(.otherSiret, pivot.prefix(9) == others.prefix(9) ? -0.3 : -1) }
        }
        if let phone, phone == other.phone { say(.samePhone, 2.2 * share) }
        if !emails.isDisjoint(with: other.emails) { say(.sameEmail, 1.5 * share) }
        if !websites.isDisjoint(with: other.websites) {
            say(.sameWebsite, 1.2 * share)
        } else if !hosts.isDisjoint(with: other.hosts) {
            say(.sameHost, 0.5 * share)
        }
        if let collection, let others = other.collection {
            if collection == others {
                say(.keptApart, -10)
            } else if let localID, localID == other.localID, collection.prefix(while: { $0 != "|" }) == others.prefix(while: { $0 != "|" })
            {
                say(.sameSourceID, 1)
            }
        }
        return Likeness(reasons, prior: Weights.prior)
    }

    private enum Weights {
        static let prior = -4.0
        /// From here on the names are the same, with words of their own.
        static let sameName = 4.4
    }

    /// What the names say, as a weight.
    private func nameEvidence(_ other: ComparedPlace, _ say: (Likeness.Kind, Double, Double?) -> Void) -> Double {
        let (mine, others) = (words, other.words)
        let shared = mine.kinds & others.kinds
        let apart = mine.kinds != 0 && others.kinds != 0 && shared == 0
        var weight: Double
        var value: Double?
        if mine.folded == others.folded {
            (weight, value) = (mine.hasOwn ? 5 : 3.5, 1)
        } else if let overlap = mine.overlap(with: others) {
            weight = Self.steps(overlap.likeness, [(0, -5), (0.3, -3), (0.5, -0.5), (0.65, 1.5), (0.8, 3), (1, 4.5)])
            value = overlap.likeness
            // "Ludothèque La Grange" and "Cordonnerie La Grange": the word that one has and the other lacks may be another kind.
            let oneTellsKind = mine.kinds & ~others.kinds != 0 && overlap.spare.1 || others.kinds & ~mine.kinds != 0 && overlap.spare.0
            if apart { weight -= 7.5 } else if shared == 0, oneTellsKind { weight -= 1.5 }
        } else if apart {
            weight = -6
        } else if shared != 0 {
            // "Médiathèque" and "Médiathèque Jean Ferrat", or the same kind twice.
            weight = mine.hasOwn || others.hasOwn ? 1.2 : mine.kinds == others.kinds ? 3 : 1.5
        } else {
            weight = -2.5
        }
        if !mine.numbers.isEmpty, !others.numbers.isEmpty, mine.numbers != others.numbers { weight -= 6 }
        say(apart ? .otherKind : weight >= Weights.sameName ? .sameName : weight > 0 ? .similarName : .otherName, weight, value)
        return weight
    }

    /// What addresses, distance and communes say, as a weight.
    private func placeEvidence(_ other: ComparedPlace, isSameName: Bool, _ say: (Likeness.Kind, Double, Double?) -> Void) -> Double {
        var sum = 0.0
        func add(_ kind: Likeness.Kind, _ weight: Double, _ value: Double? = nil) {
            sum += weight
            say(kind, weight, value)
        }
        let sameCommune =
            commune.flatMap { mine in other.commune.map { mine == $0 } } ?? (communeName == other.communeName)
        let sameTown = sameCommune || postcode == other.postcode
        if sameCommune {
            add(.sameCommune, 0.8)
        } else if postcode == other.postcode {
            add(.sameCommune, 0.4)
        } else {
            add(.otherCommune, -3)
        }
        let relation = sameTown ? address.relation(to: other.address) : .unknown
        switch relation {
        case .same: add(.sameAddress, 3)
        case .sameStreet: add(.sameStreet, 1.5)
        case .otherNumber: add(.otherAddress, isSameName ? -1.5 : -2)
        case .otherStreet: add(.otherAddress, -3.5)
        case .unknown: break
        }
        if let location, let others = other.location {
            let metres = Double(location.distance(to: others))
            var weight = Self.steps(metres, [(20, 2), (100, 1.5), (300, 0.5), (700, -0.5), (1500, -2), (3000, -3.5), (10_000, -7)])
            // The address is right and one of the points is the middle of the town.
            if relation == .same, metres < 10_000 { weight = max(weight, -1) }
            add(metres <= 500 ? .near : .far, weight, metres)
        }
        return sum
    }

    /// The value between the two steps that `x` stands between.
    private static func steps(_ x: Double, _ steps: [(x: Double, y: Double)]) -> Double {
        guard let first = steps.first, x > first.x else { return steps.first?.y ?? 0 }
        var last = first
        for step in steps.dropFirst() {
            if x <= step.x { return last.y + (step.y - last.y) * (x - last.x) / (step.x - last.x) }
            last = step
        }
        return last.y
    }
}
