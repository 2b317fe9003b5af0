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
}
