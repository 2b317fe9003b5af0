import Postgres

/// The territory that somebody serves. A commune is covered by its own code, its EPCI's or its département's; nobody's zone is said to be everything
/// by saying nothing: without a zone it is not known.
public struct Zone: Sendable, Equatable, Encodable {
    /// How many territories of a kind a zone may name.
    public static let most = 500

    public var communes: [Commune.ID] = []
    public var epci: [Epci.ID] = []
    /// Codes of départements: `42`, `2A`, `974`.
    public var departments: [String] = []
    /// All communes. Then nothing else is named.
    public var everywhere = false

    public init(communes: [Commune.ID] = [], epci: [Epci.ID] = [], departments: [String] = [], everywhere: Bool = false) {
        self.communes = communes
        self.epci = epci
        self.departments = departments
        self.everywhere = everywhere
    }

    /// The territories as the database has them (`territories_of` in `migrations/0010_zones.sql`).
    public var territories: [String] {
        communes.map { Kind.commune.prefix + $0 } + epci.map { Kind.epci.prefix + $0 } + departments.map { Kind.department.prefix + $0 }
            + (everywhere ? [Self.everything] : [])
    }

    /// - Parameter territories: What ``territories`` gives; anything else is left out.
    public init(territories: [String]) {
        func codes(_ kind: Kind) -> [String] {
            territories.filter { $0.hasPrefix(kind.prefix) }.map { String($0.dropFirst(kind.prefix.count)) }
        }
        communes = codes(.commune)
        epci = codes(.epci)
        departments = codes(.department)
        everywhere = territories.contains(Self.everything)
    }

    private static let everything = "everywhere"

    private enum Kind: String {
        case commune, epci, department
        var prefix: String { "\(rawValue):" }
    }
}

extension Zone {
    /// Reads the member `zone`; nil when it is missing, null or wrong.
    init?(_ object: inout InputObject, _ name: String = "zone") {
        guard var zone = object.object(name) else { return nil }
        communes = zone.texts("communes", form: .insee, max: Zone.most) ?? []
        epci = zone.texts("epci", form: .siren, max: Zone.most) ?? []
        departments = zone.texts("departments", form: .department, max: 101) ?? []
        everywhere = zone.flag("everywhere") ?? false
        zone.finish()
        if everywhere, territories.count > 1 {
            object.note("\(name)/everywhere", "contradiction", "Who serves everywhere names no territory beside it.")
        }
        if territories.isEmpty {
            object.note(
                name, "empty", "This names no territory: give communes, epci, departments or everywhere, or null when it is not known.")
            return nil
        }
    }
}

extension Session where Failure == RegistryError {
    /// The communes, EPCI and départements that a zone names must be there.
    func check(zone: Zone?, at pointer: String = "/zone") async throws(RegistryError) {
        guard let zone, !zone.everywhere else { return }
        let problems = InputProblems()
        try await check(
            zone.communes, "SELECT insee_code FROM communes WHERE insee_code = ANY (\(zone.communes))", at: "\(pointer)/communes",
            "There is no commune with this code.", problems)
        try await check(
            zone.epci, "SELECT siren FROM epci WHERE siren = ANY (\(zone.epci))", at: "\(pointer)/epci",
            "There is no EPCI with this SIREN: they are brought in by `relais import epci`.", problems)
        try await check(
            zone.departments,
            "SELECT d FROM unnest(\(zone.departments)) AS d WHERE EXISTS (SELECT FROM communes WHERE department = d)",
            at: "\(pointer)/departments", "No commune is in a département with this code.", problems)
        try invalidAsRegistryError { () throws(InvalidInput) in try problems.throwIfAny() }
    }

    private func check(
        _ codes: [String], _ known: SQL, at pointer: String, _ message: String, _ problems: InputProblems
    ) async throws(RegistryError) {
        if codes.isEmpty { return }
        let known = Set(try await values(known, as: String.self))
        for (index, code) in codes.enumerated() where !known.contains(code) {
            problems.note("\(pointer)/\(index)", "unknown_code", message)
        }
    }
}
