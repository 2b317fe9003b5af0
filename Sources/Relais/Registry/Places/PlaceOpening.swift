import Foundation
import Matching
import OpeningHours
import Postgres

/// When a place is open, said for people, at an instant.
public struct PlaceOpening: Sendable, Encodable {
    public let place: Place.ID
    public let at: Date
    /// `unknown` too when the place says nothing, or nothing that can be read. One that travels is open where it stops, as well.
    public let state: String
    /// The stop at which it is open.
    public let stop: OpenStop?
    public let comment: String?
    /// When the state will be another; nil when it does not change, or not for years, or, of a place with stops, not within one.
    public let nextChange: Date?
    /// When it opens next, if it is not open; nil within a year.
    public let nextOpening: Date?
    /// The one form of what the place says; nil when it says nothing that can be read.
    public let canonical: String?
    public let french: String?
    public let english: String?
    /// Where its own hours may not mean what they seem to.
    public let warnings: [Doubt]
    /// The stops of a place that travels, in their order: those that are in force or will be.
    public let stops: [StopInWords]

    /// Something in an expression that was guessed, or does not hold where it seems to. (How it is spelled is nobody's trouble.)
    public struct Doubt: Sendable, Encodable {
        /// In characters of the expression as it was written, from 1.
        public let column: Int
        public let french: String
        public let english: String

        static func all(in hours: OpeningHours?) -> [Doubt] {
            (hours?.warnings ?? []).filter(\.isGuess).map { Doubt(column: $0.column, french: $0.french, english: $0.message) }
        }
    }

    /// Where a stop is, and its hours said as those of a place are.
    public struct StopInWords: Sendable, Encodable {
        public let id: Stop.ID
        public let name: String?
        public let address: String?
        public let commune: Commune.ID
        /// The first and the last day on which the hours are in force; nil: without an end.
        public let validFrom: Day?
        public let validUntil: Day?
        public let canonical: String?
        public let french: String?
        public let english: String?
        public let warnings: [Doubt]

        private enum CodingKeys: String, CodingKey {
            case id, name, address, commune
            case validFrom = "valid_from"
            case validUntil = "valid_until"
            case canonical, french, english, warnings
        }

        init(_ stop: Stop) {
            id = stop.id
            (name, address, commune) = (stop.name, stop.address, stop.commune)
            (validFrom, validUntil) = (stop.validFrom, stop.validUntil)
            let hours = KnownHours.shared.hours(stop.hours)
            (canonical, french, english) = (hours?.canonical, hours?.french, hours?.english)
            warnings = Doubt.all(in: hours)
        }

        /// Those that are not over. What began on the last evening goes on past midnight: the one that is open then is among them.
        static func all(of stops: [Stop], at instant: Date, open: Stop.ID?) -> [StopInWords] {
            let zone = OpeningHours.Context.loire.timeZone
            return stops.filter { stop in
                guard let last = stop.validUntil, stop.id != open else { return true }
                return Day(number: last.number + 1).midnight(in: zone) > instant
            }.map { StopInWords($0) }
        }
    }

    /// What tells where a stop is.
    public struct OpenStop: Sendable, Encodable {
        public let id: Stop.ID
        public let name: String?
        public let address: String?
        public let commune: Commune.ID

        init(_ stop: Stop) {
            id = stop.id
            (name, address, commune) = (stop.name, stop.address, stop.commune)
        }
    }

    private enum CodingKeys: String, CodingKey {
        case place, at, state, stop, comment
        case nextChange = "next_change"
        case nextOpening = "next_opening"
        case canonical, french, english, warnings, stops
    }

    /// - Parameter stops: Those of a place that travels; empty of any other.
    init(_ place: Place, _ stops: [Stop], at instant: Date) {
        self.place = place.id
        at = instant
        let context = OpeningHours.Context.of(place.commune, place.location)
        let hours = place.openingHours.flatMap { try? OpeningHours(parsing: $0) }
        (canonical, french, english) = (hours?.canonical, hours?.french, hours?.english)
        warnings = Doubt.all(in: hours)
        // Stops come first: where it is now says more than that it is open.
        var together = stops.compactMap { $0.inForce }
        if !together.isEmpty {
            if let hours { together.append(HoursInForce(hours: hours, context: context)) }
            let now = together.status(at: instant)
            let next = together.next(after: instant)
            // Between its stops it is closed, and after the last of them, too.
            state = (now?.status.state ?? .closed).rawValue
            let open = now?.status.state == .open ? now?.stop : nil
            stop = open.map { OpenStop($0) }
            self.stops = StopInWords.all(of: stops, at: instant, open: open?.id)
            comment = now?.status.comment
            (nextChange, nextOpening) = (next.change, next.opening)
            return
        }
        stop = nil
        self.stops = StopInWords.all(of: stops, at: instant, open: nil)
        guard let hours else {
            state = OpeningHours.State.unknown.rawValue
            (comment, nextChange, nextOpening) = (nil, nil, nil)
            return
        }
        let status = hours.status(at: instant, in: context)
        state = status.state.rawValue
        comment = status.comment
        nextChange = hours.nextChange(after: instant, in: context)
        nextOpening =
            status.state == .open
            ? nil
            : hours.intervals(from: instant, to: instant.addingTimeInterval(366 * 86400), in: context).first { $0.state == .open }?.start
    }
}

extension PlaceOpening {
    /// The years that can be asked about, by the calendar of the network's zone.
    public static let years = OpeningHours.years

    public static func isOfKnownYear(_ instant: Date) -> Bool { OpeningHours.Context.loire.knows(instant) }
}

extension Place {
    /// By its own hours and those of its stops, which count only of a place that travels.
    ///
    /// - Parameter instant: One of a known year (``PlaceOpening/isOfKnownYear(_:)``).
    public func opening(at instant: Date, stops: [Stop] = []) -> PlaceOpening {
        PlaceOpening(self, details.isItinerant ? stops : [], at: instant)
    }
}

extension OpeningHours.Context {
    /// The network's time zone, and the calendar of where the place is: the network's own when nobody knows its commune.
    static func of(_ commune: Commune.ID?, _ location: Location?) -> OpeningHours.Context {
        var context = OpeningHours.Context.loire
        if let commune {
            let department = Commune.department(of: commune)
            context.schoolZone = SchoolHolidays.Zone(department: department)
            context.isInAlsaceMoselle = FrenchHolidays.isAlsaceMoselle(department: department)
        }
        if let location { context.coordinates = (location.latitude, location.longitude) }
        return context
    }
}
