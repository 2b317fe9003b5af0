import Postgres

/// What came of an import, row by row where something was wrong or changed.
///
/// Its lists hold ``longest`` entries at most, so that a report of a large file fits in memory; the counts count all.
public struct ImportReport: Sendable, Equatable, Codable {
    /// Something about one row. It quotes the file, so it is for whoever has the file, and goes into no log.
    public struct Note: Sendable, Equatable, Codable {
        /// As a spreadsheet numbers it, the header being row 1; in JSON the place in the array, from 1.
        public let row: Int
        /// The column; `nil` when all of the row is meant.
        public let field: String?
        /// What stands there, at most 100 characters of it.
        public let value: String?
        public let code: String
        public let message: String

        static let notMarked = "not_marked"

        public init(row: Int, field: String? = nil, value: String? = nil, code: String, message: String) {
            self.row = row
            self.field = field?.storable
            self.value = value.map { String($0.prefix(100)).storable }
            self.code = code
            self.message = message.storable
        }
    }

    /// A place that took other values.
    public struct Change: Sendable, Equatable, Codable {
        public let row: Int
        public let place: Place.ID
        public let fields: [Difference]
    }

    /// A member of a place before and after, at most 300 characters of each.
    public struct Difference: Sendable, Equatable, Codable {
        public let member: String
        public let before: String?
        public let after: String?
        /// Whether somebody had corrected here what the source now says anew.
        public let isCorrected: Bool

        init(member: String, before: String?, after: String?, isCorrected: Bool) {
            self.member = member
            self.before = before.map { String($0.prefix(300)) }
            self.after = after.map { String($0.prefix(300)) }
            self.isCorrected = isCorrected
        }

        private enum CodingKeys: String, CodingKey {
            case member, before, after
            case isCorrected = "corrected"
        }
    }

    /// Entries of each list, and of each kind of ``ImportNote`` that is kept.
    public static let longest = 1000
    public static let kept = 10_000

    /// The import, to undo it; `nil` after a dry run of the command line.
    public var id: FileImport.ID?
    public var created = 0
    public var updated = 0
    public var unchanged = 0
    /// Places in which a correction made here stayed although the source says otherwise.
    public var kept = 0
    /// Records that their source no longer has: their places stay, and are marked.
    public var vanished = 0
    /// Records that had been marked so, and that the file has again; `nil` in reports that were written before these were counted.
    public private(set) var returned: Int? = 0
    /// How many rows were left out.
    public private(set) var rejectedRows = 0
    public private(set) var warningCount = 0
    /// Rows that were left out, with everything that keeps them out. The others went in.
    public private(set) var rejected: [Note] = []
    /// What was not taken as it stands, of rows that went in.
    public private(set) var warnings: [Note] = []
    /// What other values were taken, place by place.
    public private(set) var changes: [Change] = []

    /// Entries of each of this report's lists.
    private var longest = Self.longest

    public init() {}

    /// The report of a piece of a file, whose lists are whole.
    static var ofPiece: ImportReport {
        var report = ImportReport()
        report.longest = .max
        return report
    }

    /// The counts, without the lists.
    public var counts: ImportReport {
        var counts = self
        counts.rejected = []
        counts.warnings = []
        counts.changes = []
        return counts
    }

    private enum CodingKeys: String, CodingKey {
        case id, created, updated, unchanged, kept, vanished, returned
        case rejectedRows = "rejected_rows"
        case warningCount = "warning_count"
        case rejected, warnings, changes
    }

    /// Leaves rows out.
    mutating func reject(_ notes: [Note]) {
        rejectedRows += Set(notes.map(\.row)).count
        rejected += notes.prefix(max(0, longest - rejected.count))
    }

    mutating func warn(_ notes: [Note]) {
        warningCount += notes.count
        warnings += notes.prefix(max(0, longest - warnings.count))
    }

    mutating func countReturned() { returned = (returned ?? 0) + 1 }

    mutating func note(_ change: Change) {
        updated += 1
        if changes.count < longest { changes.append(change) }
    }

    /// Adds what came of the next piece of a file.
    mutating func add(_ piece: ImportReport) {
        created += piece.created
        updated += piece.updated
        unchanged += piece.unchanged
        kept += piece.kept
        vanished += piece.vanished
        returned = (returned ?? 0) + (piece.returned ?? 0)
        rejectedRows += piece.rejectedRows
        warningCount += piece.warningCount
        take(rejected: piece.rejected, warnings: piece.warnings, changes: piece.changes)
    }

    /// Takes up entries that the counts count already.
    mutating func take(rejected: [Note], warnings: [Note], changes: [Change]) {
        self.rejected += rejected.prefix(max(0, longest - self.rejected.count))
        self.warnings += warnings.prefix(max(0, longest - self.warnings.count))
        self.changes += changes.prefix(max(0, longest - self.changes.count))
    }

    mutating func sort() {
        rejected.sort { $0.row < $1.row }
    }
}

/// A file that cannot be imported at all.
public struct ImportRefusal: Error, Equatable, CustomStringConvertible {
    /// What is wrong and what would be right.
    public let description: String
    /// Set when it is not the file that is to blame: it could not be read now, and may be later.
    let database: PostgresError?

    public init(_ description: String) {
        self.description = description.storable
        database = nil
    }

    init(_ error: PostgresError) {
        description = error.description
        database = error
    }
}

extension String {
    /// What is told of a file, without NUL, which no text in the database may hold.
    fileprivate var storable: String { utf8.contains(0) ? replacing("\0", with: "\u{fffd}") : self }
}
