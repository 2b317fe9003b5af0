/// The statements a connection has prepared, at most `limit`: the one used longest ago goes first.
struct StatementCache {
    struct Statement {
        let name: String
        let types: [UInt32]
        fileprivate var lastUse: Int
    }

    private let limit: Int
    private var statements: [String: Statement] = [:]
    private var uses = 0
    private var named = 0

    init(limit: Int) {
        self.limit = limit
    }

    var count: Int { statements.count }

    /// The name `sql` is prepared under, if it is, with these types of parameters.
    mutating func name(of sql: SQL) -> String? {
        guard let index = statements.index(forKey: sql.text) else { return nil }
        let entries = sql.parameters.entries
        let types = statements.values[index].types
        guard types.count == entries.count else { return nil }
        for place in entries.indices where types[place] != entries[place].type { return nil }
        uses += 1
        statements.values[index].lastUse = uses
        return statements.values[index].name
    }

    /// A name for a statement about to be prepared. Names are never used twice, so that one which failed does no harm.
    mutating func newName() -> String {
        named += 1
        return "s\(named)"
    }

    /// Keeps a prepared statement.
    ///
    /// - Returns: The names to deallocate: of the statement it replaces, and of the one that no longer has a place.
    mutating func keep(_ name: String, for sql: SQL) -> [String] {
        uses += 1
        var dropped: [String] = []
        if let old = statements.updateValue(
            Statement(name: name, types: sql.parameters.entries.map(\.type), lastUse: uses), forKey: sql.text)
        {
            dropped.append(old.name)
        }
        if statements.count > limit, let oldest = statements.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            statements[oldest.key] = nil
            dropped.append(oldest.value.name)
        }
        return dropped
    }

    /// Forgets a statement, so that it is prepared anew.
    ///
    /// - Returns: The name to deallocate, should the server still know it.
    mutating func forget(_ sql: SQL) -> String? {
        statements.removeValue(forKey: sql.text)?.name
    }

    mutating func forgetAll() {
        statements.removeAll()
    }
}
