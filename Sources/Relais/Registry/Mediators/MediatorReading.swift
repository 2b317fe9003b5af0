import Matching

extension MediatorDraft {
    /// Reads a mediator as the API takes it.
    public init(reading json: JSONValue) throws(InvalidInput) {
        let problems = InputProblems()
        var object = InputObject(json, problems: problems)
        let structure = object.id("structure", of: Structure.self, required: true)
        name = object.text("name", required: true) ?? ""
        presentation = object.text("presentation", max: 2000)
        email = object.text("email", form: .email)
        phone = object.text("phone", form: .phone)
        places = object.ids("places", of: Place.self) ?? []
        skills = Self.skills(&object)
        modes = object.choices("modes", of: Mode.self) ?? []
        languages = object.texts("languages", form: .language) ?? ["fr"]
        travelRadius = object.integer("travel_radius_m", in: 0...500_000) ?? 0
        paused = object.flag("paused") ?? false
        zone = Zone(&object)
        object.finish()
        try problems.throwIfAny()
        // Without one, a problem was noted and thrown.
        guard let structure else { throw InvalidInput("/structure", "required", "This member is required.") }
        self.structure = structure
    }

    private static func skills(_ object: inout InputObject) -> [Mediator.Skilled] {
        var seen: Set<Skill.ID> = []
        let skills = object.objects("skills", max: 100) { item -> Mediator.Skilled? in
            let skill = item.text("skill", form: .skill, required: true)
            let level = item.integer("level", in: 1...3, required: true)
            guard let skill, let level else { return nil }
            guard seen.insert(skill).inserted else {
                item.note("skill", "duplicate", "This skill is there already: each is held at one level.")
                return nil
            }
            return Mediator.Skilled(skill, level: level)
        }
        return skills ?? []
    }
}
