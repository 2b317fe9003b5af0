import Foundation
import Matching
import Postgres
import Support
import Testing

@testable import Relais

/// When people meet, and what follows if they do not.
extension ReferralDeskTests {
    @Test func appointmentsAreSetMovedAndTakenBack() async throws {
        let network = try await SmallNetwork()
        let mediator = try await network.mediator()
        let start = network.now.addingTimeInterval(86400)
        let first = try await network.propose(try await network.request(), to: mediator)
        let second = try await network.propose(try await network.request(), to: mediator)
        for id in [first, second] {
            _ = try await act(network) { desk, tx, caller throws(ReferralError) in try await desk.accept(id, by: caller, in: tx) }
        }
        let scheduled = try await act(network) { desk, tx, caller throws(ReferralError) in
            try await desk.schedule(first, from: start, to: start.addingTimeInterval(3600), place: nil, by: caller, in: tx)
        }
        #expect(scheduled.status == .scheduled && scheduled.appointments.map(\.start) == [start])
        // A mediator is never booked twice at overlapping times.
        await #expect(throws: ReferralError.bookedTwice) {
            try await act(network) { desk, tx, caller throws(ReferralError) in
                try await desk.schedule(
                    second, from: start.addingTimeInterval(1800), to: start.addingTimeInterval(5400), place: nil, by: caller, in: tx)
            }
        }
        let moved = try await act(network) { desk, tx, caller throws(ReferralError) in
            try await desk.schedule(
                first, verb: .reschedule, from: start.addingTimeInterval(7200), to: start.addingTimeInterval(9000), place: nil, by: caller,
                in: tx)
        }
        #expect(moved.appointments.map(\.start) == [start.addingTimeInterval(7200)])
        let back = try await act(network) { desk, tx, caller throws(ReferralError) in try await desk.unschedule(first, by: caller, in: tx) }
        #expect(back.status == .accepted && back.appointments.isEmpty)
    }

    /// An appointment that has begun took place, however it is told what became of it.
    @Test func whatHasBeenStays() async throws {
        let network = try await SmallNetwork()
        let mediator = try await network.mediator()
        let start = network.now.addingTimeInterval(86400)
        func at(_ hours: Double) -> Date { start.addingTimeInterval(hours * 3600) }
        func act(_ hours: Double, _ verb: (ReferralDesk, Session<ReferralError>) async throws(ReferralError) -> SeenReferral) async throws
            -> Referral
        {
            let desk = network.desk(at: at(hours))
            return try await database.transaction { tx throws(ReferralError) in try await verb(desk, tx) }.referral
        }
        let referral = try await network.propose(try await network.request(), to: mediator)
        _ = try await act(-20) { desk, tx throws(ReferralError) in try await desk.accept(referral, by: network.staff, in: tx) }
        _ = try await act(-20) { desk, tx throws(ReferralError) in
            try await desk.schedule(referral, from: at(0), to: at(1), place: nil, by: network.staff, in: tx)
        }
        // A second one after the first has been.
        let again = try await act(2) { desk, tx throws(ReferralError) in
            try await desk.schedule(referral, verb: .reschedule, from: at(24), to: at(25), place: nil, by: network.staff, in: tx)
        }
        #expect(again.appointments.map(\.start) == [at(0), at(24)])
        // One under way that is moved has not been.
        let moved = try await act(24.5) { desk, tx throws(ReferralError) in
            try await desk.schedule(referral, verb: .reschedule, from: at(48), to: at(49), place: nil, by: network.staff, in: tx)
        }
        #expect(moved.appointments.map(\.start) == [at(0), at(48)])
        // Done before its hour is over: it ends then, and the rest of the hour is free.
        let done = try await act(48.5) { desk, tx throws(ReferralError) in
            try await desk.complete(referral, outcome: .resolved, by: network.staff, in: tx)
        }
        #expect(done.appointments.map(\.start) == [at(0), at(48)] && done.appointments.map(\.end) == [at(1), at(48.5)])
    }

    @Test func whoDidNotComeIsNotCompleted() async throws {
        let network = try await SmallNetwork()
        let referral = try await network.propose(try await network.request(), to: try await network.mediator())
        _ = try await act(network) { desk, tx, caller throws(ReferralError) in try await desk.accept(referral, by: caller, in: tx) }
        await #expect {
            try await act(network) { desk, tx, caller throws(ReferralError) in
                try await desk.complete(referral, outcome: .noShow, by: caller, in: tx)
            }
        } throws: {
            if case .invalid(let input)? = $0 as? ReferralError { input.problems.map(\.pointer) == ["/outcome"] } else { false }
        }
    }

    @Test func theSecondMissedAppointmentClosesTheRequest() async throws {
        let network = try await SmallNetwork()
        let request = try await network.request()
        for round in 1...2 {
            let mediator = try await network.mediator()
            let referral = try await network.propose(request, to: mediator)
            _ = try await act(network) { desk, tx, caller throws(ReferralError) in try await desk.accept(referral, by: caller, in: tx) }
            _ = try await act(network) { desk, tx, caller throws(ReferralError) in try await desk.noShow(referral, by: caller, in: tx) }
            #expect(try await network.status(request) == (round == 1 ? .qualified : .closed))
            #expect(try await network.held(mediator) == 0)
        }
        #expect(try await database.value("SELECT outcome FROM requests WHERE id = \(request)", as: String.self) == "no_show")
    }

    @Test func cancellingARequestEndsItsReferralAndFreesTheAppointment() async throws {
        let network = try await SmallNetwork()
        let mediator = try await network.mediator()
        let request = try await network.request()
        let referral = try await network.propose(request, to: mediator)
        _ = try await act(network) { desk, tx, caller throws(ReferralError) in try await desk.accept(referral, by: caller, in: tx) }
        let start = network.now.addingTimeInterval(86400)
        _ = try await act(network) { desk, tx, caller throws(ReferralError) in
            try await desk.schedule(referral, from: start, to: start.addingTimeInterval(3600), place: nil, by: caller, in: tx)
        }
        let desk = try network.requestDesk()
        let cancelled = try await database.transaction { tx throws(RequestError) in
            try await desk.cancel(request, reason: nil, by: network.staff, in: tx)
        }
        #expect(cancelled.request.status == .cancelled)
        let ended = try #require(try await database.referral(referral, for: .system)?.referral)
        #expect(ended.status == .cancelled && ended.appointments.isEmpty)
        #expect(try await network.held(mediator) == 0)
    }

    @Test func nobodyIsReceivedWhereAPlaceHasClosed() async throws {
        let network = try await SmallNetwork()
        let mediator = try await network.mediator()
        let place = try await database.value("SELECT place_id FROM mediator_places WHERE mediator_id = \(mediator)", as: Place.ID.self)
        let closed = try #require(place)
        func isReceived() async throws -> Bool {
            try await database.transaction { tx throws(ReferralError) in try await tx.receives(mediator, at: closed) }
        }
        #expect(try await isReceived())
        try await database.execute("UPDATE places SET archived_at = \(network.now) WHERE id = \(closed)")
        #expect(try await !isReceived())
    }

    @Test func aPlaceThatIsOnNoMapIsWhereItsCommuneIs() async throws {
        let network = try await SmallNetwork()
        let mediator = try await network.mediator()
        try await database.execute(
            """
            INSERT INTO communes (insee_code, name, name_key, postcodes, latitude, longitude, department, kind)
            VALUES ('13055', 'Marseille', 'marseille', '{13001}', 43.2803, 5.3806, '13', 'COM')
            """)
        try await database.execute("UPDATE places SET latitude = NULL, longitude = NULL, commune = '13055', commune_name = 'Marseille'")
        try await database.execute("UPDATE mediators SET modes = '{place}'")
        let request = try await network.request()
        await #expect {
            try await network.propose(request, to: mediator)
        } throws: {
            if case .notACandidate(let exclusions)? = $0 as? ReferralError { exclusions.map(\.constraint) == ["distance"] } else { false }
        }
    }
}
