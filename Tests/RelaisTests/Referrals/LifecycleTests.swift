import Foundation
import Postgres
import Relais
import Support
import Testing

@Suite("The two lives as data")
struct LifecycleTests {
    @Test func everyVerbHasExactlyOneTransition() {
        #expect(ReferralLifecycle.transitions.map(\.verb.rawValue).sorted() == ReferralLifecycle.Verb.allCases.map(\.rawValue).sorted())
        #expect(RequestLifecycle.transitions.map(\.verb.rawValue).sorted() == RequestLifecycle.Verb.allCases.map(\.rawValue).sorted())
    }

    @Test func everyStateIsReachedAndOnlyEndsAreLeftByNothing() {
        let referrals = ReferralLifecycle.transitions
        for status in ReferralLifecycle.Status.allCases where status != .proposed {
            #expect(referrals.contains { $0.to == status }, "\(status)")
        }
        for status in ReferralLifecycle.Status.allCases {
            #expect(referrals.contains { $0.from.contains(status) } == status.isOpen, "\(status)")
        }
        for status in RequestLifecycle.Status.allCases where status != .received {
            #expect(RequestLifecycle.transitions.contains { $0.to == status }, "\(status)")
        }
    }

    @Test func whatEndsAReferralMovesItsRequestFromWhereItThenIs() {
        for transition in ReferralLifecycle.transitions {
            guard let verb = transition.request else { continue }
            let from: RequestLifecycle.Status = transition.from == [.proposed] ? .referred : .inProgress
            #expect(RequestLifecycle.transition(of: verb).from.contains(from), "\(transition.verb)")
        }
    }

    /// The database knows the same states.
    @Test(.database, arguments: ["referral_status_known", "request_status_known"])
    func theDatabaseKnowsTheSameStates(constraint: String) async throws {
        let found = try await OwnDatabase.current.value(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = \(constraint)", as: String.self)
        let definition = try #require(found)
        let known = Set(definition.matches(of: /'([a-z_]+)'/).map { String($0.output.1) })
        let states =
            constraint == "referral_status_known"
            ? ReferralLifecycle.Status.allCases.map(\.rawValue) : RequestLifecycle.Status.allCases.map(\.rawValue)
        #expect(known == Set(states))
    }
}

@Suite("Working days")
struct WorkingDayTests {
    func instant(_ text: String) throws -> Date { try #require(Date(rfc3339: text)) }

    @Test(arguments: [
        // Across a week-end, a public holiday (1 May 2026, a Friday), Easter Monday, and the changes of hour: the local time stays.
        ("2026-01-05T10:30:00+01:00", 3, "2026-01-08T10:30:00+01:00"),
        ("2026-01-08T10:30:00+01:00", 3, "2026-01-13T10:30:00+01:00"),
        ("2026-04-30T09:00:00+02:00", 1, "2026-05-04T09:00:00+02:00"),
        ("2026-04-03T09:00:00+02:00", 1, "2026-04-07T09:00:00+02:00"),
        ("2026-03-27T09:00:00+01:00", 1, "2026-03-30T09:00:00+02:00"),
        ("2026-10-23T09:00:00+02:00", 1, "2026-10-26T09:00:00+01:00"),
        // Filed on a Saturday: the count begins on Monday at midnight.
        ("2026-01-10T15:00:00+01:00", 1, "2026-01-13T00:00:00+01:00"),
        // Ascension Day and Whit Monday 2026.
        ("2026-05-13T09:00:00+02:00", 1, "2026-05-15T09:00:00+02:00"),
        ("2026-05-22T09:00:00+02:00", 1, "2026-05-26T09:00:00+02:00"),
    ])
    func countsWorkingDays(start: String, days: Int, end: String) throws {
        #expect(WorkingDays.add(days, to: try instant(start)) == (try instant(end)))
    }
}
