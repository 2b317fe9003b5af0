import Postgres

/// Why something in the registry was not done.
public enum RegistryError: Error, Equatable {
    /// There is no such entry.
    case unknown
    /// The caller may not do this; with the member that it may not change, when the rest would do.
    case forbidden(member: String?)
    /// Somebody changed the entry since the caller read it.
    case changedSince
    /// The entry is archived, and nothing but reading it is done to it.
    case archived
    case invalid(InvalidInput)
    case conflict(Conflict)
    /// What is to be created may be there already.
    case duplicate([DuplicateCandidate])
    case database(PostgresError)

    /// What stands in the way.
    public enum Conflict: String, Sendable, CaseIterable {
        case siretTaken = "structure_siret_once"
        case rnaTaken = "structure_rna_once"
        case sourceTaken = "place_source_once"
        case skillExists = "skills_pkey"
        case synonymExists = "skill_synonym_once"
        case serviceExists = "proprietary_service_once"
        case alternativeExists = "alternative_once_per_service"
        /// The structure still has places, mediators or structures below it.
        case structureInUse = "structure_in_use"
        /// Mediators hold the skill, places offer it, or skills stand below it.
        case skillInUse = "skill_in_use"
        /// The place was merged into another.
        case mergedAlready = "place_merged_once"
        case mergedAway = "place_merged_is_archived"
        case notMerged = "place_not_merged"
        /// The place that it was merged into was merged in its turn.
        case survivorMerged = "survivor_merged"
        case searchRunning = "duplicate_search_running"
        /// The mediator still holds open referrals.
        case mediatorHolds = "mediator_holds_referrals"

        /// What it means and what would help, for people.
        public var words: String {
            switch self {
            case .siretTaken: "Another structure has this SIRET."
            case .rnaTaken: "Another structure has this RNA number."
            case .sourceTaken: "Another place has this source and source_id."
            case .skillExists: "There is a skill with this id already."
            case .synonymExists: "These words lead to this skill already."
            case .serviceExists: "There is a service of this name already."
            case .alternativeExists: "The service has an alternative of this name already."
            case .structureInUse: "The structure still has places, mediators or structures below it: archive or move them first."
            case .skillInUse: "The skill is still held by mediators, offered by places or the parent of skills: change them first."
            case .mergedAlready: "This place was merged into another already."
            case .mergedAway: "This place was merged into another: undo the merge instead."
            case .notMerged: "This place was not merged into another."
            case .survivorMerged: "The place that it was merged into was merged itself since: undo that merge first."
            case .searchRunning: "A search for duplicates is running already: wait until it is done."
            case .mediatorHolds: "The mediator still holds open referrals: have them ended or handed over first."
            }
        }
    }
}

extension RegistryError: DatabaseFailure {
    public init(_ error: PostgresError) {
        self =
            switch error.constraint {
            case "skill_above_itself": .invalid(InvalidInput("/parent", "cycle", "The skill would stand under itself."))
            case "skill_synonym_has_words":
                .invalid(InvalidInput("/phrase", "no_words", "No word of this says anything by which it could be found."))
            case let constraint?: Conflict(rawValue: constraint).map { .conflict($0) } ?? .database(error)
            case nil: .database(error)
            }
    }
}
