import Matching
import Relais

/// A form in which all places are given, one after the other.
public enum PlaceFormat: String, Sendable, CaseIterable {
    /// The national standard 1.0.2; behind its columns `distance_m`, where places were looked for near somewhere.
    case csv
    /// A line of JSON for each, as `GET /places/{id}` or the search gives it.
    case ndjson
    /// One FeatureCollection (RFC 7946).
    case geojson

    public var mediaType: String {
        switch self {
        case .csv: "text/csv"
        case .ndjson: "application/x-ndjson"
        case .geojson: "application/geo+json"
        }
    }
}

/// Writes places piece by piece: what it gives, joined, is the file.
public struct PlaceWriter: Sendable {
    private let format: PlaceFormat
    private let hasDistance: Bool
    private var isFirst = true

    /// - Parameter hasDistance: Whether CSV has the column `distance_m`, which is not one of the standard.
    public init(_ format: PlaceFormat, hasDistance: Bool = false) {
        self.format = format
        self.hasDistance = hasDistance
    }

    /// What stands before all places.
    public var head: [UInt8] {
        switch format {
        case .csv:
            var bytes: [UInt8] = []
            CSVText.append(StandardRecord.columns + (hasDistance ? ["distance_m"] : []), to: &bytes)
            return bytes
        case .ndjson: return []
        case .geojson: return Array(#"{"type":"FeatureCollection","features":["#.utf8)
        }
    }

    public mutating func write(_ places: [Place]) -> [UInt8] { write(places) { ($0, nil) } }

    /// What a search found.
    mutating func write(_ found: [FoundPlace]) -> [UInt8] { write(found) { ($0.place, $0.distance) } }

    private mutating func write<Item: Encodable>(_ items: [Item], _ parts: (Item) -> (place: Place, distance: Int?)) -> [UInt8] {
        var bytes: [UInt8] = []
        for item in items {
            let (place, distance) = parts(item)
            switch format {
            case .csv:
                let behind: [String] = hasDistance ? [distance.map { "\($0)" } ?? ""] : []
                CSVText.append(StandardRecord(place).values + behind, to: &bytes)
            case .ndjson: bytes += JSONText.encode(item) + [0x0a]
            case .geojson: bytes += (isFirst ? [0x0a] : [UInt8(ascii: ","), 0x0a]) + JSONText.encode(Feature(place, item))
            }
            isFirst = false
        }
        return bytes
    }

    /// What stands after all places.
    public var tail: [UInt8] { format == .geojson ? Array("\n]}\n".utf8) : [] }

    private struct Feature<Item: Encodable>: Encodable {
        let type = "Feature"
        let id: Place.ID
        let geometry: Point?
        let properties: Item

        init(_ place: Place, _ item: Item) {
            id = place.id
            geometry = place.location.map { Point(coordinates: [$0.longitude, $0.latitude]) }
            properties = item
        }
    }

    private struct Point: Encodable {
        let type = "Point"
        /// Longitude first.
        let coordinates: [Double]
    }
}
