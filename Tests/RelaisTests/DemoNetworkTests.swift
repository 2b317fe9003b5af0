import Foundation
import Matching
import Postgres
import Support
import Testing

@testable import Relais

@Suite("The demo network, as a plan")
struct DemoPlanTests {
    let network = DemoNetwork(seed: 42)

    @Test func hasTheSizeThatIsPromised() {
        #expect(network.places.count == 40)
        #expect(network.mediators.count == 60)
        #expect(network.requests.count == 300)
    }

    @Test func everythingRefersToSomethingThatIsThere() {
        let communes = Set(LoireCommunes.all.map(\.id))
        for place in network.places {
            #expect(network.structures.indices.contains(place.structure))
            #expect(communes.contains(place.draft.commune ?? ""))
        }
        for mediator in network.mediators {
            #expect(!mediator.places.isEmpty)
            for place in mediator.places { #expect(network.places[place].structure == mediator.structure) }
        }
    }

    @Test func nobodyInItCanBeCalledOrWrittenTo() {
        let phones =
            network.mediators.compactMap(\.phone) + network.requests.compactMap(\.person?.phone) + network.structures.compactMap(\.phone)
        for phone in phones {
            #expect(phone.hasPrefix("+3363998") || phone.hasPrefix("+3346571"), "\(phone)")
            // As the API asks for it, or nobody could change what the demo loads.
            for phone in phones { #expect(Form.phone.matches(phone), "\(phone)") }
        }
        let addresses =
            network.mediators.map(\.email) + network.requests.compactMap(\.person?.email) + network.structures.compactMap(\.email)
        for address in addresses { #expect(address.hasSuffix(".example"), "\(address)") }
    }

    @Test func whoAsksIsVaried() {
        let all = network.requests
        #expect(all.contains { if case .person = $0.asker { true } else { false } })
        #expect(all.contains { if case .prescriber = $0.asker { true } else { false } })
        #expect(all.contains { $0.draft.askedBy == .structure && $0.draft.objectives != nil })
        #expect(all.contains { $0.draft.askedBy == .localAuthority && !($0.draft.objectives?.leaving.isEmpty ?? true) })
        let skills = Set(network.mediators.flatMap { $0.skills.map(\.skill) })
        #expect(skills.isSuperset(of: ["transition-libre", "strategie-communication", "sensibilisation"]))
    }

    @Test func anotherSeedIsAnotherNetwork() {
        #expect(DemoNetwork(seed: 43).mediators.map(\.name) != network.mediators.map(\.name))
    }

    @Test func theCommunesAreThoseOfTheLoire() throws {
        #expect(LoireCommunes.all.count == 84)
        #expect(Set(LoireCommunes.all.map(\.id)).count == 84)
        for commune in LoireCommunes.all {
            let centre = try #require(commune.location)
            #expect(commune.id.hasPrefix("42") && commune.postcodes.allSatisfy { $0.hasPrefix("42") })
            #expect((45.2...46.3).contains(centre.latitude) && (3.6...4.8).contains(centre.longitude), "\(commune.name)")
        }
    }
}

@Suite("The demo network, in a database", .database)
struct DemoLoaderTests {
    let database = OwnDatabase.current
    /// A Wednesday, 15:00 in Paris.
    static let end = Date(timeIntervalSince1970: 1_795_615_200)

    private func load(seed: UInt64 = 42) async throws -> DemoLoader.Report {
        let keyring = try #require(Keyring([String(repeating: "k", count: 32)]))
        return try await DemoLoader(database: database, keyring: keyring, seed: seed, end: Self.end).load()
    }

    @Test(.timeLimit(.minutes(10))) func isTheSameEveryTimeWithEveryStateReachedAndNobodyOverbooked() async throws {
        let report = try await load()
        #expect(report.structures >= 24 && report.places == 40 && report.mediators == 60 && report.communes == 84)
        #expect(report.requests.values.reduce(0, +) == 300)
        for status in Request.Status.allCases { #expect(report.requests[status.rawValue] ?? 0 > 0, "no request is \(status)") }
        for status in [Referral.Status.proposed, .accepted, .scheduled, .declined, .expired, .completed, .noShow] {
            #expect(report.referrals[status.rawValue] ?? 0 > 0, "no referral is \(status)")
        }
        // Overbooked: more open at once than was agreed at the moment of an opening. The agreed limits never changed, so the peak tells.
        let overbooked = try await database.value(
            """
            WITH moves AS (
                SELECT mediator_id, proposed_at AS at, 1 AS change FROM referrals
                UNION ALL SELECT mediator_id, ended_at, -1 FROM referrals WHERE ended_at IS NOT NULL),
            held AS (SELECT mediator_id, sum(change) OVER (PARTITION BY mediator_id ORDER BY at, change) AS open FROM moves)
            SELECT count(*) FROM held JOIN mediator_capacities USING (mediator_id) WHERE open > coalesce(agreed_open, 0)
            """, as: Int.self)
        #expect(overbooked == 0)
        #expect(try await database.value("SELECT count(*) FROM jobs WHERE dead_at IS NOT NULL", as: Int.self) == 0)
        await #expect(throws: DemoLoader.Refusal.notEmpty) { try await load() }

        let first = try await fingerprint()
        try await empty()
        #expect(try await load() == report)
        #expect(try await fingerprint() == first)
    }

    /// All rows of all tables as one hash.
    private func fingerprint() async throws -> [String] {
        var prints: [String] = []
        for table in [
            "communes", "structures", "places", "mediators", "mediator_capacities", "requests", "request_needs", "people", "referrals",
        ] {
            let name = SQL(stringLiteral: table)
            let print = try await database.value("SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM \(name) AS t", as: String.self)
            prints.append("\(table) \(print ?? "empty")")
        }
        return prints
    }

    private func empty() async throws {
        // The skills stay, and what is known of them.
        try await database.execute("DELETE FROM row_versions WHERE kind <> 'skill'")
        try await database.execute(
            """
            TRUNCATE appointments, referrals, request_needs, requests, people, mediator_weeks, mediator_capacities, mediator_skills, mediator_places,
                mediators, places, structures, communes, events, jobs CASCADE
            """)
    }
}
