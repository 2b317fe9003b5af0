import Foundation
import OpeningHours

/// An expression where it holds, and on which days: a place's own, or that of a stop.
struct HoursInForce: Sendable {
    let hours: OpeningHours
    let context: OpeningHours.Context
    /// The stop that says so; `nil`: the place itself.
    var stop: Stop?

    func status(at instant: Date) -> OpeningHours.Status { hours.status(at: instant, in: context) }
}

extension [HoursInForce] {
    /// What holds of all of them together: open where one is, otherwise unknown where one is; the first that says so.
    func status(at instant: Date) -> (status: OpeningHours.Status, stop: Stop?)? {
        var unknown: (status: OpeningHours.Status, stop: Stop?)?
        for hours in self {
            let status = hours.status(at: instant)
            if status.state == .open { return (status, hours.stop) }
            if status.state == .unknown, unknown == nil { unknown = (status, hours.stop) }
        }
        return unknown
    }

    /// When the state of all of them together will be another, and when it will be open, if it is not; `nil` when not within a year.
    func next(after instant: Date) -> (change: Date?, opening: Date?) {
        // Whole seconds, as intervals have them.
        let start = Date(timeIntervalSince1970: instant.timeIntervalSince1970.rounded(.down))
        // A round comes back within days or weeks: the year is looked through only for one that does not.
        for days in [8.0, 32, 128, 366] {
            let course = course(from: start, to: start.addingTimeInterval(days * 86400))
            let change = course.dropFirst().first?.at
            let isOpen = course[0].state == .open
            let opening = isOpen ? nil : course.first { $0.state == .open }?.at
            if days == 366 || (change != nil && (isOpen || opening != nil)) { return (change, opening) }
        }
        return (nil, nil)
    }

    /// The state of all of them together at the beginning of a window of whole seconds, and each other one that it has in it.
    private func course(from start: Date, to end: Date) -> [(at: Date, state: OpeningHours.State)] {
        var steps: [(at: Date, open: Int, unknown: Int)] = []
        for hours in self {
            for interval in hours.hours.intervals(from: start, to: end, in: hours.context) {
                let (open, unknown) = interval.state == .open ? (1, 0) : (0, 1)
                steps.append((interval.start, open, unknown))
                steps.append((interval.end, -open, -unknown))
            }
        }
        steps.sort { $0.at < $1.at }
        var states: [(at: Date, state: OpeningHours.State)] = [(start, .closed)]
        var (open, unknown) = (0, 0)
        for (index, step) in steps.enumerated() {
            // What the window cuts off does not end there.
            if step.at >= end { break }
            open += step.open
            unknown += step.unknown
            // One may close at the instant at which another opens.
            if index + 1 < steps.count, steps[index + 1].at == step.at { continue }
            let state: OpeningHours.State = open > 0 ? .open : unknown > 0 ? .unknown : .closed
            if step.at <= start {
                states[0].state = state
            } else if states[states.count - 1].state != state {
                states.append((step.at, state))
            }
        }
        return states
    }
}
