import Postgres

/// How many of what is found have each code.
public struct Facet: Sendable, Encodable {
    public struct Count: Sendable, Encodable {
        public let code: String
        public let count: Int
    }

    public let member: String
    public let counts: [Count]
}

/// A filter without which something would have been found; where no filter alone is in the way, two of them.
public struct Relaxation: Sendable, Equatable, Encodable {
    public let parameter: String
    /// The one that is to be left out, too.
    public let with: String?
    public let wouldFind: Int

    private enum CodingKeys: String, CodingKey {
        case parameter, with
        case wouldFind = "would_find"
    }
}

extension Database {
    /// How many there are in all; counting ends at `most`.
    public func count(of filter: some SearchFilter, most: Int = .max) async throws(PostgresError) -> Int {
        let condition = try await filter.condition(in: self, most: most)
        let limit: SQL = most == .max ? "" : " LIMIT \(most)"
        return try await value("SELECT count(*) FROM (SELECT FROM \(filter.table) WHERE \(condition)\(limit)) AS found", as: Int.self) ?? 0
    }

    /// The codes of these members among what is found, most frequent first. A member's own filter is left out, so that its other values can be seen.
    public func facets<Filter: SearchFilter>(_ members: [Filter.Member], of filter: Filter) async throws(PostgresError) -> [Facet] {
        var facets: [Facet] = []
        // Members that nothing is asked of are counted among the same entries.
        var all: SQL?
        for member in members {
            let others = filter.without(member.rawValue)
            let condition: SQL
            if others.names != filter.names {
                condition = try await others.condition(in: self, most: .max)
            } else if let all {
                condition = all
            } else {
                condition = try await filter.condition(in: self, most: .max)
                all = condition
            }
            let counts = try await query(
                """
                SELECT code, count(*) AS count FROM \(filter.table), unnest(\(member.column)) AS code
                 WHERE \(condition) GROUP BY code ORDER BY count DESC, code
                """, as: Facet.Count.self)
            facets.append(Facet(member: member.rawValue, counts: counts))
        }
        return facets
    }

    /// When nothing was found: each filter without which there would be something, and how much; counting ends at 1,000. Where none is enough, each
    /// two, among the first eight.
    ///
    /// - Parameter aliases: What who asks has called some of the filters.
    public func relaxations(
        of filter: some SearchFilter, calling aliases: [String: String] = [:]
    ) async throws(PostgresError) -> [Relaxation] {
        let names = filter.names
        var found: [Relaxation] = []
        for name in names {
            let count = try await count(of: filter.without(name), most: 1000)
            if count > 0 { found.append(Relaxation(parameter: aliases[name] ?? name, with: nil, wouldFind: count)) }
        }
        guard found.isEmpty else { return found }
        let few = names.prefix(8)
        for (index, name) in few.enumerated() {
            for other in few.dropFirst(index + 1) {
                let count = try await count(of: filter.without(name).without(other), most: 1000)
                if count > 0 {
                    found.append(Relaxation(parameter: aliases[name] ?? name, with: aliases[other] ?? other, wouldFind: count))
                }
            }
        }
        return found
    }
}

extension Facet.Count: RowDecodable {
    public static let columns: SQL = "code, count"

    public init(row: borrowing Row) throws(PostgresError) {
        code = try row["code"]
        count = try row["count"]
    }
}
