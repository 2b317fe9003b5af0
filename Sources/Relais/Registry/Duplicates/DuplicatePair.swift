import Foundation
import Postgres

/// Two places, in the order of their ids, which is that of their age.
public struct PlacePair: Sendable, Hashable {
    public let first: Place.ID
    public let second: Place.ID

    public init(_ one: Place.ID, _ other: Place.ID) { (first, second) = one < other ? (one, other) : (other, one) }
}

/// What one needs to know of a place to know which one is meant; nothing more of it is told with a duplicate.
public struct PlaceSide: Sendable, Equatable, Encodable {
    public let id: Place.ID
    public let name: String
    /// The INSEE code, when it is known.
    public let commune: Commune.ID?
    /// As it was written.
    public let communeName: String

    private enum CodingKeys: String, CodingKey {
        case id, name, commune
        case communeName = "commune_name"
    }
}

/// Two places that may be one.
public struct DuplicatePair: Sendable, Equatable {
    /// The one whose id is smaller, which is the older one.
    public let first: PlaceSide
    public let second: PlaceSide
    public let likeness: Likeness
}

extension DuplicatePair: Encodable {
    private enum CodingKeys: String, CodingKey { case first, second, score, reasons }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(first, forKey: .first)
        try container.encode(second, forKey: .second)
        try container.encode(likeness.score, forKey: .score)
        try container.encode(likeness.reasons, forKey: .reasons)
    }
}

/// A place that a new one may be the same as.
public struct DuplicateCandidate: Sendable, Equatable {
    public let place: PlaceSide
    public let likeness: Likeness
}

/// What a search through the whole base found.
public struct DuplicateReport: Sendable, Encodable {
    /// How many places were compared.
    public let places: Int
    /// The likest first.
    public let pairs: [DuplicatePair]

    /// The report without its pairs, which are read from the list.
    public struct Summary: Sendable, Encodable {
        public let places: Int
        public let pairs: Int
    }

    public var summary: Summary { Summary(places: places, pairs: pairs.count) }
}

/// A pair as the last search, or the creation of the younger place, left it.
public struct FoundPair: Sendable, Encodable {
    public let first: PlaceSide
    public let second: PlaceSide
    /// 0…1, to three digits.
    public let score: Double
    public let reasons: [Likeness.Reason]
    public let foundAt: Date

    private enum CodingKeys: String, CodingKey {
        case first, second, score, reasons
        case foundAt = "found_at"
    }
}

extension FoundPair: RowDecodable {
    public static let columns: SQL = "\(PlaceSide.columnsOfTwo), d.score, d.reasons, d.found_at"

    public init(row: borrowing Row) throws(PostgresError) {
        (first, second) = try PlaceSide.two(row)
        let thousandths: Int = try row["score"]
        score = Double(thousandths) / 1000
        let reasons: JSON<[Likeness.Reason]> = try row["reasons"]
        self.reasons = reasons.value
        foundAt = try row["found_at"]
    }
}

/// Two places of which somebody said that they are two.
public struct DismissedPair: Sendable, Encodable {
    public let first: PlaceSide
    public let second: PlaceSide
    public let dismissedAt: Date

    private enum CodingKeys: String, CodingKey {
        case first, second
        case dismissedAt = "dismissed_at"
    }
}

extension DismissedPair: RowDecodable {
    public static let columns: SQL = "\(PlaceSide.columnsOfTwo), d.dismissed_at"

    public init(row: borrowing Row) throws(PostgresError) {
        (first, second) = try PlaceSide.two(row)
        dismissedAt = try row["dismissed_at"]
    }
}

extension PlaceSide {
    /// Of places `a` and `b`.
    fileprivate static let columnsOfTwo: SQL = """
        a.id AS first_id, a.name AS first_name, a.commune AS first_commune, a.commune_name AS first_commune_name, \
        b.id AS second_id, b.name AS second_name, b.commune AS second_commune, b.commune_name AS second_commune_name
        """

    fileprivate static func two(_ row: borrowing Row) throws(PostgresError) -> (PlaceSide, PlaceSide) {
        (
            PlaceSide(
                id: try row["first_id"], name: try row["first_name"], commune: try row["first_commune"],
                communeName: try row["first_commune_name"]),
            PlaceSide(
                id: try row["second_id"], name: try row["second_name"], commune: try row["second_commune"],
                communeName: try row["second_commune_name"])
        )
    }
}
