import Postgres
import Support
import Testing

@Suite("Many at once", .database)
struct LoadTests {
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
