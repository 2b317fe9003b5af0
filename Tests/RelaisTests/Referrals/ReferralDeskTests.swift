import Foundation
import Matching
import Postgres
import Relais
import Support
import Testing

@Suite("Proposing a request and following it", .database)
struct ReferralDeskTests {
    let database = OwnDatabase.current

    func act(
        _ network: SmallNetwork, by caller: Caller? = nil,
        _ verb: @escaping @Sendable (ReferralDesk, Session<ReferralError>, Caller) async throws(ReferralError) -> SeenReferral
    ) async throws(ReferralError) -> Referral {
        let caller = caller ?? network.staff
        return try await network.act { desk, tx throws(ReferralError) in try await verb(desk, tx, caller) }.referral
    }

    @Test func theMainJob() async throws {
        let network = try await SmallNetwork()
        let mediator = try await network.mediator()
        let request = try await network.request()
        let referral = try await network.propose(request, to: mediator)
        #expect(try await network.status(request) == .referred)
        #expect(try await network.held(mediator) == 1)
        let accepted = try await act(network) { desk, tx, caller throws(ReferralError) in
            try await desk.accept(referral, by: caller, in: tx)
        }
        #expect(accepted.status == .accepted && accepted.answeredAt == network.now)
        #expect(try await network.status(request) == .inProgress)
        let completed = try await act(network) { desk, tx, caller throws(ReferralError) in
            try await desk.complete(referral, outcome: .resolved, by: caller, in: tx)
        }
        #expect(completed.status == .completed && completed.outcome == .resolved)
        #expect(try await network.status(request) == .closed)
        #expect(try await network.held(mediator) == 0)
        // A completed referral goes on counting in its week.
        #expect(try await network.counted(mediator) == 1)
        let kinds = try await database.values("SELECT kind FROM events ORDER BY position", as: String.self)
        #expect(
            kinds == [
                "request.filed", "request.qualified", "referral.proposed", "request.referred", "referral.accepted", "request.accepted",
                "referral.completed", "request.completed",
            ])
    }

    @Test func theLastPlaceIsNeverGivenTwice() async throws {
        let network = try await SmallNetwork()
        let mediator = try await network.mediator(open: 1)
        var requests: [Relais.Request.ID] = []
        for _ in 0..<6 { requests.append(try await network.request()) }
        let outcomes = await withTaskGroup(of: Result<Referral.ID, ReferralError>.self) { group in
            for request in requests {
                group.addTask {
                    do throws(ReferralError) { return .success(try await network.propose(request, to: mediator)) } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { (try? $0.get()) != nil } == 1)
        let full = outcomes.count { outcome in
            guard case .failure(let error) = outcome else { return false }
            if case .notACandidate(let exclusions) = error { return exclusions.map(\.constraint) == ["capacity"] }
            return error == .openLimit
        }
        #expect(full == 5)
        #expect(try await database.value("SELECT count(*)::int FROM referrals", as: Int.self) == 1)
    }

    @Test func ofTwoWhoAnswerAtOnceOneWins() async throws {
        let network = try await SmallNetwork()
        let mediator = try await network.mediator()
        let referral = try await network.propose(try await network.request(), to: mediator)
        async let yes = Result {
            try await act(network) { desk, tx, caller throws(ReferralError) in try await desk.accept(referral, by: caller, in: tx) }
        }
        async let no = Result {
            try await act(network) { desk, tx, caller throws(ReferralError) in
                try await desk.decline(referral, reason: .absent, text: nil, by: caller, in: tx)
            }
        }
        let outcomes = await [yes, no]
        #expect(outcomes.count { (try? $0.get()) != nil } == 1)
        let refusals = outcomes.compactMap { if case .failure(let error) = $0 { error as? ReferralError } else { nil } }
        #expect(refusals == [.notNow(.decline, in: .accepted)] || refusals == [.notNow(.accept, in: .declined)])
    }

    @Test func aDeclineSendsTheRequestBackToTheTopOfTheQueue() async throws {
        let network = try await SmallNetwork()
        let mediator = try await network.mediator()
        let request = try await network.request()
        let referral = try await network.propose(request, to: mediator)
        let declined = try await act(network) { desk, tx, caller throws(ReferralError) in
            try await desk.decline(referral, reason: .tooFar, text: "trop loin", by: caller, in: tx)
        }
        #expect(declined.status == .declined && declined.reason == "too_far")
        #expect(try await network.status(request) == .qualified)
        #expect(try await database.value("SELECT returned_at FROM requests WHERE id = \(request)", as: Date.self) == network.now)
        #expect(try await network.held(mediator) == 0)
        #expect(try await network.counted(mediator) == 0)
        // Never twice to one who declined.
        await #expect {
            try await network.propose(request, to: mediator)
        } throws: { error in
            guard case .notACandidate(let exclusions)? = error as? ReferralError else { return false }
            return exclusions.map(\.constraint) == ["already_declined"]
        }
    }

    @Test func afterADeclineTheNextOfTheListIsAskedInTheSameTransaction() async throws {
        let network = try await SmallNetwork()
        let (one, full, next) = (try await network.mediator(), try await network.mediator(open: 0), try await network.mediator())
        let request = try await network.request()
        let referral = try await network.propose(request, to: one, then: [full, next])
        _ = try await act(network) { desk, tx, caller throws(ReferralError) in
            try await desk.decline(referral, reason: .other, text: nil, by: caller, in: tx)
        }
        #expect(try await network.status(request) == .referred)
        let asked = try await database.values("SELECT mediator_id FROM referrals WHERE status = 'proposed'", as: Mediator.ID.self)
        #expect(asked == [next])
        // Whoever declines proposes to nobody.
        let by = try await database.values(
            "SELECT actor_role FROM events WHERE kind = 'referral.proposed' ORDER BY position", as: String.self)
        #expect(by == ["coordinator", "system"])
    }

    @Test func whoIsTickedMustBeThereAndOneWhoHasLeftSinceIsPassedOver() async throws {
        let network = try await SmallNetwork()
        let (one, gone, next) = (try await network.mediator(), try await network.mediator(), try await network.mediator())
        let request = try await network.request()
        await #expect(
            throws: ReferralError.invalid(InvalidInput("/then/0", "unknown_id", "There is no mediator with this id, or it is archived."))
        ) {
            try await network.propose(request, to: one, then: [Mediator.ID(UUID())])
        }
        let referral = try await network.propose(request, to: one, then: [gone, next])
        try await database.execute("UPDATE mediators SET archived_at = \(network.now) WHERE id = \(gone)")
        _ = try await act(network) { desk, tx, caller throws(ReferralError) in
            try await desk.decline(referral, reason: .other, text: nil, by: caller, in: tx)
        }
        #expect(try await database.values("SELECT mediator_id FROM referrals WHERE status = 'proposed'", as: Mediator.ID.self) == [next])
    }

    @Test func whatOfAProposalIsNotPossibleIsNamed() async throws {
        let network = try await SmallNetwork()
        let (mediator, other) = (try await network.mediator(), try await network.mediator())
        let request = try await network.request()
        func home(of mediator: Mediator.ID) async throws -> Place.ID {
            try #require(
                try await database.value("SELECT place_id FROM mediator_places WHERE mediator_id = \(mediator)", as: Place.ID.self))
        }
        let (own, foreign) = (try await home(of: mediator), try await home(of: other))
        let proposals: [(Mode?, Place.ID?, String)] = [
            (nil, foreign, "/place"), (.place, foreign, "/place"), (.home, nil, "/mode"), (.remote, own, "/mode"),
        ]
        for (mode, place, pointer) in proposals {
            await #expect {
                try await act(network) { desk, tx, caller throws(ReferralError) in
                    let proposal = ReferralDesk.Proposal(mediator: mediator, mode: mode, place: place)
                    return try await desk.propose(request, proposal, by: caller, in: tx)
                }
            } throws: { error in
                guard case .invalid(let input)? = error as? ReferralError else { return false }
                return input.problems.map(\.pointer) == [pointer]
            }
        }
    }

    @Test func threeRefusalsCallForStaff() async throws {
        let network = try await SmallNetwork()
        let request = try await network.request()
        for _ in 0..<3 {
            let mediator = try await network.mediator()
            let referral = try await network.propose(request, to: mediator)
            _ = try await act(network) { desk, tx, caller throws(ReferralError) in
                try await desk.decline(referral, reason: .other, text: nil, by: caller, in: tx)
            }
        }
        #expect(try await database.value("SELECT needs_attention FROM requests WHERE id = \(request)", as: String.self) == "refused_often")
        #expect(try await database.value("SELECT priority FROM requests WHERE id = \(request)", as: Int.self) == 2)

        // Staff has looked at it once it proposes it again, and the list that it ticked is followed.
        let (one, next) = (try await network.mediator(), try await network.mediator())
        let referral = try await network.propose(request, to: one, then: [next])
        #expect(try await database.value("SELECT count(*) FROM requests WHERE needs_attention IS NOT NULL", as: Int.self) == 0)
        _ = try await act(network) { desk, tx, caller throws(ReferralError) in
            try await desk.decline(referral, reason: .other, text: nil, by: caller, in: tx)
        }
        #expect(try await database.values("SELECT mediator_id FROM referrals WHERE status = 'proposed'", as: Mediator.ID.self) == [next])
    }

    @Test func aProposalWithoutAnAnswerExpires() async throws {
        let network = try await SmallNetwork()
        let mediator = try await network.mediator()
        let request = try await network.request()
        let referral = try await network.propose(request, to: mediator)
        let answerBy = try #require(try await database.value("SELECT answer_by FROM referrals WHERE id = \(referral)", as: Date.self))
        // Monday 10:30 and three working days: Thursday 10:30.
        #expect(answerBy == network.now.addingTimeInterval(3 * 86400))
        let early = JobRunner(database: database, generators: network.generators(at: answerBy.addingTimeInterval(-1)))
        try await early.runDue()
        #expect(try await database.referral(referral, for: .system)?.referral.status == .proposed)
        let late = JobRunner(database: database, generators: network.generators(at: answerBy))
        try await late.runDue()
        #expect(try await database.referral(referral, for: .system)?.referral.status == .expired)
        #expect(try await network.held(mediator) == 0)
        #expect(try await network.status(request) == .waiting)  // nobody else could take it, and the job that seeks candidates said so
        // What is left is to look again when the week is over.
        let left = try await database.values(
            "SELECT kind || ' ' || to_char(run_at AT TIME ZONE 'Europe/Paris', 'Dy HH24:MI') FROM jobs", as: String.self)
        #expect(left == ["seek_candidates Mon 00:00"])
    }

    @Test func anAnswerAfterTheDeadlineAndBeforeTheExpiryIsTaken() async throws {
        let network = try await SmallNetwork()
        let mediator = try await network.mediator()
        let referral = try await network.propose(try await network.request(), to: mediator)
        let desk = network.desk(at: network.now.addingTimeInterval(30 * 86400))
        let accepted = try await database.transaction { tx throws(ReferralError) in
            try await desk.accept(referral, by: network.staff, in: tx)
        }
        #expect(accepted.referral.status == .accepted)
        // The job of its expiry is gone.
        #expect(try await database.value("SELECT count(*)::int FROM jobs WHERE kind = 'expire_referral'", as: Int.self) == 0)
    }

    @Test func handingOverCancelsAndProposesAtOnce() async throws {
        let network = try await SmallNetwork()
        let (one, other) = (try await network.mediator(), try await network.mediator())
        let request = try await network.request()
        let referral = try await network.propose(request, to: one)
        _ = try await act(network) { desk, tx, caller throws(ReferralError) in try await desk.accept(referral, by: caller, in: tx) }
        await #expect {
            try await act(network) { desk, tx, caller throws(ReferralError) in
                try await desk.handOver(referral, ReferralDesk.Proposal(mediator: one), by: caller, in: tx)
            }
        } throws: {
            if case .invalid(let input)? = $0 as? ReferralError { input.problems.map(\.pointer) == ["/mediator"] } else { false }
        }
        let next = try await act(network) { desk, tx, caller throws(ReferralError) in
            try await desk.handOver(referral, ReferralDesk.Proposal(mediator: other), by: caller, in: tx)
        }
        #expect(next.mediator == other && next.status == .proposed)
        #expect(try await database.referral(referral, for: .system)?.referral.reason == "handed_over")
        #expect(try await network.held(one) == 0)
        #expect(try await network.held(other) == 1)
        #expect(try await network.status(request) == .referred)
    }

    @Test func onlyItsMediatorItsManagerAndStaffAnswer() async throws {
        let network = try await SmallNetwork()
        let (mediator, other) = (try await network.mediator(), try await network.mediator())
        let referral = try await network.propose(try await network.request(), to: mediator)
        let strangers = [
            Caller(.mediator, mediator: other), Caller(.manager, structure: Structure.ID(UUID())), Caller(.tool, scopes: [.writeRequests]),
            Caller.visitor,
        ]
        for caller in strangers {
            await #expect(throws: ReferralError.unknown, "\(caller.role)") {
                try await act(network, by: caller) { desk, tx, caller throws(ReferralError) in
                    try await desk.accept(referral, by: caller, in: tx)
                }
            }
        }
        await #expect {
            try await act(network, by: Caller(.mediator, mediator: mediator)) { desk, tx, caller throws(ReferralError) in
                try await desk.withdraw(referral, by: caller, in: tx)
            }
        } throws: {
            if case .forbidden? = $0 as? ReferralError { true } else { false }
        }
        let accepted = try await act(network, by: Caller(.mediator, mediator: mediator)) { desk, tx, caller throws(ReferralError) in
            try await desk.accept(referral, by: caller, in: tx)
        }
        #expect(accepted.status == .accepted)
    }
}

extension Result where Failure == any Error {
    /// The outcome of an asynchronous piece of work.
    init(_ work: () async throws -> Success) async {
        do { self = .success(try await work()) } catch { self = .failure(error) }
    }
}
