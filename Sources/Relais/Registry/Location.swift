import Matching

extension Location {
    /// Why the point cannot be where a place of the network is; `nil` when it can.
    ///
    /// Only the two mistakes that files really have are told: the origin written for "unknown", and latitude and longitude the wrong way round.
    public var mistake: (code: String, message: String)? {
        if latitude == 0, longitude == 0 {
            return ("null_island", "The coordinates 0, 0 lie in the Gulf of Guinea. Leave them out when they are unknown.")
        }
        let swapped = Location(latitude: longitude, longitude: latitude)
        if !isInFrance, swapped.isInFrance {
            return (
                "swapped", "Latitude and longitude look swapped: in this order the point lies outside France, in the other it lies inside."
            )
        }
        return nil
    }

    private var isInFrance: Bool {
        Self.territories.contains { $0.latitudes.contains(latitude) && $0.longitudes.contains(longitude) }
    }

    /// Boxes around metropolitan France and the territories that the national standard's telephone prefixes name, rounded outwards.
    private static let territories: [(latitudes: ClosedRange<Double>, longitudes: ClosedRange<Double>)] = [
        (41...51.5, -5.5...10),  // metropolitan France
        (15.7...18.2, -63.3 ... -60.9), (14.3...15, -61.3 ... -60.7),  // Guadeloupe, Saint-Barthélemy, Saint-Martin; Martinique
        (2...6, -55 ... -51.5), (46.6...47.3, -56.7 ... -56),  // Guyane; Saint-Pierre-et-Miquelon
        (-21.5 ... -20.8, 55...56), (-13.1 ... -12.5, 44.9...45.4),  // La Réunion; Mayotte
        (-23 ... -17.5, 158...172), (-14.5 ... -13, -178.5 ... -176),  // Nouvelle-Calédonie; Wallis-et-Futuna
        (-28 ... -7, -155 ... -134),  // Polynésie française
    ]
}
