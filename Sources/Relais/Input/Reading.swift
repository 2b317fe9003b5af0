extension JSONValue {
    /// Reads this value as one object, and tells everything that is wrong with it at once.
    ///
    /// ```swift
    /// let draft = try value.read { object in
    ///     let name = object.text("name", required: true)
    ///     let role = object.choice("role", of: Caller.Role.self, required: true)
    ///     guard let name, let role else { return nil }      // each of them has been noted
    ///     return Draft(name: name, role: role)
    /// }
    /// ```
    /// Members that `read` did not ask for are noted too.
    public func read<Value>(_ read: (inout InputObject) -> Value?) throws(InvalidInput) -> Value {
        let (value, noted) = reading(read)
        try InputProblems(noted).throwIfAny()
        guard let value else { throw InvalidInput("", "invalid", "This cannot be read.") }
        return value
    }

    /// The same, with what is wrong given back: for input of which more is wrong than can be seen without the database, so that all is told at once.
    public func reading<Value>(_ read: (inout InputObject) -> Value) -> (Value, noted: [InvalidInput.Problem]) {
        let problems = InputProblems()
        var object = InputObject(self, problems: problems)
        let value = read(&object)
        object.finish()
        return (value, problems.list)
    }

    /// What a merge patch (RFC 7396) makes of this representation, ready to be read as if it were being created.
    ///
    /// The members in `readOnly` (id, version, dates that the program keeps…) are taken away; a patch may repeat their present value, and is refused
    /// when it gives them another.
    public func patched(by patch: JSONValue, readOnly: Set<String>) throws(InvalidInput) -> JSONValue {
        guard case .object(let changes) = patch else {
            throw InvalidInput("", "type", "A merge patch must be an object, and is \(patch.kind).")
        }
        guard case .object(let members) = self else { return patch }
        let problems = InputProblems()
        for name in readOnly.sorted() {
            guard let change = changes[name], change != (members[name] ?? .null) else { continue }
            problems.note("/\(name)", "read_only", "This member cannot be changed.")
        }
        try problems.throwIfAny()
        guard case .object(let merged) = merging(patch) else { return patch }
        return .object(merged.filter { !readOnly.contains($0.key) })
    }
}
