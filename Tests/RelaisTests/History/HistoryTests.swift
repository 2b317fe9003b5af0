import Foundation
import Postgres
import Support
import Testing

@testable import Relais

@Suite("What entries were, and who changed them", .database)
struct HistoryTests {
    let registry = OwnRegistry()

    func change(_ id: Place.ID, _ patch: JSONValue, by caller: Caller = OwnRegistry.staff) async throws(RegistryError) {
        registry.clock.advance(by: 60)
        try await registry.write { tx throws(RegistryError) in
            _ = try await registry.places.change(id, by: patch, if: .any, by: caller, in: tx)
        }
    }

    func undo(_ version: Int, of id: Place.ID, if precondition: Precondition = .any) async -> RegistryError? {
        await failure { () throws(RegistryError) in
            try await registry.write { tx throws(RegistryError) in
                try await registry.places.undo(version, of: id, if: precondition, by: OwnRegistry.staff, in: tx)
            }
        }
    }

    func history(_ id: Place.ID, _ paging: Paging = Paging()) async throws -> Page<HistoryEntry> {
        try await registry.database.history(of: PastPlace.self, id, paging)
    }

    @Test func eachChangeSaysWhoWhenAndWhatBeforeAndAfter() async throws {
        let structure = try await registry.structure()
        let token = Token.ID(UUID())
        let place = try await registry.place(structure.id)
        let manager = Caller(.manager, token: token, structure: structure.id)
        try await change(place.id, ["name": "Bibliothèque", "phone": "+33477123456"], by: manager)
        let changed = registry.clock.now
        try await registry.write { tx throws(RegistryError) in try await registry.places.archive(place.id, by: OwnRegistry.staff, in: tx) }

        let entries = try await history(place.id).items
        #expect(entries.map(\.version) == [3, 2, 1])
        #expect(entries.map(\.event) == ["place.archived", "place.changed", "place.created"])
        #expect(entries[1].at == changed && entries[1].by == HistoryEntry.Author(role: .manager, token: token))
        #expect(
            entries[1].changes.filter { !$0.member.hasPrefix("confirmed_") } == [
                MemberChange(member: "name", before: "Médiathèque", after: "Bibliothèque"),
                MemberChange(member: "phone", before: .null, after: "+33477123456"),
            ])
        #expect(entries[0].changes.map(\.member) == ["archived_at"] && entries[0].changes[0].before == .null)
        // How it began: every member that was given, and no other.
        #expect(entries[2].changes.map(\.member).contains("structure") && !entries[2].changes.map(\.member).contains("phone"))
        #expect(entries[2].changes.allSatisfy { $0.before == .null && $0.after != .array([]) })

        let first = try await history(place.id, Paging(limit: 2, order: "history"))
        #expect(first.items == Array(entries.prefix(2)))
        let second = try await history(place.id, Paging(limit: 2, order: "history", after: first.next))
        #expect(second.items == [entries[2]] && second.next == nil)
    }

    /// Each names the other: they wait in turn, and the second is told that a circle would close.
    @Test func twoStructuresThatTakeEachOtherForParentWaitInTurn() async throws {
        let (one, other) = (try await registry.structure("Un").id, try await registry.structure("Deux").id)
        let registry = registry
        for _ in 0..<5 {
            let outcomes = await withTaskGroup(of: RegistryError?.self) { group in
                for (child, parent) in [(one, other), (other, one)] {
                    group.addTask {
                        await failure { () throws(RegistryError) in
                            _ = try await registry.write { tx throws(RegistryError) in
                                try await registry.structures.change(
                                    child, by: ["parent": .string(parent.description)], if: .any, by: OwnRegistry.staff, in: tx)
                            }
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.compactMap { $0?.problems } == [["/parent cycle"]])
            try await registry.database.execute("UPDATE structures SET parent_id = NULL")
        }
        #expect(
            try await registry.database.value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()", as: Int.self)
                == 0)
    }

    /// Files say what nobody may write here, and it is kept: an undo puts it back as it was.
    @Test func anUndoPutsBackWhatAFileSaid() async throws {
        let place = try await registry.place()
        try await registry.database.execute(
            "UPDATE places SET opening_hours = 'sur rdv', pivot = '123', typologies = '{OLD}', version = 2 WHERE id = \(place.id)")
        try await change(place.id, ["opening_hours": "Mo 09:00-12:00", "pivot": nil, "typologies": ["BIB"]])
        #expect(await undo(3, of: place.id) == nil)
        let now = try #require(try await registry.database.place(place.id))
        #expect(now.openingHours == "sur rdv" && now.pivot == "123" && now.typologies == ["OLD"] && now.version == 4)
        // Whoever changes it has still to say what can be read.
        let refused = await failure { () throws(RegistryError) in try await change(place.id, ["opening_hours": "sur demande"]) }
        guard case .invalid(let input)? = refused else {
            Issue.record("\(String(describing: refused))")
            return
        }
        #expect(input.problems.map(\.code) == ["opening_hours"])
    }

    @Test func aVersionIsKeptWhoeverWritesIt() async throws {
        let place = try await registry.place()
        try await registry.database.execute(
            "UPDATE places SET name = 'À la main', version = version + 1, updated_at = now() WHERE id = \(place.id)")
        let entries = try await history(place.id).items
        #expect(entries[0].by == nil && entries[0].changes.map(\.after) == ["À la main"])
        // What changes without a version is not told of the entry, and so kept no version.
        try await registry.database.execute("UPDATE places SET name = 'Rien' WHERE id = \(place.id)")
        #expect(try await history(place.id).items.count == 2)
    }

    @Test func anEntryIsReadAsItWasAtAnInstant() async throws {
        let place = try await registry.place()
        let made = registry.clock.now
        try await change(place.id, ["name": "Deux"])
        try await change(place.id, ["name": "Trois"])
        func name(after seconds: TimeInterval) async throws -> String? {
            try await registry.database.entry(PastPlace.self, place.id, asOf: made + seconds)?.place.name
        }
        #expect(try await name(after: -1) == nil)
        #expect(try await name(after: 0) == "Médiathèque")
        #expect(try await name(after: 59) == "Médiathèque")
        #expect(try await name(after: 60) == "Deux")
        #expect(try await name(after: 86_400) == "Trois")
        let past = try await registry.database.entry(PastPlace.self, place.id, asOf: made)
        #expect(past == PastPlace(place: place, stops: []))
    }

    @Test func aMediatorIsKeptWithItsSkillsPlacesAndLimits() async throws {
        let structure = try await registry.structure()
        let place = try await registry.place(structure.id)
        let mediator = try await registry.mediator(structure.id)
        let made = registry.clock.now
        registry.clock.advance(by: 60)
        try await registry.write { tx throws(RegistryError) in
            _ = try await registry.mediators.change(
                mediator.id, by: ["places": .array([.string(place.id.description)]), "skills": []], if: .any, by: OwnRegistry.staff, in: tx)
        }
        registry.clock.advance(by: 60)
        try await registry.write { tx throws(RegistryError) in
            _ = try await registry.capacities.change(
                mediator.id, by: ["agreed_open": 3, "agreed_weekly": 2], if: .any, by: OwnRegistry.staff, in: tx)
        }
        // Written by hand, without a version: a link is part of what is told of the mediator, and makes one.
        try await registry.database.execute(
            "INSERT INTO mediator_skills (mediator_id, skill, level) VALUES (\(mediator.id), 'usage-securise', 3)")
        #expect(try await registry.database.mediator(mediator.id, at: registry.clock.now)?.version == 4)

        let entries = try await registry.database.history(of: PastMediator.self, mediator.id, Paging()).items
        #expect(entries.map { $0.changes.map(\.member) }.prefix(3) == [["skills"], ["capacity"], ["places", "skills"]])
        #expect(entries[1].event == "capacity.agreed")
        let past = try #require(try await registry.database.entry(PastMediator.self, mediator.id, asOf: made))
        #expect(past.details == mediator.details && past.version == 1)
    }

    @Test func oneChangeIsUndoneAndLaterOnesStay() async throws {
        let place = try await registry.place()
        try await change(place.id, ["name": "Deux", "phone": "+33477123456"])
        try await change(place.id, ["websites": ["https://a.example.org"]])
        #expect(await undo(2, of: place.id) == nil)
        let now = try #require(try await registry.database.place(place.id))
        #expect(now.name == "Médiathèque" && now.phone == nil && now.websites == ["https://a.example.org"] && now.version == 4)
        #expect(try await history(place.id).items[0].undoes == 2)
        // The undoing is a change like another.
        #expect(await undo(4, of: place.id) == nil)
        #expect(try await registry.database.place(place.id)?.name == "Deux")
        #expect(try await registry.events("place.changed") == 4)
    }

    @Test func whatCannotBeUndoneIsRefusedWithTheReason() async throws {
        let place = try await registry.place()
        try await change(place.id, ["name": "Deux", "phone": "+33477123456"])
        try await change(place.id, ["name": "Trois"])
        #expect(await undo(2, of: place.id) == .changedAfterwards(["name"]))
        #expect(await undo(1, of: place.id) == .conflict(.firstVersion))
        #expect(await undo(4, of: place.id) == .unknown)
        #expect(await undo(3, of: Place.ID(UUID())) == .unknown)
        guard case .overtaken(let overtaken) = await undo(3, of: place.id, if: .versions([2])) else {
            Issue.record("it was changed after the version that was read")
            return
        }
        #expect(overtaken.since == 2 && overtaken.members == ["name"])
        #expect(try await registry.database.place(place.id)?.version == 3)
        let other = await failure { () throws(RegistryError) in
            try await registry.write { tx throws(RegistryError) in
                try await registry.places.undo(3, of: place.id, by: Caller(.manager, structure: Structure.ID(UUID())), in: tx)
            }
        }
        #expect(other == .forbidden(member: nil))
    }

    @Test func archivingIsUndoneByRestoringAndTheOtherWayRound() async throws {
        let structure = try await registry.structure()
        let place = try await registry.place(structure.id)
        try await registry.write { tx throws(RegistryError) in try await registry.places.archive(place.id, by: OwnRegistry.staff, in: tx) }
        #expect(await undo(2, of: place.id) == nil)
        #expect(try await registry.database.place(place.id)?.record.archivedAt == nil)
        #expect(await undo(3, of: place.id) == nil)
        #expect(try await registry.database.place(place.id)?.record.archivedAt != nil)
        #expect(try await history(place.id).items.map(\.undoes) == [3, 2, nil, nil])

        // What it belongs to comes first.
        try await registry.write { tx throws(RegistryError) in
            try await registry.structures.archive(structure.id, by: OwnRegistry.staff, in: tx)
        }
        func restore() async -> RegistryError? {
            await failure { () throws(RegistryError) in
                try await registry.write { tx throws(RegistryError) in
                    try await registry.places.restore(place.id, by: OwnRegistry.staff, in: tx)
                }
            }
        }
        #expect(await restore() == .conflict(.belongsToArchived))
        try await registry.write { tx throws(RegistryError) in
            _ = try await registry.structures.restore(structure.id, by: OwnRegistry.staff, in: tx)
        }
        #expect(await restore() == nil)
        #expect(await restore() == .conflict(.notArchived))
        #expect(try await registry.events("place.restored") == 2)
    }

    @Test func aNumberThatWasTakenMeanwhileKeepsAStructureArchived() async throws {
        let draft = StructureDraft(name: "A", siret: "43493312300029")
        let first = try await registry.write { tx throws(RegistryError) in
            try await registry.structures.create(draft, by: OwnRegistry.staff, in: tx)
        }
        try await registry.write { tx throws(RegistryError) in
            try await registry.structures.archive(first.id, by: OwnRegistry.staff, in: tx)
        }
        let second = await failure { () throws(RegistryError) in
            try await registry.write { tx throws(RegistryError) in
                try await registry.structures.create(draft, by: OwnRegistry.staff, in: tx)
            }
        }
        let restored = await failure { () throws(RegistryError) in
            try await registry.write { tx throws(RegistryError) in
                try await registry.structures.restore(first.id, by: OwnRegistry.staff, in: tx)
            }
        }
        #expect(second == nil && restored == .conflict(.siretTaken))
    }

    @Test func oneOfManyThatCannotBeDoneLeavesTheOthers() async throws {
        let (a, b, c) = (try await registry.place(nil, "A"), try await registry.place(nil, "B"), try await registry.place(nil, "C"))
        let unknown = Place.ID(UUID())
        let items: [BulkItem<PastPlace>] = [
            BulkItem(id: a.id, precondition: .versions([1]), act: .change(["fees": ["gratuit"], "phone": "+33477123456"])),
            BulkItem(id: b.id, precondition: .versions([7]), act: .change(["phone": "+33477123456"])),
            BulkItem(id: c.id, precondition: .versions([1]), act: .change(["phone": "12", "colour": 1])),
            BulkItem(id: unknown, precondition: .any, act: .archive),
        ]
        func run(atomic: Bool) async throws(RegistryError) -> [BulkOutcome] {
            try await registry.write { tx throws(RegistryError) in
                try await registry.places.bulk(items, atomic: atomic, by: OwnRegistry.staff, in: tx)
            }
        }
        let none = await failure { () throws(RegistryError) in try await run(atomic: true) }
        guard case .noneDone(let refused) = none else {
            Issue.record("\(String(describing: none))")
            return
        }
        #expect(refused.map(\.id) == items.map(\.id.description))
        #expect(try await registry.database.value("SELECT max(version) FROM places", as: Int.self) == 1)
        #expect(try await registry.events("place.changed") == 0)

        let outcomes = try await run(atomic: false)
        #expect(outcomes[0].result == .success(2))
        #expect(outcomes[1].result == .failure(.changedSince))
        if case .failure(let error) = outcomes[2].result {
            #expect(error.problems.count == 2)
        } else {
            Issue.record("a telephone of two digits")
        }
        #expect(outcomes[3].result == .failure(.unknown))
        #expect(try await registry.database.place(a.id)?.phone == "+33477123456")
        #expect(try await registry.events("place.changed") == 1)

        let archived = try await registry.write { tx throws(RegistryError) in
            try await registry.places.bulk(
                [
                    BulkItem(id: a.id, precondition: .versions([2]), act: .archive), BulkItem(id: b.id, precondition: .any, act: .archive),
                    BulkItem(id: c.id, precondition: .versions([2]), act: .archive),
                ], atomic: false, by: OwnRegistry.staff, in: tx)
        }
        #expect(archived.map { (try? $0.result.get()) } == [3, 2, nil])
        let restored = try await registry.write { tx throws(RegistryError) in
            try await registry.places.bulk(
                [BulkItem(id: a.id, precondition: .versions([3]), act: .restore)], atomic: true, by: OwnRegistry.staff, in: tx)
        }
        #expect(restored[0].result == .success(4))
    }

    /// In the order of who asks: the other way round the first of the two would be refused.
    @Test func aChildGoesBeforeItsParentAndComesBackAfterIt() async throws {
        let parent = try await registry.structure()
        let child = try await registry.write { tx throws(RegistryError) in
            var draft = StructureDraft(name: "Antenne")
            draft.parent = parent.id
            return try await registry.structures.create(draft, allowingDuplicates: true, by: OwnRegistry.staff, in: tx)
        }
        func run(_ ids: [Structure.ID], _ act: BulkItem<Structure>.Act) async throws(RegistryError) -> [BulkOutcome] {
            try await registry.write { tx throws(RegistryError) in
                try await registry.structures.bulk(
                    ids.map { BulkItem(id: $0, precondition: .any, act: act) }, atomic: true, by: OwnRegistry.staff, in: tx)
            }
        }
        #expect(await failure { () throws(RegistryError) in try await run([parent.id, child.id], .archive) } != nil)
        #expect(try await run([child.id, parent.id], .archive).allSatisfy { (try? $0.result.get()) == 2 })
        #expect(try await run([parent.id, child.id], .restore).allSatisfy { (try? $0.result.get()) == 3 })
    }
}
