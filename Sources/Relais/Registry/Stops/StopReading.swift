import OpeningHours

/// The stops of a place as the API takes them: all of them at once, in order.
public struct StopList: Sendable {
    /// How many stops a place may have.
    public static let most = 200

    /// With the id of a stop that there is already, it is changed; without one, it is new. Those that are not named go.
    public var items: [(id: Stop.ID?, draft: StopDraft)]

    public init(_ items: [(id: Stop.ID?, draft: StopDraft)]) { self.items = items }

    public init(reading json: JSONValue) throws(InvalidInput) {
        let problems = InputProblems()
        var object = InputObject(json, problems: problems)
        _ = object.value("items", required: true)
        var ids: Set<Stop.ID> = []
        items =
            object.objects("items", max: StopList.most) { item -> (id: Stop.ID?, draft: StopDraft)? in
                let id = item.id("id", of: Stop.self)
                if let id, !ids.insert(id).inserted { item.note("id", "duplicate", "An earlier stop has the same id.") }
                return (id, StopDraft(&item))
            } ?? []
        object.finish()
        try problems.throwIfAny()
    }
}

extension StopDraft {
    init(_ object: inout InputObject) {
        name = object.text("name")
        address = object.text("address", max: 300)
        commune = object.text("commune", form: .insee, required: true) ?? ""
        location = PlaceDraft.location(&object)
        hours = object.text("hours", max: 1000, required: true) ?? ""
        validFrom = object.day("valid_from")
        validUntil = object.day("valid_until")
        if let validFrom, let validUntil, validUntil < validFrom {
            object.note("valid_until", "order", "This must not be before valid_from.")
        }
        if hours.isEmpty { return }
        do throws(OpeningHoursError) {
            if try OpeningHours(parsing: hours).followsTheSun, location == nil {
                object.note("hours", "needs_location", "These hours follow the sun: give the stop's location, too.")
            }
        } catch {
            object.note("hours", "opening_hours", "These are no opening hours of OpenStreetMap: \(error).")
        }
    }
}
