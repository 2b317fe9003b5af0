import Testing

@testable import Postgres

@Suite("Who holds which connection")
struct PoolStateTests {
    private typealias State = PoolState<Int, String>

    private func waiting(_ number: UInt64, _ name: String, until deadline: Int64 = .max) -> State.Waiting {
        State.Waiting(number: number, deadline: Moment(nanoseconds: deadline), waiter: name)
    }

    private func name(_ placement: State.Placement) -> String {
        switch placement {
        case .handed(let waiter): "handed to \(waiter)"
        case .kept: "kept"
        case .refused: "refused"
        }
    }

    @Test func connectionsAreOpenedUpToTheLimit() {
        var state = State(limit: 2)
        let it1 = state.wait(waiting(1, "a"))
        #expect(it1)
        let it2 = state.wait(waiting(2, "b"))
        #expect(it2)
        let it3 = state.wait(waiting(3, "c"))
        #expect(!it3)
        let it4 = name(state.opened(10))
        #expect(it4 == "handed to a")
        let it5 = name(state.opened(11))
        #expect(it5 == "handed to b")
        #expect(state.lent == 2)
        #expect(state.opening == 0)
    }

    @Test func whoCameFirstIsServedFirst() {
        var state = State(limit: 1)
        _ = state.wait(waiting(1, "a"))
        _ = state.wait(waiting(2, "b"))
        _ = state.wait(waiting(3, "c"))
        let it6 = name(state.opened(10))
        #expect(it6 == "handed to a")
        let it7 = state.leave(2)
        #expect(it7 == "b")
        let it8 = state.leave(2)
        #expect(it8 == nil)
        let it9 = name(state.giveBack(10))
        #expect(it9 == "handed to c")
        let it10 = name(state.giveBack(10))
        #expect(it10 == "kept")
        let it11 = state.take()
        #expect(it11 == 10)
        let it12 = state.take()
        #expect(it12 == nil)
    }

    @Test func theConnectionUsedLastIsLentFirst() {
        var state = State(limit: 2)
        _ = state.wait(waiting(1, "a"))
        _ = state.wait(waiting(2, "b"))
        _ = state.opened(10)
        _ = state.opened(11)
        _ = state.giveBack(10)
        _ = state.giveBack(11)
        let it13 = state.take()
        #expect(it13 == 11)
        let it14 = state.take()
        #expect(it14 == 10)
    }

    @Test func patienceEndsInOrder() {
        var state = State(limit: 1)
        _ = state.wait(waiting(1, "a", until: 10))
        _ = state.wait(waiting(2, "b", until: 20))
        let it15 = state.expire(at: Moment(nanoseconds: 9))
        #expect(it15.isEmpty)
        let it16 = state.expire(at: Moment(nanoseconds: 10))
        #expect(it16 == ["a"])
        let it17 = state.expire(at: Moment(nanoseconds: 30))
        #expect(it17 == ["b"])
        // Nobody waits any more for the connection that is being opened: it is kept.
        let it18 = name(state.opened(10))
        #expect(it18 == "kept")
    }

    @Test func aLostConnectionIsReplacedForWhoWaits() {
        var state = State(limit: 1)
        _ = state.wait(waiting(1, "a"))
        _ = state.opened(10)
        let it19 = state.wait(waiting(2, "b"))
        #expect(!it19)
        let it20 = state.lose()
        #expect(it20)
        let failure = state.failedToOpen()
        #expect(failure.waiter == "b")
        #expect(!failure.open)
        #expect(state.lent + state.opening == 0)
    }

    @Test func eachFailureToOpenIsToldToOneAndTriedForTheNext() {
        var state = State(limit: 1)
        _ = state.wait(waiting(1, "a"))
        _ = state.wait(waiting(2, "b"))
        let first = state.failedToOpen()
        #expect(first.waiter == "a")
        #expect(first.open)
        let second = state.failedToOpen()
        #expect(second.waiter == "b")
        #expect(!second.open)
    }

    @Test func freeConnectionsCanBeSweptOut() {
        var state = State(limit: 2)
        _ = state.wait(waiting(1, "a"))
        _ = state.wait(waiting(2, "b"))
        _ = state.opened(10)
        _ = state.opened(11)
        _ = state.giveBack(10)
        _ = state.giveBack(11)
        let gone = state.sweep { $0 == 10 }
        #expect(gone == [10])
        #expect(state.idle == [11])
        let opens = state.wait(waiting(3, "c"))
        #expect(opens)
    }

    @Test func closedItLendsNothing() {
        var state = State(limit: 1)
        _ = state.wait(waiting(1, "a"))
        _ = state.opened(10)
        _ = state.wait(waiting(2, "b"))
        let it21 = state.close().waiters
        #expect(it21 == ["b"])
        let it22 = name(state.giveBack(10))
        #expect(it22 == "refused")
        let it23 = state.take()
        #expect(it23 == nil)
    }
}
