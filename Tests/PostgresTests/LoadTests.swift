import Postgres
import Support
import Testing

@Suite("Many at once", .database)
struct LoadTests {
    /// The whole answer waits in the socket by the time anybody looks: one event, and more bytes than libpq reads at a time.
    @Test func anAnswerThatCameWhileNobodyLookedIsReadToItsEnd() async throws {
        let database = Database(OwnDatabase.conninfo, limit: 1, statementDeadline: .seconds(2))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    // Keeps the threads of the pool from the answers.
                    for _ in 0..<20 {
                        let end = ContinuousClock.now + .milliseconds(5)
                        while ContinuousClock.now < end {}
                        await Task.yield()
                    }
                }
            }
            group.addTask {
                for _ in 0..<20 {
                    let rows = try await database.values("SELECT repeat('x', 4000) FROM generate_series(1, 30)", as: String.self)
                    #expect(rows.count == 30)
                }
            }
            try await group.waitForAll()
        }
        await database.close()
    }

    @Test func tenThousandStatementsFromSixtyFourTasks() async throws {
        let database = Database(OwnDatabase.conninfo, limit: 8, patience: .seconds(60))
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<64 {
                group.addTask {
                    var sum = 0
                    for number in 0..<157 {
                        let value = task * 157 + number
                        let answer = try await database.value("SELECT \(value) + \(1)", as: Int.self)
                        sum += (answer ?? 0) == value + 1 ? 1 : 0
                    }
                    return sum
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 64 * 157)
        await database.close()
    }
}
