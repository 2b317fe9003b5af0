import Foundation

/// When the sun rises and sets: the algorithm of the Almanac for Computers (US Naval Observatory, 1990), good to a minute or two below the polar circles.
enum Sun {
    /// Minutes after midnight UTC of the day, rounded; nil where the sun does not come to that height that day.
    ///
    /// Rise and set are those of the upper limb with refraction (zenith 90.833°), dawn and dusk the civil ones (96°).
    static func minutes(of event: SunEvent, day: Int, latitude: Double, longitude: Double) -> Int? {
        let rises = event == .dawn || event == .sunrise
        let zenith = event == .dawn || event == .dusk ? 96.0 : 90.833
        let dayOfYear = Double(day - Civil.day(Civil.parts(of: day).year, 1, 1) + 1)
        let time = dayOfYear + ((rises ? 6 : 18) - longitude / 15) / 24
        let anomaly = 0.9856 * time - 3.289
        let trueLongitude = turn(anomaly + 1.916 * sine(anomaly) + 0.020 * sine(2 * anomaly) + 282.634, 360)
        var ascension = turn(degrees(atan(0.91764 * tan(radians(trueLongitude)))), 360)
        ascension += (trueLongitude / 90).rounded(.down) * 90 - (ascension / 90).rounded(.down) * 90
        let sineDeclination = 0.39782 * sine(trueLongitude)
        let cosineDeclination = cos(asin(sineDeclination))
        let hour = (cos(radians(zenith)) - sineDeclination * sine(latitude)) / (cosineDeclination * cos(radians(latitude)))
        guard (-1...1).contains(hour) else { return nil }
        let angle = rises ? 360 - degrees(acos(hour)) : degrees(acos(hour))
        let local = angle / 15 + ascension / 15 - 0.06571 * time - 6.622
        // In hours of the day of the place; brought near its own day, whatever its longitude.
        let universal = turn(local - longitude / 15, 24)
        return Int((universal * 60).rounded())
    }

    private static func radians(_ angle: Double) -> Double { angle * .pi / 180 }
    private static func degrees(_ angle: Double) -> Double { angle * 180 / .pi }
    private static func sine(_ angle: Double) -> Double { sin(radians(angle)) }
    private static func turn(_ value: Double, _ whole: Double) -> Double { value - (value / whole).rounded(.down) * whole }
}
