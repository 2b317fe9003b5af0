extension InputObject {
    /// Whether whom the input speaks of has consented to its use; when is kept beside who they are.
    ///
    /// - Parameter isRequired: Nobody else answers for whoever sends it. With a token it may be left out, as not known yet. A refusal is never taken:
    ///   nothing is kept of somebody who does not want it.
    public mutating func consent(isRequired: Bool) -> Bool {
        let consent = flag("consent")
        if consent == false || isRequired && consent == nil {
            note("consent", "required", "Consent to the use of what is written here is required: true, once it was given.")
        }
        return consent == true
    }
}
