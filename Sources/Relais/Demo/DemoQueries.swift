import Postgres

extension Database {
    /// Whether somebody has put anything here but vocabularies.
    func holdsARegistry() async throws(PostgresError) -> Bool {
        let holds = try await value(
            "SELECT EXISTS (SELECT FROM structures) OR EXISTS (SELECT FROM places) OR EXISTS (SELECT FROM mediators) OR EXISTS (SELECT FROM requests)",
            as: Bool.self)
        return holds ?? false
    }

    func demoReport() async throws(PostgresError) -> DemoLoader.Report {
        DemoLoader.Report(
            communes: try await value("SELECT count(*) FROM communes", as: Int.self) ?? 0,
            structures: try await value("SELECT count(*) FROM structures", as: Int.self) ?? 0,
            places: try await value("SELECT count(*) FROM places", as: Int.self) ?? 0,
            mediators: try await value("SELECT count(*) FROM mediators", as: Int.self) ?? 0,
            requests: try await byStatus("SELECT status, count(*) AS number FROM requests GROUP BY status"),
            referrals: try await byStatus("SELECT status, count(*) AS number FROM referrals GROUP BY status"))
    }

    private func byStatus(_ sql: SQL) async throws(PostgresError) -> [String: Int] {
        let rows = try await query(sql, as: Tally.self)
        return Dictionary(rows.map { ($0.status, $0.number) }, uniquingKeysWith: +)
    }
}

private struct Tally: RowDecodable {
    static let columns: SQL = "status, number"
    let status: String
    let number: Int

    init(row: borrowing Row) throws(PostgresError) {
        status = try row["status"]
        number = try row["number"]
    }
}
