import Foundation
import Postgres
import Relais
import Support
import Testing

/// Requests that wait, are set aside, come back and stand in a queue.
extension RequestDeskTests {
    @Test func withoutACandidateItWaitsAndComesBackWhenRoomAppears() async throws {
        let network = try await SmallNetwork()
        let mediator = try await network.mediator(open: 1)
        let (first, second) = (try await network.request(), try await network.request())
        let referral = try await network.propose(first, to: mediator)
        let runner = JobRunner(database: database, generators: network.generators())
        try await runner.runDue()
        #expect(try await network.status(second) == .waiting)
        _ = try await network.act { desk, tx throws(ReferralError) in try await desk.accept(referral, by: network.staff, in: tx) }
        _ = try await network.act { desk, tx throws(ReferralError) in
            try await desk.complete(referral, outcome: .resolved, by: network.staff, in: tx)
        }
        try await runner.runDue()
        #expect(try await network.status(second) == .qualified)
    }

    @Test func itComesBackWhenACoordinatorAgreesToMore() async throws {
        let network = try await SmallNetwork()
        let mediator = try await network.mediator(open: 0)
        let request = try await network.request()
        let runner = JobRunner(database: database, generators: network.generators())
        try await runner.runDue()
        #expect(try await network.status(request) == .waiting)
        let desk = CapacityDesk(network.generators())
        _ = try await database.transaction { tx throws(RegistryError) in
            try await desk.change(mediator, by: .object(["agreed_open": .number(2)]), if: .any, by: network.staff, in: tx)
        }
        try await runner.runDue()
        #expect(try await network.status(request) == .qualified)
    }

    @Test func itComesBackWhenANewWeekBringsRoom() async throws {
        let network = try await SmallNetwork()
        let mediator = try await network.mediator(open: 9, weekly: 1)
        let (first, second) = (try await network.request(), try await network.request())
        _ = try await network.propose(first, to: mediator)
        try await JobRunner(database: database, generators: network.generators()).runDue()
        #expect(try await network.status(second) == .waiting)
        // Its proposal of the old week expires on Thursday, and gives that week's place back; so look on the next Monday.
        try await JobRunner(database: database, generators: network.generators(at: network.now.addingTimeInterval(7 * 86400))).runDue()
        #expect(try await network.status(second) == .qualified)
    }

    @Test func aParkedRequestComesBackOnItsDay() async throws {
        let network = try await SmallNetwork()
        _ = try await network.mediator()
        let request = try await network.request()
        let until = network.now.addingTimeInterval(86400)
        let parked = try await act(network) { desk, tx throws(RequestError) in
            try await desk.park(request, until: until, by: network.staff, in: tx)
        }
        #expect(parked.request.status == .waiting && parked.request.retryAt == until)
        try await JobRunner(database: database, generators: network.generators()).runDue()
        #expect(try await network.status(request) == .waiting)
        // A change asks for a look at once, and does not take the place of the one on its day.
        _ = try await act(network) { desk, tx throws(RequestError) in
            try await desk.change(request, if: .any, by: network.staff, in: tx) { current throws(InvalidInput) in
                var draft = RequestDraft()
                draft.objective = "Mon téléphone est tout à fait plein"
                draft.needs = current.needs
                draft.commune = current.commune
                return draft
            }
        }
        try await JobRunner(database: database, generators: network.generators()).runDue()
        #expect(try await network.status(request) == .waiting)
        try await JobRunner(database: database, generators: network.generators(at: until)).runDue()
        #expect(try await network.status(request) == .qualified)
    }

    @Test func whatIsGivenUpCanBeReopenedWithinThirtyDays() async throws {
        let network = try await SmallNetwork()
        let request = try await network.request()
        _ = try await act(network) { desk, tx throws(RequestError) in
            try await desk.giveUp(request, reason: "personne", by: network.staff, in: tx)
        }
        #expect(try await network.status(request) == .unserved)
        await #expect(throws: RequestError.endedLongAgo) {
            try await act(network, at: network.now.addingTimeInterval(31 * 86400)) { desk, tx throws(RequestError) in
                try await desk.reopen(request, reason: "oui", by: network.staff, in: tx)
            }
        }
        let reopened = try await act(network) { desk, tx throws(RequestError) in
            try await desk.reopen(request, reason: "oui", by: network.staff, in: tx)
        }
        #expect(reopened.request.status == .qualified && reopened.request.endedAt == nil)
    }

    @Test func whatWasSetAsideAndIsReopenedIsLookedAtAtOnce() async throws {
        let network = try await SmallNetwork()
        let request = try await network.request()
        _ = try await act(network) { desk, tx throws(RequestError) in
            _ = try await desk.park(request, until: network.now.addingTimeInterval(20 * 86400), by: network.staff, in: tx)
            _ = try await desk.giveUp(request, reason: "personne", by: network.staff, in: tx)
            return try await desk.reopen(request, reason: "oui", by: network.staff, in: tx)
        }
        // There is nobody: it waits, and comes back with the first room.
        try await JobRunner(database: database, generators: network.generators()).runDue()
        #expect(try await network.status(request) == .waiting)
        let mediator = try await network.mediator()
        try await database.transaction { tx throws(PostgresError) in
            try await tx.enqueue(.retryWaiting(forRoomAt: mediator, at: network.now), at: network.now)
        }
        try await JobRunner(database: database, generators: network.generators()).runDue()
        #expect(try await network.status(request) == .qualified)
    }

    /// Whoever looks for candidates while room appears may not see it, and would let the request wait for a week.
    @Test(arguments: ["qualified", "waiting"])
    func roomThatAppearsWhileARequestIsLookedAtIsSeenAfterwards(status: String) async throws {
        let network = try await SmallNetwork()
        let mediator = try await network.mediator()
        let request = try await network.request()
        // A runner on another node has leased the job, and has looked already.
        try await database.execute("UPDATE requests SET status = \(status) WHERE id = \(request)")
        try await database.execute(
            "UPDATE jobs SET attempts = 1, run_at = \(network.now.addingTimeInterval(60)) WHERE kind = 'seek_candidates'")
        try await database.transaction { tx throws(PostgresError) in
            try await tx.enqueue(.retryWaiting(forRoomAt: mediator, at: network.now), at: network.now)
        }
        let runner = JobRunner(database: database, generators: network.generators())
        try await runner.runDue()
        #expect(try await network.status(request) == .qualified)
        #expect(try await database.value("SELECT count(*)::int FROM jobs", as: Int.self) == 0)
    }

    @Test func thePriorityRisesAsTheDeadlineComesNearer() async throws {
        let network = try await SmallNetwork()
        var draft = RequestDraft()
        draft.objective = "Avant la date limite"
        draft.deadline = Day(number: Day.today(at: network.now).number + 30)
        let asked = draft
        func file(byHand: Bool) async throws -> Relais.Request.ID {
            try await act(network) { desk, tx throws(RequestError) in
                var asked = asked
                if byHand { (asked.priority, asked.priorityReason) = (1, "peut attendre") }
                return try await desk.file(asked, person: nil, by: network.staff, in: tx).request.request.id
            }
        }
        let (own, byHand) = (try await file(byHand: false), try await file(byHand: true))
        func priority(after days: Double) async throws -> [Int] {
            // Just after the midnight before the day that is so many days later.
            let instant = network.now.addingTimeInterval(days * 86400 - 10.4 * 3600)
            try await JobRunner(database: database, generators: network.generators(at: instant)).runDue()
            return try await database.values(
                "SELECT priority::int FROM requests WHERE id = ANY (\([own, byHand])) ORDER BY priority_reason IS NOT NULL", as: Int.self)
        }
        #expect(try await priority(after: 8) == [1, 1])
        #expect(try await priority(after: 9) == [2, 1])
        #expect(try await priority(after: 22) == [2, 1])
        #expect(try await priority(after: 23) == [3, 1])
        #expect(try await database.value("SELECT count(*)::int FROM jobs WHERE kind = 'raise_priority'", as: Int.self) == 0)
    }

    @Test func staffTakesTheQueueInItsOrder() async throws {
        let network = try await SmallNetwork()
        var expected: [(priority: Int, back: Int?, id: Relais.Request.ID)] = []
        for number in 0..<24 {
            let id = try await network.request()
            let (priority, back) = (1 + number % 3, number % 4 == 0 ? nil : (number * 7) % 5)
            let returned = back.map { network.now.addingTimeInterval(Double($0) + 0.123456) }
            try await database.execute("UPDATE requests SET priority = \(priority), returned_at = \(returned) WHERE id = \(id)")
            expected.append((priority, back, id))
        }
        expected.sort {
            if $0.priority != $1.priority { return $0.priority > $1.priority }
            if $0.back != $1.back { return $0.back ?? .max < $1.back ?? .max }
            return $0.id.description < $1.id.description
        }
        for limit in [1, 5, 200] {
            var found: [Relais.Request.ID] = []
            var after: Cursor?
            repeat {
                let paging = Paging(limit: limit, order: "queue", after: after)
                let page = try await database.requests(for: network.staff, at: network.now, sort: .queue, paging)
                found += page.items.map(\.request.id)
                after = try page.next.map { try #require(Cursor(encoded: $0.encoded, order: "queue", parts: RequestSort.queue.parts)) }
            } while after != nil
            #expect(found == expected.map(\.id))
        }
    }

    @Test func whatIsReopenedHasThePriorityOfItsDeadlineThen() async throws {
        let network = try await SmallNetwork()
        var draft = RequestDraft()
        draft.objective = "Avant la date limite"
        draft.deadline = Day(number: Day.today(at: network.now).number + 30)
        let asked = draft
        let request = try await act(network) { desk, tx throws(RequestError) in
            try await desk.file(asked, person: nil, by: network.staff, in: tx).request.request.id
        }
        _ = try await act(network) { desk, tx throws(RequestError) in
            try await desk.cancel(request, reason: nil, by: network.staff, in: tx)
        }
        let late = network.now.addingTimeInterval(25 * 86400)
        try await JobRunner(database: database, generators: network.generators(at: late)).runDue()
        let reopened = try await act(network, at: late) { desk, tx throws(RequestError) in
            try await desk.reopen(request, reason: "finalement", by: network.staff, in: tx)
        }
        #expect(reopened.request.priority == 3)
    }
}
