/// What came of an import, row by row where something was wrong.
public struct ImportReport: Sendable, Equatable, Encodable {
    /// Something about one row. It quotes the file, so it is for whoever has the file, and goes into no log.
    public struct Note: Sendable, Equatable, Encodable {
        /// As a spreadsheet numbers it, the header being row 1; in JSON the place in the array, from 1.
        public let row: Int
        /// The column; `nil` when all of the row is meant.
        public let field: String?
        /// What stands there, at most 100 characters of it.
        public let value: String?
        public let code: String
        public let message: String

        public init(row: Int, field: String? = nil, value: String? = nil, code: String, message: String) {
            self.row = row
            self.field = field
            self.value = value.map { String($0.prefix(100)) }
            self.code = code
            self.message = message
        }
    }

    public var created = 0
    public var updated = 0
    public var unchanged = 0
    /// Rows that were left out, with everything that keeps them out. The others went in.
    public var rejected: [Note] = []
    /// What was not taken as it stands, of rows that went in.
    public var warnings: [Note] = []

    public init() {}

    /// How many rows were left out.
    public var rejectedRows: Int { Set(rejected.map(\.row)).count }
}

/// A file that cannot be imported at all.
public struct ImportRefusal: Error, Equatable, CustomStringConvertible {
    /// What is wrong and what would be right.
    public let description: String

    public init(_ description: String) { self.description = description }
}
