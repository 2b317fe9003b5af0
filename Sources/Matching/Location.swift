import Foundation

/// A point of the earth in WGS 84 degrees.
public struct Location: Sendable, Hashable, Codable {
    /// -90…90.
    public let latitude: Double
    /// -180…180.
    public let longitude: Double

    /// What is nearer to 0 than a tenth of a millimetre is 0: PostgreSQL's trigonometry refuses the smallest numbers that there are.
    public init(latitude: Double, longitude: Double) {
        self.latitude = abs(latitude) < 1e-9 ? 0 : latitude
        self.longitude = abs(longitude) < 1e-9 ? 0 : longitude
    }

    /// The great-circle distance in whole metres (haversine, mean radius 6,371,008.8 m): at most 0.6 % from the ellipsoid's.
    public func distance(to other: Location) -> Int {
        let radians = Double.pi / 180
        let latitudes = (other.latitude - latitude) * radians
        let longitudes = (other.longitude - longitude) * radians
        let a =
            sin(latitudes / 2) * sin(latitudes / 2)
            + cos(latitude * radians) * cos(other.latitude * radians) * sin(longitudes / 2) * sin(longitudes / 2)
        return Int((2 * 6_371_008.8 * asin(min(1, a.squareRoot()))).rounded())
    }
}
