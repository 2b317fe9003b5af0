import Foundation
import Postgres
import Relais
import Support
import Testing

@Suite("Filing and looking after a request", .database)
struct RequestDeskTests {
    let database = OwnDatabase.current

    func act<Value: Sendable>(
        _ network: SmallNetwork, at instant: Date? = nil,
        _ verb: @escaping @Sendable (RequestDesk, Session<RequestError>) async throws(RequestError) -> Value
    ) async throws -> Value {
        let desk = try network.requestDesk(at: instant)
        return try await database.transaction { tx throws(RequestError) in try await verb(desk, tx) }
    }

    @Test func aCompleteRequestIsQualifiedAndOneWithoutContactWaitsForStaff() async throws {
        let network = try await SmallNetwork()
        #expect(try await network.status(try await network.request()) == .qualified)
        let bare = try await network.request(phone: nil)
        #expect(try await network.status(bare) == .received)
        let qualified = try await act(network) { desk, tx throws(RequestError) in try await desk.qualify(bare, by: network.staff, in: tx) }
        #expect(qualified.request.status == .qualified)
    }

    @Test func aJobThatFailsKeepsNothingThatAPersonWrote() async throws {
        let network = try await SmallNetwork()
        let request = try await network.request()
        try await database.execute("ALTER TABLE requests ADD CONSTRAINT nothing_waits CHECK (status <> 'waiting')")
        try await JobRunner(database: database, generators: network.generators()).runDue()
        try await database.execute("ALTER TABLE requests DROP CONSTRAINT nothing_waits")
        let kept = try #require(
            try await database.value("SELECT last_error FROM jobs WHERE subject = \(request.description)", as: String.self))
        #expect(!kept.isEmpty && !kept.contains("téléphone"))
    }

    @Test func thePriorityFollowsAChangedDeadlineUnlessItWasSetByHand() async throws {
        let network = try await SmallNetwork()
        let prescriber = Caller(.prescriber, structure: network.structure)
        let request = try await network.request(by: prescriber)
        func change(by caller: Caller, _ edit: @escaping @Sendable (inout RequestDraft) -> Void) async throws -> Int {
            try await act(network) { desk, tx throws(RequestError) in
                try await desk.change(request, if: .any, by: caller, in: tx) { current throws(InvalidInput) in
                    var draft = RequestDraft()
                    draft.objective = current.objective
                    draft.needs = current.needs
                    draft.commune = current.commune
                    draft.priority = current.priority
                    draft.priorityReason = current.priorityReason
                    draft.prescriber = current.prescriber
                    edit(&draft)
                    return draft
                }
            }.request.priority
        }
        let soon = Day(number: Day.today(at: network.now).number + 3)
        #expect(try await change(by: prescriber) { $0.deadline = soon } == 3)
        #expect(try await change(by: network.staff) { ($0.priority, $0.priorityReason) = (2, "déjà vu") } == 2)
        #expect(try await change(by: prescriber) { $0.deadline = soon } == 2)
        await #expect { try await change(by: prescriber) { $0.priority = nil } } throws: {
            if case .invalid? = $0 as? RequestError { true } else { false }
        }
    }

    @Test func priorityFollowsFromTheDeadline() async throws {
        let network = try await SmallNetwork()
        for (days, priority) in [(5, 3), (7, 3), (8, 2), (21, 2), (22, 1)] {
            var draft = RequestDraft()
            draft.objective = "Avant la date limite"
            draft.deadline = Day(number: Day.today(at: network.now).number + days)
            let asked = draft
            let filed = try await act(network) { desk, tx throws(RequestError) in
                try await desk.file(asked, person: nil, by: network.staff, in: tx)
            }
            #expect(filed.request.request.priority == priority, "\(days) days")
        }
    }

    @Test func everythingUnknownIsToldAtOnceWithNearOnes() async throws {
        let network = try await SmallNetwork()
        var draft = RequestDraft()
        draft.objective = "Aide"
        draft.needs = [.init("outils-du-quotidient", level: 1), .init("usage-securise", level: 2)]
        draft.commune = "42219"
        draft.priority = 3
        let asked = draft
        let outcome = await Result {
            try await act(network) { desk, tx throws(RequestError) in
                try await desk.file(asked, person: nil, by: Caller(.prescriber, structure: network.structure), in: tx)
            }
        }
        guard case .failure(let error) = outcome, case .invalid(let input)? = error as? RequestError else {
            Issue.record("it was taken")
            return
        }
        #expect(input.problems.map(\.pointer) == ["/needs/0/skill", "/commune", "/priority"])
        #expect(input.problems[0].message.contains("outils-du-quotidien"))
        #expect(input.problems[1].message.contains("42218"))
    }

    @Test func anUnknownPrescriberIsToldWithTheRestAndOverseasDepartmentsHaveThreeDigits() async throws {
        let network = try await SmallNetwork()
        try await database.execute(
            """
            INSERT INTO communes (insee_code, name, name_key, postcodes, latitude, longitude, department, kind)
            VALUES ('97411', 'Saint-Denis', 'saint denis', '{97400}', -20.8789, 55.4481, '974', 'COM')
            """)
        func problems(of commune: Commune.ID) async -> [InvalidInput.Problem] {
            var draft = RequestDraft()
            draft.objective = "Aide"
            draft.commune = commune
            draft.prescriber = Structure.ID(UUID())
            let asked = draft
            let outcome = await Result {
                try await act(network) { desk, tx throws(RequestError) in
                    try await desk.file(asked, person: nil, by: network.staff, in: tx)
                }
            }
            guard case .failure(let error) = outcome, case .invalid(let input)? = error as? RequestError else { return [] }
            return input.problems
        }
        let overseas = await problems(of: "97499")
        #expect(overseas.map { "\($0.pointer) \($0.code)" } == ["/commune unknown_code", "/prescriber unknown_id"])
        #expect(overseas.first?.message == "There is no commune with this INSEE code. Near ones: 97411.")
        #expect(await problems(of: "abc").first?.message == "There is no commune with this INSEE code.")
    }

    @Test func whoThePersonIsIsForWhoMayKnowAndEveryReadingIsLogged() async throws {
        let network = try await SmallNetwork()
        let mediator = try await network.mediator()
        let prescriber = Caller(.prescriber, structure: network.structure)
        let request = try await network.request(by: prescriber)
        let own = Caller(.mediator, mediator: mediator)
        func person(_ caller: Caller) async throws -> Person? {
            try await act(network) { desk, tx throws(RequestError) in try await desk.read(request, by: caller, in: tx) }.person
        }
        await #expect(throws: RequestError.unknown) { try await person(own) }
        let referral = try await network.propose(request, to: mediator)
        #expect(try await person(own) == nil)
        _ = try await network.act { desk, tx throws(ReferralError) in try await desk.accept(referral, by: own, in: tx) }
        #expect(try await person(own)?.givenName == "Jeanne")
        #expect(try await person(network.staff)?.phone == "0477000000")
        #expect(try await person(prescriber) != nil)
        #expect(try await person(Caller(.tool, scopes: [.readRequests])) == nil)
        await #expect(throws: RequestError.unknown) { try await person(Caller(.prescriber, structure: Structure.ID(UUID()))) }
        let readers = try await database.values("SELECT reader_role FROM person_reads ORDER BY id", as: String.self)
        #expect(readers == ["mediator", "coordinator", "prescriber"])
        _ = try await network.act { desk, tx throws(ReferralError) in try await desk.complete(referral, outcome: .resolved, by: own, in: tx)
        }
        #expect(try await person(own) == nil)
    }

    @Test func logsJobsAndEventsHoldNobody() async throws {
        let network = try await SmallNetwork()
        let mediator = try await network.mediator()
        let request = try await network.request()
        let referral = try await network.propose(request, to: mediator)
        _ = try await network.act { desk, tx throws(ReferralError) in
            try await desk.decline(referral, reason: .other, text: "Jeanne est déjà suivie", by: network.staff, in: tx)
        }
        let written = try await database.value(
            """
            SELECT coalesce(string_agg(line, ' '), '') FROM (
                SELECT events::text FROM events UNION ALL SELECT jobs::text FROM jobs UNION ALL SELECT idempotency_keys::text FROM idempotency_keys
            ) AS all_lines (line)
            """, as: String.self)
        let text = try #require(written)
        #expect(!text.isEmpty)
        for secret in ["Jeanne", "0477000000", "téléphone"] { #expect(!text.contains(secret)) }
    }

    @Test func aReasonWithoutAPriorityDoesNotHoldThePriorityWhereItIs() async throws {
        let network = try await SmallNetwork()
        var draft = RequestDraft()
        draft.objective = "Vite"
        draft.priorityReason = "urgent"
        let asked = draft
        func problems(by caller: Caller) async -> [String] {
            let outcome = await Result {
                try await act(network) { desk, tx throws(RequestError) in try await desk.file(asked, person: nil, by: caller, in: tx) }
            }
            guard case .failure(let error) = outcome, case .invalid(let input)? = error as? RequestError else { return [] }
            return input.problems.map { "\($0.pointer) \($0.code)" }
        }
        #expect(await problems(by: Caller(.prescriber, structure: network.structure)) == ["/priority forbidden"])
        #expect(await problems(by: network.staff) == ["/priority required"])
    }

    @Test func whoMayBeProposedKeepsItsNeeds() async throws {
        let network = try await SmallNetwork()
        _ = try await network.mediator()
        let request = try await network.request()
        await #expect {
            try await act(network) { desk, tx throws(RequestError) in
                try await desk.change(request, if: .any, by: network.staff, in: tx) { current throws(InvalidInput) in
                    var draft = RequestDraft()
                    draft.objective = current.objective
                    draft.commune = current.commune
                    return draft
                }
            }
        } throws: {
            if case .invalid(let input)? = $0 as? RequestError { input.problems.map(\.pointer) == ["/needs"] } else { false }
        }
    }

    @Test func whoNobodyCanCallWaitsForStaffAlsoWhenAStructureAsks() async throws {
        let network = try await SmallNetwork()
        var draft = RequestDraft()
        draft.objective = "Une conférence"
        draft.askedBy = .structure
        draft.needs = [.init("outils-du-quotidien", level: 1)]
        draft.commune = "42218"
        let asked = draft
        let filed = try await act(network) { desk, tx throws(RequestError) in
            try await desk.file(asked, person: nil, by: network.staff, in: tx)
        }
        #expect(filed.request.request.status == .received)
    }
}
