import CLibpq

extension Database {
    /// Runs `COPY … FROM STDIN`, sending what `source` gives until it gives nil. Each chunk is sent before the next is asked for.
    ///
    /// - Parameter sql: Without parameters, which COPY does not take.
    /// - Returns: The rows that were copied.
    /// - Throws: What `source` threw, and nothing is kept; or the server's error.
    @discardableResult public func copyIn<Failure: DatabaseFailure>(
        _ sql: SQL, from source: () async throws(Failure) -> [UInt8]?
    ) async throws(Failure) -> Int {
        let connection = try await lease(for: Failure.self)
        defer { pool.giveBack(connection) }
        return try await connection.copyIn(sql, from: source) { Failure($0) }
    }

    /// Runs `COPY … TO STDOUT`, giving `sink` chunks of some 64 kB. Nothing more is read while `sink` works.
    ///
    /// - Parameter sql: Without parameters, which COPY does not take.
    /// - Returns: The rows that were copied.
    /// - Throws: What `sink` threw, and the rest is not read; or the server's error.
    @discardableResult public func copyOut<Failure: DatabaseFailure>(
        _ sql: SQL, to sink: ([UInt8]) async throws(Failure) -> Void
    ) async throws(Failure) -> Int {
        let connection = try await lease(for: Failure.self)
        defer { pool.giveBack(connection) }
        return try await connection.copyOut(sql, to: sink) { Failure($0) }
    }

    private func lease<Failure: DatabaseFailure>(for _: Failure.Type) async throws(Failure) -> Connection {
        do throws(PostgresError) { return try await pool.lease() } catch { throw Failure(error) }
    }
}

extension Session {
    /// Runs `COPY … FROM STDIN` in this transaction; see ``Database/copyIn(_:from:)``.
    @discardableResult public func copyIn(_ sql: SQL, from source: () async throws(Failure) -> [UInt8]?) async throws(Failure) -> Int {
        let connection = try await beginning()
        return try await connection.copyIn(sql, from: source) { failed($0) }
    }

    /// Runs `COPY … TO STDOUT` in this transaction; see ``Database/copyOut(_:to:)``.
    @discardableResult public func copyOut(_ sql: SQL, to sink: ([UInt8]) async throws(Failure) -> Void) async throws(Failure) -> Int {
        let connection = try await beginning()
        return try await connection.copyOut(sql, to: sink) { failed($0) }
    }

    private func beginning() async throws(Failure) -> Connection {
        do throws(PostgresError) { return try await begin() } catch { throw failed(error) }
    }
}

extension Connection {
    /// The most bytes handed to libpq or to a sink at a time.
    private static let chunk = 65_536

    fileprivate func copyIn<Failure: Error>(
        _ sql: SQL, from source: () async throws(Failure) -> [UInt8]?, _ failure: (PostgresError) -> Failure
    ) async throws(Failure) -> Int {
        var broughtDown: Failure?
        do throws(PostgresError) {
            return try await exchange(cancellable: true, commits: !isInTransaction) { () async throws(PostgresError) -> Int in
                try await start(sql, PGRES_COPY_IN)
                do throws(Failure) {
                    while let bytes = try await source() {
                        do throws(PostgresError) {
                            try await put(bytes)
                        } catch {
                            throw failure(error)
                        }
                    }
                } catch {
                    broughtDown = error
                }
                if !isBroken {
                    while true {
                        let sent = PQputCopyEnd(handle, broughtDown == nil ? nil : "the source of the copy failed")
                        if sent == 1 { break }
                        if sent < 0 { throw lost("the connection broke in a COPY") }
                        try await flush(until: giveUp)
                    }
                    try await flush(until: giveUp)
                    return try await finish().touched
                }
                throw PostgresError(.unavailable, "the connection broke in a COPY")
            }
        } catch {
            throw broughtDown ?? failure(error.with(statement: sql.text))
        }
    }

    fileprivate func copyOut<Failure: Error>(
        _ sql: SQL, to sink: ([UInt8]) async throws(Failure) -> Void, _ failure: (PostgresError) -> Failure
    ) async throws(Failure) -> Int {
        var broughtDown: Failure?
        let copied: Int
        do throws(PostgresError) {
            copied = try await exchange(cancellable: true, commits: false) { () async throws(PostgresError) -> Int in
                try await start(sql, PGRES_COPY_OUT)
                var chunk: [UInt8] = []
                while try await take(into: &chunk) {
                    guard broughtDown == nil, !chunk.isEmpty else { continue }
                    do throws(Failure) {
                        try await sink(chunk)
                    } catch {
                        // The rest is not wanted: the server is told, and what is under way is read and dropped.
                        broughtDown = error
                        interruption.fire()
                    }
                }
                return try await finish().touched
            }
        } catch {
            throw broughtDown ?? failure(error.with(statement: sql.text))
        }
        // All may have been sent before the server was told.
        if let broughtDown { throw broughtDown }
        return copied
    }

    private func start(_ sql: SQL, _ wanted: ExecStatusType) async throws(PostgresError) {
        guard sql.parameterCount == 0 else { throw .encoding("COPY takes no parameters") }
        let deadline = giveUp
        guard PQsendQuery(handle, sql.text) == 1 else { throw lost("a COPY could not be sent") }
        try await flush(until: deadline)
        guard let result = try await nextResult(until: deadline) else { throw lost("the connection broke before a COPY") }
        if PQresultStatus(result) == wanted {
            PQclear(result)
            return
        }
        let reply = try read(result)
        while let extra = try await nextResult(until: deadline) { PQclear(extra) }
        if case .failed(let error, _) = reply { throw error }
        throw PostgresError(.encoding, "the statement is not the COPY it was run as")
    }

    private func put(_ bytes: [UInt8]) async throws(PostgresError) {
        var offset = 0
        while offset < bytes.count {
            let count = min(Connection.chunk, bytes.count - offset)
            let sent = bytes.withUnsafeBytes { buffer in
                PQputCopyData(handle, buffer.baseAddress?.advanced(by: offset).assumingMemoryBound(to: CChar.self), Int32(count))
            }
            if sent < 0 { throw lost("the connection broke in a COPY") }
            if sent == 1 { offset += count }
            try await flush(until: giveUp)
        }
    }

    /// Reads rows until there is a chunk of them.
    ///
    /// - Returns: Whether there may be more.
    private func take(into chunk: inout [UInt8]) async throws(PostgresError) -> Bool {
        chunk.removeAll(keepingCapacity: true)
        while chunk.count < Connection.chunk {
            var row: UnsafeMutablePointer<CChar>?
            let count = PQgetCopyData(handle, &row, 1)
            if count > 0, let row {
                chunk.append(contentsOf: UnsafeRawBufferPointer(start: row, count: Int(count)))
                PQfreemem(row)
            } else if count == 0 {
                if !chunk.isEmpty { return true }
                Reactor.shared.rearm(socket, writing: false)
                try await readable(until: giveUp)
            } else {
                // The end, or an error that the result tells of. What was gathered is still to be given.
                return !chunk.isEmpty
            }
        }
        return true
    }

    private func finish() async throws(PostgresError) -> Answer {
        var answer: Answer?
        var failure: PostgresError?
        while let result = try await nextResult(until: giveUp) {
            switch try read(result) {
            case .answer(let last): answer = last
            case .failed(let error, _): failure = failure ?? error
            case .skipped: break
            }
        }
        if let failure { throw failure }
        guard let answer else { throw lost("the connection broke at the end of a COPY") }
        return answer
    }
}
