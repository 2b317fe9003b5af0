import Matching
import Postgres

/// A member of a place that a file may tell of: how two drafts are compared in it, and how one takes it from the other.
///
/// The structure is not among them, for files name none, nor are source and id there, by which a record is known.
struct PlaceMember: Sendable {
    let name: String
    /// Those of the table that hold it.
    let columns: [String]
    let isSame: @Sendable (PlaceDraft, PlaceDraft) -> Bool
    let take: @Sendable (PlaceDraft, inout PlaceDraft) -> Void
    /// For people; `nil` for nothing.
    let words: @Sendable (PlaceDraft) -> String?

    private init<Value: Equatable & SendableMetatype>(
        _ name: String, columns: [String]? = nil, _ path: any WritableKeyPath<PlaceDraft, Value> & Sendable,
        _ words: @escaping @Sendable (Value) -> String?
    ) {
        self.name = name
        self.columns = columns ?? [name]
        isSame = { $0[keyPath: path] == $1[keyPath: path] }
        take = { $1[keyPath: path] = $0[keyPath: path] }
        self.words = { words($0[keyPath: path]) }
    }

    private init(_ name: String, _ path: any WritableKeyPath<PlaceDraft, String> & Sendable) { self.init(name, path) { $0 } }
    private init(_ name: String, _ path: any WritableKeyPath<PlaceDraft, String?> & Sendable) { self.init(name, path) { $0 } }
    private init(_ name: String, _ path: any WritableKeyPath<PlaceDraft, [String]> & Sendable) {
        self.init(name, path) { $0.isEmpty ? nil : $0.joined(separator: " | ") }
    }

    static let all: [PlaceMember] = [
        PlaceMember("name", \.name), PlaceMember("pivot", \.pivot), PlaceMember("address", \.address),
        PlaceMember("address_extra", \.addressExtra), PlaceMember("postcode", \.postcode), PlaceMember("commune_name", \.communeName),
        PlaceMember("commune", \.commune),
        PlaceMember("location", columns: ["latitude", "longitude"], \.location) { $0.map { "\($0.latitude), \($0.longitude)" } },
        PlaceMember("typologies", \.typologies), PlaceMember("phone", \.phone), PlaceMember("emails", \.emails),
        PlaceMember("websites", \.websites), PlaceMember("opening_hours", \.openingHours), PlaceMember("summary", \.summary),
        PlaceMember("description", \.description), PlaceMember("itinerance", \.itinerance),
        PlaceMember("parent_structure", \.parentStructure), PlaceMember("services", \.services), PlaceMember("publics", \.publics),
        PlaceMember("special_care", \.specialCare), PlaceMember("fees", \.fees), PlaceMember("programmes", \.programmes),
        PlaceMember("labels", \.labels), PlaceMember("other_labels", \.otherLabels), PlaceMember("access_modes", \.accessModes),
        PlaceMember("support_modes", \.supportModes), PlaceMember("accessibility_url", \.accessibilityURL),
        PlaceMember("booking_url", \.bookingURL), PlaceMember("updated_on", \.updatedOn) { $0.map { "\($0)" } },
    ]
}

/// What a record of a file changes of a place: a three-way merge, member by member.
///
/// The base is what the source said last. Where it says the same again, what stands here stays, so a person's correction wins; where it says
/// something new, that is taken. Without a base (the source is heard for the first time) what it says is taken. A member of which the file tells nothing
/// stays as it is.
struct ThreeWayMerge: Sendable {
    private(set) var draft: PlaceDraft
    /// The members that take another value.
    private(set) var changed: [(member: PlaceMember, isCorrected: Bool)] = []
    /// Whether something that was corrected here stays although the source says otherwise.
    private(set) var keepsCorrections = false
    /// What is to be remembered as the source's last word. What says nothing but what was corrected here may be an export of this registry, and no word
    /// of the source: then the former word stands, and this beside it.
    private(set) var said: PlaceDraft
    private(set) var alsoSaid: PlaceDraft?

    /// - Parameters:
    ///   - also: What a file has said beside the base: the correction of then.
    ///   - told: The members that the file tells of.
    init(base: PlaceDraft?, also: PlaceDraft? = nil, theirs: PlaceDraft, ours: PlaceDraft, telling told: Set<String>) {
        draft = ours
        said = theirs
        alsoSaid = also
        for member in PlaceMember.all {
            if !told.contains(member.name) {
                member.take(base ?? ours, &said)
            } else if member.isSame(theirs, ours) {
                guard let base, !member.isSame(theirs, base) else { continue }
                member.take(base, &said)
                var beside = alsoSaid ?? base
                member.take(theirs, &beside)
                alsoSaid = beside
            } else if let base, member.isSame(theirs, base) || also.map({ member.isSame(theirs, $0) }) == true {
                keepsCorrections = true
                member.take(base, &said)
            } else {
                member.take(theirs, &draft)
                if var beside = alsoSaid {
                    member.take(theirs, &beside)
                    alsoSaid = beside
                }
                changed.append((member, base.map { !member.isSame($0, ours) } ?? false))
            }
        }
    }

    /// The differences for people.
    func differences(from ours: PlaceDraft) -> [ImportReport.Difference] {
        changed.map {
            ImportReport.Difference(
                member: $0.member.name, before: $0.member.words(ours), after: $0.member.words(draft), isCorrected: $0.isCorrected)
        }
    }
}
