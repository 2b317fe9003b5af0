import Matching
import OpeningHours
import Postgres

extension PlaceDraft {
    /// Reads a place as the API takes it.
    ///
    /// - Parameter was: What the entry says so far, or said once. A value that it has already (from a file, say) is not asked again to keep the rule.
    public init(reading json: JSONValue, was: PlaceDraft? = nil) throws(InvalidInput) {
        let problems = InputProblems()
        self.init(json, was: was, problems: problems)
        try problems.throwIfAny()
    }

    /// Reads what can be read and notes the rest: what is wrong is left out, but for ``pivot`` and ``openingHours``, which
    /// stay as they were written.
    init(_ json: JSONValue, was: PlaceDraft? = nil, problems: InputProblems) {
        var object = InputObject(json, problems: problems)
        name = object.text("name", required: true) ?? ""
        address = object.text("address", max: 300, required: true) ?? ""
        postcode = object.text("postcode", form: .postcode, required: true) ?? ""
        communeName = object.text("commune_name", max: 100, required: true) ?? ""
        commune = object.text("commune", form: .insee)
        structure = object.id("structure", of: Structure.self)
        pivot = object.text("pivot", max: 50)
        if let pivot, pivot != was?.pivot { Self.check(pivot: pivot, of: object) }
        addressExtra = object.text("address_extra", max: 300)
        location = Self.location(&object)
        let typologyCodes = was.map { Vocabulary.typologies.codes + $0.typologies } ?? Vocabulary.typologies.codes
        typologies = object.codes("typologies", of: typologyCodes) ?? []
        phone = object.text("phone", form: .phone)
        emails = object.texts("emails", form: .email) ?? []
        websites = object.texts("websites", form: .url) ?? []
        openingHours = object.text("opening_hours", max: 1000)
        if let openingHours, openingHours != was?.openingHours { Self.check(openingHours: openingHours, of: object) }
        summary = object.text("summary", max: 280)
        description = object.text("description", max: 10_000)
        itinerance = object.codes("itinerance", of: Vocabulary.itinerance.codes) ?? []
        parentStructure = object.text("parent_structure", max: 300)
        services = object.codes("services", of: Vocabulary.services.codes) ?? []
        publics = object.codes("publics", of: Vocabulary.publics.codes) ?? []
        specialCare = object.codes("special_care", of: Vocabulary.specialCare.codes) ?? []
        fees = object.codes("fees", of: Vocabulary.fees.codes) ?? []
        programmes = object.codes("programmes", of: Vocabulary.programmes.codes) ?? []
        labels = object.codes("labels", of: Vocabulary.labels.codes) ?? []
        otherLabels = object.texts("other_labels") ?? []
        accessModes = object.codes("access_modes", of: Vocabulary.accessModes.codes) ?? []
        supportModes = object.codes("support_modes", of: Vocabulary.supportModes.codes) ?? []
        accessibilityURL = object.text("accessibility_url", form: .url)
        bookingURL = object.text("booking_url", form: .url)
        zone = Zone(&object)
        updatedOn = object.day("updated_on")
        source = object.text("source")
        sourceID = object.text("source_id")
        object.finish()
    }

    /// The draft with those `former` values, as the history tells them, that imports keep although they break a rule.
    func having(former: JSONValue) -> PlaceDraft {
        guard case .object(let members) = former else { return self }
        var draft = self
        if case .string(let text)? = members["opening_hours"] { draft.openingHours = text }
        if case .string(let text)? = members["pivot"] { draft.pivot = text }
        if case .array(let codes)? = members["typologies"] {
            for case .string(let code) in codes { draft.typologies.append(code) }
        }
        return draft
    }

    /// A SIRET has a check digit; RNA and RIDET have none. The placeholder of zeros is no mistake: it says "unknown".
    private static func check(pivot: String, of object: borrowing InputObject) {
        if !Form.pivot.matches(pivot) {
            object.note("pivot", "format", "This must be \(Form.pivot.words).")
        } else if Form.siret.matches(pivot), pivot != Siret.placeholder, !Siret.isValid(pivot) {
            object.note("pivot", "checksum", "The check digit of this SIRET is wrong.")
        }
    }

    private static func check(openingHours: String, of object: borrowing InputObject) {
        if KnownHours.shared.hours(openingHours) != nil { return }
        do throws(OpeningHoursError) { _ = try OpeningHours(parsing: openingHours) } catch {
            object.note("opening_hours", "opening_hours", "These are no opening hours of OpenStreetMap: \(error).")
        }
    }

    static func location(_ object: inout InputObject) -> Location? {
        guard var point = object.object("location") else { return nil }
        let latitude = point.number("latitude", in: -90...90, required: true)
        let longitude = point.number("longitude", in: -180...180, required: true)
        point.finish()
        guard let latitude, let longitude else { return nil }
        let location = Location(latitude: latitude, longitude: longitude)
        guard let mistake = location.mistake else { return location }
        object.note("location", mistake.code, mistake.message)
        return nil
    }
}
