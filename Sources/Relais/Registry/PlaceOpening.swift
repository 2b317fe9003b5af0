import Foundation
import Matching
import OpeningHours

/// When a place is open, said for people, at an instant.
public struct PlaceOpening: Sendable, Encodable {
    public let place: Place.ID
    public let at: Date
    /// `unknown` too when the place says nothing, or nothing that can be read.
    public let state: String
    public let comment: String?
    /// When the state will be another; nil when it does not change, or not for years.
    public let nextChange: Date?
    /// When it opens next, if it is not open; nil within a year.
    public let nextOpening: Date?
    /// The one form of what the place says; nil when it says nothing that can be read.
    public let canonical: String?
    public let french: String?
    public let english: String?

    private enum CodingKeys: String, CodingKey {
        case place, at, state, comment
        case nextChange = "next_change"
        case nextOpening = "next_opening"
        case canonical, french, english
    }

    init(_ place: Place, at instant: Date) {
        self.place = place.id
        at = instant
        let context = OpeningHours.Context.of(place.commune, place.location)
        guard let hours = place.openingHours.flatMap({ try? OpeningHours(parsing: $0) }) else {
            state = OpeningHours.State.unknown.rawValue
            (comment, nextChange, nextOpening, canonical, french, english) = (nil, nil, nil, nil, nil, nil)
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
        canonical = hours.canonical
        french = hours.french
        english = hours.english
    }
}

extension Place {
    public func opening(at instant: Date) -> PlaceOpening { PlaceOpening(self, at: instant) }
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
