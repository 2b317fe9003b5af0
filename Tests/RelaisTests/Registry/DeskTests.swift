import Foundation
import Matching
import Postgres
import Support
import Testing

@testable import Relais

@Suite("Keeping the registry", .database)
struct DeskTests {
    let registry = OwnRegistry()

    @Test func aStructureIsCreatedChangedAndArchived() async throws {
        let structure = try await registry.structure()
        #expect(structure.version == 1)
        let changed = try await registry.write { tx throws(RegistryError) in
            try await registry.structures.change(
                structure.id, by: ["networks": ["EPN"], "phone": "+33477123456"], if: .versions([1]), by: OwnRegistry.staff, in: tx)
        }
        #expect(changed.version == 2 && changed.networks == ["EPN"] && changed.name == structure.name)
        let same = try await registry.write { tx throws(RegistryError) in
            try await registry.structures.change(structure.id, by: ["networks": ["EPN"]], if: .any, by: OwnRegistry.staff, in: tx)
        }
        #expect(same.version == 2)
        try await registry.write { tx throws(RegistryError) in
            try await registry.structures.archive(structure.id, by: OwnRegistry.staff, in: tx)
        }
        try await registry.write { tx throws(RegistryError) in
            try await registry.structures.archive(structure.id, by: OwnRegistry.staff, in: tx)
        }
        #expect(try await registry.database.structures().items.isEmpty)
        #expect(try await registry.database.structure(structure.id)?.record.archivedAt != nil)
        var filter = StructureFilter()
        filter.archived = true
        #expect(try await registry.database.structures(filter).items.map(\.id) == [structure.id])
        let late = await failure { () throws(RegistryError) in
            try await registry.write { tx throws(RegistryError) in
                try await registry.structures.change(structure.id, by: ["name": "B"], if: .any, by: OwnRegistry.staff, in: tx)
            }
        }
        #expect(late == .archived)
        let names = try await registry.database.values("SELECT kind FROM events ORDER BY position", as: String.self)
        #expect(names == ["structure.created", "structure.changed", "structure.archived"])
        let data = try await registry.database.value(
            "SELECT data->>'changed' FROM events WHERE kind = 'structure.changed'", as: String.self)
        #expect(data == "[\"networks\", \"phone\"]")
    }

    @Test func aNumberBelongsToOneStructure() async throws {
        let draft = StructureDraft(name: "A", siret: "43493312300029", rna: "W423000001")
        let first = try await registry.write { tx throws(RegistryError) in
            try await registry.structures.create(draft, by: OwnRegistry.staff, in: tx)
        }
        let twice = await failure { () throws(RegistryError) in
            try await registry.write { tx throws(RegistryError) in
                try await registry.structures.create(draft, by: OwnRegistry.staff, in: tx)
            }
        }
        let same = LikelyDuplicate(kind: "structure", id: first.id.rawValue, name: "A", reasons: ["siret", "rna", "name"])
        #expect(twice == .structureDuplicate([same]))
        let ofDesks: Set<RegistryError.Conflict> = [
            .structureInUse, .skillInUse, .mediatorHolds, .notArchived, .belongsToArchived, .firstVersion, .nothingChanged,
            .limitsAreAgreedAnew, .applicationElsewhere, .notMerged, .survivorMerged, .survivorStays, .searchRunning, .importRunning,
            .importOvertaken,
            .importNotUndoable, .mergesAreUnmerged,
        ]
        for conflict in RegistryError.Conflict.allCases where !ofDesks.contains(conflict) {
            let exists = try await registry.database.value(
                """
                SELECT EXISTS (SELECT FROM pg_class WHERE relname = \(conflict.rawValue))
                    OR EXISTS (SELECT FROM pg_constraint WHERE conname = \(conflict.rawValue))
                """, as: Bool.self)
            #expect(exists == true, "\(conflict)")
        }
    }

    @Test func nothingStandsUnderItself() async throws {
        let (a, b) = (try await registry.structure("A"), try await registry.structure("B"))
        _ = try await registry.write { tx throws(RegistryError) in
            try await registry.structures.change(
                b.id, by: ["parent": .string(a.id.description)], if: .any, by: OwnRegistry.staff, in: tx)
        }
        let error = await failure { () throws(RegistryError) in
            try await registry.write { tx throws(RegistryError) in
                try await registry.structures.change(
                    a.id, by: ["parent": .string(b.id.description)], if: .any, by: OwnRegistry.staff, in: tx)
            }
        }
        #expect(error?.problems == ["/parent cycle"])
    }

    @Test func ofTwoWhoChangeAtOnceOneFindsItChanged() async throws {
        let place = try await registry.place()
        let outcomes = await withTaskGroup(of: RegistryError?.self) { group in
            for name in ["Un", "Deux", "Trois", "Quatre"] {
                group.addTask {
                    await failure { () throws(RegistryError) in
                        try await registry.write { tx throws(RegistryError) in
                            try await registry.places.change(
                                place.id, by: ["name": .string(name)], if: .versions([1]), by: OwnRegistry.staff, in: tx)
                        }
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { $0 == nil } == 1)
        // Each of the others is told what was changed meanwhile.
        for case .overtaken(let overtaken) in outcomes {
            #expect(overtaken.since == 1 && overtaken.members == ["name"] && overtaken.changes.map(\.event) == ["place.changed"])
        }
        #expect(outcomes.count { if case .overtaken = $0 { true } else { false } } == 3)
        #expect(try await registry.database.place(place.id)?.version == 2)
        #expect(try await registry.events("place.changed") == 1)
    }

    @Test func aManagerKeepsItsOwnStructureAndNoOther() async throws {
        let (own, other) = (try await registry.structure("A"), try await registry.structure("B"))
        let manager = Caller(.manager, structure: own.id)
        let places = (try await registry.place(own.id), try await registry.place(other.id))
        func change(_ id: Place.ID, _ patch: JSONValue) async -> RegistryError? {
            await failure { () throws(RegistryError) in
                try await registry.write { tx throws(RegistryError) in
                    try await registry.places.change(id, by: patch, if: .any, by: manager, in: tx)
                }
            }
        }
        #expect(await change(places.0.id, ["name": "B"]) == nil)
        #expect(await change(places.1.id, ["name": "B"]) == .forbidden(member: nil))
        #expect(await change(places.0.id, ["structure": .string(other.id.description)]) == .forbidden(member: "/structure"))
        #expect(await change(places.0.id, ["structure": nil]) == .forbidden(member: "/structure"))
        let created = await failure { () throws(RegistryError) in
            try await registry.write { tx throws(RegistryError) in
                try await registry.structures.create(StructureDraft(name: "C"), by: manager, in: tx)
            }
        }
        #expect(created == .forbidden(member: nil))
        let mediator = await failure { () throws(RegistryError) in
            try await registry.write { tx throws(RegistryError) in
                try await registry.mediators.create(MediatorDraft(structure: other.id, name: "A"), by: manager, in: tx)
            }
        }
        #expect(mediator == .forbidden(member: nil))
    }

    @Test func whatIsNamedMustBeThereAndNotArchived() async throws {
        let structure = try await registry.structure()
        let place = try await registry.place()
        try await registry.write { tx throws(RegistryError) in try await registry.places.archive(place.id, by: OwnRegistry.staff, in: tx) }
        let draft = MediatorDraft(
            structure: structure.id, name: "A", places: [place.id, Place.ID(UUID())],
            skills: [.init("usage-securisé", level: 1), .init("usage-securise", level: 1)])
        let error = await failure { () throws(RegistryError) in
            try await registry.write { tx throws(RegistryError) in try await registry.mediators.create(draft, by: OwnRegistry.staff, in: tx)
            }
        }
        #expect(error?.problems == ["/places/0 unknown_id", "/places/1 unknown_id", "/skills/0/skill unknown_code"])
        if case .invalid(let input) = error {
            #expect(input.problems.contains { $0.message.contains("Near ones: usage-securise") })
        }
        try await registry.write { tx throws(RegistryError) in
            try await registry.structures.archive(structure.id, by: OwnRegistry.staff, in: tx)
        }
        let late = await failure { () throws(RegistryError) in try await registry.mediator(structure.id) }
        #expect(late?.problems == ["/structure archived"])
        let unknown = await failure { () throws(RegistryError) in try await registry.mediator(Structure.ID(UUID())) }
        #expect(unknown?.problems == ["/structure unknown_id"])
    }

    @Test func whatIsInUseIsNotArchived() async throws {
        let structure = try await registry.structure()
        let mediator = try await registry.mediator(structure.id)
        func archive(_ body: (Session<RegistryError>) async throws(RegistryError) -> Void) async -> RegistryError? {
            await failure { () throws(RegistryError) in
                try await registry.write { tx throws(RegistryError) in try await body(tx) }
            }
        }
        #expect(
            await archive { tx throws(RegistryError) in try await registry.structures.archive(structure.id, by: OwnRegistry.staff, in: tx) }
                == .conflict(.structureInUse))
        #expect(
            await archive { tx throws(RegistryError) in try await registry.skills.archive("usage-securise", by: OwnRegistry.staff, in: tx) }
                == .conflict(.skillInUse))
        try await registry.pretend(mediator.id, holds: 1)
        let holding = await archive { tx throws(RegistryError) in
            try await registry.mediators.archive(mediator.id, by: OwnRegistry.staff, in: tx)
        }
        #expect(holding == .conflict(.mediatorHolds))
        try await registry.pretend(mediator.id, holds: 0)
        #expect(
            await archive { tx throws(RegistryError) in try await registry.mediators.archive(mediator.id, by: OwnRegistry.staff, in: tx) }
                == nil)
        #expect(
            await archive { tx throws(RegistryError) in try await registry.structures.archive(structure.id, by: OwnRegistry.staff, in: tx) }
                == nil)
    }

    @Test func aCommuneIsFoundByPostcodeAndNameAndAnUnknownCodeComesWithNearOnes() async throws {
        try await registry.communes()
        let place = try await registry.place()
        #expect(place.commune == "42218")
        let moved = try await registry.write { tx throws(RegistryError) in
            try await registry.places.change(
                place.id, by: ["postcode": "42400", "commune_name": "ST CHAMOND"], if: .any, by: OwnRegistry.staff, in: tx)
        }
        #expect(moved.commune == "42207")
        let error = await failure { () throws(RegistryError) in
            try await registry.write { tx throws(RegistryError) in
                try await registry.places.change(place.id, by: ["commune": "42999"], if: .any, by: OwnRegistry.staff, in: tx)
            }
        }
        #expect(error?.problems == ["/commune unknown_code"])
        if case .invalid(let input) = error { #expect(input.problems[0].message.contains("42207 Saint-Chamond")) }
        // A commune that is given is taken, also where postcode and name would lead to none, or it is the one that is known already.
        func change(_ patch: JSONValue) async throws -> Place {
            try await registry.write { tx throws(RegistryError) in
                try await registry.places.change(place.id, by: patch, if: .any, by: OwnRegistry.staff, in: tx)
            }
        }
        let cedex = try await change(["postcode": "42007", "commune_name": "Saint-Étienne CEDEX", "commune": "42218"])
        #expect(cedex.commune == "42218")
        #expect(try await change(["commune_name": "Quelque part", "commune": "42218"]).commune == "42218")
        // An undo puts back what was there, whatever would be found.
        let back = try await change(["postcode": "42000", "commune_name": "Saint-Étienne"])
        #expect(back.commune == "42218")
        let undone = try await registry.write { tx throws(RegistryError) in
            try await registry.places.undo(back.version, of: place.id, if: .any, by: OwnRegistry.staff, in: tx)
        }
        #expect(undone.postcode == "42007" && undone.commune == "42218")
    }

    @Test func theSmallestNumbersAreNoReasonToFail() async throws {
        var draft = PlaceDraft(name: "Null Island", address: "1 rue", postcode: "42000", communeName: "Saint-Étienne")
        draft.location = Location(latitude: 0.8, longitude: .leastNonzeroMagnitude)
        let place = try await registry.write { [draft] tx throws(RegistryError) in
            try await registry.places.create(draft, by: OwnRegistry.staff, in: tx)
        }
        #expect(place.location == Location(latitude: 0.8, longitude: 0))
    }

    @Test func aSkillHasItsPlaceInTheTree() async throws {
        let skill = try await registry.write { tx throws(RegistryError) in
            try await registry.skills.create(
                "drone", SkillDraft(name: "Drone", parent: "sensibilisation"), by: OwnRegistry.staff, in: tx)
        }
        #expect(try await registry.database.skills(parent: "sensibilisation").items.contains(skill))
        let again = await failure { () throws(RegistryError) in
            try await registry.write { tx throws(RegistryError) in
                try await registry.skills.create("drone", SkillDraft(name: "B"), by: OwnRegistry.staff, in: tx)
            }
        }
        #expect(again == .conflict(.skillExists))
        let cycle = await failure { () throws(RegistryError) in
            try await registry.write { tx throws(RegistryError) in
                try await registry.skills.change(
                    "sensibilisation", by: ["parent": "drone"], if: .any, by: OwnRegistry.staff, in: tx)
            }
        }
        #expect(cycle?.problems == ["/parent cycle"])
        let national = await failure { () throws(RegistryError) in
            try await registry.write { tx throws(RegistryError) in
                try await registry.skills.change(
                    "outils-du-quotidien", by: ["parent": "sensibilisation"], if: .any, by: OwnRegistry.staff, in: tx)
            }
        }
        #expect(national?.problems == ["/parent national"])
        try await registry.database.execute("DELETE FROM skills WHERE code = 'drone'")
    }

    @Test func aListGoesOnWhereItStopped() async throws {
        var ids: [Structure.ID] = []
        for number in 1...5 {
            registry.clock.advance(by: 1)
            ids.append(try await registry.structure("S\(number)").id)
        }
        let first = try await registry.database.structures(StructureFilter(), Paging(limit: 2))
        #expect(first.items.count == 2 && first.next != nil)
        let second = try await registry.database.structures(StructureFilter(), Paging(limit: 3, after: first.next))
        #expect(second.next == nil)
        #expect((first.items + second.items).map(\.id) == ids.sorted { $0.description < $1.description })
    }
}
