import Foundation

/// Looks for duplicates among many places, or of one.
public enum DuplicateSearch {
    /// All pairs whose score is at least `threshold`, the likest first.
    ///
    /// Of two collections that each keep their records apart, a place has at most one counterpart in the other: the likest.
    /// - Parameter known: Pairs of which somebody said that they are two places: left out, and in nobody's way.
    /// - Complexity: Time and memory grow with the places times the size of their blocks, which is bounded (``DuplicateBlocks``).
    public static func pairs(
        among places: [ComparedPlace], except known: Set<PlacePair> = [], threshold: Double = Likeness.threshold
    ) -> [DuplicatePair] {
        let blocks = DuplicateBlocks(places)
        var found: [Found] = []
        var partners: [UInt32] = []
        for index in places.indices {
            blocks.partners(of: index, into: &partners)
            for partner in partners {
                let likeness = places[index].likeness(to: places[Int(partner)])
                if likeness.score < threshold { continue }
                let pair = Found(one: places[index], other: places[Int(partner)], likeness: likeness)
                if !known.contains(PlacePair(pair.first.id, pair.second.id)) { found.append(pair) }
            }
        }
        found.sort { $0.precedes($1) }
        return settled(found)
    }

    /// Those of `places` that may be `place`, the likest first, ten at most.
    public static func candidates(
        for place: ComparedPlace, among places: [ComparedPlace], threshold: Double = Likeness.threshold
    ) -> [DuplicateCandidate] {
        places.filter { $0.id != place.id }.map { (place: $0, likeness: $0.likeness(to: place)) }
            .filter { $0.likeness.score >= threshold }
            .sorted { ($0.likeness.score, $1.place.id) > ($1.likeness.score, $0.place.id) }
            .prefix(10).map { DuplicateCandidate(place: $0.place.side, likeness: $0.likeness) }
    }

    private struct Found {
        let first: ComparedPlace
        let second: ComparedPlace
        let likeness: Likeness

        init(one: ComparedPlace, other: ComparedPlace, likeness: Likeness) {
            (first, second) = one.id < other.id ? (one, other) : (other, one)
            self.likeness = likeness
        }

        var sum: Double { likeness.reasons.reduce(0) { $0 + $1.weight } }

        func precedes(_ other: Found) -> Bool {
            if likeness.score != other.likeness.score { return likeness.score > other.likeness.score }
            let (mine, others) = (sum, other.sum)
            if abs(mine - others) > 0.001 { return mine > others }
            return (first.id, second.id) < (other.first.id, other.second.id)
        }
    }

    private struct Counterpart: Hashable {
        let place: Place.ID
        let collection: String
    }

    private static func settled(_ found: [Found]) -> [DuplicatePair] {
        var taken: Set<Counterpart> = []
        return found.compactMap { pair in
            if let one = pair.first.collection, let other = pair.second.collection, one != other {
                let sides = [Counterpart(place: pair.first.id, collection: other), Counterpart(place: pair.second.id, collection: one)]
                if !taken.isDisjoint(with: sides) { return nil }
                taken.formUnion(sides)
            }
            return DuplicatePair(first: pair.first.side, second: pair.second.side, likeness: pair.likeness)
        }
    }
}

extension ComparedPlace {
    var side: PlaceSide { PlaceSide(id: id, name: name, commune: commune, communeName: town) }
}
