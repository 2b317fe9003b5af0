import CLibpq

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A value that is made from a row, and says which columns it needs.
///
/// ```swift
/// extension Referral: RowDecodable {
///     public static let columns: SQL = "id, request_id, status"
///     public init(row: borrowing Row) throws(PostgresError) {
///         id = try row["id"]
///         request = try row["request_id"]
///         status = try row["status"]
///     }
/// }
/// ```
public protocol RowDecodable: Sendable {
    /// The columns that `init(row:)` reads, to be spliced into statements.
    static var columns: SQL { get }
    init(row: borrowing Row) throws(PostgresError)
}

/// One row of a result, read by the names of its columns and valid while it is being decoded.
public struct Row: ~Copyable {
    private let answer: Answer
    private let index: Int32

    init(_ answer: Answer, _ index: Int32) {
        self.answer = answer
        self.index = index
    }

    /// The value of a column. Ask for an optional where it may be NULL.
    ///
    /// - Throws: ``PostgresError/Kind/decoding``, naming column and types, when the column is missing, is NULL, or holds something else.
    public subscript<Value: PostgresDecodable>(_ column: String) -> Value {
        get throws(PostgresError) {
            guard let place = answer.column(column) else {
                throw .decoding("the result has no column \"\(column)\"; it has \(answer.columnNames.joined(separator: ", "))")
            }
            do throws(PostgresError) {
                return try answer.decode(Value.self, row: index, column: place)
            } catch {
                throw error.of(column: column)
            }
        }
    }

    /// The type of a column (`pg_type.oid`): for a value that statements of several shapes give in several types.
    public func type(of column: String) throws(PostgresError) -> UInt32 {
        guard let place = answer.column(column) else { throw .decoding("the result has no column \"\(column)\"") }
        return answer.type(of: place)
    }

    /// Whether the result has such a column: for a value that is read from statements of several shapes.
    public func has(_ column: String) -> Bool {
        answer.column(column) != nil
    }
}

/// What the server answered to one statement. Owns libpq's result.
final class Answer {
    private let result: OpaquePointer
    private let columns: Int32
    let rows: Int32
    /// Where the next column is looked for first: rows are read in the order of their columns.
    // Unchecked: read and written by `column` alone, which calls nothing of ours meanwhile.
    @exclusivity(unchecked) private var cursor: Int32 = 0

    init(_ result: OpaquePointer) {
        self.result = result
        columns = PQnfields(result)
        rows = PQntuples(result)
    }

    deinit {
        PQclear(result)
    }

    /// Rows touched, by the tag of the command; 0 for a command that touches none.
    var touched: Int {
        PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
    }

    var tag: String { PQcmdStatus(result).map { String(cString: $0) } ?? "" }

    var columnNames: [String] {
        (0..<columns).map { PQfname(result, $0).map { String(cString: $0) } ?? "" }
    }

    func column(_ name: String) -> Int32? {
        name.withCString { name in
            for step in 0..<columns {
                let place = cursor + step < columns ? cursor + step : cursor + step - columns
                if let candidate = PQfname(result, place), strcmp(candidate, name) == 0 {
                    cursor = place + 1 < columns ? place + 1 : 0
                    return place
                }
            }
            return nil
        }
    }

    func type(of column: Int32) -> UInt32 { PQftype(result, column) }

    func decode<Value: PostgresDecodable>(_: Value.Type, row: Int32, column: Int32) throws(PostgresError) -> Value {
        if PQgetisnull(result, row, column) == 1 { return try Value.decodeNull() }
        let bytes = UnsafeRawBufferPointer(start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
        return try Value.decode(Field(type: PQftype(result, column), bytes: bytes))
    }

    func decodeRows<Value: RowDecodable>(_: Value.Type) throws(PostgresError) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(Int(rows))
        for index in 0..<rows {
            // By name: as a temporary, it crashes the optimiser of Swift 6.3.1.
            let row = Row(self, index)
            values.append(try Value(row: row))
        }
        return values
    }

    func decodeFirst<Value: RowDecodable>(_: Value.Type) throws(PostgresError) -> Value? {
        guard rows > 0 else { return nil }
        let row = Row(self, 0)
        return try Value(row: row)
    }

    /// The first column of each row.
    func decodeColumn<Value: PostgresDecodable>(_: Value.Type) throws(PostgresError) -> [Value] {
        guard columns > 0 else { throw .decoding("the statement answers no column") }
        var values: [Value] = []
        values.reserveCapacity(Int(rows))
        for index in 0..<rows { values.append(try field(index)) }
        return values
    }

    /// The first column of the first row; nil for no row.
    func decodeValue<Value: PostgresDecodable>(_: Value.Type) throws(PostgresError) -> Value? {
        guard rows > 0 else { return nil }
        guard columns > 0 else { throw .decoding("the statement answers no column") }
        let value: Value? = try field(0)
        return value
    }

    private func field<Value: PostgresDecodable>(_ row: Int32) throws(PostgresError) -> Value {
        do throws(PostgresError) {
            return try decode(Value.self, row: row, column: 0)
        } catch {
            throw error.of(column: PQfname(result, 0).map { String(cString: $0) } ?? "")
        }
    }
}
