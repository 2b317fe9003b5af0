import Foundation
import OpeningHours
import Testing

@Suite("Reading opening hours")
struct ParsingTests {
    @Test(arguments: [
        ("", 1, "days or times"), ("Mo-Xx 09:00-12:00", 4, "a weekday"), ("Mo 09:00", 9, "a hyphen and a time"),
        ("Mo 09:00-25:00-26:00", 15, "the end"), ("Mo 9:0-12:00", 6, "two digits"), ("Mo[6] 09:00-10:00", 4, "from 1 to 5"),
        ("week 54 10:00-11:00", 6, "from 01 to 53"), ("Feb 30 10:00-11:00", 5, "a day that Feb has"),
        ("Mo 09:00-12:00 ||", 18, "another rule"),
        ("Mo \"sur", 4, "a closing quote"), ("2026-2025 10:00-11:00", 6, "a year from 2026"), ("(sunrise) 10:00-11:00", 9, "+ or -"),
        ("2026 - 2025", 8, "a year from 2026"), ("Sep 01-31 10:00-11:00", 8, "a day that Sep has"),
        ("Dec 24 - 32", 10, "a day from 24 to 31"),
        ("Apr 05,10-31", 11, "a day from 10 to 30"), ("Jun 15,31", 8, "a day that Jun has"), ("Dec 26-24", 8, "a day from 26 to 31"),
        ("2025 Dec 20-2025 Jan 05 off", 13, "an end that is not before"), ("PH +400 days", 4, "at most 366"),
        ("week 1-10/0 Mo", 11, "a number of weeks"), ("Mo[2-1]", 6, "a number from 2"), ("SH Mo,PH", 7, "a weekday"),
        (String(repeating: "Mo, ", count: 60) + "We 10:00-12:00", 241, "fewer days"),
        ("Mo 49:00-50:00", 4, "a time"), ("Mo 10:00-12:00/30", 15, "no interval"), ("fermeture annuelle", 11, "the end"),
    ])
    func saysWhereAndWhatWasExpected(text: String, column: Int, expected: String) {
        do throws(OpeningHoursError) {
            _ = try OpeningHours(parsing: text)
            Issue.record("\(text) was read")
        } catch {
            #expect(error.column == column, "\(error)")
            #expect(error.message.contains(expected), "\(error)")
        }
    }

    @Test func whatIsTooLongIsRefused() {
        #expect(throws: OpeningHoursError.self) { try OpeningHours(parsing: String(repeating: "Mo 10:00-11:00; ", count: 80)) }
        #expect(throws: OpeningHoursError.self) { try OpeningHours(parsing: String(repeating: "off;", count: 200)) }
    }

    /// Days and times as in a sentence.
    @Test(arguments: [
        ("du lundi au vendredi 9h-12h", "Mo-Fr 09:00-12:00"), ("lundi au vendredi de 9h à 12h", "Mo-Fr 09:00-12:00"),
        ("Du lun. au ven. de 9 heures à 12 heures", "Mo-Fr 09:00-12:00"), ("9 heures à 12 heures 30", "09:00-12:30"),
        ("de 1 heure à 2 heures", "01:00-02:00"), ("9heures-12heures", "09:00-12:00"),
        ("du lundi au vendredi, de 9h à 12h et de 14h à 17h", "Mo-Fr 09:00-12:00,14:00-17:00"), ("lundi, de 9h à 12h", "Mo 09:00-12:00"),
        ("du lundi au jeudi : 9h-12h, le vendredi 9h-11h", "Mo-Th 09:00-12:00, Fr 09:00-11:00"),
        ("de lundi à jeudi 9h-12h", "Mo-Th 09:00-12:00"), ("le lundi et le jeudi de 9h à 12h", "Mo,Th 09:00-12:00"),
        ("les lundis, mercredis et vendredis 14h-17h", "Mo,We,Fr 14:00-17:00"), ("le mar et le jeu 9h-12h", "Tu,Th 09:00-12:00"),
        ("le mardi de 9h à 12h et le samedi de 14h à 17h", "Tu 09:00-12:00, Sa 14:00-17:00"),
        ("lundi 9h-12h; les jours fériés fermé", "Mo 09:00-12:00; PH off"), ("le lundi, fermé", "Mo off"),
        ("mars du lundi au vendredi 9h-12h", "Mar Mo-Fr 09:00-12:00"), ("lundi de 9h jusqu'à 12h", "Mo 09:00-12:00"),
        ("We off Sa 10:00-12:00", "We off; Sa 10:00-12:00"), ("24 heures sur 24", "24/7"),
        ("Mo-Fr, 09:00-12:00", "Mo-Fr 00:00-24:00, Mo-Su 09:00-12:00"),
    ])
    func sentencesAreRead(text: String, canonical: String) throws {
        let hours = try OpeningHours(parsing: text)
        #expect(hours.canonical == canonical && !hours.warnings.isEmpty)
        #expect(try OpeningHours(parsing: canonical).canonical == canonical)
    }

    /// What may be meant in two ways.
    @Test(arguments: [
        ("du lundi 9h-12h", 9, "au and a weekday"), ("du lundi au vendredi", 21, "times of these days"),
        ("le mardi \"rdv\"", 10, "times of these days"), ("lundi 9h-12h et mardi", 14, "the end"),
        ("lundi 9h-12h, le mardi", 23, "times of these days"),
        ("vacances scolaires, du lundi au vendredi 9h-12h", 21, "SH Mo-Fr"),
        ("septembre à juin, du lundi au vendredi 9h-12h", 19, "times of the days before"), ("Mar du lun au ven 9h-12h", 5, "the end"),
        ("du 24 au 26 décembre fermé", 1, "days (Mo"), ("les jours ouvrables 9h-12h", 1, "days (Mo"), ("le mar 9h-12h", 1, "days (Mo"),
        ("lun-ven 9h-12h fermé mercredi", 22, "the days before off"), ("Mo-Sa 09:00-18:00 off Su", 23, "the days before off"),
        ("Mo-Fr 09:00-12:00 unknown We 10:00-12:00", 27, "the days before off"), ("Mo-Fr 09:00-12:00 off Aug", 23, "the days before off"),
        ("lun-ven 9h-12h fermé, mercredi", 23, "the days before off"),
        ("fermé le lundi", 7, "the end"), ("fermé lundi", 7, "the days before off"), ("9-12 heures", 1, "days (Mo"),
    ])
    func sentencesOfTwoMeaningsAreRefused(text: String, column: Int, expected: String) {
        saysWhereAndWhatWasExpected(text: text, column: column, expected: expected)
    }

    /// Each guess that there is.
    @Test(arguments: [
        ("lun, mar 14h-17h", "mardi"), ("mar 9h-12h", "mars"), ("lun mer 9h-12h", "toute la journée"), ("We \"rdv\"", "quoi que disent"),
        ("PH off; Mo-Fr 09:00-12:00", "ne ferme rien"), ("Mo-Fr 09:00-12:00 || PH off", "point-virgule"),
        ("Mo 09:00-12:00; Mo 14:00-17:00", "sans effet"),
        ("Mo-Fr 09:00-12:00; PH off; Sa 10:00-12:00", "ne ferme pas"), ("Mo-Fr 09:00-12:00; We[2,4] 14:00-18:00", "ne vaut pas"),
    ])
    func guessesAreToldInFrench(text: String, french: String) throws {
        let guesses = try OpeningHours(parsing: text).warnings.filter(\.isGuess)
        #expect(guesses.count == 1 && guesses.allSatisfy { $0.french.contains(french) && $0.french != $0.message }, "\(guesses)")
    }

    /// What was read as one thing and written as another.
    @Test(arguments: [
        ("2025 Nov-Feb 15", "2025 Nov 01-Feb 15 00:00-24:00"), ("2025 Dec 24-24", "2025 Dec 24 00:00-24:00"),
        ("2025 Dec 24-Dec 24", "2025 Dec 24 00:00-24:00"),
        ("2025 Dec 24-26", "2025 Dec 24-Dec 26 00:00-24:00"),
        ("2025 week 1-10 Nov-Feb Mo 10:00-12:00", "2025 Nov-Feb week 01-10 Mo 10:00-12:00"),
        ("sunrise-30:00", "sunrise-30:00"), ("sunset-48:00", "sunset-48:00"), ("Fr sunset-02:00", "Fr sunset-02:00"),
    ])
    func theOneFormMeansTheSame(text: String, canonical: String) throws {
        var context = OpeningHours.Context.loire
        context.coordinates = (45.44, 4.39)
        let (one, other) = (try OpeningHours(parsing: text), try OpeningHours(parsing: canonical))
        #expect(one.canonical == canonical && other.canonical == canonical)
        let (from, to) = (try paris("2025-01-01T00:00"), try paris("2027-01-01T00:00"))
        let open = one.intervals(from: from, to: to, in: context)
        #expect(open == other.intervals(from: from, to: to, in: context) && !open.isEmpty)
    }

    /// Ways of writing the same, made of ways of writing each part.
    @Test func twoHundredPairsOfSpellingsGiveOneText() throws {
        let days = [
            [
                "Mo-Fr", "mo-fr", "Mo - Fr", "MO-FR", "Mo–Fr", "Mon-Fri", "Monday-Friday", "lundi-vendredi", "lundi au vendredi",
                "Mo,Tu,We,Th,Fr",
            ],
            ["Sa,Su", "sa,su", "Sa, Su", "Sa-Su", "samedi, dimanche", "Sat,Sun", "Su,Sa", "samedi et dimanche"],
            ["We", "WE", "Wed", "mercredi", "Mercredi", "We-We", "we"],
        ]
        let times = [
            ["09:00-12:00", "9:00-12:00", "9h-12h", "9h00-12h00", "9 h - 12 h", "09:00–12:00", "09.00-12.00", "9am-12pm", "de 9h à 12h"],
            [
                "09:00-12:00,14:00-17:30", "9:00-12:00, 14:00-17:30", "14:00-17:30,09:00-12:00", "9h-12h, 14h-17h30", "9h-12h et 14h-17h30",
                "9am-12pm,2pm-5:30pm",
            ],
        ]
        var pairs = 0
        for days in days {
            for times in times {
                let canonical = "\(days[0]) \(times[0])"
                for day in days {
                    for time in times where "\(day) \(time)" != canonical {
                        let text = "\(day) \(time)"
                        #expect(try OpeningHours(parsing: text).canonical == canonical, "\(text)")
                        pairs += 1
                    }
                }
            }
        }
        for (text, canonical) in [
            ("Mo-Su 00:00-24:00", "24/7"), ("open", "24/7"), ("24H/24", "24/7"), ("PH closed", "PH off"), ("jours fériés fermé", "PH off"),
            ("Sep-Jun: Mo 10:00-11:00", "Sep-Jun Mo 10:00-11:00"), ("septembre-juin lundi 10h-11h", "Sep-Jun Mo 10:00-11:00"),
            ("Mo 10:00-11:00;", "Mo 10:00-11:00"), ("Mo 10:00-11:00 ; Tu off", "Mo 10:00-11:00; Tu off"),
            ("Dec 24-26 off", "Dec 24-Dec 26 off"),
            ("Mo 22:00-26:00", "Mo 22:00-02:00"), ("Mo 10:00-12:00,12:00-14:00", "Mo 10:00-14:00"), ("Mo “rdv”", "Mo 00:00-24:00 \"rdv\""),
            ("PH,Mo 10:00-11:00", "Mo,PH 10:00-11:00"), ("Sa[3,1] 10:00-11:00", "Sa[1,3] 10:00-11:00"),
        ] {
            #expect(try OpeningHours(parsing: text).canonical == canonical, "\(text)")
            pairs += 1
        }
        #expect(pairs >= 200)
    }

    @Test func whatWasReadLeniently() throws {
        #expect(try OpeningHours(parsing: "Mo-Fr 09:00-12:00").warnings.isEmpty)
        let warnings = try OpeningHours(parsing: "lundi 9h-12h").warnings
        #expect(warnings.map(\.column) == [1, 7, 10])
        #expect(warnings[0].message == "This is written Mo." && warnings[1].message == "This time is written 09:00.")
        // Words do not take the place of times.
        for (text, columns) in [
            ("Mo 10:00-12:00; We \"sur rendez-vous\"", [17]), ("We unknown \"sur rendez-vous\"", []), ("\"sur rendez-vous\"", []),
            ("24/7 \"sonner\"", []),
        ] {
            let hours = try OpeningHours(parsing: text)
            #expect(hours.warnings.map(\.column) == columns && hours.warnings.allSatisfy(\.isGuess), "\(text)")
            #expect(hours.canonical == (text.contains("We \"") ? text.replacing("We", with: "We 00:00-24:00") : text))
        }
    }

    /// With the columns of what was guessed, and not only spelled otherwise.
    @Test(arguments: [
        ("lun, mar, jeu 14h-17h", "Mo,Tu,Th 14:00-17:00", [6]), ("mar-ven 9h-12h", "Tu-Fr 09:00-12:00", [1]),
        ("Mar. et jeu. 9h-12h", "Tu,Th 09:00-12:00", [1]), ("lun 9h-12h; Mar 14h-17h", "Mo 09:00-12:00; Tu 14:00-17:00", [13]),
        ("lundi au mar 9h-12h", "Mo,Tu 09:00-12:00", [10]), ("lun 9h-12h; mar fermé", "Mo 09:00-12:00; Tu off", [13]),
        ("sep-mar lun-ven 9h-12h", "Sep-Mar Mo-Fr 09:00-12:00", []), ("lun 9h-12h; mar-avr off", "Mo 09:00-12:00; Mar-Apr off", []),
        ("lun 9h-12h; mar 15 off", "Mo 09:00-12:00; Mar 15 off", []),
        ("lundi 9h-12h; 2026 mar 15 off", "Mo 09:00-12:00; 2026 Mar 15 off", []),
        ("mar lun-ven 9h-12h", "Mar Mo-Fr 09:00-12:00", [1]), ("mar 9h-12h", "Mar 09:00-12:00", [1]),
        ("Mar 9h-12h", "Mar 09:00-12:00", [1]),
        ("Mar 09:00-12:00 \"lun\"", "Mar 09:00-12:00 \"lun\"", []), ("mars 9h-12h", "Mar 09:00-12:00", []),
        ("mar Mo-Fr 09:00-12:00", "Mar Mo-Fr 09:00-12:00", []), ("Mo, Tu 10:00-12:00", "Mo,Tu 10:00-12:00", []),
        ("lun, mer, jeu 14h-17h", "Mo,We,Th 14:00-17:00", []), ("lun mer 9h-12h", "Mo 00:00-24:00; We 09:00-12:00", [1]),
        ("Mo, Dec 24 10:00-12:00", "Mo 00:00-24:00, Dec 24 10:00-12:00", [1]), ("Th; PH off", "Th 00:00-24:00; PH off", []),
        ("Mo; Tu 10:00-12:00", "Mo 00:00-24:00; Tu 10:00-12:00", []),
    ])
    func whichDaysWereGuessed(text: String, canonical: String, columns: [Int]) throws {
        let hours = try OpeningHours(parsing: text)
        #expect(hours.canonical == canonical)
        #expect(hours.warnings.filter(\.isGuess).map(\.column) == columns, "\(hours.warnings)")
    }

    /// Pieces of expressions put together at random, then mutated: none crashes or hangs, and what is read has one form that means the same.
    @Test func tenThousandMutatedExpressions() throws {
        var drawn = Drawn(state: 20_261_126)
        let seeds = [
            "Mo-Fr 09:00-12:00,14:00-17:00; PH off", "week 1-53/2 Sa[1,-1] 10:00-12:00+",
            "2026-2028/2 Jan 05-Mar 10 (sunrise+01:00)-dusk \"x\"",
            "easter -2 days-easter +1 day off || unknown \"?\"", "SH,PH +1 day Mo[2-4] -1 day 22:00-26:00, Su 10:00-10:00",
            "Dec 25 +Su,Feb 29+ 24/7", "du lundi au vendredi, de 9 heures à 12h30 et le sam. 9h-12h; les jours fériés fermé",
        ]
        let letters = Array("MoTuWeThFrSaSuPHSH0123456789:-+,;|/[]()\" \u{e9}\u{2013}\u{1f600}\u{0}")
        var read = 0
        let from = try paris("2026-03-28T00:00")
        for _ in 0..<10_000 {
            var text = Array(seeds.randomElement(using: &drawn) ?? "")
            for _ in 0..<Int.random(in: 1...2, using: &drawn) {
                let place = Int.random(in: 0...text.count, using: &drawn)
                switch Int.random(in: 0..<4, using: &drawn) {
                case 0 where place < text.count: text.remove(at: place)
                case 1: text.insert(letters.randomElement(using: &drawn) ?? " ", at: place)
                case 2 where place < text.count: text[place] = letters.randomElement(using: &drawn) ?? " "
                default:
                    text.insert(
                        contentsOf: (seeds.randomElement(using: &drawn) ?? "").prefix(Int.random(in: 0...12, using: &drawn)), at: place)
                }
            }
            guard let hours = try? OpeningHours(parsing: String(text)) else { continue }
            read += 1
            let again = try OpeningHours(parsing: hours.canonical)
            #expect(again.canonical == hours.canonical, "\(String(text)) → \(hours.canonical) → \(again.canonical)")
            let window = (from, from.addingTimeInterval(3 * 86400))
            #expect(
                again.intervals(from: window.0, to: window.1, in: .loire) == hours.intervals(from: window.0, to: window.1, in: .loire),
                "\(String(text)) → \(hours.canonical)")
            if read % 20 == 0 { _ = hours.nextChange(after: from, in: .loire) }
            #expect(!hours.french.isEmpty && !hours.english.isEmpty)
        }
        #expect(read > 500, "\(read) of them were read")
    }
}
