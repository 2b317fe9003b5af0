import Foundation
import Postgres

/// Keeps the tree of skills.
public struct SkillDesk: Sendable {
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
        _ id: Skill.ID, by patch: JSONValue, if precondition: Precondition, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Skill {
        guard let current = try await tx.skill(id) else { throw .unknown }
        guard caller.may(.writeSkills, of: nil) else { throw .forbidden(member: nil) }
        let draft = try invalidAsRegistryError { () throws(InvalidInput) in
            try SkillDraft(reading: try Change.merging(patch, into: current.details))
        }
        try current.record.check(precondition)
        let members = Change.members(from: current.details, to: draft)
        if members.isEmpty { return current }
        let now = generators.now()
        try await tx.checkParent(draft.parent)
        guard let changed = try await tx.update(current, to: draft, at: now) else { throw .changedSince }
        try await tx.publish(Event("skill.changed", id, ["changed": .codes(members)]), by: caller, at: now)
        return changed
    }

    /// Takes the skill out of the lists, when nobody holds or offers it.
    public func archive(_ id: Skill.ID, by caller: Caller, in tx: Session<RegistryError>) async throws(RegistryError) {
        guard let current = try await tx.lockedSkill(id) else { throw .unknown }
        guard caller.may(.writeSkills, of: nil) else { throw .forbidden(member: nil) }
        if current.record.archivedAt != nil { return }
        guard try await !tx.isInUse(id) else { throw .conflict(.skillInUse) }
        let now = generators.now()
        try await tx.archive("skills", where: "code = \(id)", at: now)
        try await tx.publish(Event("skill.archived", id), by: caller, at: now)
    }
}
