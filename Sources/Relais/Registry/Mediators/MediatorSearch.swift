import Postgres

/// A mediator that was found, and how far it is from where it was looked for.
public struct FoundMediator: Sendable, Encodable {
    public var mediator: Mediator
    /// In metres, from the nearest of its places; only when it was looked for near somewhere.
    public let distance: Int?
    /// What the list is ordered by.
    let rank: Rank<Mediator>

    private enum CodingKeys: String, CodingKey { case distance = "distance_m" }

    /// The same as `caller` sees it.
    public func seen(by caller: Caller) -> FoundMediator {
        var seen = self
        seen.mediator = mediator.seen(by: caller)
        return seen
    }

    public func encode(to encoder: any Encoder) throws {
        try mediator.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        if let distance { try container.encode(distance, forKey: .distance) }
    }
}

extension FoundMediator: RowDecodable {
    public static let columns: SQL = "\(Mediator.columns), distance, rank"

    public init(row: borrowing Row) throws(PostgresError) {
        let ranked = try Ranked<Mediator>(row: row)
        mediator = ranked.entry
        rank = ranked.rank
        distance = try row["distance"]
    }
}

extension Database {
    /// A piece of what is found, in order.
    ///
    /// - Throws: ``PostgresError``. A sort without what it sorts by (distance without ``MediatorFilter/near``) must have been refused before.
    public func search(
        _ filter: MediatorFilter, sort: SearchSort = .id, _ paging: Paging = Paging()
    ) async throws(PostgresError) -> Page<FoundMediator> {
        let distance = filter.line.map { Near.metres($0) } ?? "NULL::int"
        let found = try await rows(
            filter, sort, after: paging.after.map { Rank(sort, $0) }, limit: paging.limit + 1,
            columns: "\(Mediator.columns), \(distance) AS distance", as: FoundMediator.self)
        return Page(found, paging) { $0.rank.key }
    }
}
