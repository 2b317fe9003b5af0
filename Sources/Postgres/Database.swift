/// A PostgreSQL server, reached through a pool of connections.
///
/// ```swift
/// let database = Database("postgresql:///relais")
/// let open = try await database.value("SELECT count(*) FROM requests WHERE status = \(status)", as: Int.self)
/// ```
/// A statement outside of ``transaction(isolation:readOnly:attempts:deadline:_:)`` is a transaction of its own. A cancelled task cancels its
/// statement on the server.
public final class Database: Sendable {
    let pool: Pool
    let listener: Listener
    let observe: @Sendable (DatabaseEvent) -> Void

    /// - Parameters:
    ///   - conninfo: libpq's connection string or URI; several hosts, `target_session_attrs` and `sslmode` as libpq has them.
    ///   - limit: The most connections at a time. A listener has one more.
    ///   - patience: How long a task waits for a connection before it gets ``PostgresError/Kind/poolExhausted``.
    ///   - lifetime: The age at which a connection is replaced, so that a changed address or a moved server is noticed.
    ///   - statementDeadline: The longest a statement may take; nil for no limit. The server enforces it, and 5 seconds later this side does.
    ///   - observe: Told of what happens inside; called on any thread, and not to block.
    public init(
        _ conninfo: String, limit: Int = 16, patience: Duration = .seconds(5), lifetime: Duration = .seconds(1800),
        statementDeadline: Duration? = .seconds(30), observe: @escaping @Sendable (DatabaseEvent) -> Void = { _ in }
    ) {
        let settings = Connection.Settings(conninfo: conninfo, statementDeadline: statementDeadline)
        pool = Pool(settings, limit: limit, patience: patience, lifetime: lifetime, observe: observe)
        listener = Listener(settings, observe: observe)
        self.observe = observe
    }

    /// The rows of a statement.
    public func query<Value: RowDecodable>(_ sql: SQL, as type: Value.Type) async throws(PostgresError) -> [Value] {
        try await answer(sql).decodeRows(type)
    }

    /// The rows of a statement that reads, planned and run under settings of its own.
    ///
    /// Both travel in one round trip, and without a `BEGIN`: what is sent before one synchronisation is one transaction to the server (PostgreSQL's
    /// documentation, "Message flow: pipelining"), with which a local setting ends.
    ///
    /// - Parameter settings: A SELECT of `set_config(…, …, true)`.
    public func query<Value: RowDecodable>(_ sql: SQL, under settings: SQL, as type: Value.Type) async throws(PostgresError) -> [Value] {
        let connection = try await pool.lease()
        defer { pool.giveBack(connection) }
        return try await connection.run([settings, sql])[1].decodeRows(type)
    }

    /// The first row of a statement; nil when there is none.
    public func first<Value: RowDecodable>(_ sql: SQL, as type: Value.Type) async throws(PostgresError) -> Value? {
        try await answer(sql).decodeFirst(type)
    }

    /// The first column of the first row; nil for NULL and when there is no row.
    public func value<Value: PostgresDecodable>(_ sql: SQL, as type: Value.Type) async throws(PostgresError) -> Value? {
        try await answer(sql).decodeValue(type)
    }

    /// The first column of each row.
    public func values<Value: PostgresDecodable>(_ sql: SQL, as type: Value.Type) async throws(PostgresError) -> [Value] {
        try await answer(sql).decodeColumn(type)
    }

    /// Runs a statement for what it does.
    ///
    /// - Returns: The rows it touched.
    @discardableResult public func execute(_ sql: SQL) async throws(PostgresError) -> Int {
        try await answer(sql).touched
    }

    private func answer(_ sql: SQL) async throws(PostgresError) -> Answer {
        let connection = try await pool.lease()
        defer { pool.giveBack(connection) }
        return try await connection.run(sql)
    }

    /// What arrives on a channel: first ``Notification/resumed``, and again after each reconnection.
    ///
    /// What was sent while there was no connection is lost, so a consumer looks at its table at each `resumed`: a notification is a hint, never
    /// the message. A consumer that falls behind by more than 1,024 loses the oldest and gets another `resumed`.
    public func notifications(on channel: Channel) -> AsyncStream<Notification> {
        listener.notifications(on: channel)
    }

    /// Closes the connections: free ones now, lent ones when they come back, for which it waits at most 10 seconds.
    public func close() async {
        listener.close()
        pool.close()
        for _ in 0..<500 where pool.busy > 0 { try? await Task.sleep(for: .milliseconds(20)) }
    }
}
