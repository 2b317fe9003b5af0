import Postgres
import Support
import Testing

@Suite("Notifications", .database)
struct ListenerTests {
    let database = OwnDatabase.current

    @Test func eachChannelHearsItsOwn() async throws {
        var first = database.notifications(on: "first").makeAsyncIterator()
        var second = database.notifications(on: "Second \"one\"").makeAsyncIterator()
        #expect(await first.next() == .resumed)
        #expect(await second.next() == .resumed)
        var again = database.notifications(on: "first").makeAsyncIterator()
        #expect(await again.next() == .resumed)
        try await database.execute("SELECT pg_notify('Second \"one\"', 'b'), pg_notify('first', 'a')")
        #expect(await first.next() == .message("a"))
        #expect(await again.next() == .message("a"))
        #expect(await second.next() == .message("b"))
    }

    @Test func whoStopsListeningLeavesTheConnection() async throws {
        let listening: SQL = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        do {
            let stream = database.notifications(on: "brief")
            for await notification in stream where notification == .resumed { break }
            #expect(try await database.value(listening, as: Int.self) == 1)
        }
        for _ in 0..<500 {
            if try await database.value(listening, as: Int.self) == 0 { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("the listener's connection stays open")
    }

    @Test func aConsumerThatFallsBehindIsToldThatItMissedSomething() async throws {
        let stream = database.notifications(on: "many")
        var heard = stream.makeAsyncIterator()
        var ahead = database.notifications(on: "many").makeAsyncIterator()
        #expect(await heard.next() == .resumed)
        try await database.execute("SELECT pg_notify('many', i::text) FROM generate_series(1, 5000) i")
        try await database.execute("SELECT pg_notify('many', 'last')")
        while let notification = await ahead.next(), notification != .message("last") {}
        var missed = false
        while let notification = await heard.next() {
            if notification == .resumed { missed = true }
            if notification == .message("last") { break }
        }
        #expect(missed)
    }
}
