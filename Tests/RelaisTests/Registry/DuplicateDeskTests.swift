import Foundation
import Postgres
import Support
import Testing

@testable import Relais

@Suite("Settling duplicates", .database)
struct DuplicateDeskTests {
    let registry = OwnRegistry()
    let database = OwnDatabase.current
    var desk: DuplicateDesk { DuplicateDesk(registry.generators) }

    func search() async throws(RegistryError) -> DuplicateReport {
        try await registry.write { tx throws(RegistryError) in try await desk.search(by: .system, in: tx) }
    }

    func merge(_ loser: Place.ID, into survivor: Place.ID, if precondition: Precondition = .any) async throws(RegistryError) -> PlaceMerge {
        try await registry.write { tx throws(RegistryError) in
            try await desk.merge(loser, into: survivor, if: precondition, by: OwnRegistry.staff, in: tx)
        }
    }

    func unmerge(_ loser: Place.ID) async throws(RegistryError) -> Place {
        try await registry.write { tx throws(RegistryError) in try await desk.unmerge(loser, by: OwnRegistry.staff, in: tx) }
    }

    func dismiss(_ one: Place.ID, _ other: Place.ID) async throws(RegistryError) -> DismissedPair {
        try await registry.write { tx throws(RegistryError) in
            try await desk.dismiss(PlacePair(one, other), by: OwnRegistry.staff, in: tx)
        }
    }

    /// What was said of a place is said of the one that it was merged into, until they are two again.
    @Test func thatTwoAreTwoIsRememberedThroughAMerge() async throws {
        let name = "Médiathèque Jean Ferrat"
        var places: [Place.ID] = []
        for _ in 0..<3 {
            let draft = PlaceDraft(name: name, address: "1 rue de la Paix", postcode: "42000", communeName: "Saint-Étienne")
            places.append(
                try await registry.write { tx throws(RegistryError) in
                    try await registry.places.create(draft, allowingDuplicates: true, by: OwnRegistry.staff, in: tx).id
                })
        }
        _ = try await dismiss(places[1], places[2])
        _ = try await merge(places[1], into: places[0])
        #expect(try await database.duplicates(DuplicateFilter(), Paging()).items.isEmpty)
        #expect(try await search().pairs.isEmpty)
        _ = try await unmerge(places[1])
        #expect(try await search().pairs.count == 2)
        _ = try await merge(places[0], into: places[2])
        var filter = DuplicateFilter()
        filter.place = places[0]
        #expect(try await search().pairs.isEmpty)
        #expect(try await database.duplicates(filter, Paging()).items.isEmpty)
        // It is taken back under the ids that the places have by now.
        _ = try await merge(places[1], into: try await place("Z"))
        #expect(try await database.dismissedDuplicates(Paging()).items.count == 1)
        let survivor = try #require(try await database.livingPlace(places[1])).id
        try await registry.write { tx throws(RegistryError) in
            try await desk.recall(PlacePair(survivor, places[2]), by: OwnRegistry.staff, in: tx)
        }
        #expect(try await database.dismissedDuplicates(Paging()).items.isEmpty)
    }

    private func place(_ name: String) async throws(RegistryError) -> Place.ID {
        let draft = PlaceDraft(name: name, address: "9 rue", postcode: "42000", communeName: "Saint-Étienne")
        return try await registry.write { tx throws(RegistryError) in
            try await registry.places.create(draft, by: OwnRegistry.staff, in: tx).id
        }
    }

    /// How many places are in the lists.
    func listed() async throws -> Int? {
        try await database.value("SELECT count(*) FROM places WHERE archived_at IS NULL", as: Int.self)
    }

    /// What refers to places, as text: what undo has to bring back.
    func references() async throws -> [String] {
        try await database.values(
            """
            SELECT mediator_id || ' ' || place_id FROM mediator_places
            UNION ALL SELECT id || ' ' || place_id || ' ' || status FROM referrals ORDER BY 1
            """, as: String.self)
    }

    @Test func theWholeBaseIsLookedThroughAndTheListIsReplaced() async throws {
        let one = try await registry.place(nil, "Médiathèque Jean Ferrat")
        let other = try await registry.place(nil, "MEDIATHEQUE JEAN FERRAT")
        _ = try await registry.place(nil, "Centre social Pommier")
        let report = try await search()
        #expect(report.places == 3 && report.pairs.count == 1)
        #expect(report.pairs.first?.first.id == one.id && report.pairs.first?.second.id == other.id)
        let again = try await search()
        #expect(again.pairs == report.pairs)
        let listed = try await database.duplicates(DuplicateFilter(), Paging())
        #expect(listed.items.map(\.score) == report.pairs.map(\.likeness.score))
        #expect(listed.items.first?.reasons == report.pairs.first?.likeness.reasons)
        #expect(try await registry.events("duplicates.searched") == 2)
    }

    @Test func theListGoesOnAfterItsCursorAndIsNarrowed() async throws {
        var places: [Place.ID] = []
        for _ in 0..<4 { places.append(try await registry.place(nil, "Médiathèque Jean Ferrat").id) }
        #expect(try await search().pairs.count == 6)
        var seen: [PlacePair] = []
        var paging = Paging(limit: 4, order: "score")
        while true {
            let page = try await database.duplicates(DuplicateFilter(), paging)
            seen += page.items.map { PlacePair($0.first.id, $0.second.id) }
            guard let next = page.next else { break }
            paging = Paging(limit: 4, order: "score", after: next)
        }
        #expect(seen.count == 6 && Set(seen).count == 6)
        var filter = DuplicateFilter()
        filter.place = places[3]
        #expect(try await database.duplicates(filter, Paging()).items.count == 3)
        filter.minimum = 1
        #expect(try await database.duplicates(filter, Paging()).items.allSatisfy { $0.score == 1 })
    }

    @Test func whatIsKnownToBeTwoIsNotToldAgain() async throws {
        let one = try await registry.place()
        let other = try await registry.place()
        #expect(try await search().pairs.count == 1)
        _ = try await dismiss(other.id, one.id)
        _ = try await dismiss(one.id, other.id)
        #expect(try await registry.events("duplicate.dismissed") == 1)
        #expect(try await database.duplicates(DuplicateFilter(), Paging()).items.isEmpty)
        #expect(try await search().pairs.isEmpty)
        #expect(try await database.dismissedDuplicates(Paging()).items.map(\.first.id) == [one.id])
        try await registry.write { tx throws(RegistryError) in
            try await desk.recall(PlacePair(one.id, other.id), by: OwnRegistry.staff, in: tx)
        }
        #expect(try await search().pairs.count == 1)
        let twice = await failure { () throws(RegistryError) in
            try await registry.write { tx throws(RegistryError) in
                try await desk.recall(PlacePair(one.id, other.id), by: OwnRegistry.staff, in: tx)
            }
        }
        #expect(twice == .unknown)
        let nowhere = Place.ID(UUID.version7(at: Date()))
        #expect(await failure { () throws(RegistryError) in try await dismiss(one.id, nowhere) }?.problems == ["/second unknown_id"])
        #expect(await failure { () throws(RegistryError) in try await dismiss(one.id, one.id) }?.problems == ["/second itself"])
    }

    @Test func aMergeMovesWhatReferredToTheLoserAndUndoBringsItBack() async throws {
        let structure = try await registry.structure()
        let kept = try await registry.place(structure.id)
        let lost = try await registry.place(structure.id)
        let both = try await registry.mediator(structure.id)
        let one = try await registry.mediator(structure.id)
        try await database.execute(
            """
            INSERT INTO mediator_places VALUES (\(both.id), \(kept.id)), (\(both.id), \(lost.id)), (\(one.id), \(lost.id))
            """)
        let before = try await references()
        let version: SQL = "SELECT version FROM mediators WHERE id = \(one.id)"
        let versionBefore = try #require(try await database.value(version, as: Int.self))
        let merge = try await merge(lost.id, into: kept.id)
        #expect(merge.moved == ["mediator_places": 2])
        #expect(Set(try await references()) == ["\(both.id) \(kept.id)", "\(one.id) \(kept.id)"])
        #expect(try await database.value(version, as: Int.self) == versionBefore + 1)
        #expect(try await database.livingPlace(lost.id)?.id == kept.id)
        #expect(try await database.place(lost.id)?.record.archivedAt != nil)
        #expect(try await registry.events("place.merged") == 1)

        let back = try await unmerge(lost.id)
        #expect(back.id == lost.id && back.record.archivedAt == nil && back.details == lost.details)
        #expect(try await references() == before)
        #expect(try await database.livingPlace(lost.id)?.id == lost.id)
        #expect(await failure { () throws(RegistryError) in try await unmerge(lost.id) } == .conflict(.notMerged))
    }

    @Test func aPlaceDoesNotComeBackUnderAStructureThatIsGone() async throws {
        try await registry.communes()
        let structure = try await registry.structure()
        let (kept, lost) = (try await registry.place(), try await registry.place(structure.id, "Autre"))
        _ = try await merge(lost.id, into: kept.id)
        try await registry.write { tx throws(RegistryError) in
            try await registry.structures.archive(structure.id, by: OwnRegistry.staff, in: tx)
        }
        #expect(await failure { () throws(RegistryError) in try await unmerge(lost.id) } == .conflict(.belongsToArchived))
        _ = try await registry.write { tx throws(RegistryError) in
            try await registry.structures.restore(structure.id, by: OwnRegistry.staff, in: tx)
        }
        #expect(try await unmerge(lost.id).structure == structure.id)
    }

    @Test func referralsAndAppointmentsOfTheLoserAreOfTheSurvivorUntilItIsUndone() async throws {
        let network = try await SmallNetwork()
        let mediator = try await network.mediator()
        let (request, place) = (
            try await network.request(), try #require(try await database.value("SELECT place_id FROM mediator_places", as: UUID.self))
        )
        let referral = try await network.propose(request, to: mediator)
        _ = try await network.act { desk, tx throws(ReferralError) in try await desk.accept(referral, by: Caller(.admin), in: tx) }
        try await database.execute("UPDATE referrals SET place_id = \(place) WHERE id = \(referral)")
        try await database.execute(
            """
            INSERT INTO appointments (id, referral_id, mediator_id, starts_at, ends_at, place_id)
            VALUES (\(UUID()), \(referral), \(mediator), '2026-01-06T09:00Z', '2026-01-06T10:00Z', \(place))
            """)
        let kept = try await registry.place(network.structure, "Autre lieu")
        let version: SQL = "SELECT version FROM referrals WHERE id = \(referral)"
        let versionBefore = try #require(try await database.value(version, as: Int.self))
        let spots: SQL = "SELECT place_id FROM referrals UNION ALL SELECT place_id FROM appointments"

        let merge = try await merge(Place.ID(place), into: kept.id)
        #expect(merge.moved == ["appointments": 1, "mediator_places": 1, "referrals": 1])
        #expect(try await database.values(spots, as: UUID.self) == [kept.id.rawValue, kept.id.rawValue])
        #expect(try await database.value(version, as: Int.self) == versionBefore + 1, "who shows it shows another version")
        _ = try await unmerge(Place.ID(place))
        #expect(try await database.values(spots, as: UUID.self) == [place, place])
    }

    @Test func whatSomebodyChangedSinceStaysWhenAMergeIsUndone() async throws {
        let structure = try await registry.structure()
        let kept = try await registry.place(structure.id)
        let lost = try await registry.place(structure.id)
        let elsewhere = try await registry.place(structure.id, "Ailleurs")
        let mediator = try await registry.mediator(structure.id)
        try await database.execute("INSERT INTO mediator_places VALUES (\(mediator.id), \(lost.id))")
        _ = try await merge(lost.id, into: kept.id)
        try await database.execute("UPDATE mediator_places SET place_id = \(elsewhere.id) WHERE mediator_id = \(mediator.id)")
        _ = try await unmerge(lost.id)
        #expect(try await references() == ["\(mediator.id) \(elsewhere.id)"])
    }

    @Test func aMediatorWhoLeftTheSurvivorMeanwhileDoesNotComeBackToTheLoser() async throws {
        let structure = try await registry.structure()
        let kept = try await registry.place(structure.id)
        let lost = try await registry.place(structure.id)
        let (gone, stays) = (try await registry.mediator(structure.id), try await registry.mediator(structure.id))
        for mediator in [gone, stays] {
            try await database.execute("INSERT INTO mediator_places VALUES (\(mediator.id), \(kept.id)), (\(mediator.id), \(lost.id))")
        }
        _ = try await merge(lost.id, into: kept.id)
        try await database.execute("DELETE FROM mediator_places WHERE mediator_id = \(gone.id)")
        _ = try await unmerge(lost.id)
        #expect(Set(try await references()) == ["\(stays.id) \(kept.id)", "\(stays.id) \(lost.id)"])
    }

    @Test func mergesFollowOneAnotherAndAreUndoneFromTheLast() async throws {
        let (a, b, c) = (try await registry.place(), try await registry.place(), try await registry.place())
        _ = try await merge(a.id, into: b.id)
        _ = try await merge(b.id, into: c.id)
        #expect(try await database.livingPlace(a.id)?.id == c.id)
        #expect(await failure { () throws(RegistryError) in try await unmerge(a.id) } == .conflict(.survivorMerged))
        _ = try await unmerge(b.id)
        _ = try await unmerge(a.id)
        #expect(try await listed() == 3)
    }

    @Test func whatCannotBeMergedIsRefused() async throws {
        let (a, b) = (try await registry.place(), try await registry.place())
        let nowhere = Place.ID(UUID.version7(at: Date()))
        #expect(await failure { () throws(RegistryError) in try await merge(a.id, into: a.id) }?.problems == ["/loser itself"])
        #expect(await failure { () throws(RegistryError) in try await merge(nowhere, into: a.id) }?.problems == ["/loser unknown_id"])
        #expect(await failure { () throws(RegistryError) in try await merge(a.id, into: nowhere) } == .unknown)
        #expect(await failure { () throws(RegistryError) in try await merge(a.id, into: b.id, if: .versions([7])) } == .changedSince)
        let manager = Caller(.manager, structure: try await registry.structure().id)
        let others = await failure { () throws(RegistryError) in
            try await registry.write { tx throws(RegistryError) in try await desk.merge(a.id, into: b.id, by: manager, in: tx) }
        }
        #expect(others == .forbidden(member: nil))
        _ = try await merge(a.id, into: b.id)
        #expect(await failure { () throws(RegistryError) in try await merge(a.id, into: b.id) } == .conflict(.mergedAlready))
        #expect(await failure { () throws(RegistryError) in try await merge(b.id, into: a.id) } == .archived)
        #expect(await failure { () throws(RegistryError) in try await unmerge(nowhere) } == .unknown)
    }

    @Test func ofTwoMergesAtOnceThatContradictOneHolds() async throws {
        let (a, b) = (try await registry.place(), try await registry.place())
        async let one = failure { () throws(RegistryError) in try await merge(a.id, into: b.id) }
        async let other = failure { () throws(RegistryError) in try await merge(b.id, into: a.id) }
        let outcomes = await [one, other]
        #expect(outcomes.count { $0 == nil } == 1, "\(outcomes)")
        #expect(try await listed() == 1)
    }

    @Test func aPairThatWasRememberedWhileASearchRanStays() async throws {
        let one = try await registry.place(nil, "Médiathèque Jean Ferrat")
        let other = try await registry.place(nil, "MEDIATHEQUE JEAN FERRAT")
        let found = try await search()
        try await registry.write { tx throws(RegistryError) in
            // This one had read the first place only, and found the pair of two that are gone.
            let pair = found.pairs[0]
            let candidate = DuplicateCandidate(place: pair.second, likeness: pair.likeness)
            try await tx.remember([candidate], of: Place.ID(UUID()), at: registry.clock.now)
            try await tx.replaceFound([], among: [one.id], at: registry.clock.now)
        }
        #expect(try await database.duplicates(DuplicateFilter(), Paging()).items.count == 1)
        try await registry.write { tx throws(RegistryError) in
            try await tx.replaceFound([], among: [one.id, other.id], at: registry.clock.now)
        }
        #expect(try await database.duplicates(DuplicateFilter(), Paging()).items.isEmpty)
    }
}
