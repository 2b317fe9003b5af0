import Foundation
import Matching
import Postgres

/// What may be written of a request: read alike when it is filed and when it is changed.
public struct RequestDraft: Sendable, Equatable {
    public var askedBy: Request.AskedBy = .individual
    public var objective = ""
    public var objectives: Request.Objectives?
    public var needs: [Request.Need] = []
    public var groupSize: Int?
    public var wishedDates: [Day] = []
    public var commune: Commune.ID?
    public var location: Location?
    public var modes: [Mode] = [.place]
    public var reach = RequestDraft.usualReach
    public var languages: [String] = []
    public var publics: [String] = []
    public var specialCare: [String] = []
    public var freeOnly = false
    public var ageBand: Request.AgeBand?
    public var earliest: Day?
    public var deadline: Day?
    public var times: [Request.Times] = []
    /// Set by staff, with its reason; otherwise it follows from the facts.
    public var priority: Int?
    public var priorityReason: String?
    public var prescriber: Structure.ID?

    /// How far somebody goes who does not say, in metres.
    public static let usualReach = 10_000

    public init() {}

    /// Reads the members of a request that its writer decides. Problems are noted in the input.
    public init(_ input: inout InputObject) {
        askedBy = input.choice("asked_by", of: Request.AskedBy.self) ?? .individual
        objective = input.text("objective", max: 2000, required: true) ?? ""
        if var object = input.object("objectives") {
            objectives = Request.Objectives(
                publics: object.codes("publics", of: Vocabulary.publics.codes) ?? [], messages: object.texts("messages", length: 500) ?? [],
                tools: object.texts("tools") ?? [], leaving: object.texts("leaving") ?? [])
            object.finish()
        }
        needs = Self.needs(&input)
        groupSize = input.integer("group_size", in: 1...10_000)
        wishedDates = input.days("wished_dates", max: 30) ?? []
        commune = input.text("commune", max: 5)
        location = input.location("location")
        modes = input.choices("modes", of: Mode.self) ?? [.place]
        reach = input.integer("reach_m", in: 0...500_000) ?? Self.usualReach
        languages = input.languages("languages") ?? []
        publics = input.codes("publics", of: Vocabulary.publics.codes) ?? []
        specialCare = input.codes("special_care", of: Vocabulary.specialCare.codes) ?? []
        freeOnly = input.flag("free_only") ?? false
        ageBand = input.choice("age_band", of: Request.AgeBand.self)
        earliest = input.day("earliest")
        deadline = input.day("deadline")
        if let earliest, let deadline, deadline < earliest {
            input.note("deadline", "range", "The deadline must not be before the earliest day.")
        }
        times = input.objects("times", max: 21) { Self.times(&$0) } ?? []
        priority = input.integer("priority", in: 1...3)
        priorityReason = input.text("priority_reason", max: 500)
        prescriber = input.id("prescriber", of: Structure.self)
        if modes.isEmpty { input.note("modes", "required", "At least one mode is required.") }
        if askedBy == .individual, objectives != nil || groupSize != nil {
            input.note("objectives", "not_here", "Objectives and a group are for structures and local authorities.")
        }
        if askedBy != .individual, objectives == nil {
            input.note(
                "objectives", "required",
                "A structure or local authority says first which publics and which messages, then with which tools.")
        }
    }

    private static func needs(_ input: inout InputObject) -> [Request.Need] {
        var seen: Set<String> = []
        return input.objects("needs", max: 20) { object in
            let skill = object.text("skill", max: 80, required: true)
            let level = object.integer("level", in: 1...3) ?? 1
            guard let skill else { return nil }
            guard seen.insert(skill).inserted else {
                object.note("skill", "duplicate", "This skill is asked for twice.")
                return nil
            }
            return Request.Need(skill, level: level)
        } ?? []
    }

    private static func times(_ object: inout InputObject) -> Request.Times? {
        let weekdays = object.codes("weekdays", of: ["mo", "tu", "we", "th", "fr", "sa", "su"]) ?? []
        let start = object.text("start", form: .timeOfDay, required: true) ?? ""
        let end = object.text("end", form: .timeOfDay, required: true) ?? ""
        if weekdays.isEmpty { object.note("weekdays", "required", "At least one weekday is required: mo, tu, we, th, fr, sa or su.") }
        if !start.isEmpty, !end.isEmpty, end <= start { object.note("end", "range", "The end must be after the start.") }
        return Request.Times(weekdays: weekdays, start: start, end: end)
    }

    /// Whether the request can be proposed without staff looking at it first: what, where and whom to tell are known.
    func isComplete(person: Person?) -> Bool {
        let placed = commune != nil || location != nil || modes == [.remote]
        let answerable = prescriber != nil || (person?.canBeReached ?? false)
        return !needs.isEmpty && placed && answerable
    }

    /// The default priority (`domain.md`): 3 within 7 days of the deadline, 2 within 21 days of it or after two refusals, else 1.
    static func priority(deadline: Day?, today: Day, refusals: Int) -> Int {
        if let deadline {
            let days = deadline.number - today.number
            if days <= 7 { return 3 }
            if days <= 21 { return 2 }
        }
        return refusals >= 2 ? 2 : 1
    }

    /// The next day on which the deadline comes so near that ``priority(deadline:today:refusals:)`` may rise; `nil`: there is none.
    static func nextRise(deadline: Day?, after today: Day) -> Day? {
        guard let deadline else { return nil }
        return [21, 7].map { Day(number: deadline.number - $0) }.first { $0 > today }
    }
}

extension InputObject {
    /// `{latitude, longitude}`, both or neither.
    public mutating func location(_ name: String) -> Location? {
        guard var object = object(name) else { return nil }
        let latitude = object.number("latitude", in: -90...90, required: true)
        let longitude = object.number("longitude", in: -180...180, required: true)
        object.finish()
        guard let latitude, let longitude else { return nil }
        let location = Location(latitude: latitude, longitude: longitude)
        if let mistake = location.mistake { note(name, mistake.code, mistake.message) }
        return location
    }

    /// Languages by ISO 639-1: `fr`, `ar`.
    public mutating func languages(_ name: String) -> [String]? {
        guard let texts = placed(name, max: 20, length: 10) else { return nil }
        for (index, text) in texts where !Form.language.matches(text) {
            note("\(name)/\(index)", "format", "This must be a language by its two letters (ISO 639-1), as in fr.")
        }
        return texts.map(\.text)
    }

    /// Dates that exist, without doubles.
    public mutating func days(_ name: String, max: Int) -> [Day]? {
        guard let texts = placed(name, max: max, length: 20) else { return nil }
        return texts.compactMap { index, text in
            let day = Day(text)
            if day == nil { note("\(name)/\(index)", "format", "This must be a date that exists, as in 2026-03-07.") }
            return day
        }
    }
}
