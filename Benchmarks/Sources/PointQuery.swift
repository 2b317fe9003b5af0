import ArgumentParser
import Foundation
import Postgres

/// One row by its key, over and over, from many tasks at once: the same statement as pgbench's.
struct PointQuery: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Reads one place by id through Postgres.")

    @Argument(help: "libpq's connection string.") var conninfo: String
    @Argument(help: "The id of the place.") var id: String
    @Option(help: "Tasks, and connections.") var clients = 16
    @Option(help: "How long.") var seconds = 3.0

    private struct Seen: RowDecodable {
        static let columns: SQL = "id, name, address, postcode, commune_name, latitude, longitude"
        let id: UUID
        let name: String
        let address: String
        let postcode: String
        let commune: String
        let latitude: Double?
        let longitude: Double?

        init(row: borrowing Row) throws(PostgresError) {
            id = try row["id"]
            name = try row["name"]
            address = try row["address"]
            postcode = try row["postcode"]
            commune = try row["commune_name"]
            latitude = try row["latitude"]
            longitude = try row["longitude"]
        }
    }

    func run() async throws {
        guard let id = UUID(uuidString: id) else { throw ValidationError("The id is no UUID.") }
        let database = Database(conninfo, limit: clients)
        // Connections are opened and the statement is prepared before it counts.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<(clients * 4) { group.addTask { _ = try await Self.ask(database, id) } }
            try await group.waitForAll()
        }
        let start = ContinuousClock.now
        let end = start + .seconds(seconds)
        let tally = try await withThrowingTaskGroup(of: Tally.self) { group in
            for _ in 0..<clients {
                group.addTask {
                    var tally = Tally()
                    while ContinuousClock.now < end {
                        guard try await Self.ask(database, id) else {
                            tally.failed += 1
                            continue
                        }
                        tally.done += 1
                    }
                    return tally
                }
            }
            return try await group.reduce(Tally(), +)
        }
        print(tally.line(seconds: start.duration(to: .now).inSeconds))
        await database.close()
    }

    private static func ask(_ database: Database, _ id: UUID) async throws(PostgresError) -> Bool {
        try await database.first("SELECT \(Seen.columns) FROM places WHERE id = \(id)", as: Seen.self)?.id == id
    }
}
