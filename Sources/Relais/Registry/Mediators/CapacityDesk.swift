import Foundation
import Postgres

/// Agrees on capacities and takes partners' word for them.
public struct CapacityDesk: Sendable {
    private let generators: Generators

    public init(_ generators: Generators) { self.generators = generators }

    /// Changes the limits by a merge patch with `agreed_open` and `agreed_weekly` (staff), `declared_open`, `declared_weekly` and `valid_until`.
    ///
    /// A declaration states the partner's word anew: it is dated now, and holds for 30 days unless it says until when. Lowering a limit below what
    /// is held is allowed; nothing new opens until there is room. Each limit is logged with its numbers, since overbooking is recomputed from there.
    public func change(
        _ id: Mediator.ID, by patch: JSONValue, if precondition: Precondition, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Mediator {
        let now = generators.now()
        // The lock comes first, so that the limits that were read are those that are changed.
        guard try await tx.lockCapacity(of: id), let current = try await tx.mediator(id, at: now) else { throw .unknown }
        let change = try invalidAsRegistryError { () throws(InvalidInput) in
            try CapacityChange(reading: patch, of: current.capacity, at: now)
        }
        if let member = change.agrees.first, !caller.may(.agreeCapacity, of: current.structure, mediator: id) {
            throw .forbidden(member: "/\(member)")
        }
        if !caller.may(.declareCapacity, of: current.structure, mediator: id),
            !caller.may(.agreeCapacity, of: current.structure, mediator: id)
        {
            throw .forbidden(member: change.declares.first.map { "/\($0)" })
        }
        try await tx.check(precondition, of: id, current.record, as: PastMediator.self)
        try await tx.write(change, of: id, by: caller, at: now)
        if !change.agrees.isEmpty {
            let data: EventData = ["open": .number(change.agreedOpen), "weekly": .number(change.agreedWeekly)]
            try await tx.publish(Event("capacity.agreed", id, data), by: caller, at: now)
        }
        if !change.declares.isEmpty {
            let data: EventData = [
                "open": .number(change.declaredOpen), "weekly": .number(change.declaredWeekly),
                "valid_until": .number(change.validUntil.map { Int($0.timeIntervalSince1970) }),
            ]
            try await tx.publish(Event("capacity.declared", id, data), by: caller, at: now)
        }
        try await tx.enqueue(.retryWaiting(forRoomAt: id, at: now), at: now)
        guard let changed = try await tx.mediator(id, at: now) else { throw .unknown }
        return changed
    }
}

/// The limits after a change, and which members the change names.
struct CapacityChange {
    let agreedOpen: Int?
    let agreedWeekly: Int?
    let declaredOpen: Int?
    let declaredWeekly: Int?
    let validUntil: Date?
    let agrees: [String]
    let declares: [String]

    init(reading patch: JSONValue, of current: Capacity, at now: Date) throws(InvalidInput) {
        let members: [String: JSONValue] = if case .object(let members) = patch { members } else { [:] }
        let problems = InputProblems()
        var object = InputObject(patch, problems: problems)
        // What was declared and is over does not come into force again with what is declared now, unless it is told to (by a new date alone).
        let isOver = current.validUntil.map { $0 <= now } ?? false
        let declaresAnew = members["declared_open"] != nil || members["declared_weekly"] != nil
        let declared = isOver && declaresAnew ? (open: nil, weekly: nil) : (open: current.declaredOpen, weekly: current.declaredWeekly)
        func limit(_ name: String, _ current: Int?) -> Int? {
            let given = object.integer(name, in: 0...1000)
            return members[name] == nil ? current : given
        }
        agreedOpen = limit("agreed_open", current.agreedOpen)
        agreedWeekly = limit("agreed_weekly", current.agreedWeekly)
        declaredOpen = limit("declared_open", declared.open)
        declaredWeekly = limit("declared_weekly", declared.weekly)
        agrees = ["agreed_open", "agreed_weekly"].filter { members[$0] != nil }
        declares = ["declared_open", "declared_weekly", "valid_until"].filter { members[$0] != nil }
        let until = object.instant("valid_until")
        object.finish()
        if (agreedOpen == nil) != (agreedWeekly == nil) {
            object.note(agreedOpen == nil ? "agreed_open" : "agreed_weekly", "required", "Both agreed limits are set, or none.")
        }
        let isDeclared = declaredOpen != nil || declaredWeekly != nil
        // The log keeps whole seconds, so the declaration does too.
        let given = until.map { Date(timeIntervalSince1970: $0.timeIntervalSince1970.rounded(.down)) }
        if let given, given <= now || given > now.addingTimeInterval(366 * 86_400) {
            object.note("valid_until", "range", "This must be after the present instant, within a year.")
        }
        if !declares.isEmpty, !isDeclared, given != nil {
            object.note("valid_until", "required", "There is nothing declared that could be valid.")
        }
        try problems.throwIfAny()
        let usual = Date(timeIntervalSince1970: now.addingTimeInterval(Capacity.validity).timeIntervalSince1970.rounded(.down))
        validUntil = declares.isEmpty ? current.validUntil : isDeclared ? given ?? usual : nil
    }

    /// Whether something stands declared after the change.
    var isDeclared: Bool { declaredOpen != nil || declaredWeekly != nil }
}

extension Session where Failure == RegistryError {
    /// - Returns: Whether there is such a mediator.
    func lockCapacity(of id: Mediator.ID) async throws(RegistryError) -> Bool {
        try await value("SELECT true FROM mediator_capacities WHERE mediator_id = \(id) FOR UPDATE", as: Bool.self) ?? false
    }

    /// The mediator's version counts its limits, too: they are part of what is told of it.
    func write(_ change: CapacityChange, of id: Mediator.ID, by caller: Caller, at now: Date) async throws(RegistryError) {
        try await execute(
            """
            UPDATE mediator_capacities SET agreed_open = \(change.agreedOpen), agreed_weekly = \(change.agreedWeekly),
                   declared_open = \(change.declaredOpen), declared_weekly = \(change.declaredWeekly), valid_until = \(change.validUntil)
             WHERE mediator_id = \(id)
            """)
        if !change.declares.isEmpty {
            let (statedAt, statedBy) = change.isDeclared ? (now, caller.token) : (nil, nil)
            try await execute(
                "UPDATE mediator_capacities SET stated_at = \(statedAt), stated_by = \(statedBy) WHERE mediator_id = \(id)")
        }
        try await execute("UPDATE mediators SET version = version + 1, updated_at = \(now) WHERE id = \(id)")
    }
}
