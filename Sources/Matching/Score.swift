import Foundation

/// The score of one way of helping: the mean of the terms that apply, by their weights. A term that does not apply is left out, and its weight
/// is shared among the others.
func score(_ supply: Supply, _ demand: Demand, mode: Mode, place: UUID?, distance: Int?, weights: Weights) -> Candidate.Way {
    var parts: [(term: String, value: Double, weight: Double)] = []
    if !demand.needs.isEmpty { parts.append(("skill_fit", skillFit(supply, demand), weights.skillFit)) }
    if let distance { parts.append(("proximity", weights.halfDistance / (weights.halfDistance + Double(distance)), weights.proximity)) }
    if let agreed = supply.capacity.agreedOpen {
        // On the agreed capacity, not the declared one: else who declares little is rewarded.
        parts.append(("balance", agreed == 0 ? 0 : max(0, 1 - Double(supply.capacity.held + 1) / Double(agreed)), weights.balance))
    }
    parts.removeAll { $0.weight <= 0 }
    let total = parts.reduce(0) { $0 + $1.weight }
    let exact = parts.map { $0.value * $0.weight / total * 1_000_000 }
    let contributions = largestRemainder(exact)
    let terms = zip(parts, contributions).map { part, contribution in
        Candidate.Term(term: part.term, value: part.value, weight: part.weight / total, contribution: contribution)
    }
    return Candidate.Way(mode: mode, place: place, distance: distance, score: contributions.reduce(0, +), terms: terms)
}

/// How well the skills held fit the needs: for each, half for the level (of 3), half for how near the node held is to the one asked.
private func skillFit(_ supply: Supply, _ demand: Demand) -> Double {
    let fits = demand.needs.map { need -> Double in
        need.lineage.enumerated().map { steps, skill -> Double in
            guard let level = supply.skills[skill], level >= need.level else { return 0 }
            return Double(min(level, 3)) / 6 + 0.5 / Double(steps + 1)
        }.max() ?? 0
    }
    return fits.reduce(0, +) / Double(max(1, fits.count))
}

/// Whole numbers that sum to the rounded sum of `exact` and lie within 1 of each: the parts with the largest remainders are rounded up.
func largestRemainder(_ exact: [Double]) -> [Int] {
    var whole = exact.map { Int($0.rounded(.down)) }
    let missing = Int(exact.reduce(0, +).rounded()) - whole.reduce(0, +)
    let order = exact.indices.sorted { one, other in
        let (a, b) = (exact[one] - exact[one].rounded(.down), exact[other] - exact[other].rounded(.down))
        return a != b ? a > b : one < other
    }
    for index in order.prefix(max(0, missing)) { whole[index] += 1 }
    return whole
}
