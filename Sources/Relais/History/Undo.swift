import Foundation
import Postgres

/// What setting one change back means.
enum Undo: Sendable, Equatable {
    /// The change archived the entry.
    case restore
    /// The change restored it.
    case archive
    /// The change gave members other values: the merge patch that gives them the former ones.
    case patch(JSONValue, onVersion: Int)
}

extension Session where Failure == RegistryError {
    /// What would set back the change that made `version`.
    ///
    /// - Throws: ``RegistryError/unknown`` when no such version is known, ``RegistryError/changedAfterwards(_:)`` with the members that no longer
    ///   hold what the change gave them, and a conflict when the change is the entry's first, was a merge, or touched what is not told by a patch.
    func undo<Entry: Historic>(of version: Int, of id: Entry.ID, as _: Entry.Type) async throws(RegistryError) -> Undo {
        let pair = try await kept(Entry.self, of: id, upTo: version)
        guard let made = pair.first, made.version == version else { throw .unknown }
        guard pair.count == 2, let present = try await kept(Entry.self, of: id, from: version, limit: 1).first else {
            throw .conflict(.firstVersion)
        }
        // It moved what belongs to the other one, too.
        if made.event == "place.merged" || made.event == "place.unmerged" { throw .conflict(.mergesAreUnmerged) }
        // That somebody vouched for the entry is not taken back: only who vouched could.
        let changes = MemberChange.between(pair[1].entry.told, made.entry.told).filter { !$0.member.hasPrefix("confirmed_") }
        let now = present.entry.told
        let changedAfterwards = changes.filter { now[$0.member] ?? .null != $0.after }.map(\.member)
        guard changedAfterwards.isEmpty else { throw .changedAfterwards(changedAfterwards) }
        if changes.isEmpty { throw .conflict(.nothingChanged) }
        if changes.contains(where: { $0.member == "capacity" }) { throw .conflict(.limitsAreAgreedAnew) }
        if let archival = changes.first(where: { $0.member == "archived_at" }) { return archival.before == .null ? .restore : .archive }
        let members = Dictionary(uniqueKeysWithValues: changes.map { ($0.member, $0.before) })
        return .patch(.object(members), onVersion: present.version)
    }
}
