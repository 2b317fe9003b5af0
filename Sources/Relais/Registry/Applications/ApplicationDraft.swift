/// What a structure that applies sends: itself, its places, and who speaks for it.
public struct ApplicationDraft: Sendable, Equatable {
    public static let mostPlaces = 20

    let structure: StructureDraft
    let places: [PlaceDraft]
    let contact: Application.Contact
    /// Whether who applies has consented to the use of the contact.
    let consents: Bool
    /// As they were sent.
    let sentStructure: JSONValue
    let sentPlaces: [JSONValue]

    /// Reads the body of an application; everything that is wrong is told at once, with pointers into the body.
    ///
    /// - Parameter needsConsent: Whether the body must say that who applies consents.
    public init(reading json: JSONValue, needsConsent: Bool) throws(InvalidInput) {
        let problems = InputProblems()
        var object = InputObject(json, problems: problems)
        consents = object.consent(isRequired: needsConsent)
        var contact = Application.Contact(name: "", email: "", phone: nil)
        if var person = object.object("contact", required: true) {
            contact = Application.Contact(
                name: person.text("name", required: true) ?? "", email: person.text("email", form: .email, required: true) ?? "",
                phone: person.text("phone", form: .spokenPhone))
            person.finish()
        }
        sentStructure = object.value("structure", required: true) ?? .null
        let places = object.value("places") ?? .array([])
        object.finish()
        var structure = StructureDraft(name: "")
        if sentStructure != .null {
            do throws(InvalidInput) { structure = try StructureDraft(reading: sentStructure) } catch {
                problems.note(error, under: "/structure")
            }
            if structure.parent != nil { problems.note("/structure/parent", "forbidden", "Staff says what a structure stands under.") }
        }
        var drafts: [PlaceDraft] = []
        if case .array(let items) = places, items.count <= Self.mostPlaces {
            sentPlaces = items
            for (index, item) in items.enumerated() {
                do throws(InvalidInput) {
                    let draft = try PlaceDraft(reading: item)
                    if draft.structure != nil {
                        problems.note("/places/\(index)/structure", "forbidden", "The places will be those of the structure that applies.")
                    }
                    if draft.source != nil || draft.sourceID != nil {
                        problems.note("/places/\(index)/source", "forbidden", "What a source calls a place is for imports to say.")
                    }
                    drafts.append(draft)
                } catch { problems.note(error, under: "/places/\(index)") }
            }
        } else {
            sentPlaces = []
            problems.note("/places", "length", "This must be an array of at most \(Self.mostPlaces) places.")
        }
        try problems.throwIfAny()
        self.structure = structure
        self.places = drafts
        self.contact = contact
    }
}

extension InputProblems {
    /// Notes the problems of a part of the input.
    fileprivate func note(_ error: InvalidInput, under pointer: String) {
        for problem in error.problems { note(pointer + problem.pointer, problem.code, problem.message) }
    }
}
