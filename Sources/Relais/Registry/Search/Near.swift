import Foundation
import Matching
import Postgres

/// Within a distance of a point.
public struct Near: Sendable, Equatable {
    public static let farthest = 200_000
    public static let usual = 50_000

    public let location: Location
    /// In metres, 1…200,000.
    public let distance: Int

    public init(location: Location, distance: Int = Near.usual) {
        self.location = location
        self.distance = distance
    }

    /// The point on the unit sphere, worked out once and not for each row.
    var spot: SQL { "(SELECT on_sphere(\(location.latitude), \(location.longitude)))" }
    /// The straight line through the unit sphere that stands for the distance; with the metre that rounding takes.
    var chord: Double { 2 * sin((Double(distance) + 0.5) / 6_371_008.8 / 2) }

    /// Whether a point is that near. The box lets the index end its walk; the circle is what is asked.
    func holds(_ point: SQL) -> SQL {
        "\(point) <@ cube_enlarge(\(spot), \(chord), 3) AND \(point) <-> \(spot) <= \(chord)"
    }

    /// The metres on the ground that a straight line through the unit sphere stands for.
    static func metres(_ chord: SQL) -> SQL { "(2 * 6371008.8 * asin(least(1, \(chord) / 2)))::int" }
    /// The straight line that stands for a whole number of metres, with the metre that rounding takes.
    static func chord(ofMetres metres: SQL) -> SQL { "2 * sin((\(metres) + 0.5) / 6371008.8 / 2)" }
}
