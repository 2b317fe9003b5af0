import Foundation
import Testing

@testable import Matching

/// SplitMix64 (Steele, Lea, Flood 2014): the same seed, the same instances.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

@Suite("Matching one request")
struct MatchTests {
    let weights = Weights(skillFit: 3, proximity: 3, balance: 2, halfDistance: 8000)
    let here = Location(latitude: 45.44, longitude: 4.39)

    func demand(
        skills: [String] = ["email"], level: Int = 1, modes: Set<Mode> = [.place], reach: Int = 20_000, publics: Set<String> = [],
        declinedBy: Set<UUID> = [], territories: Set<String> = []
    ) -> Demand {
        Demand(
            needs: skills.map { Demand.Need(skill: $0, level: level, lineage: [$0, "outils"]) }, modes: modes, location: here, reach: reach,
            publics: publics, declinedBy: declinedBy, territories: territories)
    }

    func supply(
        _ id: UUID = UUID(), skills: [String: Int] = ["email": 2], modes: Set<Mode> = [.place], radius: Int = 10_000, north: Double = 0.01,
        publics: Set<String> = [], agreed: Int? = 4, limit: Int? = 4, weekly: Int? = 9, held: Int = 0, week: Int = 0,
        accepting: Bool = true,
        zone: Set<String>? = nil
    ) -> Supply {
        Supply(
            id: id, skills: skills, modes: modes, travelRadius: radius,
            places: [
                Supply.Place(id: UUID(), location: Location(latitude: here.latitude + north, longitude: here.longitude), publics: publics)
            ],
            capacity: Supply.Capacity(agreedOpen: agreed, openLimit: limit, weeklyLimit: weekly, held: held, proposedThisWeek: week),
            accepting: accepting, zone: zone)
    }

    func excluded(_ demand: Demand, _ supply: Supply) -> [String] {
        candidates(for: demand, among: [supply], weights: weights, explainingAll: true)[0].excludedBy.map(\.constraint)
    }

    @Test func whoPassesEveryConstraintIsACandidate() throws {
        let found = candidates(for: demand(), among: [supply()], weights: weights)
        let best = try #require(found.first?.best)
        #expect(best.mode == .place)
        #expect(best.distance == 1112)
        #expect(best.terms.map(\.term) == ["skill_fit", "proximity", "balance"])
    }

    @Test func whoGoesToPeopleGoesWithinItsZone() {
        let territories: Set<String> = ["commune:42218", "department:42", "everywhere"]
        let outside = supply(modes: [.home, .remote], zone: ["commune:42207", "epci:200000016"])
        #expect(excluded(demand(modes: [.home], territories: territories), outside) == ["zone"])
        #expect(excluded(demand(modes: [.onSite], territories: territories), supply(modes: [.onSite], zone: ["department:43"])) == ["zone"])
        #expect(
            excluded(demand(modes: [.home], territories: territories), supply(modes: [.home], radius: 10, zone: ["department:43"])) == [
                "zone", "distance",
            ])
        // Whoever covers the commune, says nothing, or is asked from nobody knows where.
        #expect(excluded(demand(modes: [.home], territories: territories), supply(modes: [.home], zone: ["department:42"])) == [])
        #expect(excluded(demand(modes: [.home], territories: territories), supply(modes: [.home])) == [])
        #expect(excluded(demand(modes: [.home]), outside) == [])
        // People come to a place from wherever they like, and distance does not matter to a screen.
        #expect(excluded(demand(modes: [.place], territories: territories), supply(zone: ["department:43"])) == [])
        #expect(excluded(demand(modes: [.home, .remote], territories: territories), outside) == [])
    }

    @Test func eachConstraintExcludesAndIsNamed() {
        #expect(excluded(demand(level: 3), supply()) == ["skill"])
        #expect(excluded(demand(skills: ["linux"]), supply()) == ["skill"])
        #expect(excluded(demand(), supply(held: 4)) == ["capacity"])
        #expect(excluded(demand(), supply(week: 9)) == ["capacity"])
        #expect(excluded(demand(), supply(agreed: nil, limit: nil, weekly: nil)) == ["capacity"])
        #expect(excluded(demand(modes: [.remote]), supply()) == ["mode"])
        #expect(excluded(demand(reach: 1000), supply()) == ["distance"])
        #expect(excluded(demand(publics: ["seniors"]), supply(publics: ["jeunes"])) == ["public"])
        #expect(excluded(demand(), supply(accepting: false)) == ["accepting"])
        let id = UUID()
        #expect(excluded(demand(declinedBy: [id]), supply(id)) == ["already_declined"])
    }

    @Test func allThatExcludesIsToldAtOnce() {
        #expect(excluded(demand(level: 3, reach: 10), supply(held: 4, week: 9)) == ["skill", "capacity", "capacity", "distance"])
    }

    @Test func anAncestorMeetsANeedAndADescendantDoesNot() {
        #expect(excluded(demand(), supply(skills: ["outils": 1])) == [])
        #expect(excluded(demand(skills: ["outils"]), supply(skills: ["email": 3])) == ["skill"])
    }

    @Test func homeAndOnSiteGoByTheMediatorsRadius() {
        #expect(excluded(demand(modes: [.home], reach: 10), supply(modes: [.home], radius: 5000)) == [])
        #expect(excluded(demand(modes: [.onSite]), supply(modes: [.onSite], radius: 1000)) == ["distance"])
    }

    @Test func whoSaysNothingOfItselfMayComeToAPlaceForSome() {
        #expect(excluded(demand(), supply(publics: ["jeunes"])) == [])
    }

    @Test func remoteHasNoProximityAndItsWeightIsShared() throws {
        let best = try #require(candidates(for: demand(modes: [.remote]), among: [supply(modes: [.remote])], weights: weights).first?.best)
        #expect(best.terms.map(\.term) == ["skill_fit", "balance"])
        #expect(abs(best.terms.map(\.weight).reduce(0, +) - 1) < 1e-12)
        #expect(best.distance == nil && best.place == nil)
    }

    @Test func theOtherWaysStandInTheAlternatives() throws {
        let found = candidates(
            for: demand(modes: [.place, .remote, .home]), among: [supply(modes: [.place, .remote, .home])], weights: weights)
        let candidate = try #require(found.first)
        #expect(candidate.alternatives.count == 2)
        let best = try #require(candidate.best)
        #expect(candidate.alternatives.allSatisfy { $0.score <= best.score })
    }

    @Test func contributionsSumToTheScoreAndOrderChangesNothing() {
        var random = Seeded(state: 7)
        for _ in 0..<1000 {
            let supplies = (0..<Int.random(in: 1...12, using: &random)).map { _ in
                supply(
                    UUID(
                        uuid: (
                            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, UInt8.random(in: 0...255, using: &random),
                            UInt8.random(in: 0...255, using: &random)
                        )), skills: ["email": Int.random(in: 0...3, using: &random), "outils": Int.random(in: 0...3, using: &random)],
                    modes: Bool.random(using: &random) ? [.place, .remote] : [.place], north: Double.random(in: 0...0.3, using: &random),
                    held: Int.random(in: 0...5, using: &random))
            }
            let asked = demand(modes: [.place, .remote])
            let found = candidates(for: asked, among: supplies, weights: weights, explainingAll: true)
            #expect(found == candidates(for: asked, among: supplies.shuffled(using: &random), weights: weights, explainingAll: true))
            for candidate in found {
                #expect((candidate.best == nil) == !candidate.excludedBy.isEmpty)
                for way in [candidate.best].compactMap({ $0 }) + candidate.alternatives {
                    #expect(way.terms.map(\.contribution).reduce(0, +) == way.score)
                    #expect((0...1_000_000).contains(way.score))
                }
            }
        }
    }

    @Test func nearerLessLoadedOrMoreSkilledIsNeverWorse() throws {
        func best(_ supply: Supply) throws -> Int {
            try #require(candidates(for: demand(), among: [supply], weights: weights).first?.best).score
        }
        var random = Seeded(state: 11)
        for _ in 0..<1000 {
            let (north, held, level) = (
                Double.random(in: 0...0.15, using: &random), Int.random(in: 0...2, using: &random), Int.random(in: 1...2, using: &random)
            )
            let score = try best(supply(skills: ["email": level], north: north, held: held))
            #expect(try best(supply(skills: ["email": level], north: north / 2, held: held)) >= score)
            #expect(try best(supply(skills: ["email": level + 1], north: north, held: held)) >= score)
            #expect(try best(supply(skills: ["email": level, "outils": 3], north: north, held: held)) >= score)
            #expect(try best(supply(skills: ["email": level], north: north, held: held + 1)) <= score)
        }
    }

    @Test func theLargestRemaindersAreRoundedUp() {
        #expect(largestRemainder([0.5, 0.25, 0.25]) == [1, 0, 0])
        #expect(largestRemainder([1.4, 1.4, 1.2]) == [2, 1, 1])
        #expect(largestRemainder([]) == [])
    }
}
