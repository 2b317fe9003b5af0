import Foundation

extension OpeningHours {
    /// What holds at an instant.
    public struct Status: Sendable, Equatable {
        public let state: State
        public let comment: String?
    }

    /// From an instant to another, which is not part of it, one thing holds.
    public struct Interval: Sendable, Equatable {
        public let start: Date
        public let end: Date
        public let state: State
        public let comment: String?
    }

    /// The years that can be asked about: those of which it is known when clocks change, by the local calendar.
    public static let years = 1970...2199

    /// What holds at `instant`, which is of one of ``years``: otherwise what is answered is of no worth.
    public func status(at instant: Date, in context: Context) -> Status { Evaluator(self, context).status(at: instant.wholeSeconds) }

    /// The next instant after `instant` at which ``status(at:in:)`` has another state.
    ///
    /// - Returns: `nil` when there is none within thirty years (less for very long expressions).
    public func nextChange(after instant: Date, in context: Context) -> Date? {
        Evaluator(self, context).nextChange(after: instant.wholeSeconds).map { Date(timeIntervalSince1970: Double($0)) }
    }

    /// What is open or unknown in a window, in order, cut at its ends.
    ///
    /// - Parameter to: At most ten years after `from`: later is cut.
    public func intervals(from: Date, to: Date, in context: Context) -> [Interval] {
        let from = from.wholeSeconds
        return Evaluator(self, context).intervals(from: from, to: min(to.wholeSeconds, from + 3653 * 86400))
    }
}

extension OpeningHours.Context {
    /// Whether it can be asked what is open at `instant`: whether it is of one of ``OpeningHours/years``.
    public func knows(_ instant: Date) -> Bool {
        let utc = instant.wholeSeconds
        let local = utc + ZoneOffsets.of(timeZone).offset(at: utc)
        let first = Civil.day(OpeningHours.years.lowerBound, 1, 1) * 86400
        return (first..<Civil.day(OpeningHours.years.upperBound + 1, 1, 1) * 86400).contains(local)
    }
}

extension Date {
    /// Rounded down: an interval that begins within a second has begun. What is cut here is centuries beyond ``OpeningHours/years``.
    fileprivate var wholeSeconds: Int { Int(max(-6e10, min(6e10, timeIntervalSince1970.rounded(.down)))) }
}

/// Asks the schedules of days, and turns the minutes of their clocks into instants.
struct Evaluator {
    /// So that none takes long.
    private static let mostGuesses = 64

    private let rules: [Rule]
    private let zone: ZoneOffsets
    private let likely: DaySchedule
    /// With doubtful days taken for holidays; none when there can be no doubt.
    private let others: [DaySchedule]

    init(_ hours: OpeningHours, _ context: OpeningHours.Context) {
        let (rules, zone) = (hours.rules, ZoneOffsets.of(context.timeZone))
        var doubtful: [Holiday] = []
        for holiday in rules.flatMap(\.holidays) where holiday.kind == .schoolHoliday || !context.hasFrenchHolidays {
            if !doubtful.contains(holiday) { doubtful.append(holiday) }
        }
        func schedule(_ guess: Set<Holiday>) -> DaySchedule {
            DaySchedule(rules: rules, selection: DaySelection(doubtfulHolidays: guess, context: context), zone: zone)
        }
        likely = schedule([])
        // Whether a day is one says nothing of another: each by itself, two at once… Of more than four, each by itself, all, and all but each.
        let all = Set(doubtful)
        let guesses: [Set<Holiday>] =
            doubtful.count > 4
            ? doubtful.map { [$0] } + [all] + doubtful.map { all.subtracting([$0]) }
            : (1..<(1 << doubtful.count)).map { bits in Set(doubtful.indices.filter { bits >> $0 & 1 == 1 }.map { doubtful[$0] }) }
        others = guesses.prefix(Self.mostGuesses).map(schedule)
        (self.rules, self.zone) = (rules, zone)
    }

    private func day(at instant: Int) -> Int {
        let local = instant + zone.offset(at: instant)
        return local >= 0 ? local / 86400 : (local - 86399) / 86400
    }

    /// Where it makes a difference whether a doubtful day is a holiday, nothing is known.
    private func segments(_ day: Int) -> [Segment] {
        let likely = likely.segments(day)
        let others = others.map { $0.segments(day) }.filter { $0 != likely }
        if others.isEmpty { return likely }
        let all = [likely] + others
        let marks = Set(all.joined().flatMap { [$0.start, $0.end] }).sorted()
        return zip(marks, marks.dropFirst()).compactMap { start, end in
            let holding = all.map { list in list.last { $0.start <= start && start < $0.end } }
            guard let some = holding.compactMap(\.self).first else { return nil }
            let isSure = holding.allSatisfy { $0?.state == some.state }
            return Segment(start: start, end: end, state: isSure ? some.state : .unknown, comment: some.comment)
        }
    }

    func status(at instant: Int) -> OpeningHours.Status {
        let day = day(at: instant)
        let local = instant + zone.offset(at: instant) - day * 86400
        let isPlain = !zone.changes(around: day)
        for segment in segments(day) {
            let isIn =
                isPlain
                ? segment.start * 60 <= local && local < segment.end * 60
                : self.instant(day, segment.start) <= instant && instant < self.instant(day, segment.end)
            if isIn { return OpeningHours.Status(state: segment.state, comment: segment.comment) }
        }
        return OpeningHours.Status(state: .closed, comment: nil)
    }

    private func instant(_ day: Int, _ minute: Int) -> Int { zone.instant(ofLocal: day * 86400 + minute * 60) }

    func intervals(from: Int, to: Int) -> [OpeningHours.Interval] {
        guard from < to else { return [] }
        var found: [(start: Int, end: Int, segment: Segment)] = []
        for day in day(at: from)...day(at: to) {
            for segment in segments(day) {
                let start = max(from, instant(day, segment.start))
                let end = min(to, instant(day, segment.end))
                guard start < end else { continue }
                if let last = found.last, last.end == start, last.segment.state == segment.state, last.segment.comment == segment.comment {
                    found[found.count - 1].end = end
                } else {
                    found.append((start, end, segment))
                }
            }
        }
        return found.map {
            OpeningHours.Interval(
                start: Date(timeIntervalSince1970: Double($0.start)), end: Date(timeIntervalSince1970: Double($0.end)),
                state: $0.segment.state, comment: $0.segment.comment)
        }
    }

    func nextChange(after instant: Int) -> Int? {
        let now = status(at: instant).state
        if likely.selection.context.days == nil, rules.allSatisfy({ $0.isEveryDay && $0.times.isEmpty }) { return nil }
        // Long expressions look less far, so that none takes long.
        let weight = rules.reduce(1) { sum, rule in
            // To know whether a day is a holiday takes longest.
            let days = rule.years.count + rule.dates.count + rule.weeks.count + rule.weekdays.count + 4 * rule.holidays.count
            return sum + 1 + days + rule.times.count
        }
        let horizon = max(800, min(10958, 400_000 / (weight * max(1, others.count))))
        let first = day(at: instant)
        for day in first...(first + horizon) {
            var place = self.instant(day, 0)
            func differs(_ next: OpeningHours.State, at mark: Int) -> Bool { mark > instant && next != now }
            for segment in segments(day) {
                let (start, end) = (self.instant(day, segment.start), self.instant(day, segment.end))
                // Within the hour that clocks leave out in spring.
                guard start < end else { continue }
                // Between segments it is closed.
                if start > place, differs(.closed, at: place) { return place }
                if differs(segment.state, at: start) { return start }
                place = end
            }
            if place < self.instant(day + 1, 0), differs(.closed, at: place) { return place }
        }
        return nil
    }
}
