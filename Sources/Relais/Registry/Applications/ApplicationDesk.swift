import Foundation
import Postgres

/// Where structures apply to be in the registry, and staff decides. Each use case works in the transaction that it is given.
public struct ApplicationDesk: Sendable {
    let generators: Generators
    let keyring: Keyring

    public init(generators: Generators, keyring: Keyring) {
        self.generators = generators
        self.keyring = keyring
    }

    /// What who applied gets: a short code to read over the telephone, and the secret of the link to follow it.
    public struct Filed: Sendable {
        public let id: Application.ID
        public let code: String
        public let secret: String
    }

    /// Takes an application. What may be there already is not told: that is for staff.
    public func file(_ draft: ApplicationDraft, by caller: Caller, in tx: Session<RegistryError>) async throws(RegistryError) -> Filed {
        guard caller.reach(for: .apply) != nil else { throw .forbidden(member: nil) }
        let now = generators.now()
        let filed = application(Application.ID(generators.newID()))
        try await tx.check(zonesOf: draft)
        let communes = try await tx.communes(of: draft)
        try await tx.insert(
            draft, as: filed.id, communes: communes, hashes: (Keyring.hash(filed.secret), keyring.fingerprint(ofCode: filed.code)), at: now)
        try await tx.publish(Event("application.submitted", filed.id), by: caller, at: now)
        return filed
    }

    /// Sends it again, changed as staff asked.
    public func resubmit(
        _ draft: ApplicationDraft, link secret: String, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> FollowedApplication {
        guard let current = try await tx.application(link: secret) else { throw .unknown }
        let now = generators.now()
        try await tx.check(zonesOf: draft)
        let communes = try await tx.communes(of: draft)
        let application = try await tx.move(
            current.id, from: [.changesAsked, .submitted], to: .submitted,
            set: """
                , structure = \(JSON(draft.sentStructure)), places = \(JSON(draft.sentPlaces)), contact = \(JSON(draft.contact)),
                consented_at = coalesce(\(draft.consents ? now : nil), consented_at),
                siret = \(draft.structure.siret), names = \(draft.names), communes = \(communes)
                """, at: now)
        try await tx.publish(Event("application.resubmitted", current.id), by: caller, at: now)
        return FollowedApplication(application: application, token: nil)
    }

    /// The application, locked, for what staff decides of it: as staff has seen it, for who applies may have sent it again meanwhile.
    private func seen(
        _ id: Application.ID, _ precondition: Precondition, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Application {
        guard caller.reach(for: .supervise) != nil else { throw .forbidden(member: nil) }
        guard let current = try await tx.lockedApplication(id) else { throw .unknown }
        guard precondition.holds(for: current.version) else { throw .changedSince }
        return current
    }

    /// Staff asks for changes, and says which.
    public func askChanges(
        _ id: Application.ID, reason: String, if precondition: Precondition = .any, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Application {
        _ = try await seen(id, precondition, by: caller, in: tx)
        let now = generators.now()
        let application = try await tx.move(id, from: [.submitted], to: .changesAsked, set: ", reason = \(reason)", at: now)
        try await tx.publish(Event("application.changes_asked", id), by: caller, at: now)
        return application
    }

    /// Staff refuses, and says why.
    public func refuse(
        _ id: Application.ID, reason: String, if precondition: Precondition = .any, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Application {
        _ = try await seen(id, precondition, by: caller, in: tx)
        let now = generators.now()
        let application = try await tx.move(
            id, from: [.submitted, .changesAsked], to: .refused, set: ", reason = \(reason), decided_at = \(now)", at: now)
        try await tx.publish(Event("application.refused", id), by: caller, at: now)
        return application
    }

    /// Staff lets the structure in: it, its places and the token of its manager are made together, or none of them.
    ///
    /// - Parameters:
    ///   - existing: The structure that the application speaks of is in the registry already: it stays as it is, and its manager gets the token.
    ///   - withPlaces: Whether its places are made.
    public func validate(
        _ id: Application.ID, as existing: Structure.ID?, withPlaces: Bool, if precondition: Precondition = .any, by caller: Caller,
        in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Application {
        let current = try await seen(id, precondition, by: caller, in: tx)
        guard current.status == .submitted else { throw .conflict(.applicationElsewhere) }
        let now = generators.now()
        let structure: Structure.ID
        if let existing {
            try await tx.check(structure: existing, at: "/structure")
            structure = existing
        } else {
            let draft = try invalidAsRegistryError { () throws(InvalidInput) in try StructureDraft(reading: current.structure) }
            structure = try await StructureDesk(generators).create(draft, by: caller, in: tx).id
        }
        if withPlaces {
            for place in current.places {
                var draft = try invalidAsRegistryError { () throws(InvalidInput) in try PlaceDraft(reading: place) }
                draft.structure = structure
                // Staff has seen what may be there already.
                _ = try await PlaceDesk(generators).create(draft, allowingDuplicates: true, by: caller, in: tx)
            }
        }
        let token = Token.ID(generators.newID())
        let draft = try invalidAsRegistryError { () throws(InvalidInput) in
            try TokenDraft(name: current.contact.name, role: .manager, structure: structure)
        }
        _ = try await tx.insert(draft, as: token, hash: keyring.tokenSecret(token).hash, at: now)
        try await tx.publish(Event("token.issued", token, ["role": "manager"]), by: caller, at: now)
        let application = try await tx.move(
            id, from: [.submitted], to: .validated,
            set: ", reason = NULL, decided_at = \(now), structure_id = \(structure), token_id = \(token)", at: now)
        try await tx.publish(Event("application.validated", id, ["structure": .id(structure)]), by: caller, at: now)
        return application
    }

    /// What the holder of the secret link may know.
    public func followed(_ secret: String, in tx: Session<RegistryError>) async throws(RegistryError) -> FollowedApplication {
        guard let application = try await tx.application(link: secret) else { throw .unknown }
        guard let token = application.token else { return FollowedApplication(application: application, token: nil) }
        // Once it has been used, its holder has it; and one that other keys made cannot be told again.
        let derived = keyring.tokenSecret(token)
        let isNew = try await tx.exists(
            "SELECT FROM tokens WHERE id = \(token) AND hash = \(derived.hash) AND last_used_at IS NULL AND revoked_at IS NULL")
        return FollowedApplication(application: application, token: isNew ? derived.text : nil)
    }

    private func application(_ id: Application.ID) -> Filed {
        Filed(id: id, code: keyring.applicationCode(id), secret: keyring.applicationSecret(id))
    }
}
