import Foundation
import Matching
import Postgres
import Relais
import Support
import Testing

/// A network of one structure, with what a test of referrals needs: written in SQL, so that it stands whatever the registry's own rules are.
struct SmallNetwork {
    let database: Database
    let structure: Structure.ID
    let staff = Caller(.coordinator)
    let now = Date(timeIntervalSince1970: 1_767_605_400)  // Monday 2026-01-05, 10:30 in Paris

    init(_ database: Database = OwnDatabase.current) async throws {
        self.database = database
        structure = Structure.ID(UUID())
        try await database.execute(
            "INSERT INTO structures (id, name, created_at, updated_at) VALUES (\(structure), 'EPN du Crêt', \(now), \(now))")
        try await database.execute(
            """
            INSERT INTO communes (insee_code, name, name_key, postcodes, latitude, longitude, department, kind)
            VALUES ('42218', 'Saint-Étienne', 'saint etienne', '{42000}', 45.4339, 4.3897, '42', 'COM')
            """)
    }

    /// Always the same instant, unless a test says another.
    func generators(at instant: Date? = nil) -> Generators {
        let instant = instant ?? now
        return Generators(now: { instant }, newID: { UUID() })
    }

    func desk(at instant: Date? = nil) -> ReferralDesk { ReferralDesk(generators: generators(at: instant)) }

    func requestDesk(at instant: Date? = nil) throws -> RequestDesk {
        let keyring = try #require(Keyring(["a key for tests that is long enough to be taken"]))
        return RequestDesk(generators: generators(at: instant), keyring: keyring)
    }

    /// A mediator who helps at a place in Saint-Étienne with everyday tools.
    func mediator(open: Int? = 3, weekly: Int? = 100, skill: String = "outils-du-quotidien", in own: Structure.ID? = nil) async throws
        -> Mediator.ID
    {
        let id = Mediator.ID(UUID())
        let place = Place.ID(UUID())
        let home = own ?? structure
        try await database.transaction { tx throws(PostgresError) in
            try await tx.execute(
                """
                INSERT INTO mediators (id, structure_id, name, modes, created_at, updated_at)
                VALUES (\(id), \(home), 'Médiatrice', '{place,remote}', \(now), \(now))
                """)
            try await tx.execute(
                """
                INSERT INTO places (id, structure_id, name, address, postcode, commune_name, latitude, longitude, created_at, updated_at)
                VALUES (\(place), \(home), 'EPN', '1 place', '42000', 'Saint-Étienne', 45.44, 4.39, \(now), \(now))
                """)
            try await tx.execute("INSERT INTO mediator_places VALUES (\(id), \(place))")
            try await tx.execute("INSERT INTO mediator_skills VALUES (\(id), \(skill), 2)")
            try await tx.execute(
                "INSERT INTO mediator_capacities (mediator_id, agreed_open, agreed_weekly) VALUES (\(id), \(open), \(weekly))")
        }
        return id
    }

    /// A qualified request of an individual in Saint-Étienne.
    func request(by caller: Caller = .visitor, phone: String? = "0477000000") async throws -> Relais.Request.ID {
        var draft = RequestDraft()
        draft.objective = "Mon téléphone est plein"
        draft.needs = [Relais.Request.Need("outils-du-quotidien", level: 1)]
        draft.commune = "42218"
        draft.modes = [.place, .remote]
        let asked = draft
        let person = try JSONValue.object(
            ["given_name": .string("Jeanne")].merging(phone.map { ["phone": .string($0)] } ?? [:]) { $1 }
        ).read { Person(&$0) }
        let desk = try requestDesk()
        return try await database.transaction { tx throws(RequestError) in
            try await desk.file(asked, person: person, by: caller, in: tx).request.request.id
        }
    }

    func propose(
        _ request: Relais.Request.ID, to mediator: Mediator.ID, then: [Mediator.ID] = [], at instant: Date? = nil
    ) async throws(ReferralError) -> Referral.ID {
        let desk = desk(at: instant)
        return try await database.transaction(attempts: 5) { tx throws(ReferralError) in
            try await desk.propose(request, ReferralDesk.Proposal(mediator: mediator, then: then), by: staff, in: tx).referral.id
        }
    }

    /// One verb in a transaction of its own.
    func act<Value: Sendable>(_ verb: (ReferralDesk, Session<ReferralError>) async throws(ReferralError) -> Value)
        async throws(ReferralError) -> Value
    {
        let desk = desk()
        return try await database.transaction(attempts: 5) { tx throws(ReferralError) in try await verb(desk, tx) }
    }

    func status(_ request: Relais.Request.ID) async throws -> RequestLifecycle.Status? {
        try await database.value("SELECT status FROM requests WHERE id = \(request)", as: RequestLifecycle.Status.self)
    }

    func held(_ mediator: Mediator.ID) async throws -> Int? {
        try await database.value("SELECT held FROM mediator_capacities WHERE mediator_id = \(mediator)", as: Int.self)
    }

    func counted(_ mediator: Mediator.ID) async throws -> Int {
        try await database.value("SELECT sum(proposed)::int FROM mediator_weeks WHERE mediator_id = \(mediator)", as: Int.self) ?? 0
    }
}
