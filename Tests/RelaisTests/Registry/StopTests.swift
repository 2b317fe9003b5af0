import Foundation
import Matching
import Postgres
import Support
import Testing

@testable import Relais

@Suite("Stops of itinerant services", .database)
struct StopTests {
    let registry = OwnRegistry()
    let centre = Location(latitude: 45.4339, longitude: 4.39)

    func desk() -> StopDesk { StopDesk(registry.generators) }

    func bus(_ name: String = "Bus numérique", at location: Location? = nil) async throws -> Place {
        var draft = PlaceDraft(name: name, address: "1 rue de la Paix", postcode: "42000", communeName: "Saint-Étienne")
        draft.itinerance = ["itinerant"]
        draft.location = location
        return try await registry.write { [draft] tx throws(RegistryError) in
            try await registry.places.create(draft, by: OwnRegistry.staff, in: tx)
        }
    }

    @discardableResult
    func put(
        _ items: [(id: Stop.ID?, draft: StopDraft)], to place: Place.ID, if precondition: Precondition = .any,
        by caller: Caller = OwnRegistry.staff
    ) async throws(RegistryError) -> PlaceStops {
        try await registry.write { tx throws(RegistryError) in
            try await desk().replace(StopList(items), of: place, if: precondition, by: caller, in: tx)
        }
    }

    @Test func aListTakesThePlaceOfTheOneBefore() async throws {
        try await registry.communes()
        let bus = try await bus()
        let market = StopDraft(name: "Place du marché", commune: "42218", hours: "Tu[1] 14:00-17:00")
        let hall = StopDraft(
            address: "2 rue de la Mairie", commune: "42207", location: Location(latitude: 45.47, longitude: 4.51),
            hours: "2026 Dec 03 09:00-12:00",
            validFrom: Day("2026-11-01"), validUntil: Day("2026-12-31"))
        let made = try await put([(nil, market), (nil, hall)], to: bus.id, if: .versions([1]))
        #expect(made.version == 2 && made.items.map(\.details) == [market, hall])
        #expect(try await registry.database.stops(of: bus.id)?.items == made.items)
        #expect(try await registry.events("place.changed") == 1)

        // The same again is no change. Who saw the first version comes late.
        let same = try await put([(made.items[0].id, market), (made.items[1].id, hall)], to: bus.id)
        #expect(same.version == 2)
        let late = await failure { () throws(RegistryError) in try await put([], to: bus.id, if: .versions([1])) }
        guard case .overtaken(let overtaken) = late else {
            Issue.record("\(String(describing: late))")
            return
        }
        #expect(overtaken.since == 1 && overtaken.members == ["stops"])

        // One goes, one comes, one is changed and keeps its id; they change their order.
        var later = hall
        later.validUntil = nil
        let changed = try await put([(nil, market), (made.items[1].id, later)], to: bus.id, if: .versions([2]))
        #expect(changed.version == 3 && changed.items[1].id == made.items[1].id && changed.items[0].id != made.items[0].id)
        #expect(try await registry.database.stops(of: bus.id)?.items == changed.items)
        #expect(try await registry.database.value("SELECT count(*) FROM stops WHERE archived_at IS NOT NULL", as: Int.self) == 1)
        // A stop that is gone, or another's, is nobody's.
        let gone = await failure { () throws(RegistryError) in try await put([(made.items[0].id, market)], to: bus.id) }
        #expect(gone?.problems == ["/items/0/id unknown_id"])
        let other = try await self.bus("Autre bus")
        let foreign = await failure { () throws(RegistryError) in try await put([(changed.items[0].id, market)], to: other.id) }
        #expect(foreign?.problems == ["/items/0/id unknown_id"])
        #expect(try await put([], to: bus.id).items.isEmpty)
        #expect(try await registry.database.stops(of: Place.ID(UUID())) == nil)
    }

    func undo(_ version: Int, of place: Place.ID) async -> RegistryError? {
        await failure { () throws(RegistryError) in
            try await registry.write { tx throws(RegistryError) in
                try await registry.places.undo(version, of: place, by: OwnRegistry.staff, in: tx)
            }
        }
    }

    func change(_ place: Place.ID, _ patch: JSONValue) async throws(RegistryError) {
        registry.clock.advance(by: 60)
        try await registry.write { tx throws(RegistryError) in
            _ = try await registry.places.change(place, by: patch, if: .any, by: OwnRegistry.staff, in: tx)
        }
    }

    func stops(_ place: Place.ID) async throws -> [Stop]? { try await registry.database.stops(of: place)?.items }

    func history(_ place: Place.ID) async throws -> [HistoryEntry] {
        try await registry.database.history(of: PastPlace.self, place, Paging()).items
    }

    @Test func theHistoryHasTheStopsAndASlipIsUndone() async throws {
        try await registry.communes()
        let bus = try await bus()
        let made = registry.clock.now
        let market = StopDraft(
            name: "Place du marché", commune: "42218", location: Location(latitude: 45.4339, longitude: 4.39), hours: "Tu[1] 14:00-17:00",
            validUntil: Day("2026-12-31"))
        let hall = StopDraft(address: "2 rue de la Mairie", commune: "42207", hours: "Th 09:00-12:00")
        registry.clock.advance(by: 60)
        let round = try await put([(nil, hall), (nil, market)], to: bus.id)
        // The slip: a list without the town hall.
        registry.clock.advance(by: 60)
        let slip = try await put([(round.items[1].id, market)], to: bus.id)
        try await change(bus.id, ["phone": "+33477123456"])

        let entries = try await history(bus.id)
        #expect(entries.prefix(3).map { $0.changes.map(\.member) } == [["phone"], ["stops"], ["stops"]])
        let (all, one) = (Change.json(round.items), Change.json(slip.items))
        #expect(entries[1].changes == [MemberChange(member: "stops", before: all, after: one)])
        #expect(entries[2].changes == [MemberChange(member: "stops", before: [], after: all)])
        #expect(entries[1].event == "place.changed" && !entries[3].changes.map(\.member).contains("stops"))
        func then(_ seconds: TimeInterval) async throws -> [Stop]? {
            try await registry.database.entry(PastPlace.self, bus.id, asOf: made + seconds)?.stops
        }
        #expect(try await then(-1) == nil)
        #expect(try await then(59) == [])
        #expect(try await then(60) == round.items)
        #expect(try await then(86_400) == slip.items)

        // Another change goes back by itself. Then the slip: the stop is there again, as the same one and in its place.
        #expect(await undo(4, of: bus.id) == nil)
        #expect(try await stops(bus.id) == slip.items)
        #expect(await undo(3, of: bus.id) == nil)
        #expect(try await stops(bus.id) == round.items)
        #expect(try await registry.database.value("SELECT count(*) FROM stops WHERE archived_at IS NULL", as: Int.self) == 2)
        let last = try #require(try await history(bus.id).first)
        #expect(last.version == 6 && last.undoes == 3 && last.changes == [MemberChange(member: "stops", before: one, after: all)])
        #expect(await undo(3, of: bus.id) == .changedAfterwards(["stops"]))
        // To none, and back from none.
        #expect(await undo(2, of: bus.id) == nil)
        #expect(try await stops(bus.id) == [])
        #expect(await undo(7, of: bus.id) == nil)
        #expect(try await stops(bus.id) == round.items)
        #expect(try await registry.events("place.changed") == 7)

        // A patch has no stops; a place that travels no more gets none back.
        let patched = await failure { () throws(RegistryError) in try await change(bus.id, ["stops": []]) }
        #expect(patched?.problems == ["/stops unknown_member"])
        try await put([], to: bus.id)
        try await change(bus.id, ["itinerance": ["fixe"]])
        guard case .cannotBeSetBack(let input)? = await undo(9, of: bus.id) else {
            Issue.record("stops were set back of a place that does not travel")
            return
        }
        #expect(input.problems.map(\.code) == ["not_itinerant"])
    }

    /// Written past the program: the stops and another member in one version.
    @Test func whatWasChangedTogetherIsUndoneTogether() async throws {
        try await registry.communes()
        let bus = try await bus()
        let made = try await put([(nil, StopDraft(commune: "42218", hours: "Mo 09:00-12:00"))], to: bus.id)
        try await registry.database.execute("UPDATE stops SET archived_at = now()")
        try await registry.database.execute(
            "UPDATE places SET itinerance = '{fixe}', version = version + 1, updated_at = now() WHERE id = \(bus.id)")
        #expect(try await history(bus.id)[0].changes.map(\.member) == ["itinerance", "stops"])
        #expect(await undo(3, of: bus.id) == nil)
        #expect(try await stops(bus.id) == made.items)
        #expect(try await registry.database.place(bus.id)?.itinerance == ["itinerant"])
    }

    @Test func aMergeBringsStopsAndItsUndoTakesThemBack() async throws {
        try await registry.communes()
        let duplicates = DuplicateDesk(registry.generators)
        let (kept, lost) = (try await bus("Bus"), try await bus("Bus"))
        let own = try await put([(nil, StopDraft(name: "A", commune: "42218", hours: "Mo 09:00-12:00"))], to: kept.id)
        let other = try await put([(nil, StopDraft(name: "B", commune: "42207", hours: "Tu 09:00-12:00"))], to: lost.id)
        try await change(kept.id, ["name": "Bus numérique"])
        _ = try await registry.write { tx throws(RegistryError) in
            try await duplicates.merge(lost.id, into: kept.id, by: OwnRegistry.staff, in: tx)
        }
        // Stops of what stays where it is would be found by nobody.
        let library = try await registry.place(nil, "Médiathèque")
        let refused = await failure { () throws(RegistryError) in
            try await registry.write { tx throws(RegistryError) in
                try await duplicates.merge(kept.id, into: library.id, by: OwnRegistry.staff, in: tx)
            }
        }
        #expect(refused == .conflict(.survivorStays))
        let merged = try #require(try await history(kept.id).first)
        #expect(merged.version == 4 && merged.event == "place.merged" && merged.changes.map(\.member) == ["stops"])
        // What came with another place goes back with it.
        #expect(await undo(4, of: kept.id) == .conflict(.mergesAreUnmerged))
        // What was changed before goes back without the stops.
        #expect(await undo(3, of: kept.id) == nil)
        #expect(try await stops(kept.id)?.count == 2)

        _ = try await registry.write { tx throws(RegistryError) in
            try await duplicates.unmerge(lost.id, by: OwnRegistry.staff, in: tx)
        }
        #expect(try await stops(kept.id) == own.items)
        #expect(try await stops(lost.id) == other.items)
        #expect(try await history(kept.id)[0].changes.map(\.member) == ["stops"])
        #expect(try await history(lost.id).prefix(2).map { $0.changes.map(\.member) } == [["archived_at"], ["archived_at"]])
    }

    @Test func whoMayNotAndWhatIsNot() async throws {
        try await registry.communes()
        let structure = try await registry.structure()
        let fixed = try await registry.place(structure.id)
        let stop = StopDraft(commune: "42218", hours: "Mo 09:00-12:00")
        let refused = await failure { () throws(RegistryError) in try await put([(nil, stop)], to: fixed.id) }
        #expect(refused?.problems == ["/items not_itinerant"])
        let stranger = await failure { () throws(RegistryError) in
            try await put([(nil, stop)], to: fixed.id, by: Caller(.manager, structure: Structure.ID(UUID())))
        }
        #expect(stranger == .forbidden(member: nil))
        let nowhere = await failure { () throws(RegistryError) in try await put([(nil, stop)], to: Place.ID(UUID())) }
        #expect(nowhere == .unknown)
        let bus = try await bus()
        let unknown = await failure { () throws(RegistryError) in
            try await put([(nil, stop), (nil, StopDraft(commune: "42999", hours: "Mo"))], to: bus.id)
        }
        #expect(unknown?.problems == ["/items/1/commune unknown_code"])
        #expect(try await registry.database.place(bus.id)?.version == 1)
    }

    @Test func whatIsWrongInAListIsToldAtOnce() {
        let id = "0198c2f4-0000-7000-8000-000000000001"
        let body: JSONValue = [
            "items": [
                ["commune": "1", "hours": "Mo 9-12h99"], ["id": .string(id), "commune": "42218", "hours": "Mo sunrise-12:00", "colour": 1],
                [
                    "id": .string(id), "commune": "42218", "hours": "Mo", "valid_from": "2026-12-02", "valid_until": "2026-12-01",
                    "location": ["latitude": 91, "longitude": 4],
                ], [:],
            ]
        ]
        #expect(
            problems { () throws(InvalidInput) in try StopList(reading: body) } == [
                "/items/0/commune format", "/items/0/hours opening_hours", "/items/1/colour unknown_member",
                "/items/1/hours needs_location",
                "/items/2/id duplicate", "/items/2/location/latitude range", "/items/2/valid_until order", "/items/3/commune required",
                "/items/3/hours required",
            ])
        #expect(problems { () throws(InvalidInput) in try StopList(reading: [:]) } == ["/items required"])
    }

    @Test func whoChangesTheStopsOfItsOwnPlaceHasLookedAtItAndAMergedPlaceTellsThoseOfTheOther() async throws {
        try await registry.communes()
        let structure = try await registry.structure().id
        var draft = PlaceDraft(name: "Bus", address: "1 rue", postcode: "42000", communeName: "Saint-Étienne")
        (draft.structure, draft.itinerance) = (structure, ["itinerant"])
        let bus = try await registry.write { [draft] tx throws(RegistryError) in
            try await registry.places.create(draft, by: OwnRegistry.staff, in: tx)
        }
        registry.clock.advance(by: 86_400)
        let manager = Caller(.manager, token: Token.ID(UUID()), structure: structure)
        try await put([(nil, StopDraft(commune: "42218", hours: "Tu 14:00-17:00"))], to: bus.id, by: manager)
        let confirmed = try await registry.database.value("SELECT confirmed_at FROM places WHERE id = \(bus.id)", as: Date.self)
        #expect(confirmed == registry.clock.now)

        let lost = try await self.bus("Bus numerique")
        _ = try await registry.write { tx throws(RegistryError) in
            try await DuplicateDesk(registry.generators).merge(lost.id, into: bus.id, if: .any, by: OwnRegistry.staff, in: tx)
        }
        let told = try #require(try await registry.database.stops(of: lost.id))
        #expect(told.place == bus.id && told.items.count == 1)
    }
}
