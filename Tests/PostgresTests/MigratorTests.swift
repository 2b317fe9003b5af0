import Postgres
import Support
import Testing

@Suite("Migrations", .freshDatabase)
struct MigratorTests {
    private let database: Database

    init() async throws {
        database = OwnDatabase.current
        // The template may have been migrated: these tests have migrations of their own.
        try await database.execute("DROP TABLE IF EXISTS schema_migrations")
    }

    private let first = Migration(number: 1, name: "first", sql: "CREATE TABLE one (id int); CREATE TABLE two (id int);")
    private let second = Migration(number: 2, name: "second", sql: "INSERT INTO one VALUES (1); -- done")

    private let fifth = Migration(number: 5, name: "fifth", sql: "SELECT 1")

    private func up(_ migrations: Migration...) async throws(MigrationError) -> [Int] {
        try await Migrator(database: database, migrations: migrations).up().map(\.number)
    }

    @Test func eachIsAppliedOnceInOrder() async throws {
        #expect(try await up(second, first) == [1, 2])
        #expect(try await up(first, second) == [])
        #expect(try await database.value("SELECT count(*) FROM one", as: Int.self) == 1)
        let status = try await Migrator(
            database: database, migrations: [first, second, Migration(number: 3, name: "third", sql: "SELECT 1")]
        ).status()
        #expect(status.map(\.number) == [1, 2, 3])
        #expect(status.map { $0.appliedAt != nil } == [true, true, false])
    }

    @Test func statusChangesNothing() async throws {
        let status = try await Migrator(database: database, migrations: [first]).status()
        #expect(status.map(\.appliedAt) == [nil])
        #expect(try await database.value("SELECT to_regclass('schema_migrations') IS NULL", as: Bool.self) == true)
    }

    @Test func aChangedFileIsRefused() async throws {
        #expect(try await up(first) == [1])
        let changed = Migration(number: 1, name: "first", sql: first.sql + " ")
        let error = await #expect(throws: MigrationError.self) { try await up(changed, second) }
        #expect(error == .changed(1, "first"))
        #expect(error?.description.contains("Put the file back") == true)
        #expect(try await database.value("SELECT count(*) FROM one", as: Int.self) == 0)
    }

    @Test func aFileThatWasCorrectedAndMakesTheSameIsTaken() async throws {
        #expect(try await up(first) == [1])
        let checksum = try await database.value("SELECT checksum FROM schema_migrations", as: String.self)
        let corrected = Migration(number: 1, name: "first", sql: first.sql + " ", formerly: [try #require(checksum)])
        #expect(try await up(corrected, second) == [2])
    }

    @Test func aNewerDatabaseIsRefused() async throws {
        #expect(try await up(first, second) == [1, 2])
        let error = await #expect(throws: MigrationError.self) { try await up(first) }
        #expect(error == .newerDatabase(2, "second"))
        #expect(error?.description.contains("Install the version that wrote it") == true)
    }

    @Test func aFileBeforeTheLastIsRefused() async throws {
        #expect(try await up(fifth) == [5])
        let error = await #expect(throws: MigrationError.self) {
            try await up(first, fifth)
        }
        #expect(error == .late(1, "first", after: 5))
    }

    @Test func aFileThatFailsKeepsNothing() async throws {
        let broken = Migration(number: 2, name: "broken", sql: "INSERT INTO one VALUES (1); SELECT 1/0; CREATE TABLE three ()")
        let error = await #expect(throws: MigrationError.self) { try await up(first, broken) }
        guard case .failed(2, "broken", let cause)? = error else {
            Issue.record("not the failure of the file: \(String(describing: error))")
            return
        }
        #expect(cause.sqlState == "22012")
        #expect(error?.description.contains("division by zero") == true)
        #expect(try await database.value("SELECT count(*) FROM one", as: Int.self) == 0)
        #expect(try await database.values("SELECT number FROM schema_migrations", as: Int.self) == [1])
        #expect(try await up(first, second) == [2])
    }

    @Test func twoWithOneNumberAreRefused() async throws {
        let error = await #expect(throws: MigrationError.self) { try await up(first, Migration(number: 1, name: "other", sql: "")) }
        #expect(error == .sameNumber(1, "first", "other"))
    }

    @Test func twoNodesAtOnceApplyEachOnce() async throws {
        let slow = (1...4).map { Migration(number: $0, name: "m\($0)", sql: "CREATE TABLE m\($0) (); SELECT pg_sleep(0.05)") }
        let applied = try await withThrowingTaskGroup(of: [Int].self) { group in
            for _ in 0..<4 {
                group.addTask { [database] in try await Migrator(database: database, migrations: slow).up().map(\.number) }
            }
            return try await group.reduce([], +)
        }
        #expect(applied.sorted() == [1, 2, 3, 4])
    }

    @Test func withoutAServerItSaysWhatToDo() async throws {
        let nowhere = Database("host=127.0.0.1 port=\(try TestCluster.freePort())")
        let error = await #expect(throws: MigrationError.self) { try await Migrator(database: nowhere, migrations: [first]).up() }
        #expect(error?.description.contains("Check that the server can be reached") == true)
    }
}
