import Relais

/// A form in which all mediators are given, one after the other.
enum MediatorFormat: String, Sendable, CaseIterable {
    /// A column for each of a mediator's members (``MediatorRecord``); behind them `distance_m`, where they were looked for near somewhere.
    case csv
    /// A line of JSON for each, as the search gives it.
    case ndjson

    var mediaType: String {
        switch self {
        case .csv: PlaceFormat.csv.mediaType
        case .ndjson: PlaceFormat.ndjson.mediaType
        }
    }
}

/// Writes mediators, as whoever reads them may see them, piece by piece.
struct MediatorWriter: EntryWriter {
    let format: MediatorFormat
    /// Whether CSV has the column `distance_m`.
    let hasDistance: Bool

    init(_ format: MediatorFormat, hasDistance: Bool) {
        self.format = format
        self.hasDistance = hasDistance
    }

    var head: [UInt8] {
        guard format == .csv else { return [] }
        var bytes: [UInt8] = []
        CSVText.append(MediatorRecord.columns + (hasDistance ? ["distance_m"] : []), to: &bytes)
        return bytes
    }

    func write(_ mediators: [FoundMediator]) -> [UInt8] {
        var bytes: [UInt8] = []
        for found in mediators {
            switch format {
            case .csv:
                let behind: [String] = hasDistance ? [found.distance.map { "\($0)" } ?? ""] : []
                CSVText.append(MediatorRecord(found.mediator).values + behind, to: &bytes)
            case .ndjson: bytes += JSONText.encode(found) + [0x0a]
            }
        }
        return bytes
    }

    var tail: [UInt8] { [] }
}
