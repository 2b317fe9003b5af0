import Foundation
import Postgres
import Support
import Testing

@testable import Relais

@Suite("The registry when two work at once", .freshDatabase)
struct TogetherTests {
    let registry = OwnRegistry()

    /// Runs `first` to its end but for its COMMIT, starts `second`, and lets the first commit.
    func inTurn<A: Sendable, B: Sendable>(
        _ first: @escaping @Sendable (Session<RegistryError>) async throws(RegistryError) -> A,
        _ second: @escaping @Sendable (Session<RegistryError>) async throws(RegistryError) -> B
    ) async -> (RegistryError?, RegistryError?) {
        let (done, gate) = (Gate(), Gate())
        let database = registry.database
        async let one = failure { () throws(RegistryError) in
            try await database.transaction(attempts: 3) { tx throws(RegistryError) in
                let value = try await first(tx)
                await done.open()
                await gate.wait()
                return value
            }
        }
        await done.wait()
        async let two = failure { () throws(RegistryError) in
            try await database.transaction(attempts: 3) { tx throws(RegistryError) in
                let waiting = Task {
                    // Long enough for the second to come to where it waits; when it does not wait, nothing is lost.
                    try? await Task.sleep(for: .milliseconds(200))
                    await gate.open()
                }
                let value = try await second(tx)
                await waiting.value
                return value
            }
        }
        return (await one, await two)
    }

    @Test func aSkillThatSomebodyTakesUpAtTheSameTimeIsNotArchived() async throws {
        let registry = registry
        let structure = try await registry.structure()
        for code in ["drone", "robot"] {
            try await registry.write { tx throws(RegistryError) in
                _ = try await registry.skills.create(code, SkillDraft(name: code), by: OwnRegistry.staff, in: tx)
            }
        }
        let holder = { @Sendable (skill: String) in MediatorDraft(structure: structure.id, name: "A", skills: [.init(skill, level: 1)]) }
        let takenUp = await inTurn(
            { tx throws(RegistryError) in try await registry.mediators.create(holder("drone"), by: OwnRegistry.staff, in: tx) },
            { tx throws(RegistryError) in try await registry.skills.archive("drone", by: OwnRegistry.staff, in: tx) })
        #expect(takenUp.0 == nil && takenUp.1 == .conflict(.skillInUse))
        let archived = await inTurn(
            { tx throws(RegistryError) in try await registry.skills.archive("robot", by: OwnRegistry.staff, in: tx) },
            { tx throws(RegistryError) in try await registry.mediators.create(holder("robot"), by: OwnRegistry.staff, in: tx) })
        #expect(archived.0 == nil && archived.1?.problems == ["/skills/0/skill unknown_code"])
    }

    @Test func aMediatorThatTakesUpAPlaceWhileItIsMergedIsMovedWithIt() async throws {
        let registry = registry
        let structure = try await registry.structure()
        let (kept, lost) = (try await registry.place(structure.id, "A"), try await registry.place(structure.id, "B"))
        let mediator = try await registry.write { tx throws(RegistryError) in
            try await registry.mediators.create(MediatorDraft(structure: structure.id, name: "A"), by: OwnRegistry.staff, in: tx)
        }
        let merged = await inTurn(
            { tx throws(RegistryError) in
                try await registry.mediators.change(
                    mediator.id, by: ["places": [.string(lost.id.description)]], if: .any, by: OwnRegistry.staff, in: tx)
            },
            { tx throws(RegistryError) in
                try await DuplicateDesk(registry.generators).merge(lost.id, into: kept.id, by: OwnRegistry.staff, in: tx)
            })
        #expect(merged.0 == nil && merged.1 == nil)
        #expect(try await registry.database.mediator(mediator.id, at: registry.clock.now)?.places == [kept.id])
        // The other way round, it is told that the place is gone.
        _ = try await registry.write { tx throws(RegistryError) in
            try await DuplicateDesk(registry.generators).unmerge(lost.id, by: OwnRegistry.staff, in: tx)
        }
        let late = await inTurn(
            { tx throws(RegistryError) in
                try await DuplicateDesk(registry.generators).merge(lost.id, into: kept.id, by: OwnRegistry.staff, in: tx)
            },
            { tx throws(RegistryError) in
                let draft = MediatorDraft(structure: structure.id, name: "C", places: [lost.id])
                return try await registry.mediators.create(draft, by: OwnRegistry.staff, in: tx)
            })
        #expect(late.0 == nil && late.1?.problems == ["/places/0 unknown_id"])
    }

    @Test func structuresThatAreMovedAtTheSameTimeMakeNoCircle() async throws {
        let registry = registry
        let (a, b, c) = (try await registry.structure("A"), try await registry.structure("B"), try await registry.structure("C"))
        let move = { @Sendable (tx: Session<RegistryError>, id: Structure.ID, parent: Structure.ID) async throws(RegistryError) in
            _ = try await registry.structures.change(
                id, by: ["parent": .string(parent.description)], if: .any, by: OwnRegistry.staff, in: tx)
        }
        try await registry.write { tx throws(RegistryError) in try await move(tx, b.id, c.id) }
        // A under B, which is under C, while C goes under A.
        let moved = await inTurn(
            { tx throws(RegistryError) in try await move(tx, c.id, a.id) }, { tx throws(RegistryError) in try await move(tx, a.id, b.id) })
        #expect(moved.0 == nil && moved.1?.problems == ["/parent cycle"])
        #expect(try await registry.database.structure(a.id)?.parent == nil)
    }
}
