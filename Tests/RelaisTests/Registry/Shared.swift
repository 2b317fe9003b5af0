import Foundation
import Matching
import Postgres
import Relais
import Support

/// The real files, where there are any: `RELAIS_SHARED`, or `shared` beside the package.
enum Shared {
    static let isThere = bytes("data/communes.csv") != nil

    static func bytes(_ name: String) -> [UInt8]? {
        let beside = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../../shared").path
        let folder = ProcessInfo.processInfo.environment["RELAIS_SHARED"] ?? beside
        guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else { return nil }
        return Array(data)
    }
}

/// The registry's desks over the test's own database, with a clock that stands still until it is moved.
struct OwnRegistry {
    let database = OwnDatabase.current
    let clock: TestClock
    let structures: StructureDesk
    let places: PlaceDesk
    let mediators: MediatorDesk
    let skills: SkillDesk
    let capacities: CapacityDesk
    let generators: Generators
    static let staff = Caller(.coordinator)

    init() {
        let clock = TestClock()
        self.clock = clock
        generators = Generators(now: { clock.now }, newID: Generators.system.newID)
        structures = StructureDesk(generators)
        places = PlaceDesk(generators)
        mediators = MediatorDesk(generators)
        skills = SkillDesk(generators)
        capacities = CapacityDesk(generators)
    }

    func write<Value: Sendable>(
        _ body: (Session<RegistryError>) async throws(RegistryError) -> Value
    ) async throws(RegistryError) -> Value {
        try await database.transaction { tx throws(RegistryError) in try await body(tx) }
    }

    /// Sets the counter that only referrals move, past the triggers: for tests that need no referrals.
    func pretend(_ mediator: Mediator.ID, holds count: Int) async throws {
        try await database.transaction { tx throws(PostgresError) in
            try await tx.execute("SET LOCAL session_replication_role = 'replica'")
            try await tx.execute("UPDATE mediator_capacities SET held = \(count) WHERE mediator_id = \(mediator)")
        }
    }

    func structure(_ name: String = "Maison des possibles") async throws(RegistryError) -> Structure {
        try await write { tx throws(RegistryError) in
            try await structures.create(StructureDraft(name: name), by: Self.staff, in: tx)
        }
    }

    func place(_ structure: Structure.ID? = nil, _ name: String = "Médiathèque") async throws(RegistryError) -> Place {
        var draft = PlaceDraft(name: name, address: "1 rue de la Paix", postcode: "42000", communeName: "Saint-Étienne")
        draft.structure = structure
        return try await write { [draft] tx throws(RegistryError) in try await places.create(draft, by: Self.staff, in: tx) }
    }

    func mediator(_ structure: Structure.ID) async throws(RegistryError) -> Mediator {
        let draft = MediatorDraft(
            structure: structure, name: "Camille", email: "camille@example.org", skills: [.init("usage-securise", level: 2)],
            modes: [.place])
        return try await write { tx throws(RegistryError) in try await mediators.create(draft, by: Self.staff, in: tx) }
    }

    /// Some communes of the Loire, and two that bear one name and postcode.
    func communes() async throws {
        let file = try CommuneFile(
            Array(
                """
                code_insee,nom,codes_postaux,latitude,longitude,population,departement,type,code_insee_parent
                42218,Saint-Étienne,42000|42100|42230,45.4339,4.39,173821,42,COM,
                42005,Andrézieux-Bouthéon,42160,45.52,4.26,9954,42,COM,
                42207,Saint-Chamond,42400,45.47,4.51,35064,42,COM,
                99001,Deux-Fois,99000,,,,99,COM,
                99002,DEUX FOIS,99000,,,,99,COM,

                """.utf8))
        let report = try await write { tx throws(RegistryError) in try await CommuneImport().run(file, by: .system, in: tx) }
        precondition(report.created == 5)
    }

    func events(_ kind: String) async throws -> Int {
        try await database.value("SELECT count(*) FROM events WHERE kind = \(kind)", as: Int.self) ?? 0
    }
}

/// A clock that tests move.
final class TestClock: Sendable {
    private let instant = Instant()
    var now: Date { instant.value }
    func advance(by seconds: TimeInterval) { instant.advance(by: seconds) }

    private final class Instant: @unchecked Sendable {
        private let lock = NSLock()
        private var date = Date(timeIntervalSince1970: 1_773_136_800)  // Tuesday 10 March 2026, 11 h in Paris
        var value: Date { lock.withLock { date } }
        func advance(by seconds: TimeInterval) { lock.withLock { date += seconds } }
    }
}

/// What an action failed with.
func failure<Value>(_ body: () async throws(RegistryError) -> Value) async -> RegistryError? {
    do throws(RegistryError) {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}

/// The problems of a reading, as `pointer code`.
func problems<Value>(_ read: () throws(InvalidInput) -> Value) -> [String] {
    do throws(InvalidInput) {
        _ = try read()
        return []
    } catch {
        return error.problems.map { "\($0.pointer) \($0.code)" }.sorted()
    }
}

extension RegistryError {
    var problems: [String] {
        guard case .invalid(let input) = self else { return ["\(self)"] }
        return input.problems.map { "\($0.pointer) \($0.code)" }.sorted()
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByNilLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(Dictionary(elements) { $1 }) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(nilLiteral: ()) { self = .null }
}
