import Foundation
import Matching
import Postgres
import Support
import Testing

@testable import Relais

@Suite("Capacity", .database)
struct CapacityTests {
    let registry = OwnRegistry()

    func change(
        _ mediator: Mediator, _ patch: JSONValue, by caller: Caller = OwnRegistry.staff, if precondition: Precondition = .any
    ) async throws(RegistryError) -> Mediator {
        try await registry.write { tx throws(RegistryError) in
            try await registry.capacities.change(mediator.id, by: patch, if: precondition, by: caller, in: tx)
        }
    }

    func mediator() async throws -> Mediator { try await registry.mediator(try await registry.structure().id) }

    @Test func nothingIsLeftUntilSomethingIsAgreed() async throws {
        let mediator = try await mediator()
        #expect(mediator.capacity.left == nil)
        let agreed = try await change(mediator, ["agreed_open": 3, "agreed_weekly": 2])
        #expect(agreed.capacity.left == 2 && agreed.version == 2)
        let half = await failure { () throws(RegistryError) in try await change(mediator, ["agreed_open": nil]) }
        #expect(half?.problems == ["/agreed_open required"])
        let unset = try await change(mediator, ["agreed_open": nil, "agreed_weekly": nil])
        #expect(unset.capacity.agreedOpen == nil && unset.capacity.left == nil)
    }

    @Test func theLowerOfTheTwoLimitsCountsAndAStaleWordDoesNot() async throws {
        let mediator = try await mediator()
        _ = try await change(mediator, ["agreed_open": 5, "agreed_weekly": 5])
        let declared = try await change(mediator, ["declared_open": 1])
        #expect(declared.capacity.left == 1)
        #expect(declared.capacity.statedAt == registry.clock.now)
        #expect(declared.capacity.validUntil == registry.clock.now + 30 * 86_400)
        registry.clock.advance(by: 31 * 86_400)
        #expect(try await registry.database.mediator(mediator.id, at: registry.clock.now)?.capacity.left == 5)
        let withdrawn = try await change(mediator, ["declared_open": nil])
        #expect(withdrawn.capacity.statedAt == nil && withdrawn.capacity.validUntil == nil)
    }

    @Test func loweringBelowWhatIsHeldLeavesNothing() async throws {
        let mediator = try await mediator()
        _ = try await change(mediator, ["agreed_open": 5, "agreed_weekly": 5])
        try await registry.pretend(mediator.id, holds: 3)
        #expect(try await change(mediator, ["agreed_open": 1]).capacity.left == 0)
    }

    @Test func staffAgreesAndPartnersDeclare() async throws {
        let mediator = try await mediator()
        let manager = Caller(.manager, structure: mediator.structure)
        let itself = Caller(.mediator, mediator: mediator.id)
        for caller in [manager, itself] {
            let error = await failure { () throws(RegistryError) in
                try await change(mediator, ["agreed_open": 1, "agreed_weekly": 1], by: caller)
            }
            #expect(error == .forbidden(member: "/agreed_open"))
            #expect(await failure { () throws(RegistryError) in try await change(mediator, ["declared_open": 2], by: caller) } == nil)
        }
        let other = Caller(.mediator, mediator: Mediator.ID(UUID()))
        let error = await failure { () throws(RegistryError) in try await change(mediator, ["declared_open": 2], by: other) }
        #expect(error == .forbidden(member: "/declared_open"))
    }

    @Test func whatIsWrongIsToldAtOnce() async throws {
        let mediator = try await mediator()
        let error = await failure { () throws(RegistryError) in
            try await change(mediator, ["agreed_open": -1, "declared_open": 1001, "valid_until": "2020-01-01T00:00:00Z", "held": 0])
        }
        #expect(error?.problems.contains("/agreed_open range") == true)
        #expect(error?.problems.contains("/declared_open range") == true)
        #expect(error?.problems.contains("/valid_until range") == true)
        #expect(error?.problems.contains("/held unknown_member") == true)
        let stale = await failure { () throws(RegistryError) in try await change(mediator, ["declared_open": 1], if: .versions([7])) }
        #expect(stale == .changedSince)
    }

    @Test func theLogHasTheNumbersAndWaitingRequestsAreLookedAtAgain() async throws {
        let mediator = try await mediator()
        _ = try await change(mediator, ["agreed_open": 3, "agreed_weekly": 2])
        _ = try await change(mediator, ["declared_weekly": 1])
        let agreed = try await registry.database.value("SELECT data::text FROM events WHERE kind = 'capacity.agreed'", as: String.self)
        #expect(agreed == "{\"open\": 3, \"weekly\": 2}")
        let until = Int(registry.clock.now.timeIntervalSince1970) + 30 * 86_400
        let declared = try await registry.database.value("SELECT data::text FROM events WHERE kind = 'capacity.declared'", as: String.self)
        #expect(declared == "{\"open\": null, \"weekly\": 1, \"valid_until\": \(until)}")
        #expect(
            try await registry.database.values("SELECT kind || ' ' || subject FROM jobs", as: String.self) == [
                "retry_waiting \(mediator.id)"
            ])
    }

    @Test func contactIsForThoseWhoAnswerForTheMediator() async throws {
        let mediator = try await mediator()
        #expect(mediator.seen(by: OwnRegistry.staff).email == "camille@example.org")
        #expect(mediator.seen(by: Caller(.manager, structure: mediator.structure)).email != nil)
        #expect(mediator.seen(by: Caller(.mediator, mediator: mediator.id)).email != nil)
        #expect(mediator.seen(by: Caller(.manager, structure: Structure.ID(UUID()))).email == nil)
        #expect(mediator.seen(by: Caller(.prescriber, structure: mediator.structure)).email == nil)
        #expect(mediator.seen(by: Caller(.tool, scopes: [.readRegistry])).phone == nil)
    }

    @Test func whatWasDeclaredAndIsOverStaysOverWhenAnotherLimitIsDeclared() async throws {
        let mediator = try await mediator()
        _ = try await change(mediator, ["agreed_open": 5, "agreed_weekly": 5])
        _ = try await change(mediator, ["declared_weekly": 0])
        registry.clock.advance(by: 31 * 86_400)
        let declared = try await change(mediator, ["declared_open": 3])
        #expect(declared.capacity.left == 3 && declared.capacity.declaredWeekly == nil)
        registry.clock.advance(by: 31 * 86_400)
        // A new date alone says that what was declared holds again.
        let until = registry.clock.now.addingTimeInterval(86_400).formatted(.iso8601)
        #expect(try await change(mediator, ["valid_until": .string(until)]).capacity.left == 3)
    }

    @Test func aMediatorComesBackAlsoWhenOneOfItsPlacesHasClosed() async throws {
        let structure = try await registry.structure().id
        let place = try await registry.place(structure)
        let draft = MediatorDraft(
            structure: structure, name: "Camille", places: [place.id], skills: [.init("usage-securise", level: 2)], modes: [.place])
        let mediator = try await registry.write { tx throws(RegistryError) in
            try await registry.mediators.create(draft, by: OwnRegistry.staff, in: tx)
        }
        #expect(try await registry.database.quality(of: mediator.id)?.parts.first(where: { $0.part == "reach" })?.points == 20)
        try await registry.write { tx throws(RegistryError) in
            try await registry.places.archive(place.id, if: .any, undoing: nil, by: OwnRegistry.staff, in: tx)
            try await registry.mediators.archive(mediator.id, if: .any, undoing: nil, by: OwnRegistry.staff, in: tx)
        }
        let back = try await registry.write { tx throws(RegistryError) in
            try await registry.mediators.restore(mediator.id, if: .any, undoing: nil, by: OwnRegistry.staff, in: tx)
        }
        #expect(back.record.archivedAt == nil && back.details.places == [place.id])
        #expect(try await registry.database.quality(of: mediator.id)?.parts.first(where: { $0.part == "reach" })?.points == 0)
    }
}
