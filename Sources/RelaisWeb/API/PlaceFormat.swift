import Matching
import Relais

/// A form in which all places are given, one after the other.
public enum PlaceFormat: String, Sendable, CaseIterable {
    /// The national standard 1.0.2.
    case csv
    /// A line of JSON for each, as `GET /places/{id}` gives it.
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
    private var isFirst = true

    public init(_ format: PlaceFormat) { self.format = format }

    /// What stands before all places.
    public var head: [UInt8] {
        switch format {
        case .csv:
            var bytes: [UInt8] = []
            CSVText.append(StandardRecord.columns, to: &bytes)
            return bytes
        case .ndjson: return []
        case .geojson: return Array(#"{"type":"FeatureCollection","features":["#.utf8)
        }
    }

    public mutating func write(_ places: [Place]) -> [UInt8] {
        var bytes: [UInt8] = []
        for place in places {
            switch format {
            case .csv: CSVText.append(StandardRecord(place).values, to: &bytes)
            case .ndjson: bytes += JSONText.encode(place) + [0x0a]
            case .geojson: bytes += (isFirst ? [0x0a] : [UInt8(ascii: ","), 0x0a]) + JSONText.encode(Feature(place))
            }
            isFirst = false
        }
        return bytes
    }

    /// What stands after all places.
    public var tail: [UInt8] { format == .geojson ? Array("\n]}\n".utf8) : [] }

    private struct Feature: Encodable {
        let type = "Feature"
        let id: Place.ID
        let geometry: Point?
        let properties: Place

        init(_ place: Place) {
            id = place.id
            geometry = place.location.map { Point(coordinates: [$0.longitude, $0.latitude]) }
            properties = place
        }
    }

    private struct Point: Encodable {
        let type = "Point"
        /// Longitude first.
        let coordinates: [Double]
    }
}
