import Foundation
import Synchronization

/// The offsets of a time zone, looked up once: asking Foundation for each evaluation took most of its time.
struct ZoneOffsets: Sendable {
    /// Instants (seconds since 1970) at which an offset (seconds east of UTC) begins.
    private let starts: [Int]
    private let offsets: [Int]

    private static let known = Mutex<[String: ZoneOffsets]>([:])
    /// Between which changes are known: beyond, the last one goes on. The next change of a state is looked for thirty years on.
    private static let years = OpeningHours.years.lowerBound...(OpeningHours.years.upperBound + 31)

    static func of(_ zone: TimeZone) -> ZoneOffsets {
        if let found = known.withLock({ $0[zone.identifier] }) { return found }
        let made = ZoneOffsets(zone)
        known.withLock { $0[zone.identifier] = made }
        return made
    }

    private init(_ zone: TimeZone) {
        let first = Date(timeIntervalSince1970: 0)
        let last = Date(timeIntervalSince1970: Double(Civil.day(ZoneOffsets.years.upperBound + 1, 1, 1)) * 86400)
        var starts = [Int.min]
        var offsets = [zone.secondsFromGMT(for: first)]
        var instant = first
        while let next = zone.nextDaylightSavingTimeTransition(after: instant), next > instant, next < last {
            let offset = zone.secondsFromGMT(for: next.addingTimeInterval(1))
            if offset != offsets.last {
                starts.append(Int(next.timeIntervalSince1970.rounded()))
                offsets.append(offset)
            }
            instant = next
        }
        self.starts = starts
        self.offsets = offsets
    }

    private func index(at instant: Int) -> Int {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= instant { low = middle } else { high = middle }
        }
        return low
    }

    /// Seconds east of UTC.
    func offset(at instant: Int) -> Int { offsets[index(at: instant)] }

    /// The instant at which the local clock shows a time. One that it does not show (spring) is the instant after the gap; of one that it shows twice
    /// (autumn) the first.
    ///
    /// - Parameter local: The clock's reading as if it were UTC.
    func instant(ofLocal local: Int) -> Int {
        let before = index(at: local - 86400)
        let after = index(at: local + 86400)
        if before == after { return local - offsets[before] }
        if local - offsets[before] < starts[after] { return local - offsets[before] }
        return max(local - offsets[after], starts[after])
    }

    /// Whether the clock changes on this day or beside it.
    func changes(around day: Int) -> Bool { index(at: (day - 1) * 86400) != index(at: (day + 2) * 86400) }
}
