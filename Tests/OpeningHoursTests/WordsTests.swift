import Foundation
import OpeningHours
import Testing

/// What is said of the hours in words, and what is said of rules that others override.
extension ParsingTests {
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
        ("easter +1 day 10:00-11:00", "le lundi de Pâques de 10 h à 11 h", "on Easter Monday from 10:00 to 11:00"),
        ("easter +2 days 10:00-11:00", "2 jours après Pâques de 10 h à 11 h", "2 days after Easter Sunday from 10:00 to 11:00"),
        ("unknown \"appeler avant\"", "horaires à vérifier (« appeler avant »)", "hours to be confirmed (“appeler avant”)"),
        (
            "Mo-Fr 09:00-12:00 || unknown", "du lundi au vendredi de 9 h à 12 h ; sinon, horaires à vérifier",
            "from Monday to Friday from 09:00 to 12:00; otherwise, hours to be confirmed"
        ),
        ("Sa unknown", "le samedi, horaires à vérifier", "on Saturdays, hours to be confirmed"),
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

    /// Days on which it is closed are an exception where they are some of the days of the one thing that was said; else they are said by themselves.
    @Test(arguments: [
        (
            "Mo-Fr 09:00-17:00; Sa-Su off", "du lundi au vendredi de 9 h à 17 h ; fermé le samedi et le dimanche",
            "from Monday to Friday from 09:00 to 17:00; closed on Saturdays and on Sundays"
        ),
        ("Mo-Sa 09:00-17:00; We off", "du lundi au samedi de 9 h à 17 h, sauf le mercredi", nil),
        (
            "Mo-Th 09:00-17:00; Fr 09:00-12:00; Sa-Su off",
            "du lundi au jeudi de 9 h à 17 h ; le vendredi de 9 h à 12 h ; fermé le samedi et le dimanche", nil
        ),
        (
            "Mo 09:00-12:00; Tu off; We 09:00-12:00; Th off",
            "le lundi de 9 h à 12 h ; fermé le mardi ; le mercredi de 9 h à 12 h ; fermé le jeudi", nil
        ),
        (
            "Mo-Fr 09:00-12:00; Sa 10:00-12:00; PH off",
            "du lundi au vendredi de 9 h à 12 h ; le samedi de 10 h à 12 h ; fermé les jours fériés", nil
        ),
        (
            "Tu-Sa 10:00-18:00; Su,Mo off; PH off", "du mardi au samedi de 10 h à 18 h ; fermé le dimanche, le lundi et les jours fériés",
            nil
        ),
        (
            "Tu-Sa 10:00-18:00; PH off; Su,Mo off", "du mardi au samedi de 10 h à 18 h, sauf jours fériés ; fermé le dimanche et le lundi",
            nil
        ),
        (
            "Tu-Su 10:00-18:00; PH off; Dec 24 off; Aug off",
            "du mardi au dimanche de 10 h à 18 h, sauf les jours fériés, le 24 décembre et en août",
            "from Tuesday to Sunday from 10:00 to 18:00, except on public holidays, on 24 December and in August"
        ),
        (
            "Mo-Fr 09:00-12:00; easter +1 day off", "du lundi au vendredi de 9 h à 12 h, sauf le lundi de Pâques",
            "from Monday to Friday from 09:00 to 12:00, except on Easter Monday"
        ),
    ])
    func closedDaysAreExceptionsOfWhatTheyAreTakenFrom(text: String, french: String, english: String?) throws {
        let hours = try OpeningHours(parsing: text)
        #expect(hours.french == french)
        if let english { #expect(hours.english == english) }
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
        ("Mo-Fr 09:00-12:00 || PH off", "du lundi au vendredi de 9 h à 12 h", [22]),
        ("2026 Nov-Feb 10:00-12:00", "de novembre 2026 à février 2027 de 10 h à 12 h", []),
        (
            "2025 Mar 01-2026 May 01 10:00-12:00; Jul 14:00-16:00",
            "du 1er mars 2025 au 1er mai 2026 de 10 h à 12 h ; en juillet de 14 h à 16 h à la place", [1]
        ),
        (
            "2025 Mar 01-2026 May 01 Mo 10:00-12:00; Mar-May 14:00-16:00",
            "le lundi, du 1er mars 2025 au 1er mai 2026, de 10 h à 12 h ; de mars à mai de 14 h à 16 h à la place", [1]
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
}
