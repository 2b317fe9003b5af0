/// A statement, or a piece of one, with the values it is run with.
///
/// An interpolated value never becomes text: it is sent beside the statement as the parameter `$n`. An interpolated ``SQL`` is spliced in with
/// its own parameters, so conditions compose as values:
/// ```swift
/// var conditions: [SQL] = []
/// if let mediator { conditions.append("mediator_id = \(mediator)") }
/// let found = try await database.query("SELECT \(Referral.columns) FROM referrals WHERE \(.all(conditions))", as: Referral.self)
/// ```
public struct SQL: Sendable {
    /// The text that the server parses, with `$1`, `$2`… where the values go.
    public private(set) var text: String
    private(set) var parameters: Parameters

    /// The statement of nothing, which pieces are appended to.
    public init() {
        text = ""
        parameters = Parameters()
    }

    /// How many values travel beside the text.
    public var parameterCount: Int { parameters.entries.count }

    /// All `conditions` joined by `AND`, each in parentheses; `TRUE` when there is none.
    public static func all(_ conditions: [SQL]) -> SQL {
        guard !conditions.isEmpty else { return "TRUE" }
        return joined(conditions.map { "(\($0))" }, by: " AND ")
    }

    /// The pieces one after the other with `separator` between them; nothing when there is none.
    public static func joined(_ pieces: [SQL], by separator: SQL) -> SQL {
        var whole = SQL()
        for (index, piece) in pieces.enumerated() {
            if index > 0 { whole.append(separator) }
            whole.append(piece)
        }
        return whole
    }

    /// Splices `piece` in at the end, its parameters numbered after those that are here.
    public mutating func append(_ piece: SQL) {
        let base = parameters.entries.count
        if base == 0 || piece.parameters.entries.isEmpty {
            parameters.append(piece.parameters, textOffset: text.utf8.count)
            text += piece.text
            return
        }
        let bytes = Array(piece.text.utf8)
        var copied = 0
        for (index, entry) in piece.parameters.entries.enumerated() {
            let place = Int(entry.place)
            text += String(decoding: bytes[copied..<place], as: UTF8.self)
            parameters.append(piece.parameters, at: index, place: text.utf8.count)
            text += "$\(base + index + 1)"
            copied = place + 1
            while copied < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[copied]) { copied += 1 }
        }
        text += String(decoding: bytes[copied...], as: UTF8.self)
        parameters.adoptFault(of: piece.parameters)
    }

    mutating func append(literal: String) {
        text += literal
    }

    mutating func append(value: some PostgresEncodable) {
        let place = text.utf8.count
        parameters.append(value, place: place)
        let number = parameters.entries.count
        text += "$"
        text += String(number)
    }
}

extension SQL: ExpressibleByStringInterpolation {
    /// Text as it stands. Meant for literals: a string made at run time belongs in an interpolation.
    public init(stringLiteral: String) {
        text = stringLiteral
        parameters = Parameters()
    }

    public init(stringInterpolation: StringInterpolation) {
        self = stringInterpolation.sql
    }

    /// Gathers the pieces of a literal: text as text, values as parameters, ``SQL`` as both.
    public struct StringInterpolation: StringInterpolationProtocol {
        var sql = SQL()

        public init(literalCapacity: Int, interpolationCount: Int) {
            sql.reserve(text: literalCapacity + 3 * interpolationCount, values: interpolationCount)
        }

        public mutating func appendLiteral(_ literal: String) {
            sql.append(literal: literal)
        }

        /// A value, sent as a parameter.
        public mutating func appendInterpolation(_ value: some PostgresEncodable) {
            sql.append(value: value)
        }

        /// A value or NULL, sent as a parameter. Without this the compiler takes an optional for a slip.
        public mutating func appendInterpolation(_ value: (some PostgresEncodable)?) {
            sql.append(value: value)
        }

        /// A piece of SQL, spliced in with its parameters.
        public mutating func appendInterpolation(_ piece: SQL) {
            sql.append(piece)
        }
    }

    private mutating func reserve(text capacity: Int, values: Int) {
        text.reserveCapacity(capacity)
        parameters.entries.reserveCapacity(values)
    }
}
