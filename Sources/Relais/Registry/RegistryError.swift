import Postgres

/// Why something in the registry was not done.
public enum RegistryError: Error, Equatable {
    /// There is no such entry.
    case unknown
    /// The caller may not do this; with the member that it may not change, when the rest would do.
    case forbidden(member: String?)
    /// Somebody changed the entry since the caller read it.
    case changedSince
    /// The same, with what was changed meanwhile.
    case overtaken(Overtaken)
    /// A change cannot be undone, because these members have been changed after it.
    case changedAfterwards([String])
    /// A change cannot be undone, because what was there before would be wrong now: it names what is archived, or a cycle would close.
    case cannotBeSetBack(InvalidInput)
    /// The entry is archived, and nothing but reading it is done to it.
    case archived
    case invalid(InvalidInput)
    /// Of many changes that were to be made all or none, some could not be made: what would have become of each.
    case noneDone([BulkOutcome])
    case conflict(Conflict)
    /// The place that is to be created may be there already.
    case duplicate([DuplicateCandidate])
    /// The structure that is to be created may be there already, or is: another has its SIRET, or the one that it is to get.
    case structureDuplicate([LikelyDuplicate])
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
        /// Mediators hold the skill, places offer it, open requests need it, services that people leave lead to it, or skills stand below it.
        case skillInUse = "skill_in_use"
        /// The place was merged into another.
        case mergedAlready = "place_merged_once"
        case mergedAway = "place_merged_is_archived"
        case notMerged = "place_not_merged"
        /// The place that it was merged into was merged in its turn.
        case survivorMerged = "survivor_merged"
        case survivorStays = "survivor_not_itinerant"
        case searchRunning = "duplicate_search_running"
        /// The mediator still holds open referrals.
        case mediatorHolds = "mediator_holds_referrals"
        case importRunning = "import_running"
        /// A later import changed the same places.
        case importOvertaken = "import_overtaken"
        /// The import has changed nothing that could be undone: it waits, runs, was a dry run or is undone.
        case importNotUndoable = "import_not_undoable"
        /// The application is decided, or waits for who applied.
        case applicationElsewhere = "application_elsewhere"

        case notArchived = "not_archived"
        /// What the entry belongs to, or names, is archived.
        case belongsToArchived = "belongs_to_archived"
        case firstVersion = "first_version"
        case nothingChanged = "nothing_changed"
        case limitsAreAgreedAnew = "limits_are_agreed_anew"
        case mergesAreUnmerged = "merges_are_unmerged"

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
            case .skillInUse:
                "The skill is still held by mediators, offered by places, needed by open requests, that of proprietary services or the parent of skills: change them first."
            case .importRunning: "Another import is at work: wait until it is done."
            case .importOvertaken: "A later import changed the same places, or the same records of the source: undo that one first."
            case .importNotUndoable: "Only an import that is done, or failed on its way, can be undone, and once."
            case .applicationElsewhere: "The application is not in a state for this: read its status again."
            case .mergedAlready: "This place was merged into another already."
            case .mergedAway: "This place was merged into another: undo the merge instead."
            case .notMerged: "This place was not merged into another."
            case .survivorMerged: "The place that it was merged into was merged itself since: undo that merge first."
            case .survivorStays:
                "The one that is merged away has stops, and the other does not travel: add itinerant to its itinerance first, or merge the other way."
            case .searchRunning: "A search for duplicates is running already: wait until it is done."
            case .mediatorHolds: "The mediator still holds open referrals: have them ended or handed over first."
            case .notArchived: "It is not archived, so there is nothing to restore."
            case .belongsToArchived: "What it belongs to or names is archived: restore that first."
            case .firstVersion: "Nothing is known of what was before this version: an entry that was created by mistake is archived."
            case .nothingChanged: "This version changed nothing that could be set back."
            case .mergesAreUnmerged:
                "A merge is undone for both places at once: by POST /places/{id}/unmerge, with the id of the one that was merged away; and that by merging again."
            case .limitsAreAgreedAnew: "Limits of a capacity are agreed or declared anew, not set back."
            }
        }
    }
}

extension RegistryError: DatabaseFailure {
    public init(_ error: PostgresError) {
        self =
            switch error.constraint {
            case "structure_above_itself": .invalid(InvalidInput("/parent", "cycle", "The structure would stand under itself."))
            case "skill_above_itself": .invalid(InvalidInput("/parent", "cycle", "The skill would stand under itself."))
            case "skill_synonym_has_words":
                .invalid(InvalidInput("/phrase", "no_words", "No word of this says anything by which it could be found."))
            case let constraint?: Conflict(rawValue: constraint).map { .conflict($0) } ?? .database(error)
            case nil: .database(error)
            }
    }
}
