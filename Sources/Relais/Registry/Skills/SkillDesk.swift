import Foundation
import Postgres

/// Keeps the tree of skills.
public struct SkillDesk: HistoryDesk {
    public typealias Past = Skill

    private let generators: Generators

    public init(_ generators: Generators) { self.generators = generators }

    public func create(
        _ id: Skill.ID, _ draft: SkillDraft, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Skill {
        guard caller.may(.writeSkills, of: nil) else { throw .forbidden(member: nil) }
        let now = generators.now()
        try await tx.checkParent(draft.parent)
        let skill = try await tx.insert(draft, as: id, at: now)
        try await tx.publish(Event("skill.created", id), by: caller, at: now)
        return skill
    }

    public func change(
        _ id: Skill.ID, by patch: JSONValue, if precondition: Precondition, undoing undone: Int?, by caller: Caller,
        in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Skill {
        guard let current = try await tx.skill(id) else { throw .unknown }
        guard caller.may(.writeSkills, of: nil) else { throw .forbidden(member: nil) }
        let draft = try invalidAsRegistryError { () throws(InvalidInput) in
            try SkillDraft(reading: try Change.merging(patch, into: current.details))
        }
        try await tx.check(precondition, of: id, current.record, as: Past.self)
        let members = Change.members(from: current.details, to: draft)
        if members.isEmpty { return current }
        let now = generators.now()
        if draft.parent != nil, Vocabulary.services.codes.contains(id) {
            throw .invalid(InvalidInput("/parent", "national", "The nine national services stand at the top of the tree."))
        }
        try await tx.checkParent(draft.parent)
        guard let changed = try await tx.update(current, to: draft, at: now) else {
            throw try await tx.overtaken(.versions([current.version]), of: id, as: Past.self)
        }
        try await tx.publish(Event("skill.changed", id, .changed(members, undoing: undone)), by: caller, at: now)
        return changed
    }

    /// Takes the skill out of the lists, when nobody holds or offers it.
    public func archive(
        _ id: Skill.ID, if precondition: Precondition, undoing undone: Int?, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) {
        guard let current = try await tx.lockedSkill(id) else { throw .unknown }
        guard caller.may(.writeSkills, of: nil) else { throw .forbidden(member: nil) }
        if current.record.archivedAt != nil { return }
        try await tx.check(precondition, of: id, current.record, as: Past.self)
        guard try await !tx.isInUse(id) else { throw .conflict(.skillInUse) }
        let now = generators.now()
        guard
            try await tx.archive(
                "skills", where: "code = \(id)", if: precondition, version: current.version, of: id, as: Past.self, at: now)
        else { return }
        try await tx.publish(Event("skill.archived", id, .undoing(undone)), by: caller, at: now)
    }

    public func writable(_ id: Skill.ID, by caller: Caller, in tx: Session<RegistryError>) async throws(RegistryError) -> Skill {
        guard let current = try await tx.skill(id) else { throw .unknown }
        guard caller.may(.writeSkills, of: nil) else { throw .forbidden(member: nil) }
        return current
    }

    public func restore(
        _ id: Skill.ID, if precondition: Precondition, undoing undone: Int?, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Skill {
        let current = try await writable(id, by: caller, in: tx)
        try await tx.checkArchived(precondition, of: id, current.record, as: Past.self)
        try await orBelongsToArchived { () throws(RegistryError) in try await tx.checkParent(current.parent) }
        let now = generators.now()
        try await tx.restore("skills", where: "code = \(id)", at: now)
        try await tx.publish(Event("skill.restored", id, .undoing(undone)), by: caller, at: now)
        return try await writable(id, by: caller, in: tx)
    }
}
