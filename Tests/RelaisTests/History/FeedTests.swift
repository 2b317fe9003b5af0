import Foundation
import Postgres
import Support
import Testing

@testable import Relais

/// The feed waits for every transaction of the cluster, those of other tests' bases among them: so these tests read on until they have it all.
@Suite("Following what changes", .database)
struct FeedTests {
    let registry = OwnRegistry()

    func changes(_ start: FeedStart, limit: Int = 50) async throws(FeedError) -> FeedPage<ChangedEntry<Place>> {
        try await registry.database.changes(of: Place.self, kept: PastPlace.self, from: "places", after: start, of: nil, limit: limit)
    }

    /// Those that are there.
    func read(_ start: FeedStart, limit: Int = 50) async throws(FeedError) -> FeedPage<Place> {
        let page = try await changes(start, limit: limit)
        let places = page.items.compactMap { (item: ChangedEntry<Place>) -> Place? in
            if case .present(let place) = item { place } else { nil }
        }
        return FeedPage(items: places, next: page.next, cluster: page.cluster)
    }

    /// What an import made is taken out when it is undone: whoever keeps a copy must be told.
    @Test func whatIsNoMoreIsToldAsGone() async throws {
        let place = try await registry.place()
        let known = try await follow(.since(.distantPast)) { !$0.isEmpty }
        let now = registry.clock.now
        try await registry.database.execute(
            "UPDATE places SET archived_at = \(now), updated_at = \(now), version = version + 1 WHERE id = \(place.id)")
        try await registry.database.execute("DELETE FROM places WHERE id = \(place.id)")
        var position = FeedStart.after(known.next)
        var gone: [String] = []
        for _ in 1...6000 where gone.isEmpty {
            let page = try await changes(position)
            gone = page.items.compactMap { (item: ChangedEntry<Place>) -> String? in if case .gone(let id, _) = item { id } else { nil } }
            position = .after(page.next)
            if gone.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        }
        #expect(gone == [place.id.description])
    }

    /// Reads on, piece by piece, until `isEnough`, or for a minute.
    func follow(
        _ start: FeedStart, limit: Int = 50, until isEnough: ([Place]) async throws -> Bool
    ) async throws -> (places: [Place], next: FeedPosition) {
        var (places, position) = ([Place](), start)
        for _ in 1...6000 {
            let page = try await read(position, limit: limit)
            places += page.items
            position = .after(page.next)
            if try await isEnough(places) { return (places, page.next) }
            if page.items.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        }
        Issue.record("The feed never told all of it: \(places.count) so far.")
        return (places, .start)
    }

    /// Makes a place in a transaction that is open from `begun` on, until `gate` opens.
    func writeSlowly(_ begun: Gate, _ gate: Gate) async throws -> Place {
        try await registry.write { tx throws(RegistryError) in
            let draft = PlaceDraft(name: "Lente", address: "1 rue", postcode: "42000", communeName: "Saint-Étienne")
            let place = try await registry.places.create(draft, by: OwnRegistry.staff, in: tx)
            await begun.open()
            await gate.wait()
            return place
        }
    }

    @Test func aSlowWriterIsNeverPassedOver() async throws {
        let before = try await registry.place(nil, "Avant")
        let opened = try await follow(.since(.distantPast)) { $0.contains { $0.id == before.id } }
        let (begun, gate) = (Gate(), Gate())
        async let held = writeSlowly(begun, gate)
        await begun.wait()
        let quick = try await registry.place(nil, "Vite")
        // It is committed, and not told: a reader who went on from there would never see the slow one.
        let meanwhile = try await read(.after(opened.next))
        #expect(meanwhile.items.isEmpty && meanwhile.next >= opened.next)
        let since = try await read(.since(registry.clock.now))
        #expect(!since.items.contains { $0.id == quick.id })
        await gate.open()
        let slow = try await held
        let rest = try await follow(.after(meanwhile.next)) { $0.count >= 2 }
        #expect(rest.places.map(\.id) == [slow.id, quick.id])
        let opening = try await follow(.after(since.next)) { $0.contains { $0.id == quick.id } }
        #expect(opening.places.contains { $0.id == slow.id })
    }

    /// A list that was read while somebody was writing does not have it; the feed that is opened then does, although its stamp is older.
    @Test func aWriterThatBeganBeforeTheFeedWasOpenedIsNotPassedOver() async throws {
        let (begun, gate) = (Gate(), Gate())
        async let held = writeSlowly(begun, gate)
        await begun.wait()
        registry.clock.advance(by: 60)
        let opened = registry.clock.now
        let quick = try await registry.place(nil, "Vite")
        await gate.open()
        let slow = try await held
        let told = try await follow(.since(opened)) { $0.contains { $0.id == quick.id } }
        #expect(told.places.contains { $0.id == slow.id })
    }

    @Test func anEntryIsToldOnceAsItIsAndAnArchivedOneToo() async throws {
        let place = try await registry.place()
        let other = try await registry.place(nil, "Autre")
        for name in ["Un", "Deux"] {
            try await registry.write { tx throws(RegistryError) in
                _ = try await registry.places.change(place.id, by: ["name": .string(name)], if: .any, by: OwnRegistry.staff, in: tx)
            }
        }
        // An entry is told as it is now, and so may be told before its last version has its turn, and then again.
        let first = try await follow(.since(.distantPast)) { $0.suffix(2).map(\.id) == [other.id, place.id] }
        #expect(first.places.last?.version == 3)
        registry.clock.advance(by: 3600)
        try await registry.write { tx throws(RegistryError) in try await registry.places.archive(place.id, by: OwnRegistry.staff, in: tx) }
        let archived = try await follow(.after(first.next)) { $0.last?.record.archivedAt != nil }
        #expect(archived.places.allSatisfy { $0.id == place.id } && archived.places.last?.record.archivedAt == registry.clock.now)
        // All of it has been written by now: each once, in the order of their last changes.
        #expect(try await read(.since(.distantPast)).items.map(\.id) == [other.id, place.id])
        // Opened at the instant of the last change, it tells of nothing older.
        let late = try await follow(.since(registry.clock.now)) { !$0.isEmpty }
        #expect(late.places.allSatisfy { $0.id == place.id })
    }

    @Test func aCrowdOfWritersIsFollowedToTheLastVersion() async throws {
        let places = try await (0..<12).asyncMap { try await registry.place(nil, "P\($0)") }
        let writers = Task {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<5 {
                    group.addTask {
                        for turn in 0..<12 {
                            let place = places[(writer * 5 + turn * 7) % places.count].id
                            let pause = (writer * 31 + turn * 17) % 23
                            _ = try? await registry.database.transaction(attempts: 3) { tx throws(RegistryError) in
                                _ = try await registry.places.change(
                                    place, by: ["name": .string("P\(writer).\(turn)")], if: .any, by: OwnRegistry.staff, in: tx)
                                try? await Task.sleep(for: .milliseconds(pause))
                                if turn % 5 == 4 { throw .unknown }  // and it is rolled back
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        var seen: [Place.ID: Int] = [:]
        var (told, wentBack) = (0, 0)
        func take(_ all: [Place]) {
            for place in all[told...] {
                if place.version < seen[place.id, default: 0] { wentBack += 1 }
                seen[place.id] = place.version
            }
            told = all.count
        }
        // Reads while they write; then what is left, from where it stands.
        let first = try await follow(.since(.distantPast), limit: 4) { all in
            take(all)
            return all.count >= 12
        }
        try await writers.value
        told = 0
        _ = try await follow(.after(first.next), limit: 4) { all in
            take(all)
            let present = try await registry.database.values("SELECT id::text || ' ' || version FROM places", as: String.self)
            return present.sorted() == seen.map { "\($0.key) \($0.value)" }.sorted()
        }
        #expect(wentBack == 0 && seen.count == 12)
    }

    @Test func everyEventIsToldOnce() async throws {
        let (begun, gate) = (Gate(), Gate())
        async let held = registry.write { tx throws(RegistryError) in
            let structure = try await registry.structures.create(StructureDraft(name: "A"), by: OwnRegistry.staff, in: tx)
            await begun.open()
            await gate.wait()
            return structure
        }
        await begun.wait()
        let quick = try await registry.structure("B")
        let none = try await registry.database.events(after: .start, of: nil, kinds: nil, limit: 50)
        #expect(none.items.isEmpty)
        await gate.open()
        let slow = try await held
        var (events, position) = ([LoggedEvent](), none.next)
        for _ in 1...6000 where events.count < 2 {
            let page = try await registry.database.events(after: position, of: none.cluster, kinds: ["structure"], limit: 1)
            (events, position) = (events + page.items, page.next)
            if page.items.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        }
        #expect(events.map(\.subject) == [slow.id.description, quick.id.description])
        #expect(events.allSatisfy { $0.kind == "structure.created" && $0.by.role == .coordinator })
        let hidden = try await registry.database.events(after: .start, of: nil, kinds: ["place"], limit: 50)
        #expect(hidden.items.isEmpty)
    }

    @Test func aPositionOfAnotherClusterAndALogThatIsAheadAreRefused() async throws {
        await #expect(throws: FeedError.otherCluster) {
            try await registry.database.events(after: .start, of: "1", kinds: nil, limit: 1)
        }
        try await registry.database.execute(
            """
            INSERT INTO events (at, kind, subject, actor_role, transaction)
            VALUES (now(), 'place.changed', 'x', 'system', '4000000000000'::xid8)
            """)
        await #expect(throws: FeedError.logIsAhead) {
            try await registry.database.events(after: .start, of: nil, kinds: nil, limit: 1)
        }
    }
}

extension Sequence where Element: Sendable {
    fileprivate func asyncMap<Value>(_ change: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await change(element)) }
        return values
    }
}
