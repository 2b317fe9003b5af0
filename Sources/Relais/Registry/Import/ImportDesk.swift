import Postgres

/// Where imports and their undoing are asked for, to be carried out by a job: they take longer than who asks waits for an answer.
public struct ImportDesk: Sendable {
    let generators: Generators

    public init(_ generators: Generators) { self.generators = generators }

    /// Takes an import whose file has come in (``SentFile``) under its id.
    public func ask(
        _ id: FileImport.ID, _ options: PlaceImport.Options, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> FileImport {
        guard caller.may(.importPlaces, of: nil) else { throw .forbidden(member: nil) }
        let now = generators.now()
        try await tx.enqueue(.bring(id, at: now), at: now)
        return try await tx.insert(id, options, by: caller, at: now)
    }

    /// Has an import undone that is done, or failed on its way.
    ///
    /// - Throws: ``RegistryError/unknown``; a conflict when it cannot be undone, or a later import changed the same places.
    public func undo(_ id: FileImport.ID, by caller: Caller, in tx: Session<RegistryError>) async throws(RegistryError) -> FileImport {
        guard caller.may(.importPlaces, of: nil) else { throw .forbidden(member: nil) }
        let now = generators.now()
        try await tx.checkUndoable(id, if: [.done, .failed, .undoing])
        try await tx.enqueue(.undo(id, at: now), at: now)
        guard let asked = try await tx.askUndoing(of: id, by: caller) else { throw .unknown }
        return asked
    }
}
