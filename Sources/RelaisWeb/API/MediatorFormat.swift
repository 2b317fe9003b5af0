import Relais

/// A form in which all mediators are given, one after the other.
enum MediatorFormat: String, Sendable, CaseIterable {
    /// A column for each of a mediator's members (``MediatorRecord``).
    case csv
    /// A line of JSON for each, as `GET /mediators/{id}` gives it.
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

    init(_ format: MediatorFormat) { self.format = format }

    var head: [UInt8] {
        guard format == .csv else { return [] }
        var bytes: [UInt8] = []
        CSVText.append(MediatorRecord.columns, to: &bytes)
        return bytes
    }

    func write(_ mediators: [Mediator]) -> [UInt8] {
        var bytes: [UInt8] = []
        for mediator in mediators {
            switch format {
            case .csv: CSVText.append(MediatorRecord(mediator).values, to: &bytes)
            case .ndjson: bytes += JSONText.encode(mediator) + [0x0a]
            }
        }
        return bytes
    }

    var tail: [UInt8] { [] }
}
