/// What holds on one day, in minutes of its local clock.
struct Segment: Sendable, Equatable {
    /// Minutes since midnight. The end, which is not part of it, may lie after 24:00.
    var start: Int
    var end: Int
    var state: OpeningHours.State
    var comment: String?
}

/// Makes the schedule of a day of the rules.
struct DaySchedule {
    let rules: [Rule]
    let selection: DaySelection
    let zone: ZoneOffsets

    /// What holds between 00:00 and 24:00 of `day`, in order, what is closed left out: also what began the day before and goes on past midnight.
    func segments(_ day: Int) -> [Segment] {
        var before: [Segment] = []
        for segment in hours(of: day - 1, after: []).own where segment.end > 1440 {
            before.append(
                Segment(start: max(0, segment.start - 1440), end: segment.end - 1440, state: segment.state, comment: segment.comment))
        }
        let (own, rest) = hours(of: day, after: before)
        var all = own
        for segment in rest { all = Self.under(all, segment) }
        return all.filter { $0.start < 1440 }.map { segment in
            var segment = segment
            segment.end = min(segment.end, 1440)
            return segment
        }.sorted { $0.start < $1.start }
    }

    /// The hours that belong to `day`, and what is left of those of the day before.
    ///
    /// Hours belong to the day on which they begin ("a set of hours that apply to those weekdays"): a rule that replaces the hours of a Saturday leaves
    /// alone what is open on Friday night, while a rule that closes Saturday closes its first hours, too. One that closes Friday from 22:00 to 02:00 closes
    /// the first hours of Saturday.
    private func hours(of day: Int, after before: [Segment]) -> (own: [Segment], before: [Segment]) {
        guard isIn(day) else { return ([], before) }
        let date = DaySelection.Date(day)
        var own: [Segment] = []
        var before = before
        for rule in rules {
            let state = rule.state
            if state == .closed, rule.separator == .fallback { continue }
            if state == .closed, !rule.times.isEmpty, isIn(day - 1), selection.contains(DaySelection.Date(day - 1), in: rule) {
                // What is left of them was taken out of the hours of the day before already.
                for span in spans(of: rule, day - 1, .closed) where span.end > 1440 {
                    own = Self.closing(own, span, by: 1440)
                }
            }
            guard selection.contains(date, in: rule) else { continue }
            if state == .closed {
                if rule.times.isEmpty {
                    own = []
                    before = before.flatMap { Self.without($0, 0, 1440) }
                } else {
                    for span in spans(of: rule, day, .closed) {
                        own = Self.closing(own, span)
                        before = Self.closing(before, span)
                    }
                }
                continue
            }
            let spans = spans(of: rule, day, state)
            switch rule.separator {
            case .normal: own = spans.reduce([], Self.over)
            case .additional: own = spans.reduce(own, Self.over)
            case .fallback:
                var found: [Segment] = spans
                for taken in own + before { found = found.flatMap { Self.without($0, taken.start, taken.end) } }
                own = found.reduce(own, Self.over)
            }
        }
        return (own, before)
    }

    private func isIn(_ day: Int) -> Bool { selection.context.days?.contains(day) ?? true }

    private func spans(of rule: Rule, _ day: Int, _ state: OpeningHours.State) -> [Segment] {
        if rule.times.isEmpty { return [Segment(start: 0, end: 1440, state: state, comment: rule.comment)] }
        var result: [Segment] = []
        for span in rule.times {
            guard let start = minute(of: span.start, day) else {
                if isDoubtful(span.start) {
                    let end = span.end.map { Self.latest($0, after: span.start.ordinary) } ?? 1440
                    result.append(Segment(start: 0, end: max(1440, end), state: .unknown, comment: rule.comment))
                }
                continue
            }
            guard let end = span.end else {
                // Without an end, how long is not known.
                let end = start < 1440 ? 1440 : 2880
                result.append(Segment(start: start, end: end, state: state == .closed ? .closed : .unknown, comment: rule.comment))
                continue
            }
            guard var end = minute(of: end, day) else {
                if isDoubtful(end) {
                    result.append(Segment(start: start, end: Self.latest(end, after: start), state: .unknown, comment: rule.comment))
                }
                continue
            }
            while end <= start { end += 1440 }
            end = min(end, 2880)
            result.append(Segment(start: start, end: end, state: state, comment: rule.comment))
            if span.mayGoOn, end < 1440, state != .closed {
                result.append(Segment(start: end, end: 1440, state: .unknown, comment: rule.comment))
            }
        }
        // What is sure wins over what is not, in whatever order they are written.
        return result.filter { $0.state != state } + result.filter { $0.state == state }
    }

    /// The latest minute at which it can be: the sun rises before noon, and sets before midnight.
    private static func latest(_ time: TimePoint, after start: Int) -> Int {
        var minute: Int
        switch time {
        case .clock(let given): minute = given
        case .sun(let event, let offset): minute = (event == .dawn || event == .sunrise ? 720 : 1440) + offset
        }
        while minute <= start { minute += 1440 }
        return minute
    }

    private func isDoubtful(_ time: TimePoint) -> Bool {
        if case .sun = time { return selection.context.coordinates == nil }
        return false
    }

    /// nil when the sun does not come that far that day, or nobody knows where. Three hours after sunset may be after midnight: then beyond 1440.
    private func minute(of time: TimePoint, _ day: Int) -> Int? {
        switch time {
        case .clock(let minute): return minute
        case .sun(let event, let offset):
            guard let (latitude, longitude) = selection.context.coordinates,
                let universal = Sun.minutes(of: event, day: day, latitude: latitude, longitude: longitude)
            else { return nil }
            let local = universal + zone.offset(at: day * 86400 + universal * 60) / 60
            let minute = ((local % 1440) + 1440) % 1440 + offset
            return minute < 0 ? minute + 1440 : minute
        }
    }

    // MARK: Segments over and under each other

    /// `list` without what `span` closes, which began `earlier` minutes before; unknown where it is not known when that is.
    private static func closing(_ list: [Segment], _ span: Segment, by earlier: Int = 0) -> [Segment] {
        let (start, end) = (max(0, span.start - earlier), span.end - earlier)
        return list.flatMap { segment -> [Segment] in
            var pieces = without(segment, start, end)
            let (first, last) = (max(segment.start, start), min(segment.end, end))
            if span.state == .unknown, first < last {
                pieces.append(Segment(start: first, end: last, state: .unknown, comment: segment.comment))
            }
            return pieces
        }
    }

    /// `list` with `segment` where it stands: what comes later wins.
    private static func over(_ list: [Segment], _ segment: Segment) -> [Segment] {
        guard segment.start < segment.end else { return list }
        return list.flatMap { without($0, segment.start, segment.end) } + [segment]
    }

    /// `list` with as much of `segment` as it leaves free.
    private static func under(_ list: [Segment], _ segment: Segment) -> [Segment] {
        var rest = [segment]
        for taken in list { rest = rest.flatMap { without($0, taken.start, taken.end) } }
        return list + rest
    }

    private static func without(_ segment: Segment, _ start: Int, _ end: Int) -> [Segment] {
        if end <= segment.start || start >= segment.end { return [segment] }
        var pieces: [Segment] = []
        if segment.start < start {
            var piece = segment
            piece.end = start
            pieces.append(piece)
        }
        if end < segment.end {
            var piece = segment
            piece.start = end
            pieces.append(piece)
        }
        return pieces
    }
}
