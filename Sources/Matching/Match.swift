import Foundation

/// Who can take `demand`: those who pass every hard constraint, best first, ties by id; with `explainingAll`, then those who do not, by id.
///
/// Pure: the same arguments give the same list, whatever the order of `supplies`.
public func candidates(for demand: Demand, among supplies: [Supply], weights: Weights, explainingAll: Bool = false) -> [Candidate] {
    let judged = supplies.map { judge($0, for: demand, weights: weights) }
    let able = judged.filter { $0.best != nil }.sorted { one, other in
        let (a, b) = (one.best?.score ?? 0, other.best?.score ?? 0)
        return a != b ? a > b : one.mediator < other.mediator
    }
    guard explainingAll else { return able }
    return able + judged.filter { $0.best == nil }.sorted { $0.mediator < $1.mediator }
}

/// One mediator against one demand: its ways of helping, or every constraint that forbids.
func judge(_ supply: Supply, for demand: Demand, weights: Weights) -> Candidate {
    var exclusions = skillExclusions(supply, demand) + capacityExclusions(supply.capacity)
    if demand.declinedBy.contains(supply.id) {
        exclusions.append(.init("already_declined", value: "declined or expired", limit: "never asked"))
    }
    if !supply.accepting { exclusions.append(.init("accepting", value: "paused or gone", limit: "accepting")) }
    let (open, closed) = ways(supply, demand)
    if open.isEmpty { exclusions += closed }
    guard exclusions.isEmpty else { return Candidate(mediator: supply.id, best: nil, alternatives: [], excludedBy: exclusions) }
    let scored = open.map { score(supply, demand, mode: $0.mode, place: $0.place, distance: $0.distance, weights: weights) }
        .sorted { one, other in
            if one.score != other.score { return one.score > other.score }
            if one.mode != other.mode { return one.mode < other.mode }
            return (one.place?.uuidString ?? "") < (other.place?.uuidString ?? "")
        }
    return Candidate(mediator: supply.id, best: scored.first, alternatives: Array(scored.dropFirst()), excludedBy: [])
}

private func skillExclusions(_ supply: Supply, _ demand: Demand) -> [Candidate.Exclusion] {
    demand.needs.compactMap { need in
        let held = need.lineage.compactMap { supply.skills[$0] }.max() ?? 0
        guard held < need.level else { return nil }
        return .init("skill", value: "\(need.skill) \(held)", limit: "\(need.skill) \(need.level)")
    }
}

private func capacityExclusions(_ capacity: Supply.Capacity) -> [Candidate.Exclusion] {
    guard let open = capacity.openLimit, let weekly = capacity.weeklyLimit else {
        return [.init("capacity", value: "unset", limit: "agreed by a coordinator")]
    }
    var exclusions: [Candidate.Exclusion] = []
    if capacity.held >= open { exclusions.append(.init("capacity", value: "open \(capacity.held)", limit: "\(open)")) }
    if capacity.proposedThisWeek >= weekly {
        exclusions.append(.init("capacity", value: "week \(capacity.proposedThisWeek)", limit: "\(weekly)"))
    }
    return exclusions
}

/// The ways of helping that mode, distance and public allow, and why the others are not.
private func ways(_ supply: Supply, _ demand: Demand) -> (
    open: [(mode: Mode, place: UUID?, distance: Int?)], closed: [Candidate.Exclusion]
) {
    let shared = supply.modes.intersection(demand.modes)
    guard !shared.isEmpty else {
        return ([], [.init("mode", value: names(supply.modes), limit: names(demand.modes))])
    }
    var open: [(mode: Mode, place: UUID?, distance: Int?)] = []
    var closed: [Candidate.Exclusion] = []
    for mode in shared.sorted() {
        switch mode {
        case .remote:
            open.append((mode, nil, nil))
        case .home, .onSite:
            // From the nearest of the mediator's places; what is not known does not exclude.
            let nearest = supply.places.compactMap { place in distance(place.location, demand.location) }.min()
            let outside = outside(supply, demand)
            if let outside { closed.append(outside) }
            if let nearest, nearest > supply.travelRadius {
                closed.append(.init("distance", value: "\(nearest)", limit: "\(supply.travelRadius)"))
            } else if outside == nil {
                open.append((mode, nil, nearest))
            }
        case .place:
            if supply.places.isEmpty { closed.append(.init("mode", value: "no place", limit: "a place")) }
            for place in supply.places.sorted(by: { $0.id < $1.id }) {
                let distance = distance(place.location, demand.location)
                // A place that is for some publics is closed to who says to be of others; who says nothing may come.
                if !place.publics.isEmpty, !demand.publics.isEmpty, place.publics.isDisjoint(with: demand.publics) {
                    closed.append(
                        .init(
                            "public", value: demand.publics.sorted().joined(separator: " "),
                            limit: place.publics.sorted().joined(separator: " ")))
                } else if let distance, distance > demand.reach {
                    closed.append(.init("distance", value: "\(distance)", limit: "\(demand.reach)"))
                } else {
                    open.append((mode, place.id, distance))
                }
            }
        case .workshop:
            // A workshop is a candidate of its own, not a mediator's way.
            closed.append(.init("mode", value: "workshop", limit: "a dated workshop"))
        }
    }
    return (open, closed)
}

/// A zone that is known and has none of the territories of a commune that is known.
private func outside(_ supply: Supply, _ demand: Demand) -> Candidate.Exclusion? {
    guard let zone = supply.zone, !demand.territories.isEmpty, zone.isDisjoint(with: demand.territories) else { return nil }
    // A zone may name hundreds of communes: the first ones say what kind of zone it is.
    let shown = zone.sorted().prefix(20).joined(separator: " ")
    return .init("zone", value: demand.territories.sorted().joined(separator: " "), limit: zone.count > 20 ? "\(shown) …" : shown)
}

private func distance(_ one: Location?, _ other: Location?) -> Int? {
    guard let one, let other else { return nil }
    return one.distance(to: other)
}

private func names(_ modes: Set<Mode>) -> String { modes.sorted().map(\.rawValue).joined(separator: " ") }
