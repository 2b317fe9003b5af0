extension StructureDraft {
    /// Reads a structure as the API takes it.
    ///
    /// - Parameter was: What the entry says so far. A value that it has already is not asked again to keep a rule that is younger than it.
    public init(reading json: JSONValue, was: StructureDraft? = nil) throws(InvalidInput) {
        let problems = InputProblems()
        var object = InputObject(json, problems: problems)
        name = object.text("name", required: true) ?? ""
        siret = object.text("siret", form: .siret)?.withoutSpaces
        let rna = object.text("rna", form: .rna)
        self.rna = rna == was?.rna ? rna : rna?.withoutSpaces.uppercased()
        typologies = object.codes("typologies", of: Vocabulary.typologies.codes + (was?.typologies ?? [])) ?? []
        networks = object.texts("networks", max: 20, length: 100) ?? []
        parent = object.id("parent", of: Structure.self)
        phone = object.text("phone", form: .phone)
        email = object.text("email", form: .email)
        website = object.text("website", form: .url)
        contacts = object.objects("contacts", max: Contact.most) { Contact(&$0) } ?? []
        if let siret, siret != was?.siret {
            if siret == Siret.placeholder {
                object.note("siret", "placeholder", "Fourteen zeros stand for an unknown SIRET: leave it out.")
            } else if !Siret.isValid(siret) {
                object.note("siret", "checksum", "The check digit of this SIRET is wrong.")
            }
        }
        object.finish()
        try problems.throwIfAny()
    }
}

extension SkillDraft {
    public init(reading json: JSONValue) throws(InvalidInput) {
        let problems = InputProblems()
        var object = InputObject(json, problems: problems)
        self.init(&object)
        object.finish()
        try problems.throwIfAny()
    }

    init(_ object: inout InputObject) {
        name = object.text("name", required: true) ?? ""
        parent = object.text("parent", form: .skill)
    }
}

extension Skill {
    /// Reads a new skill, which names its own code as `id`.
    public static func read(_ json: JSONValue) throws(InvalidInput) -> (Skill.ID, SkillDraft) {
        let problems = InputProblems()
        var object = InputObject(json, problems: problems)
        let id = object.text("id", form: .skill, required: true) ?? ""
        if id.utf8.count > 80 { object.note("id", "length", "This must have from 1 to 80 characters, and has \(id.utf8.count).") }
        let draft = SkillDraft(&object)
        object.finish()
        try problems.throwIfAny()
        return (id, draft)
    }
}
