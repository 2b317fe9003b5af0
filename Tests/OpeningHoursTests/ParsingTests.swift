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
        ("mars du lundi au vendredi 9h-12h", "Mar Mo-Fr 09:00-12:00"), ("24 heures sur 24", "24/7"),
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
        ("fermé le lundi", 7, "the end"), ("fermé lundi", 7, "the days before off"), ("9-12 heures", 1, "days (Mo"),
    ])
    func sentencesOfTwoMeaningsAreRefused(text: String, column: Int, expected: String) {
        saysWhereAndWhatWasExpected(text: text, column: column, expected: expected)
    }

    /// Each guess that there is.
    @Test(arguments: [
        ("lun, mar 14h-17h", "mardi"), ("mar 9h-12h", "mars"), ("lun mer 9h-12h", "toute la journée"), ("We \"rdv\"", "quoi que disent"),
        ("PH off; Mo-Fr 09:00-12:00", "ne ferme rien"), ("Mo 09:00-12:00; Mo 14:00-17:00", "sans effet"),
        ("Mo-Fr 09:00-12:00; PH off; Sa 10:00-12:00", "ne ferme pas"), ("Mo-Fr 09:00-12:00; We[2,4] 14:00-18:00", "ne vaut pas"),
    ])
    func guessesAreToldInFrench(text: String, french: String) throws {
        let guesses = try OpeningHours(parsing: text).warnings.filter(\.isGuess)
        #expect(guesses.count == 1 && guesses.allSatisfy { $0.french.contains(french) && $0.french != $0.message }, "\(guesses)")
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

    @Test(arguments: [
        (
            "Mo-Fr 09:00-12:00; PH off", "du lundi au vendredi de 9 h à 12 h, sauf jours fériés",
            "from Monday to Friday from 09:00 to 12:00, except on public holidays"
        ),
        ("24/7", "tous les jours, 24 heures sur 24", "every day, around the clock"), ("off", "fermé", "closed"),
        (
            "Sa[1,-1] 09:00-12:30", "le premier et le dernier samedi du mois de 9 h à 12 h 30",
            "on the first and last Saturday of the month from 09:00 to 12:30"
        ),
        ("Jul-Aug off", "fermé de juillet à août", "closed from July to August"),
        ("Dec 24-Jan 02 10:00+", "du 24 décembre au 2 janvier à partir de 10 h", "from 24 December to 2 January from 10:00 on"),
        (
            "SH Mo-Fr 14:00-17:00", "pendant les vacances scolaires, du lundi au vendredi, de 14 h à 17 h",
            "during school holidays, from Monday to Friday, from 14:00 to 17:00"
        ),
        ("easter +1 day 10:00-11:00", "1 jour après Pâques de 10 h à 11 h", "1 day after Easter Sunday from 10:00 to 11:00"),
        (
            "sunrise-(sunset-00:30)", "tous les jours du lever du soleil à 30 min avant le coucher du soleil",
            "every day from sunrise to 30 min before sunset"
        ),
        (
            "Mo 10:00-12:00 || \"sur rendez-vous\"", "le lundi de 10 h à 12 h ; sinon, « sur rendez-vous »",
            "on Mondays from 10:00 to 12:00; otherwise, “sur rendez-vous”"
        ),
        (
            "2026 week 20-24/2 Mo 10:00-12:00 unknown", "le lundi, les semaines 20 à 24 (une sur 2), en 2026, de 10 h à 12 h (à vérifier)",
            "on Mondays, in weeks 20 to 24 (one in 2), in 2026, from 10:00 to 12:00 (to be confirmed)"
        ),
    ])
    func isSaidInWords(text: String, french: String, english: String) throws {
        let hours = try OpeningHours(parsing: text)
        #expect(hours.french == french)
        #expect(hours.english == english)
    }

    /// What a later rule overrides is not said as if it held.
    @Test(arguments: [
        (
            "PH off; Mo-Fr 09:00-12:00", "du lundi au vendredi de 9 h à 12 h, y compris les jours fériés",
            "from Monday to Friday from 09:00 to 12:00, including on public holidays"
        ),
        (
            "SH off; Mo-Fr 09:00-12:00", "du lundi au vendredi de 9 h à 12 h, y compris pendant les vacances scolaires",
            "from Monday to Friday from 09:00 to 12:00, including during school holidays"
        ),
        (
            "PH,SH off; Mo 09:00-12:00", "le lundi de 9 h à 12 h, y compris les jours fériés et pendant les vacances scolaires",
            "on Mondays from 09:00 to 12:00, including on public holidays and during school holidays"
        ),
        (
            "PH off; Mo-Fr 09:00-12:00; PH off", "du lundi au vendredi de 9 h à 12 h, sauf jours fériés",
            "from Monday to Friday from 09:00 to 12:00, except on public holidays"
        ),
        (
            "PH off; Mo,PH 09:00-12:00", "le lundi et les jours fériés de 9 h à 12 h",
            "on Mondays and on public holidays from 09:00 to 12:00"
        ),
        (
            "Mo-Fr 09:00-12:00; PH off; Sa 10:00-12:00",
            "du lundi au vendredi de 9 h à 12 h, sauf jours fériés ; le samedi de 10 h à 12 h, y compris les jours fériés",
            "from Monday to Friday from 09:00 to 12:00, except on public holidays; on Saturdays from 10:00 to 12:00, including on public holidays"
        ),
        (
            "PH off; Dec 24 10:00-12:00; Mo 09:00-12:00",
            "le 24 décembre de 10 h à 12 h ; le lundi de 9 h à 12 h, y compris les jours fériés et le 24 décembre",
            "on 24 December from 10:00 to 12:00; on Mondays from 09:00 to 12:00, including on public holidays and on 24 December"
        ),
        (
            "PH 10:00-11:00; Mo-Fr 09:00-12:00",
            "les jours fériés de 10 h à 11 h ; du lundi au vendredi de 9 h à 12 h, y compris les jours fériés",
            "on public holidays from 10:00 to 11:00; from Monday to Friday from 09:00 to 12:00, including on public holidays"
        ),
        (
            "Jul-Aug Mo-Fr 10:00-12:00; Mo-Fr 09:00-17:00", "du lundi au vendredi de 9 h à 17 h, y compris de juillet à août",
            "from Monday to Friday from 09:00 to 17:00, including from July to August"
        ),
        (
            "Jul-Aug Mo 10:00-12:00; Sep-Jun Mo 09:00-17:00",
            "le lundi, de juillet à août, de 10 h à 12 h ; le lundi, de septembre à juin, de 9 h à 17 h",
            "on Mondays, from July to August, from 10:00 to 12:00; on Mondays, from September to June, from 09:00 to 17:00"
        ),
        (
            "PH off; Su off; Mo 09:00-12:00", "fermé le dimanche ; le lundi de 9 h à 12 h, y compris les jours fériés",
            "closed on Sundays; on Mondays from 09:00 to 12:00, including on public holidays"
        ),
        (
            "PH off || Mo 09:00-12:00", "le lundi de 9 h à 12 h, y compris les jours fériés",
            "on Mondays from 09:00 to 12:00, including on public holidays"
        ),
        (
            "Mo-Fr 09:00-17:00; We 13:00-14:00", "le lundi, le mardi, le jeudi et le vendredi, de 9 h à 17 h ; le mercredi de 13 h à 14 h",
            "on Mondays, on Tuesdays, on Thursdays and on Fridays, from 09:00 to 17:00; on Wednesdays from 13:00 to 14:00"
        ),
        ("We 13:00-14:00; Mo-Fr 09:00-17:00", "du lundi au vendredi de 9 h à 17 h", "from Monday to Friday from 09:00 to 17:00"),
        ("Mo 09:00-12:00; Mo 14:00-17:00", "le lundi de 14 h à 17 h", "on Mondays from 14:00 to 17:00"),
        (
            "Mo 09:00-12:00, Mo 14:00-17:00", "le lundi de 9 h à 12 h, et le lundi de 14 h à 17 h",
            "on Mondays from 09:00 to 12:00, and on Mondays from 14:00 to 17:00"
        ),
        (
            "off; Mo 10:00-12:00", "fermé du mardi au dimanche ; le lundi de 10 h à 12 h",
            "closed from Tuesday to Sunday; on Mondays from 10:00 to 12:00"
        ),
        ("\"rdv\"; Mo 10:00-12:00", "« rdv » ; le lundi de 10 h à 12 h", "“rdv”; on Mondays from 10:00 to 12:00"),
        ("Mo 10:00-12:00; off", "fermé", "closed"),
    ])
    func whatLaterRulesOverrideIsNotSaid(text: String, french: String, english: String) throws {
        let hours = try OpeningHours(parsing: text)
        #expect(hours.french == french)
        #expect(hours.english == english)
    }

    /// With the columns of the rules that do not hold where they seem to.
    @Test(arguments: [
        ("PH off; Mo-Fr 09:00-12:00", [1]), ("Mo-Fr 09:00-12:00; PH off", []), ("SH off; Mo 09:00-12:00", [1]),
        ("PH off; Mo-Fr 09:00-12:00; PH off", []), ("PH off; Su 00:00-24:00 off", []), ("PH off; Mo,PH 09:00-12:00", [1]),
        ("Mo-Fr 09:00-12:00; PH off; Sa 10:00-12:00", [20]), ("Mo-Fr 09:00-17:00; We 13:00-14:00", []),
        ("We 13:00-14:00; Mo-Fr 09:00-17:00", [1]), ("PH 10:00-11:00; Mo 09:00-12:00", [1]), ("PH 10:00-11:00, Mo 09:00-12:00", []),
        ("PH off; Dec 25 10:00-12:00", []), ("Jul 01-Aug 31 Mo 10:00-12:00; Sep 01-Jun 30 Mo 09:00-12:00", []),
        ("2026 Jul Mo 10:00-12:00; 2027 Mo 09:00-12:00; 2026 Jul-Aug Mo 09:00-12:00", [1]), ("easter off; Mo 10:00-12:00", [1]),
    ])
    func whichRulesLaterOnesOverride(text: String, columns: [Int]) throws {
        let hours = try OpeningHours(parsing: text)
        #expect(hours.warnings.filter(\.isGuess).map(\.column) == columns, "\(hours.warnings)")
        #expect(hours.warnings.allSatisfy { $0.message.contains("last") || $0.message.contains("comma") })
    }

    /// What is closed first and opened by the season, and hours that take the place of others on some of their days.
    @Test(arguments: [
        (
            "Mo off; Apr-Oct 10:00-19:00; Nov-Mar 10:00-17:00",
            "d’avril à octobre de 10 h à 19 h, y compris le lundi ; de novembre à mars de 10 h à 17 h, y compris le lundi", [1]
        ),
        ("We off; Jul-Aug 10:00-18:00", "de juillet à août de 10 h à 18 h, y compris le mercredi", [1]),
        (
            "Sa,Su off; Jul-Aug 10:00-18:00; Sep-Jun 09:00-17:00",
            "de juillet à août de 10 h à 18 h, y compris le samedi et le dimanche ; "
                + "de septembre à juin de 9 h à 17 h, y compris le samedi et le dimanche", [1]
        ),
        ("We off; Jan-Dec 09:00-12:00", "de janvier à décembre de 9 h à 12 h, y compris le mercredi", [1]),
        ("We off; 2026 09:00-12:00", "en 2026 de 9 h à 12 h, y compris le mercredi", [1]),
        (
            "May 01,Dec 25 off; Apr-Oct Mo-Su 10:00-19:00; Nov-Mar Sa,Su 14:00-17:00",
            "d’avril à octobre de 10 h à 19 h, y compris le 1er mai ; "
                + "le samedi et le dimanche, de novembre à mars, de 14 h à 17 h, y compris le 25 décembre", [1]
        ),
        (
            "Dec 25 off; Dec-Feb Mo-Sa 10:00-12:00",
            "du lundi au samedi, de décembre à février, de 10 h à 12 h, y compris le 25 décembre", [1]
        ),
        ("Aug off; SH 10:00-12:00", "pendant les vacances scolaires de 10 h à 12 h, y compris en août", [1]),
        ("Aug off; PH 10:00-12:00", "les jours fériés de 10 h à 12 h, y compris en août", [1]),
        ("We off; SH 10:00-12:00", "pendant les vacances scolaires de 10 h à 12 h, y compris le mercredi", [1]),
        ("Mo,We off; Jul-Aug We-Su 10:00-18:00", "du mercredi au dimanche, de juillet à août, de 10 h à 18 h, y compris le mercredi", [1]),
        ("Jul-Aug off; Aug-Sep Mo 10:00-12:00", "le lundi, d’août à septembre, de 10 h à 12 h", [1]),
        ("We off, Mo-Fr 09:00-12:00", "du lundi au vendredi de 9 h à 12 h, y compris le mercredi", [1]),
        ("Sa,Su off; Mo-Sa 09:00-12:00", "fermé le dimanche ; du lundi au samedi de 9 h à 12 h", []),
        ("Aug off; Sep-Jul Mo 09:00-12:00", "fermé en août ; le lundi, de septembre à juillet, de 9 h à 12 h", []),
        (
            "Mo-Fr 09:00-12:00; We[2,4] 14:00-18:00",
            "du lundi au vendredi de 9 h à 12 h ; le deuxième et le quatrième mercredi du mois de 14 h à 18 h à la place", [1]
        ),
        (
            "Mo-Fr 09:00-12:00; Sep-Jun We 14:00-18:00",
            "du lundi au vendredi de 9 h à 12 h ; le mercredi, de septembre à juin, de 14 h à 18 h à la place", [1]
        ),
        ("Mo 09:00-12:00; Jul-Aug 10:00-18:00", "le lundi de 9 h à 12 h ; de juillet à août de 10 h à 18 h à la place", [1]),
        (
            "Jan-Mar Mo-Fr 09:00-12:00; Mar-Jun Mo-Fr 10:00-12:00",
            "du lundi au vendredi, de janvier à mars, de 9 h à 12 h ; du lundi au vendredi, de mars à juin, de 10 h à 12 h à la place", [1]
        ),
        ("Mo-Fr 09:00-12:00; PH 10:00-12:00", "du lundi au vendredi de 9 h à 12 h ; les jours fériés de 10 h à 12 h à la place", []),
        ("Mo-Fr 09:00-12:00; Dec 24 10:00-11:00", "du lundi au vendredi de 9 h à 12 h ; le 24 décembre de 10 h à 11 h à la place", []),
        (
            "Mo-Fr 09:00-12:00; Jul-Aug Mo-Fr 10:00-12:00",
            "du lundi au vendredi de 9 h à 12 h ; du lundi au vendredi, de juillet à août, de 10 h à 12 h à la place", []
        ),
        ("Mo-Fr 09:00-12:00; Aug off", "du lundi au vendredi de 9 h à 12 h, sauf en août", []),
        (
            "We 14:00-18:00; Sa[1] 09:00-12:00; Sa[-1] 14:00-17:00",
            "le mercredi de 14 h à 18 h ; le premier samedi du mois de 9 h à 12 h ; le dernier samedi du mois de 14 h à 17 h", []
        ),
    ])
    func whatHoldsOfDaysThatRulesShare(text: String, french: String, columns: [Int]) throws {
        let hours = try OpeningHours(parsing: text)
        #expect(hours.french == french)
        #expect(hours.warnings.filter(\.isGuess).map(\.column) == columns, "\(hours.warnings)")
    }

    @Test func hoursThatReplaceOthersAreSaidInEnglish() throws {
        let hours = try OpeningHours(parsing: "Mo-Fr 09:00-12:00; PH 10:00-12:00")
        #expect(hours.english == "from Monday to Friday from 09:00 to 12:00; on public holidays from 10:00 to 12:00 instead")
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
