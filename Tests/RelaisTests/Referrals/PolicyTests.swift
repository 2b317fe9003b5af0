import Foundation
import Postgres
import Relais
import Support
import Testing

@Suite("Referrals under a policy", .freshDatabase)
struct PolicyTests {
    @Test func aReferralKeepsTheVersionThatMadeIt() async throws {
        let network = try await SmallNetwork()
        let mediator = try await network.mediator()
        let first = try await network.propose(try await network.request(), to: mediator)
        let desk = PolicyDesk(network.generators())
        let changed = try await network.database.transaction { tx throws(RegistryError) in
            try await desk.change(
                by: .object(["answer_working_days": .number(1)]), if: .versions([1]), by: Caller(.admin), in: tx)
        }
        #expect(changed.version == 2 && changed.answerWorkingDays == 1 && changed.refusalsBeforeAttention == 3)
        let second = try await network.propose(try await network.request(), to: mediator)
        let before = try #require(try await network.database.referral(first, for: .system)?.referral)
        let after = try #require(try await network.database.referral(second, for: .system)?.referral)
        #expect(before.policyVersion == 1 && after.policyVersion == 2)
        // From a Monday: three working days, and one.
        #expect(before.answerBy == network.now + 3 * 86_400 && after.answerBy == network.now + 86_400)
    }

    @Test func whoChangesItMeanwhileWaitsAndIsToldThatItCameSecond() async throws {
        let database = OwnDatabase.current
        let desk = PolicyDesk(.system)
        let (made, gate) = (Gate(), Gate())
        @Sendable func change(_ days: Double, then wait: @escaping @Sendable () async -> Void) async -> Result<Int, RegistryError> {
            do throws(RegistryError) {
                return .success(
                    try await database.transaction { tx throws(RegistryError) in
                        let policy = try await desk.change(
                            by: .object(["stale_after_days": .number(days)]), if: .versions([1]), by: Caller(.admin), in: tx)
                        await wait()
                        return policy.version
                    })
            } catch { return .failure(error) }
        }
        async let first = change(10) {
            await made.open()
            await gate.wait()
        }
        await made.wait()
        async let second = change(20) {}
        // The first commits once the second waits for it; in ten seconds it would have, or does not wait at all.
        for _ in 0..<500 {
            let waits = try await database.value(
                """
                SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
                """, as: Bool.self)
            if waits == true { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        await gate.open()
        let outcomes = await (first, second)
        #expect(outcomes.0 == .success(2) && outcomes.1 == .failure(.changedSince))
        #expect(try await database.value("SELECT array_agg(stale_after_days ORDER BY version) FROM policies", as: [Int].self) == [183, 10])
    }
}
