import Foundation

/// When something is open: an expression of the OSM `opening_hours` language, read once and asked often.
///
/// ```swift
/// let hours = try OpeningHours(parsing: "Mo-Fr 09:00-12:00; PH off")
/// hours.status(at: .now, in: .loire).state        // .open, .closed or .unknown
/// hours.french                                    // "du lundi au vendredi de 9 h à 12 h, sauf les jours fériés"
/// ```
/// The language: https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification. What is read beyond it, and where its text leaves a choice, stands in
/// docs/opening-hours.md.
public struct OpeningHours: Sendable, Equatable {
    public enum State: String, Sendable, CaseIterable { case open, closed, unknown }

    /// Something in the text that was read as what it plainly means, or that does not mean what it seems to.
    public struct Warning: Sendable, Equatable {
        /// In characters, from 1.
        public let column: Int
        public let message: String
        let guess: Guess?

        /// Whether something else may well be meant: not the spelling is in doubt, but the days, or the order of the rules.
        public var isGuess: Bool { guess != nil }

        /// The message in French; of a spelling (``isGuess`` is false) in English.
        public var french: String { guess?.french ?? message }
    }

    public let warnings: [Warning]
    let rules: [Rule]

    /// - Throws: ``OpeningHoursError`` with the column and what was expected there. Texts longer than 1,000 characters are refused.
    public init(parsing text: String) throws(OpeningHoursError) {
        var parser = try Parser(text)
        rules = try parser.rules()
        parser.warnOfOverridden(rules)
        warnings = parser.scanner.warnings
    }

    public static func == (one: OpeningHours, other: OpeningHours) -> Bool { one.rules == other.rules }

    /// The one text of all the spellings of this expression. Reading it gives the same rules.
    public var canonical: String { Canonical.text(of: rules) }

    /// Said in plain French.
    public var french: String { FrenchWords.text(of: rules) }

    /// Said in plain English.
    public var english: String { EnglishWords.text(of: rules) }

    /// Whether times follow the sun, so that they need coordinates.
    public var followsTheSun: Bool { rules.contains { $0.times.contains(where: \.followsTheSun) } }
}

extension TimeSpan {
    var followsTheSun: Bool {
        if case .sun = start { return true }
        if case .sun = end { return true }
        return false
    }
}

extension OpeningHours {
    /// Where an expression is evaluated: what it does not say itself.
    public struct Context: Sendable, Equatable {
        public var timeZone: TimeZone
        /// Whether the public holidays are those of France; otherwise whether a day is one is not known.
        public var hasFrenchHolidays: Bool
        public var isInAlsaceMoselle: Bool
        /// nil: whether a day is in the school holidays is not known.
        public var schoolZone: SchoolHolidays.Zone?
        /// In degrees, WGS 84. Without them, what follows the sun is not known.
        public var coordinates: (latitude: Double, longitude: Double)?
        /// The days, counted from 1970-01-01, on which hours may begin: what began on one of them goes on past midnight. nil: all.
        public var days: ClosedRange<Int>?

        public init(
            timeZone: TimeZone, hasFrenchHolidays: Bool = true, isInAlsaceMoselle: Bool = false, schoolZone: SchoolHolidays.Zone? = nil,
            coordinates: (latitude: Double, longitude: Double)? = nil
        ) {
            self.timeZone = timeZone
            self.hasFrenchHolidays = hasFrenchHolidays
            self.isInAlsaceMoselle = isInAlsaceMoselle
            self.schoolZone = schoolZone
            self.coordinates = coordinates
        }

        /// The Loire: Europe/Paris, the holidays of France, zone A.
        public static let loire = Context(timeZone: TimeZone(identifier: "Europe/Paris") ?? .gmt, schoolZone: .a)

        public static func == (one: Context, other: Context) -> Bool {
            one.timeZone == other.timeZone && one.hasFrenchHolidays == other.hasFrenchHolidays
                && one.isInAlsaceMoselle == other.isInAlsaceMoselle
                && one.schoolZone == other.schoolZone && one.days == other.days && one.coordinates?.latitude == other.coordinates?.latitude
                && one.coordinates?.longitude == other.coordinates?.longitude
        }
    }
}
