import Foundation
import Matching
import Postgres
import Support
import Testing

@testable import Relais

@Suite("How far the registry can be relied on", .database)
struct QualityTests {
    private let registry = OwnRegistry()
    private static let halfYear: TimeInterval = 183 * 86400

    private func manager(_ structure: Structure.ID) -> Caller { Caller(.manager, token: Token.ID(UUID()), structure: structure) }

    private func place(of structure: Structure.ID?, _ change: (inout PlaceDraft) -> Void = { _ in }) async throws(RegistryError) -> Place {
        var draft = PlaceDraft(name: "Médiathèque", address: "1 rue de la Paix", postcode: "42000", communeName: "Saint-Étienne")
        draft.structure = structure
        change(&draft)
        return try await registry.write { [draft] tx throws(RegistryError) in
            try await registry.places.create(draft, by: OwnRegistry.staff, in: tx)
        }
    }

    private func isStale(_ place: Place.ID) async throws -> Bool {
        let now = registry.clock.now
        func ids(_ stale: Bool) async throws -> [Place.ID] {
            try await registry.database.values(
                "SELECT id FROM places WHERE \(.all(Reliability(stale: stale, at: now).conditions))", as: Place.ID.self)
        }
        let isStale = try await ids(true).contains(place)
        #expect(try await ids(false).contains(place) != isStale)
        return isStale
    }

    @Test func thePartsGiveAHundredAndNoneMoreThanItsMost() async throws {
        for rules in [Quality.placeParts, Quality.structureParts, Quality.mediatorParts] { #expect(rules.map(\.of).reduce(0, +) == 100) }
        try await registry.communes()
        let structure = try await registry.write { tx throws(RegistryError) in
            try await registry.structures.create(
                StructureDraft(
                    name: "A", siret: "43493312300029", typologies: ["ASSO"], networks: ["EPN"], phone: "+33477123456",
                    email: "a@example.org",
                    website: "https://example.org"), by: OwnRegistry.staff, in: tx)
        }
        #expect(structure.standing.quality == 100)
        let bare = try await place(of: nil)
        let whole = try await place(of: structure.id) {
            $0.pivot = "43493312300029"
            $0.commune = "42218"
            $0.location = .init(latitude: 45.44, longitude: 4.39)
            $0.phone = "+33477123456"
            $0.emails = ["a@example.org"]
            $0.openingHours = "Mo-Fr 09:00-12:00"
            $0.services = ["usage-securise"]
            $0.summary = "Un lieu."
            $0.description = "Un lieu où l’on vient."
            $0.publics = ["tous-publics"]
            $0.fees = ["gratuit"]
            $0.accessModes = ["se-presenter"]
        }
        let best = try #require(try await registry.database.quality(of: whole.id))
        #expect(best.score == 100 && whole.standing.quality == 100)
        #expect(best.parts.allSatisfy { $0.points == $0.of && $0.raise == nil } && best.parts.count == Quality.placeParts.count)
        let worst = try #require(try await registry.database.quality(of: bare.id))
        // Its commune was found by postcode and name.
        #expect(worst.score == 10 && bare.standing.quality == 10)
        #expect(worst.parts.filter { $0.raise == nil }.map(\.part) == ["commune"])
        for (part, rule) in zip(worst.parts, Quality.placeParts) { #expect(part.part == rule.part && part.of == rule.of) }
        let mediator = try await registry.mediator(structure.id)
        #expect(try await registry.database.quality(of: mediator.id)?.parts.map(\.points) == [35, 20, 0, 25])
        #expect(mediator.standing.quality == 80)
        #expect(try await registry.database.quality(of: Place.ID(UUID())) == nil)
    }

    @Test(arguments: [
        ("Mo-Fr 09:00-12:00", 15), ("mo-fr 9:00-12:00; PH off", 15), ("24/7", 15), ("Mo-Fr", 15), ("Mo-Fr sunrise-sunset", 15),
        (#"Tu[1,-1] 14:00+ "sur inscription" || "sur rendez-vous""#, 15), ("week 1-53/2 Fr 09:00-12:00", 15),
        ("easter +1 day 10:00-26:00", 15), ("lundi au vendredi 9:00 à 12:00 peut-être", 5), ("sur rendez-vous", 5),
        (#""lundi 9:00-12:00 sur rendez-vous""#, 5), ("Mo 9:75-10:00", 5), ("Mo 51:00-52:00", 5),
        (#"Mo-Fr 09:00-17:00 "5:75 euros, tél. 04:77""#, 15), ("2026 Dec 25", 15), ("Mo-Fr 9-12", 5), ("12:00", 5), (";;; mo", 5), (nil, 0),
    ])
    func hoursAreWorthMuchWhereAProgramReadsThem(hours: String?, points: Int) async throws {
        let place = try await registry.place()
        try await registry.database.execute("UPDATE places SET opening_hours = \(hours) WHERE id = \(place.id)")
        let parts = try #require(try await registry.database.quality(of: place.id)).parts
        #expect(parts.first { $0.part == "opening_hours" }?.points == points)
    }

    /// Where it stops says where and when it is open.
    @Test func theStopsOfAnItinerantPlaceCount() async throws {
        try await registry.communes()
        let bus = try await place(of: nil) { $0.itinerance = ["itinerant"] }
        func points() async throws -> [Int] {
            let parts = try #require(try await registry.database.quality(of: bus.id)).parts
            return parts.filter { ["location", "opening_hours"].contains($0.part) }.map(\.points)
        }
        func put(_ stops: [StopDraft]) async throws {
            let list = StopList(stops.map { (nil, $0) })
            _ = try await registry.write { tx throws(RegistryError) in
                try await StopDesk(registry.generators).replace(list, of: bus.id, if: .any, by: OwnRegistry.staff, in: tx)
            }
        }
        #expect(try await points() == [0, 0])
        try await put([StopDraft(commune: "42218", hours: "Tu 14:00-17:00")])
        #expect(try await points() == [15, 15])
        #expect(try await registry.database.place(bus.id)?.standing.quality == 10 + 30)
        try await registry.database.execute("UPDATE places SET itinerance = '{fixe}' WHERE id = \(bus.id)")
        #expect(try await points() == [0, 0])
        try await registry.database.execute("UPDATE places SET itinerance = '{itinerant}' WHERE id = \(bus.id)")
        try await put([])
        #expect(try await points() == [0, 0])
    }

    /// Files hold days that are still to come: a correction by staff does not make such a place fresh.
    @Test func aDayThatIsStillToComeSaysNothing() async throws {
        let later = try await place(of: nil) { $0.updatedOn = Day("2031-01-01") }
        registry.clock.advance(by: Self.halfYear + 1)
        try await registry.write { tx throws(RegistryError) in
            _ = try await registry.places.change(later.id, by: ["summary": "B"], if: .any, by: OwnRegistry.staff, in: tx)
        }
        #expect(try await isStale(later.id))
    }

    /// What each thing that can be told of a place adds.
    @Test func whatRaisesTheScoreRaisesIt() async throws {
        let place = try await place(of: nil)
        var score = place.standing.quality
        for (member, value, more) in [
            ("pivot", "00000000000000", 0), ("pivot", "W423000001", 5), ("location", ["latitude": 45.4, "longitude": 4.4], 15),
            ("phone", "+33477123456", 8), ("websites", ["https://example.org"], 7), ("opening_hours", "\"sur rendez-vous\"", 5),
            ("opening_hours", "Mo-Fr 09:00-12:00", 10), ("services", ["usage-securise"], 10), ("summary", "Un lieu.", 5),
            ("description", "Un lieu.", 5), ("publics", ["jeunes"], 5), ("fees", ["gratuit"], 5), ("access_modes", ["se-presenter"], 5),
        ] as [(String, JSONValue, Int)] {
            let changed = try await registry.write { tx throws(RegistryError) in
                try await registry.places.change(place.id, by: .object([member: value]), if: .any, by: OwnRegistry.staff, in: tx)
            }
            #expect(changed.standing.quality == score + more, "\(member)")
            score = changed.standing.quality
        }
    }

    /// A file may say anything, and it is kept.
    @Test func aPivotThatIsNoNumberEarnsNothing() async throws {
        let place = try await place(of: nil)
        let quality: SQL = "SELECT quality FROM places WHERE id = \(place.id)"
        let bare = try #require(try await registry.database.value(quality, as: Int.self))
        for (pivot, more) in [("à venir", 0), ("43493312300029", 5), ("434933123 00029", 0), ("1234", 0), ("000000000", 0)] {
            try await registry.database.execute("UPDATE places SET pivot = \(pivot) WHERE id = \(place.id)")
            #expect(try await registry.database.value(quality, as: Int.self) == bare + more, "\(pivot)")
        }
    }

    @Test func anEntryGoesStaleUntilSomebodySaysThatItIsRight() async throws {
        let structure = try await registry.structure()
        let place = try await place(of: structure.id)
        #expect(place.standing.confirmedAt == nil)
        #expect(place.standing.staleFrom == registry.clock.now + Self.halfYear)
        #expect(try await !isStale(place.id))
        registry.clock.advance(by: Self.halfYear - 1)
        #expect(try await !isStale(place.id))
        registry.clock.advance(by: 1)
        #expect(try await isStale(place.id))
        let manager = manager(structure.id)
        let confirmed = try await registry.write { tx throws(RegistryError) in
            try await registry.places.confirm(place.id, if: .versions([1]), by: manager, in: tx)
        }
        #expect(confirmed.standing.confirmedAt == registry.clock.now && confirmed.standing.confirmedAs == .manager)
        #expect(confirmed.standing.confirmedBy == manager.token && confirmed.version == 2)
        #expect(try await !isStale(place.id))
        #expect(try await registry.events("place.confirmed") == 1)
    }

    @Test func theDaySaidByTheSourceCountsButNotOneOfTheFuture() async throws {
        let now = registry.clock.now  // 10 March 2026
        let old = try await place(of: nil) { $0.updatedOn = Day("2025-01-15") }
        #expect(try await isStale(old.id))
        let future = try await place(of: nil) { $0.updatedOn = Day("2031-01-15") }
        #expect(future.standing.knownAt == now)
        let unsaid = try await place(of: nil)
        registry.clock.advance(by: 86400)
        let renamed = try await registry.write { tx throws(RegistryError) in
            try await registry.places.change(unsaid.id, by: ["name": "B"], if: .any, by: OwnRegistry.staff, in: tx)
        }
        #expect(renamed.standing.knownAt == now, "what staff corrects is not a confirmation")
        // Its source says something later than the last confirmation did.
        let confirmed = try await registry.write { tx throws(RegistryError) in
            try await registry.places.confirm(old.id, if: .any, by: OwnRegistry.staff, in: tx)
        }
        #expect(confirmed.standing.knownAt == registry.clock.now)
        registry.clock.advance(by: 60 * 86400)
        let newer = try await registry.write { tx throws(RegistryError) in
            try await registry.places.change(old.id, by: ["updated_on": "2026-05-01"], if: .any, by: OwnRegistry.staff, in: tx)
        }
        #expect(newer.standing.knownAt == Date(rfc3339: "2026-05-01T00:00:00+02:00"))
    }

    @Test func aChangeByItsOwnPeopleConfirms() async throws {
        let structure = try await registry.structure()
        let manager = manager(structure.id)
        let place = try await place(of: structure.id)
        registry.clock.advance(by: 60)
        let (changed, renamed, made) = try await registry.write { tx throws(RegistryError) in
            (
                try await registry.places.change(place.id, by: ["phone": "+33477123456"], if: .any, by: manager, in: tx),
                try await registry.structures.change(structure.id, by: ["name": "B"], if: .any, by: manager, in: tx),
                try await registry.mediators.create(MediatorDraft(structure: structure.id, name: "Jo"), by: manager, in: tx)
            )
        }
        for standing in [changed.standing, renamed.standing, made.standing] {
            #expect(standing.confirmedAt == registry.clock.now && standing.confirmedBy == manager.token)
        }
        // The mediator says so too, of itself alone.
        let own = Caller(.mediator, token: Token.ID(UUID()), mediator: made.id)
        let again = try await registry.write { tx throws(RegistryError) in
            try await registry.mediators.confirm(made.id, if: .any, by: own, in: tx)
        }
        #expect(again.standing.confirmedAs == .mediator)
        let other = try await registry.mediator(structure.id)
        let refused = await failure { () throws(RegistryError) in
            try await registry.write { tx throws(RegistryError) in try await registry.mediators.confirm(other.id, if: .any, by: own, in: tx)
            }
        }
        #expect(refused == .forbidden(member: nil))
    }

    @Test func whoMayNotOrComesTooLateConfirmsNothing() async throws {
        let structure = try await registry.structure()
        let place = try await place(of: structure.id)
        let stranger = manager(try await registry.structure("Autre").id)
        func confirming(_ id: Place.ID, _ precondition: Precondition, _ caller: Caller) async -> RegistryError? {
            await failure { () throws(RegistryError) in
                try await registry.write { tx throws(RegistryError) in
                    try await registry.places.confirm(id, if: precondition, by: caller, in: tx)
                }
            }
        }
        #expect(await confirming(place.id, .any, stranger) == .forbidden(member: nil))
        #expect(await confirming(place.id, .any, .visitor) == .forbidden(member: nil))
        #expect(await confirming(Place.ID(UUID()), .any, OwnRegistry.staff) == .unknown)
        #expect(await confirming(place.id, .versions([7]), OwnRegistry.staff) == .changedSince)
        try await registry.write { tx throws(RegistryError) in try await registry.places.archive(place.id, by: OwnRegistry.staff, in: tx) }
        #expect(await confirming(place.id, .any, OwnRegistry.staff) == .archived)
        let structureRefused = await failure { () throws(RegistryError) in
            try await registry.write { tx throws(RegistryError) in
                try await registry.structures.confirm(structure.id, if: .any, by: stranger, in: tx)
            }
        }
        #expect(structureRefused == .forbidden(member: nil))
        #expect(try await registry.events("place.confirmed") == 0)
    }

    @Test func whoConfirmsWhileAnotherChangesConfirmsNothingUnseen() async throws {
        let place = try await place(of: nil)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    await failure { () throws(RegistryError) in
                        try await registry.write { tx throws(RegistryError) in
                            try await registry.places.confirm(place.id, if: .versions([1]), by: OwnRegistry.staff, in: tx)
                        }
                    } == nil
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(outcomes == 1)
        #expect(try await registry.events("place.confirmed") == 1)
    }

    @Test(arguments: EntrySort.allCases) func listsAreSortedAndGoOnWhereTheyEnded(sort: EntrySort) async throws {
        var all: [Structure] = []
        for number in 0..<9 {
            registry.clock.advance(by: 3600)
            var draft = StructureDraft(name: "S\(number)")
            if number % 2 == 0 { draft.phone = "+33477123456" }
            if number % 3 == 0 { draft.email = "a@example.org" }
            all.append(
                try await registry.write { [draft] tx throws(RegistryError) in
                    try await registry.structures.create(draft, by: OwnRegistry.staff, in: tx)
                })
        }
        let expected =
            switch sort {
            // Ids made within one millisecond are in no order of making.
            case .id: all.sorted { $0.id.description < $1.id.description }
            case .freshness: Array(all.reversed())
            case .quality: all.sorted { ($1.standing.quality, $0.id.description) < ($0.standing.quality, $1.id.description) }
            }
        var got: [Structure.ID] = []
        var after: Cursor?
        repeat {
            let page = try await registry.database.structures(sort: sort, Paging(limit: 2, order: sort.rawValue, after: after))
            got += page.items.map(\.id)
            after = page.next
        } while after != nil
        #expect(got == expected.map(\.id))
        var filter = StructureFilter()
        filter.reliability = Reliability(least: 20, most: 30, at: registry.clock.now)
        let some = Set(try await registry.database.structures(filter).items.map(\.id))
        #expect(some == Set(all.filter { (20...30).contains($0.standing.quality) }.map(\.id)) && !some.isEmpty && some.count < all.count)
    }
}

@Suite("The policy of freshness", .freshDatabase)
struct StalenessPolicyTests {
    @Test func aShorterDelayIsInForceAtOnce() async throws {
        let registry = OwnRegistry()
        let place = try await registry.place()
        try await registry.database.execute("INSERT INTO policies (settings, stale_after_days) SELECT settings, 30 FROM policies")
        let again = try #require(try await registry.database.place(place.id))
        #expect(again.standing.staleFrom == registry.clock.now + 30 * 86400)
        let mediator = try await registry.mediator(try await registry.structure().id)
        var filter = MediatorFilter(at: registry.clock.now)
        filter.reliability = Reliability(stale: true, at: registry.clock.now)
        #expect(try await registry.database.search(filter).items.isEmpty)
        registry.clock.advance(by: 30 * 86400)
        filter.reliability = Reliability(stale: true, at: registry.clock.now)
        #expect(try await registry.database.search(filter, sort: .quality).items.map(\.mediator.id) == [mediator.id])
    }
}
