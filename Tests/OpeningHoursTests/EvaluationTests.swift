import Foundation
import OpeningHours
import Testing

@Suite("When something is open")
struct EvaluationTests {
    /// Each element of the language, over a window in which it shows.
    @Test(arguments: [
        (
            "Mo-Fr 09:00-12:00", "2026-05-01T00:00", "2026-05-05T00:00",
            ["2026-05-01T09:00 2026-05-01T12:00", "2026-05-04T09:00 2026-05-04T12:00"]
        ),
        ("We[1] 09:00-10:00", "2026-06-01T00:00", "2026-07-01T00:00", ["2026-06-03T09:00 2026-06-03T10:00"]),
        ("Sa[-1] 09:00-10:00", "2026-06-01T00:00", "2026-07-01T00:00", ["2026-06-27T09:00 2026-06-27T10:00"]),
        ("Sa[1] +1 day 09:00-10:00", "2026-06-01T00:00", "2026-07-01T00:00", ["2026-06-07T09:00 2026-06-07T10:00"]),
        (
            "Dec 24-Jan 02 10:00-11:00", "2025-12-31T00:00", "2026-01-04T00:00",
            ["2025-12-31T10:00 2025-12-31T11:00", "2026-01-01T10:00 2026-01-01T11:00", "2026-01-02T10:00 2026-01-02T11:00"]
        ),
        (
            "2026 Feb 28-Mar 01 10:00-11:00", "2026-02-01T00:00", "2027-12-01T00:00",
            ["2026-02-28T10:00 2026-02-28T11:00", "2026-03-01T10:00 2026-03-01T11:00"]
        ),
        (
            "2025-2029/2 Jul 14 10:00-11:00", "2025-01-01T00:00", "2028-01-01T00:00",
            ["2025-07-14T10:00 2025-07-14T11:00", "2027-07-14T10:00 2027-07-14T11:00"]
        ),
        ("2027+ Jan 04 10:00-11:00", "2025-01-01T00:00", "2028-01-01T00:00", ["2027-01-04T10:00 2027-01-04T11:00"]),
        ("week 53 Mo 10:00-11:00", "2025-01-01T00:00", "2028-01-01T00:00", ["2026-12-28T10:00 2026-12-28T11:00"]),
        (
            "week 20-24/2 Mo 10:00-11:00", "2026-01-01T00:00", "2027-01-01T00:00",
            ["2026-05-11T10:00 2026-05-11T11:00", "2026-05-25T10:00 2026-05-25T11:00", "2026-06-08T10:00 2026-06-08T11:00"]
        ),
        (
            "PH 10:00-11:00", "2026-05-01T00:00", "2026-06-01T00:00",
            [
                "2026-05-01T10:00 2026-05-01T11:00", "2026-05-08T10:00 2026-05-08T11:00", "2026-05-14T10:00 2026-05-14T11:00",
                "2026-05-25T10:00 2026-05-25T11:00",
            ]
        ),
        ("PH +1 day 10:00-11:00", "2026-05-10T00:00", "2026-05-20T00:00", ["2026-05-15T10:00 2026-05-15T11:00"]),
        ("PH Mo 10:00-11:00", "2026-05-01T00:00", "2026-06-01T00:00", ["2026-05-25T10:00 2026-05-25T11:00"]),
        ("Th; PH off", "2026-05-07T00:00", "2026-05-15T00:00", ["2026-05-07T00:00 2026-05-08T00:00"]),
        (
            "SH We 10:00-11:00", "2026-02-01T00:00", "2026-03-01T00:00",
            ["2026-02-11T10:00 2026-02-11T11:00", "2026-02-18T10:00 2026-02-18T11:00"]
        ),
        (
            "easter +1 day 10:00-11:00", "2026-01-01T00:00", "2027-12-31T00:00",
            ["2026-04-06T10:00 2026-04-06T11:00", "2027-03-29T10:00 2027-03-29T11:00"]
        ),
        ("Fr 22:00-02:00", "2026-06-05T00:00", "2026-06-08T00:00", ["2026-06-05T22:00 2026-06-06T02:00"]),
        (
            "Fr 22:00-26:00; Sa 01:00-01:30 off", "2026-06-05T00:00", "2026-06-08T00:00",
            ["2026-06-05T22:00 2026-06-06T01:00", "2026-06-06T01:30 2026-06-06T02:00"]
        ),
        (
            "24/7; Sa 22:00-02:00 off", "2026-06-06T00:00", "2026-06-08T00:00",
            ["2026-06-06T00:00 2026-06-06T22:00", "2026-06-07T02:00 2026-06-08T00:00"]
        ),
        (
            "Mo-Su 08:00-24:00; Fr 23:00-09:00 off", "2026-06-05T00:00", "2026-06-07T00:00",
            ["2026-06-05T08:00 2026-06-05T23:00", "2026-06-06T09:00 2026-06-07T00:00"]
        ),
        (
            "Fr 23:00-09:00 off; Mo-Su 08:00-24:00", "2026-06-05T00:00", "2026-06-07T00:00",
            ["2026-06-05T08:00 2026-06-06T00:00", "2026-06-06T08:00 2026-06-07T00:00"]
        ),
        ("Feb 29 +1 day 10:00-11:00", "2024-01-01T00:00", "2027-01-01T00:00", ["2024-03-01T10:00 2024-03-01T11:00"]),
        ("Feb 29 +Su 10:00-11:00", "2024-01-01T00:00", "2027-01-01T00:00", ["2024-03-03T10:00 2024-03-03T11:00"]),
        ("Dec 31 +1 day 10:00-11:00", "2025-12-01T00:00", "2026-12-01T00:00", ["2026-01-01T10:00 2026-01-01T11:00"]),
        (
            "2025 Dec 26-Jan 02 off; 2025 Dec 24-Jan 02 10:00-11:00", "2026-01-02T00:00", "2026-12-31T00:00",
            ["2026-01-02T10:00 2026-01-02T11:00"]
        ),
        (
            "Mo-Fr 09:00-17:00; We 13:00-14:00", "2026-06-02T00:00", "2026-06-04T00:00",
            ["2026-06-02T09:00 2026-06-02T17:00", "2026-06-03T13:00 2026-06-03T14:00"]
        ),
        (
            "Mo-Fr 09:00-17:00; We 13:00-14:00 off", "2026-06-03T00:00", "2026-06-04T00:00",
            ["2026-06-03T09:00 2026-06-03T13:00", "2026-06-03T14:00 2026-06-03T17:00"]
        ),
        (
            "We 09:00-12:00, We 14:00-16:00", "2026-06-03T00:00", "2026-06-04T00:00",
            ["2026-06-03T09:00 2026-06-03T12:00", "2026-06-03T14:00 2026-06-03T16:00"]
        ),
        (
            "We 09:00-12:00 || We 11:00-14:00 \"accueil\"", "2026-06-03T00:00", "2026-06-04T00:00",
            ["2026-06-03T09:00 2026-06-03T12:00", "2026-06-03T12:00 2026-06-03T14:00"]
        ),
        ("24/7", "2026-06-03T00:00", "2026-06-05T00:00", ["2026-06-03T00:00 2026-06-05T00:00"]),
        ("10:00-10:00", "2026-06-03T00:00", "2026-06-04T00:00", ["2026-06-03T00:00 2026-06-04T00:00"]),
        ("off", "2026-06-03T00:00", "2026-06-05T00:00", []),
        ("Feb 29 10:00-11:00", "2026-01-01T00:00", "2029-01-01T00:00", ["2028-02-29T10:00 2028-02-29T11:00"]),
        ("Jun 01 +Su 10:00-11:00", "2026-01-01T00:00", "2027-01-01T00:00", ["2026-06-07T10:00 2026-06-07T11:00"]),
    ])
    func eachElement(expression: String, from: String, to: String, open: [String]) throws {
        #expect(try intervals(expression, from, to) == open)
    }

    /// Hours belong to the day on which they begin.
    @Test func whatBeganTheDayBeforeOutlivesTheRuleOfTheNext() throws {
        #expect(
            try intervals("Fr 22:00-02:00; Sa 10:00-12:00", "2026-06-05T00:00", "2026-06-07T00:00") == [
                "2026-06-05T22:00 2026-06-06T02:00", "2026-06-06T10:00 2026-06-06T12:00",
            ])
        #expect(try intervals("Fr 22:00-02:00; Sa off", "2026-06-05T00:00", "2026-06-07T00:00") == ["2026-06-05T22:00 2026-06-06T00:00"])
        #expect(try intervals("Th-Sa 20:00-03:00; Sa off", "2026-06-06T12:00", "2026-06-08T00:00").isEmpty)
    }

    /// What closes holidays closes them when it stands last.
    @Test func theLaterRuleWins() throws {
        let window = ("2026-05-01T00:00", "2026-05-02T00:00")
        #expect(try intervals("PH off; Mo-Fr 09:00-12:00", window.0, window.1) == ["2026-05-01T09:00 2026-05-01T12:00"])
        #expect(try intervals("Mo-Fr 09:00-12:00; PH off", window.0, window.1).isEmpty)
    }

    /// Wherever it can be asked, the clock of the summer is known, and elsewhere it is said that nothing is.
    @Test func inEveryYearThatCanBeAskedAbout() throws {
        for year in [1970, 1999, 2071, 2150, 2199] {
            let opening = "\(year)-07-01T09:00 \(year)-07-01T12:00"
            #expect(try intervals("09:00-12:00", "\(year)-07-01T00:00", "\(year)-07-02T00:00") == [opening])
        }
        for (time, isKnown) in [
            ("1970-01-01T00:00", true), ("2199-12-31T23:59", true), ("1969-12-31T23:59", false), ("2200-01-01T00:00", false),
            ("9999-12-31T23:59", false),
        ] {
            #expect(OpeningHours.Context.loire.knows(try paris(time)) == isKnown, "\(time)")
        }
    }

    @Test func theClocksChange() throws {
        // 29 March 2026: 02:00 to 03:00 is not there. 25 October: it is there twice, and the first is meant.
        #expect(try intervals("01:00-02:30", "2026-03-29T00:00", "2026-03-30T00:00") == ["2026-03-29T01:00 2026-03-29T03:00"])
        let hours = try OpeningHours(parsing: "01:00-02:30")
        let autumn = hours.intervals(from: try paris("2026-10-25T00:00"), to: try paris("2026-10-26T00:00"), in: .loire)
        #expect(autumn.map { $0.end.timeIntervalSince($0.start) / 60 } == [90])
        let spring = hours.intervals(from: try paris("2026-03-29T00:00"), to: try paris("2026-03-30T00:00"), in: .loire)
        #expect(spring.map { $0.end.timeIntervalSince($0.start) / 60 } == [60])
        let always = try OpeningHours(parsing: "24/7")
        #expect(always.intervals(from: try paris("2026-01-01T00:00"), to: try paris("2027-01-01T00:00"), in: .loire).count == 1)
        // The same answer instant by instant.
        for instant in stride(from: try paris("2026-10-25T00:00"), to: try paris("2026-10-26T00:00"), by: 600) {
            let isIn = autumn.contains { $0.start <= instant && instant < $0.end }
            #expect((hours.status(at: instant, in: .loire).state == .open) == isIn)
        }
    }

    @Test func whatNobodyKnowsIsUnknown() throws {
        #expect(try intervals("Mo 10:00+", "2026-06-01T00:00", "2026-06-02T00:00", .unknown) == ["2026-06-01T10:00 2026-06-02T00:00"])
        #expect(try intervals("Mo 10:00-12:00+", "2026-06-01T00:00", "2026-06-02T00:00", .unknown) == ["2026-06-01T12:00 2026-06-02T00:00"])
        #expect(try intervals("\"sur rendez-vous\"", "2026-06-01T00:00", "2026-06-02T00:00", .unknown).count == 1)
        for open in ["Mo 10:00-12:00 \"sur rendez-vous\"", "Mo \"sur rendez-vous\"", "24/7 \"sonner\""] {
            #expect(try intervals(open, "2026-06-01T00:00", "2026-06-02T00:00").count == 1)
        }
        // The school holidays of 2030 are not known: then neither is what they close, and what is closed anyway stays so.
        let expression = "Mo 10:00-12:00; SH off"
        #expect(try intervals(expression, "2030-06-03T00:00", "2030-06-05T00:00", .unknown) == ["2030-06-03T10:00 2030-06-03T12:00"])
        #expect(try intervals(expression, "2030-06-03T00:00", "2030-06-05T00:00").isEmpty)
        var nowhere = OpeningHours.Context.loire
        nowhere.hasFrenchHolidays = false
        #expect(try intervals("Mo-Su 10:00-12:00; PH off", "2026-06-01T00:00", "2026-06-02T00:00", .unknown, in: nowhere).count == 1)
        #expect(try intervals("sunrise-sunset", "2026-06-01T00:00", "2026-06-02T00:00", .unknown).count == 1)
        // Where the sun is not known, neither is what it closes, nor what it keeps open past midnight.
        let closes = "08:00-20:00; (sunset-04:00)-24:00 off"
        #expect(try intervals(closes, "2026-06-01T00:00", "2026-06-02T00:00", .unknown) == ["2026-06-01T08:00 2026-06-01T20:00"])
        #expect(
            try intervals("Mo 22:00-sunrise", "2026-06-01T00:00", "2026-06-03T00:00", .unknown) == ["2026-06-01T22:00 2026-06-02T12:00"])
        #expect(try intervals("Mo sunset-02:00", "2026-06-01T00:00", "2026-06-03T00:00", .unknown) == ["2026-06-01T00:00 2026-06-02T02:00"])
        // A day may be in the school holidays and no public one, and the first of them.
        nowhere.schoolZone = nil
        #expect(try intervals("SH 10:00-12:00; PH off", "2026-03-09T00:00", "2026-03-10T00:00", .unknown, in: nowhere).count == 1)
        var corsica = OpeningHours.Context.loire
        corsica.schoolZone = nil
        let many = "SH 09:00-12:00; SH +1 day,SH +2 days,SH +3 days,SH +4 days off"
        #expect(try intervals(many, "2026-12-01T00:00", "2026-12-02T00:00", .unknown, in: corsica).count == 1)
        #expect(try intervals("SH 10:00-12:00; SH +1 day off", "2026-03-09T00:00", "2026-03-10T00:00", .unknown, in: corsica).count == 1)
    }

    /// Three hours after Friday's sunset is Saturday.
    @Test func anHourAfterTheSunMayBeOfTheNextDay() throws {
        var context = OpeningHours.Context.loire
        context.coordinates = (45.44, 4.39)
        let found = try intervals("Fr (sunset+03:00)-03:00", "2026-06-18T00:00", "2026-06-22T00:00", in: context)
        #expect(found.count == 1 && found[0].hasPrefix("2026-06-20T00:3") && found[0].hasSuffix("2026-06-20T03:00"), "\(found)")
    }

    /// Saint-Étienne, within three minutes of what another algorithm (NOAA's) gives.
    @Test(arguments: [("2026-06-21", "05:54", "21:34"), ("2026-12-21", "08:19", "17:02"), ("2026-03-20", "06:46", "18:55")])
    func theSun(day: String, rise: String, set: String) throws {
        var context = OpeningHours.Context.loire
        context.coordinates = (45.44, 4.39)
        let found = try OpeningHours(parsing: "sunrise-sunset").intervals(
            from: paris("\(day)T00:00"), to: paris("\(day)T23:59"), in: context)
        let first = try #require(found.first)
        #expect(abs(first.start.timeIntervalSince(try paris("\(day)T\(rise)"))) <= 180, "\(written(first.start))")
        #expect(abs(first.end.timeIntervalSince(try paris("\(day)T\(set)"))) <= 180, "\(written(first.end))")
    }

    @Test(arguments: [
        ("Mo-Fr 09:00-12:00", "2026-06-01T10:00", "open", "2026-06-01T12:00"),
        ("Mo-Fr 09:00-12:00", "2026-06-05T12:00", "closed", "2026-06-08T09:00"),
        ("2030 Jan 15 10:00-11:00", "2026-06-05T12:00", "closed", "2030-01-15T10:00"),
        ("Fr 22:00-02:00", "2026-06-05T23:00", "open", "2026-06-06T02:00"),
        ("Mo 09:00-24:00; Tu 00:00-10:00", "2026-06-01T23:59", "open", "2026-06-02T10:00"),
        ("Mo unknown", "2026-06-01T12:00", "unknown", "2026-06-02T00:00"),
        // The hour that is left out in spring.
        ("Su 02:15-02:45", "2026-03-28T12:00", "closed", "2026-04-05T02:15"),
        ("Su 02:00-03:00 unknown, Su 01:00-02:00, Su 03:00-04:00", "2026-03-29T01:30", "open", "2026-03-29T04:00"),
    ])
    func theNextChange(expression: String, at: String, state: String, next: String) throws {
        let hours = try OpeningHours(parsing: expression)
        #expect(hours.status(at: try paris(at), in: .loire).state.rawValue == state)
        #expect(hours.nextChange(after: try paris(at), in: .loire).map(written) == next)
    }

    @Test func whatNeverChangesHasNoNextChange() throws {
        for expression in ["24/7", "off", "unknown", "2020 10:00-12:00"] {
            #expect(try OpeningHours(parsing: expression).nextChange(after: paris("2026-06-01T00:00"), in: .loire) == nil)
        }
    }

    @Test func alsaceAndMoselleHaveTwoMore() throws {
        var context = OpeningHours.Context.loire
        #expect(try intervals("PH", "2026-12-24T00:00", "2026-12-28T00:00", in: context).count == 1)
        context.isInAlsaceMoselle = true
        #expect(
            try intervals("PH", "2026-12-24T00:00", "2026-12-28T00:00", in: context) == ["2026-12-25T00:00 2026-12-27T00:00"])
        #expect(try intervals("PH", "2026-04-03T00:00", "2026-04-04T00:00", in: context).count == 1)
    }
}
