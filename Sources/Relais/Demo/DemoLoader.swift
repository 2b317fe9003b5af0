import Foundation
import Matching
import Postgres
import Synchronization

/// Puts the demo network into an empty database by living its last three months: every structure, request and answer goes through the desks that serve
/// everybody else, at the hour at which it happened, and the jobs run as they would have. So no state is there that could not have been reached.
///
/// The same seed, end and keyring give the same rows.
public struct DemoLoader: Sendable {
    /// What was loaded.
    public struct Report: Sendable, Equatable, Encodable {
        public let communes: Int
        public let structures: Int
        public let places: Int
        public let mediators: Int
        /// How many requests, and referrals, are in each state.
        public let requests: [String: Int]
        public let referrals: [String: Int]
    }

    public enum Refusal: Error, Equatable, CustomStringConvertible {
        case notEmpty

        public var description: String {
            "This database already holds a registry or requests. The demo network goes into an empty one only: give a database of its own."
        }
    }

    private let database: Database
    private let keyring: Keyring
    private let network: DemoNetwork
    private let end: Date
    private let clock: DemoClock
    private let generators: Generators

    /// - Parameter end: The present: the story ends there.
    public init(database: Database, keyring: Keyring, seed: UInt64, end: Date) {
        self.database = database
        self.keyring = keyring
        self.end = end
        network = DemoNetwork(seed: seed)
        let clock = DemoClock(seed: seed, at: end.addingTimeInterval(-Self.past))
        self.clock = clock
        generators = Generators(now: { clock.now }, newID: { clock.newID() })
    }

    /// The registry is a hundred days old.
    private static let past: TimeInterval = 100 * 86_400

    /// - Parameter progress: told how many requests of how many have been filed.
    /// - Throws: ``Refusal/notEmpty``, or what a desk refused.
    public func load(progress: @Sendable (_ filed: Int, _ of: Int) -> Void = { _, _ in }) async throws -> Report {
        guard try await !database.holdsARegistry() else { throw Refusal.notEmpty }
        // A server that runs beside would let the proposals of the past expire in the present.
        return try await database.withJobsAtRest { try await live(progress) }
    }

    private func live(_ progress: @Sendable (_ filed: Int, _ of: Int) -> Void) async throws -> Report {
        let registry = try await loadRegistry()
        let jobs = JobRunner(database: database, generators: generators, isAlone: true)
        var stories = network.requests.map { DemoStory($0) }
        var filed = 0
        for moment in agenda() {
            clock.move(to: moment.time)
            try await jobs.runDue()
            switch moment.what {
            case .declaration(let mediator):
                try await declare(network.mediators[mediator], registry.mediators[mediator])
            case .filing(let index):
                try await file(&stories[index], in: registry)
                filed += 1
                if filed % 25 == 0 { progress(filed, network.requests.count) }
            case .step(let index, let step):
                try await take(step, in: &stories[index], index: index)
            }
        }
        clock.move(to: end)
        try await jobs.runDue()
        return try await database.demoReport()
    }

    // MARK: - The registry

    private struct Registry {
        var structures: [Structure.ID] = []
        var places: [Place.ID] = []
        var mediators: [Mediator.ID] = []
    }

    private func loadRegistry() async throws(RegistryError) -> Registry {
        try await database.transaction { tx throws(RegistryError) in
            var registry = Registry()
            _ = try await tx.upsert(LoireCommunes.all)
            for draft in network.structures {
                registry.structures.append(try await StructureDesk(generators).create(draft, by: .system, in: tx).id)
            }
            for place in network.places {
                var draft = place.draft
                draft.structure = registry.structures[place.structure]
                registry.places.append(try await PlaceDesk(generators).create(draft, by: .system, in: tx).id)
            }
            for mediator in network.mediators {
                let draft = MediatorDraft(
                    structure: registry.structures[mediator.structure], name: mediator.name, email: mediator.email, phone: mediator.phone,
                    places: mediator.places.map { registry.places[$0] },
                    skills: mediator.skills.map { Mediator.Skilled($0.skill, level: $0.level) },
                    modes: mediator.modes, languages: mediator.languages, travelRadius: mediator.travelRadius, paused: mediator.isPaused)
                let id = try await MediatorDesk(generators).create(draft, by: .system, in: tx).id
                registry.mediators.append(id)
                guard let agreed = mediator.capacity.agreed else { continue }
                let patch: JSONValue = .object([
                    "agreed_open": .number(Double(agreed.open)), "agreed_weekly": .number(Double(agreed.weekly)),
                ])
                _ = try await CapacityDesk(generators).change(id, by: patch, if: .any, by: Caller(.coordinator), in: tx)
            }
            return registry
        }
    }

    private func declare(_ mediator: DemoNetwork.PlannedMediator, _ id: Mediator.ID) async throws(RegistryError) {
        guard let word = mediator.capacity.declared else { return }
        let patch: JSONValue = .object(["declared_open": .number(Double(word.open)), "declared_weekly": .number(Double(word.weekly))])
        try await database.transaction { tx throws(RegistryError) in
            _ = try await CapacityDesk(generators).change(id, by: patch, if: .any, by: Caller(.mediator, mediator: id), in: tx)
        }
    }

    // MARK: - Requests

    private struct Moment {
        enum What {
            case declaration(Int)
            case filing(Int)
            case step(Int, DemoRequest.Step)
        }

        let time: Date
        let what: What
    }

    /// Everything that happens, in the order in which it does.
    private func agenda() -> [Moment] {
        var moments: [Moment] = []
        for (index, mediator) in network.mediators.enumerated() {
            guard let word = mediator.capacity.declared else { continue }
            moments.append(Moment(time: end.addingTimeInterval(-Double(word.daysAgo) * 86_400), what: .declaration(index)))
        }
        for (index, request) in network.requests.enumerated() {
            let filed = end.addingTimeInterval(-Double(request.hoursAgo) * 3600)
            moments.append(Moment(time: filed, what: .filing(index)))
            moments += request.steps.map { Moment(time: filed.addingTimeInterval(Double($0.hours) * 3600), what: .step(index, $0)) }
        }
        // At the same instant, in the order of the plan: `sort` alone does not promise to keep it.
        return moments.enumerated().filter { $0.element.time < end }
            .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    }

    private func file(_ story: inout DemoStory, in registry: Registry) async throws(RequestError) {
        var draft = story.plan.draft
        draft.deadline = story.plan.deadlineDays.map { Day(number: Day.today(at: clock.now).number + $0) }
        let caller: Caller =
            switch story.plan.asker {
            case .person: .visitor
            case .prescriber(let structure), .authority(let structure), .structure(let structure):
                Caller(.prescriber, structure: registry.structures[structure])
            }
        let (complete, person) = (draft, story.plan.person)
        story.request = try await database.transaction { tx throws(RequestError) in
            try await RequestDesk(generators: generators, keyring: keyring).file(
                complete, person: person, consents: caller.role == .visitor, by: caller, in: tx
            ).request.request.id
        }
    }

    /// Does what the plan says, when it is still possible; otherwise the request stays where it is, and its story is over.
    private func take(_ step: DemoRequest.Step, in story: inout DemoStory, index: Int) async throws {
        guard !story.isOver, let request = story.request else { return }
        do throws(RequestError) {
            if try await takeToTheRequest(step.deed, request) { return }
        } catch .notNow(_, _) {
            story.isOver = true
            return
        }
        do throws(ReferralError) {
            let open = story.referral
            let next = try await database.transaction { tx throws(ReferralError) in
                try await takeToTheReferral(step.deed, request, open, index: index, in: tx)
            }
            story.referral = next
            story.isOver = next == nil
        } catch .requestNotNow(_), .notNow(_, _), .bookedTwice, .openLimit, .weeklyLimit, .notACandidate(_) {
            story.isOver = true
        }
    }

    private func takeToTheRequest(_ deed: DemoRequest.Step.Deed, _ id: Request.ID) async throws(RequestError) -> Bool {
        let desk = RequestDesk(generators: generators, keyring: keyring)
        let coordinator = Caller(.coordinator)
        let now = clock.now
        return try await database.transaction { tx throws(RequestError) in
            switch deed {
            case .park(let days): _ = try await desk.park(id, until: now.addingTimeInterval(Double(days) * 86_400), by: coordinator, in: tx)
            case .giveUp: _ = try await desk.giveUp(id, reason: "Personne ne propose cette aide à proximité.", by: coordinator, in: tx)
            case .cancel: _ = try await desk.cancel(id, reason: "Réglé entre-temps.", by: coordinator, in: tx)
            default: return false
            }
            return true
        }
    }

    /// - Returns: The referral that the next step is about, and its mediator; `nil` when there is none.
    private func takeToTheReferral(
        _ deed: DemoRequest.Step.Deed, _ request: Request.ID, _ open: DemoStory.Open?, index: Int, in tx: Session<ReferralError>
    ) async throws(ReferralError) -> DemoStory.Open? {
        let desk = ReferralDesk(generators: generators)
        if case .propose = deed {
            guard let asked = try await tx.request(request), let policy = try await tx.policy(),
                let best = try await tx.candidates(for: asked, policy: policy, at: clock.now).first
            else { return nil }
            let mediator = Mediator.ID(best.mediator)
            return (
                try await desk.propose(request, ReferralDesk.Proposal(mediator: mediator), by: Caller(.coordinator), in: tx).referral.id,
                mediator
            )
        }
        guard let open else { return nil }
        let mediator = Caller(.mediator, mediator: open.mediator)
        switch deed {
        case .decline(let reason): _ = try await desk.decline(open.referral, reason: reason, text: nil, by: mediator, in: tx)
        case .accept: _ = try await desk.accept(open.referral, by: mediator, in: tx)
        case .complete(let outcome): _ = try await desk.complete(open.referral, outcome: outcome, by: mediator, in: tx)
        case .noShow: _ = try await desk.noShow(open.referral, by: mediator, in: tx)
        case .schedule(let days):
            let start = slot(days: days, index: index)
            _ = try await desk.schedule(open.referral, from: start, to: start.addingTimeInterval(2700), place: nil, by: mediator, in: tx)
        case .expire, .propose, .park, .giveUp, .cancel: break  // the job has done it, or it was done above
        }
        return open
    }

    /// Between 9 and 17 o'clock of a day to come, at another time for each request.
    private func slot(days: Int, index: Int) -> Date {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .network
        let day = calendar.startOfDay(for: clock.now.addingTimeInterval(Double(days) * 86_400))
        return day.addingTimeInterval(Double(9 * 3600 + index % 10 * 2880))
    }
}

/// What has become of a planned request so far.
private struct DemoStory {
    typealias Open = (referral: Referral.ID, mediator: Mediator.ID)

    let plan: DemoRequest
    var request: Request.ID?
    var referral: Open?
    var isOver = false

    init(_ plan: DemoRequest) { self.plan = plan }
}

/// A clock that is moved by hand, and identifiers that follow from a seed.
private final class DemoClock: Sendable {
    private let state: Mutex<(now: Date, random: SeededGenerator)>

    init(seed: UInt64, at start: Date) { state = Mutex((start, SeededGenerator(seed: ~seed))) }

    var now: Date { state.withLock { $0.now } }

    func move(to instant: Date) { state.withLock { $0.now = instant } }

    func newID() -> UUID { state.withLock { UUID.version7(at: $0.now, using: &$0.random) } }
}
