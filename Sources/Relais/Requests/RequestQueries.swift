import Foundation
import Matching
import Postgres

extension SQL {
    /// Which requests `caller` may see: a condition on `requests`. A tool that may only write sees them for that.
    static func requestsVisible(to caller: Caller) -> SQL {
        switch caller.reach(for: .readRequests) ?? (caller.role == .tool ? caller.reach(for: .qualifyRequest) : nil) {
        case .everything: "TRUE"
        case .ownStructure:
            // What the structure filed; a manager's also what its mediators were asked and did not refuse.
            caller.role == .prescriber
                ? "requests.prescriber = \(caller.structure)"
                : """
                (requests.prescriber = \(caller.structure) OR EXISTS (
                    SELECT FROM referrals r JOIN mediators m ON m.id = r.mediator_id
                     WHERE r.request_id = requests.id AND m.structure_id = \(caller.structure) AND r.status NOT IN ('declined', 'expired', 'withdrawn')))
                """
        case .own:
            """
            EXISTS (SELECT FROM referrals r WHERE r.request_id = requests.id AND r.mediator_id = \(caller.mediator)
                       AND r.status NOT IN ('declined', 'expired', 'withdrawn'))
            """
        case nil: "FALSE"
        }
    }
}

/// The order of a list of requests.
public enum RequestSort: String, Sendable, CaseIterable {
    /// In which they were filed.
    case id
    /// In which staff takes them: the most pressing first; of these, first those that came back, longest ago first; then those that were filed first.
    case queue

    /// What a cursor of this order is made of.
    public var parts: [Cursor.Part] {
        switch self {
        case .id: [.id]
        case .queue: [.number, .instant, .id]
        }
    }

    /// When it came back, or, of one that did not, a day that is after any other.
    private static let back: SQL = "coalesce(returned_at, \(lastDay))"
    private static let lastDay = Date(timeIntervalSince1970: 253_402_214_400)

    fileprivate var by: SQL {
        switch self {
        case .id: "id"
        case .queue: "priority DESC, \(Self.back), id"
        }
    }

    fileprivate func after(_ cursor: Cursor?) -> [SQL] {
        guard let cursor, let id = cursor.id(cursor.parts.count - 1, of: Request.self) else { return [] }
        return switch self {
        case .id: ["id > \(id)"]
        case .queue:
            [
                "priority <= \(cursor.number(0))",
                "(priority < \(cursor.number(0)) OR (\(Self.back), id) > (\(cursor.instant(1)), \(id)))",
            ]
        }
    }

    fileprivate func key(_ request: Request) -> [String] {
        let id = request.id.description
        return switch self {
        case .id: [id]
        case .queue: [String(request.priority), (request.returnedAt ?? Self.lastDay).rfc3339, id]
        }
    }
}

extension Database {
    /// What a list of requests is narrowed by.
    public struct RequestFilter: Sendable {
        public var status: Request.Status?
        public var askedBy: Request.AskedBy?
        public var commune: Commune.ID?
        public var skill: Skill.ID?
        public var needsAttention: Bool?
        /// What may be stored in the place of the short code that somebody reads out (``Keyring/fingerprints(ofCodeReadOut:)``).
        public var codes: [[UInt8]]?

        public init() {}
    }

    /// The requests that the caller may see. Who the people are is never in a list.
    public func requests(
        for caller: Caller, where filter: RequestFilter = RequestFilter(), at now: Date, sort: RequestSort = .id,
        _ paging: Paging = Paging()
    ) async throws(PostgresError) -> Page<SeenRequest> {
        var conditions: [SQL] = [.requestsVisible(to: caller)]
        if let status = filter.status { conditions.append("status = \(status)") }
        if let askedBy = filter.askedBy { conditions.append("asked_by = \(askedBy)") }
        if let commune = filter.commune { conditions.append("commune = ANY (\(SQL.communes(within: commune)))") }
        if let skill = filter.skill {
            conditions.append("EXISTS (SELECT FROM request_needs n WHERE n.request_id = requests.id AND n.skill = \(skill))")
        }
        if let needsAttention = filter.needsAttention { conditions.append("(needs_attention IS NOT NULL) = \(needsAttention)") }
        if let codes = filter.codes { conditions.append("code_hash = ANY (\(codes))") }
        conditions += sort.after(paging.after)
        let found = try await query(
            "SELECT \(Request.columns) FROM requests WHERE \(.all(conditions)) ORDER BY \(sort.by) LIMIT \(paging.limit + 1)",
            as: Request.self)
        let seen = found.map {
            SeenRequest($0, to: caller, at: now, seesLocation: caller.isStaff || caller.role == .prescriber || caller.role == .tool)
        }
        return Page(seen, paging) { sort.key($0.request) }
    }

    /// What follows a request by its secret link: where it stands, and nothing that says who asked.
    public func status(ofLink secret: String) async throws(PostgresError) -> Request.Status? {
        try await value("SELECT status FROM requests WHERE link_hash = \(Keyring.hash(secret))", as: Request.Status.self)
    }
}

extension Session {
    func request(_ id: Request.ID) async throws(Failure) -> Request? {
        try await first("SELECT \(Request.columns) FROM requests WHERE id = \(id)", as: Request.self)
    }

    func request(_ id: Request.ID, visibleTo caller: Caller) async throws(Failure) -> Request? {
        try await first("SELECT \(Request.columns) FROM requests WHERE id = \(id) AND \(.requestsVisible(to: caller))", as: Request.self)
    }

    /// Locks the request, so that whatever is done to it and its referrals is done in turn, and gives it as it then is.
    func lockRequest(_ id: Request.ID) async throws(Failure) -> Request? {
        // Two statements: under READ COMMITTED only the second one's snapshot sees what was committed while the first waited.
        later("SELECT FROM requests WHERE id = \(id) FOR NO KEY UPDATE")
        return try await request(id)
    }

    /// Moves a request by one conditional UPDATE, with its event. It must have been locked.
    /// - Returns: Whether it was in a state from which the verb starts.
    @discardableResult
    func move(
        _ request: Request, by verb: RequestLifecycle.Verb, caller: Caller, at now: Date, set changes: [SQL] = []
    ) async throws(Failure) -> Bool {
        let transition = RequestLifecycle.transition(of: verb)
        // What somebody does with it, or its end, is the attention that it called for.
        let isLookedAt = transition.action != nil || transition.to == .closed
        let seen: [SQL] = isLookedAt ? ["needs_attention = NULL"] : []
        let all: [SQL] = ["status = \(transition.to)", "version = version + 1", "updated_at = \(now)"] + seen + changes
        let moved = try await execute(
            "UPDATE requests SET \(.joined(all, by: ", ")) WHERE id = \(request.id) AND status = ANY (\(transition.from.map(\.rawValue)))")
        guard moved == 1 else { return false }
        try await publish(Event("request.\(verb.past)", request.id, ["to": .code(transition.to.rawValue)]), by: caller, at: now)
        return true
    }

    /// What the caller may see of a request beyond the need: who the person is, and where exactly.
    func sight(of request: Request, by caller: Caller) async throws(Failure) -> (person: Bool, location: Bool) {
        switch caller.reach(for: .readPerson) {
        case .everything: return (true, true)
        case .ownStructure:
            let own = request.prescriber != nil && request.prescriber == caller.structure
            return (own, own)
        case .own:
            let inCharge = try await value(
                """
                SELECT true FROM referrals WHERE request_id = \(request.id) AND mediator_id = \(caller.mediator) AND status IN ('accepted', 'scheduled')
                """, as: Bool.self)
            return (inCharge == true, inCharge == true)
        case nil: return (false, caller.role == .tool)
        }
    }

    func person(_ id: Person.ID) async throws(Failure) -> Person? {
        try await first("SELECT \(Person.columns) FROM people WHERE id = \(id)", as: Person.self)
    }

    /// Every reading of who a person is stands in the log of readings (invariant 5).
    func logReading(of person: Person.ID, in request: Request.ID, by caller: Caller, at now: Date) async throws(Failure) {
        later(
            """
            INSERT INTO person_reads (person_id, request_id, reader, reader_role, at)
            VALUES (\(person), \(request), \(caller.token), \(caller.role), \(now))
            """)
    }

    func insert(_ person: Person, id: Person.ID, consentedAt: Date?, at now: Date) async throws(Failure) {
        later(
            """
            INSERT INTO people (id, given_name, family_name, email, phone, address, notes, consented_at, created_at)
            VALUES (\(id), \(person.givenName), \(person.familyName), \(person.email), \(person.phone), \(person.address), \(person.notes),
                \(consentedAt), \(now))
            """)
    }

    func insert(
        _ draft: RequestDraft, id: Request.ID, status: Request.Status, priority: Int, person: Person.ID?, filedBy token: Token.ID?,
        hashes: (link: [UInt8], code: [UInt8]), at now: Date
    ) async throws(Failure) {
        later(
            """
            INSERT INTO requests (id, status, asked_by, objective, objectives, group_size, wished_dates, commune, latitude, longitude, modes, reach_m,
                languages, publics, special_care, free_only, age_band, earliest, deadline, times, priority, priority_reason, prescriber, person_id,
                filed_by, link_hash, code_hash, created_at, updated_at)
            VALUES (\(id), \(status), \(draft.askedBy), \(draft.objective), \(draft.objectives.map { JSON($0) }), \(draft.groupSize),
                \(draft.wishedDates), \(draft.commune), \(draft.location?.latitude), \(draft.location?.longitude), \(draft.modes.map(\.rawValue)),
                \(draft.reach), \(draft.languages), \(draft.publics), \(draft.specialCare), \(draft.freeOnly), \(draft.ageBand), \(draft.earliest),
                \(draft.deadline), \(JSON(draft.times)), \(priority), \(draft.priorityReason), \(draft.prescriber), \(person), \(token),
                \(hashes.link), \(hashes.code), \(now), \(now))
            """)
        try await insertNeeds(draft.needs, of: id)
    }

    func update(_ id: Request.ID, to draft: RequestDraft, priority: Int, at now: Date) async throws(Failure) {
        later(
            """
            UPDATE requests SET asked_by = \(draft.askedBy), objective = \(draft.objective), objectives = \(draft.objectives.map { JSON($0) }),
                group_size = \(draft.groupSize), wished_dates = \(draft.wishedDates), commune = \(draft.commune),
                latitude = \(draft.location?.latitude), longitude = \(draft.location?.longitude), modes = \(draft.modes.map(\.rawValue)),
                reach_m = \(draft.reach), languages = \(draft.languages), publics = \(draft.publics), special_care = \(draft.specialCare),
                free_only = \(draft.freeOnly), age_band = \(draft.ageBand), earliest = \(draft.earliest), deadline = \(draft.deadline),
                times = \(JSON(draft.times)), priority = \(priority), priority_reason = \(draft.priorityReason), prescriber = \(draft.prescriber),
                version = version + 1, updated_at = \(now)
             WHERE id = \(id)
            """)
        later("DELETE FROM request_needs WHERE request_id = \(id)")
        try await insertNeeds(draft.needs, of: id)
    }

    private func insertNeeds(_ needs: [Request.Need], of id: Request.ID) async throws(Failure) {
        guard !needs.isEmpty else { return }
        later(
            """
            INSERT INTO request_needs (request_id, position, skill, level)
            SELECT \(id), position, skill, level
              FROM unnest(\(needs.map(\.skill)), \(needs.map { Int16($0.level) })) WITH ORDINALITY AS needs (skill, level, position)
            """)
    }

    /// Those of `skills` that do not exist, or are archived; the others are not archived until the transaction ends.
    func unknownSkills(among skills: [Skill.ID]) async throws(Failure) -> Set<Skill.ID> {
        guard !skills.isEmpty else { return [] }
        let codes = skills
        let known = try await values(
            "SELECT code FROM skills WHERE code = ANY (\(codes)) AND archived_at IS NULL ORDER BY code FOR KEY SHARE", as: Skill.ID.self)
        return Set(skills).subtracting(known)
    }

    /// The communes that may be meant by a code that none has: those of its département that come nearest, if there are any.
    ///
    /// - Returns: `nil` when the code is that of a commune.
    func communes(insteadOf code: Commune.ID) async throws(Failure) -> [Commune.ID]? {
        if try await value("SELECT true FROM communes WHERE insee_code = \(code)", as: Bool.self) == true { return nil }
        let all = try await values(
            "SELECT insee_code FROM communes WHERE department = \(Commune.department(of: code))", as: Commune.ID.self)
        return nearest(code, among: all)
    }

    func knows(_ structure: Structure.ID) async throws(Failure) -> Bool {
        try await value("SELECT true FROM structures WHERE id = \(structure)", as: Bool.self) ?? false
    }
}

extension Session where Failure == RequestError {
    /// Locks the request for what the caller is about to do; one that the caller may not see is unknown.
    func held(_ id: Request.ID, for caller: Caller) async throws(RequestError) -> Request {
        guard let request = try await lockRequest(id), try await self.request(id, visibleTo: caller) != nil else { throw .unknown }
        return request
    }
}
