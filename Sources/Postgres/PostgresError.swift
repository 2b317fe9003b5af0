/// What went wrong between this process and PostgreSQL.
///
/// `description` holds nothing that a person wrote: kind, SQLSTATE, constraint, names of columns and types. `String(reflecting:)` says all, values
/// included, and is for a log that may hold them.
public struct PostgresError: Error, Sendable, Equatable {
    /// What the caller can do about it.
    public enum Kind: String, Sendable, Equatable {
        /// The server refused the statement: see ``PostgresError/sqlState`` and ``PostgresError/constraint``.
        case server
        /// No server answers, or the connection broke before anything could have been committed. Trying again later is safe.
        case unavailable
        /// The connection broke, or gave up waiting for a standby, while a commit was under way: the work may be there. Repeat it only if it is
        /// idempotent.
        case commitOutcomeUnknown
        /// `COMMIT` was answered by `ROLLBACK`: a statement had failed and its error was swallowed. Nothing was kept.
        case rolledBack
        /// The task was cancelled. Nothing was kept.
        case cancelled
        /// A column is missing, or does not hold what is wanted.
        case decoding
        /// A value cannot be sent. Nothing was.
        case encoding
        /// The statement took longer than its deadline.
        case timeout
        /// Every connection stayed busy for longer than the pool's patience.
        case poolExhausted
        /// The ``Database`` was closed.
        case closed
    }

    public let kind: Kind
    /// The five characters of SQLSTATE, when the server said something.
    public internal(set) var sqlState: String?
    /// The constraint that was violated.
    public internal(set) var constraint: String?
    /// What happened in words of this library; holds no values.
    public internal(set) var summary: String
    /// The server's words, which may quote values.
    public internal(set) var message: String?
    /// The server's or this library's details, which may quote values.
    public internal(set) var detail: String?
    /// What the server advises.
    public internal(set) var hint: String?
    /// The text of the statement, without its values.
    public internal(set) var statement: String?

    init(_ kind: Kind, _ summary: String, detail: String? = nil) {
        self.kind = kind
        self.summary = summary
        self.detail = detail
    }

    /// For the decoding of a type of one's own: `summary` follows the column's name and must quote no value.
    public static func decoding(_ summary: String, detail: String? = nil) -> PostgresError {
        PostgresError(.decoding, summary, detail: detail)
    }

    /// For the encoding of a type of one's own: `summary` must quote no value.
    public static func encoding(_ summary: String, detail: String? = nil) -> PostgresError {
        PostgresError(.encoding, summary, detail: detail)
    }

    /// Two transactions got in each other's way, and one that starts anew may pass (40001, 40P01).
    public var isWorthRetrying: Bool { sqlState == "40001" || sqlState == "40P01" }

    /// A value is none that the server takes (class 22, data exception): it never will be.
    public var isOfData: Bool { sqlState?.hasPrefix("22") == true }

    func of(column: String) -> PostgresError {
        guard kind == .decoding else { return self }
        var error = self
        error.summary = "column \"\(column)\" \(summary)"
        return error
    }

    func with(statement: String) -> PostgresError {
        var error = self
        error.statement = statement
        return error
    }

    func with(kind: Kind) -> PostgresError {
        var error = PostgresError(kind, summary, detail: detail)
        (error.sqlState, error.constraint, error.message, error.hint, error.statement) = (sqlState, constraint, message, hint, statement)
        return error
    }
}

extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String {
        var words = "\(kind.rawValue): \(summary)"
        if let sqlState { words += " (\(sqlState))" }
        if let constraint { words += " constraint \(constraint)" }
        return words
    }

    public var debugDescription: String {
        var words = description
        if let message { words += "; message: \(message)" }
        if let detail { words += "; detail: \(detail)" }
        if let hint { words += "; hint: \(hint)" }
        if let statement { words += "; statement: \(statement)" }
        return words
    }
}

/// An error of a capability that can be made from one of the database. The one place where names of constraints get their meaning.
public protocol DatabaseFailure: Error {
    init(_ error: PostgresError)
}

extension PostgresError: DatabaseFailure {
    public init(_ error: PostgresError) {
        self = error
    }
}
