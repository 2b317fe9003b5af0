import Foundation
import Matching

/// A mediator as a row of CSV: a column for each member that the API shows, by its name there and in its order, with bars between several values.
///
/// A skill has its level after a colon (`usage-securise:2`), a territory of the zone its kind before one (`commune:42218`, `everywhere`).
public struct MediatorRecord: Sendable {
    public static let columns = table.map(\.column)

    /// The values of ``columns``, one for each; empty where there is none.
    public let values: [String]

    public init(_ mediator: Mediator) { values = Self.table.map { $0.value(mediator) } }

    private static let table: [(column: String, value: @Sendable (Mediator) -> String)] = [
        ("id", { $0.id.description }),
        ("structure", { $0.structure.description }),
        ("name", { $0.name }),
        ("presentation", { $0.presentation ?? "" }),
        ("email", { $0.email ?? "" }),
        ("phone", { $0.phone ?? "" }),
        ("places", { joined($0.places.map(\.description)) }),
        ("skills", { joined($0.skills.map { "\($0.skill):\($0.level)" }) }),
        ("modes", { joined($0.modes.map(\.rawValue)) }),
        ("languages", { joined($0.languages) }),
        ("travel_radius_m", { "\($0.travelRadius)" }),
        ("paused", { "\($0.paused)" }),
        ("zone", { joined($0.zone?.territories ?? []) }),
        ("capacity_agreed_open", { number($0.capacity.agreedOpen) }),
        ("capacity_agreed_weekly", { number($0.capacity.agreedWeekly) }),
        ("capacity_declared_open", { number($0.capacity.declaredOpen) }),
        ("capacity_declared_weekly", { number($0.capacity.declaredWeekly) }),
        ("capacity_stated_at", { instant($0.capacity.statedAt) }),
        ("capacity_stated_by", { $0.capacity.statedBy?.description ?? "" }),
        ("capacity_valid_until", { instant($0.capacity.validUntil) }),
        ("capacity_held", { "\($0.capacity.held)" }),
        ("capacity_proposed_this_week", { "\($0.capacity.proposedThisWeek)" }),
        ("capacity_left", { number($0.capacity.left) }),
        ("created_at", { instant($0.record.createdAt) }),
        ("updated_at", { instant($0.record.updatedAt) }),
        ("archived_at", { instant($0.record.archivedAt) }),
        ("confirmed_at", { instant($0.standing.confirmedAt) }),
        ("confirmed_by", { $0.standing.confirmedBy?.description ?? "" }),
        ("confirmed_as", { $0.standing.confirmedAs?.rawValue ?? "" }),
        ("stale_from", { instant($0.standing.staleFrom) }),
        ("quality", { "\($0.standing.quality)" }),
    ]

    private static func joined(_ values: [String]) -> String { values.joined(separator: "|") }
    private static func number(_ value: Int?) -> String { value.map { "\($0)" } ?? "" }
    private static func instant(_ value: Date?) -> String { value?.rfc3339 ?? "" }
}
