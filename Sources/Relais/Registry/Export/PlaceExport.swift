import Postgres

extension Database {
    /// Gives `body` all places that are not archived, some hundred at a time, as they are at one moment: what is written meanwhile is not seen, and
    /// not kept waiting.
    ///
    /// - Parameter source: Only those of this source.
    public func eachPlace(of source: String? = nil, _ body: ([Place]) -> Void) async throws(PostgresError) {
        try await transaction(isolation: .repeatableRead, readOnly: true) { tx throws(PostgresError) in
            var conditions: [SQL] = ["archived_at IS NULL"]
            if let source { conditions.append("source = \(source)") }
            var last: Place.ID?
            while true {
                let after: [SQL] = last.map { ["id > \($0)"] } ?? []
                let piece = try await tx.query(
                    "SELECT \(Place.columns) FROM places WHERE \(.all(conditions + after)) ORDER BY id LIMIT 500", as: Place.self)
                if piece.isEmpty { return }
                body(piece)
                last = piece.last?.id
            }
        }
    }

    /// How many ids name places of several sources, so that an export of all of them is not one of the standard, in which an id is there once.
    public func sharedSourceIDs() async throws(PostgresError) -> Int {
        try await value(
            """
            SELECT count(*) FROM (SELECT FROM places WHERE source_id IS NOT NULL AND archived_at IS NULL
                                   GROUP BY source_id HAVING count(*) > 1) AS shared
            """, as: Int.self) ?? 0
    }
}
