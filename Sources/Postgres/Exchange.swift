import CLibpq

/// What runs on a connection, from the first byte sent to the last result read.
extension Connection {
    /// One message to the server in a pipeline.
    enum Step {
        case command(String)
        case prepare(name: String, SQL)
        case run(name: String, SQL)
        /// Ends a group: an error skips the rest of its group only.
        case sync
    }

    /// What the server answered to a step.
    enum Reply {
        case answer(Answer)
        case failed(PostgresError, stalePlan: Bool)
        /// An earlier step of the group had failed.
        case skipped
    }

    /// Runs one statement, preparing it the first time, in one round trip. `opening` is sent before it, in the same one.
    func run(_ sql: SQL, opening: String? = nil, cancellable: Bool = true) async throws(PostgresError) -> Answer {
        try check(sql)
        let commits = opening == nil && !isInTransaction && !sql.startsReading
        return try await exchange(cancellable: cancellable, commits: commits) { () async throws(PostgresError) -> Answer in
            do throws(PostgresError) {
                if opening == nil, dropped.isEmpty || isInTransaction, let name = statements.name(of: sql) {
                    switch try await runPrepared(name, sql) {
                    case .answer(let answer): return answer
                    case .failed(let error, stalePlan: true):
                        forget(sql, after: error)
                        if isInTransaction { throw error }
                    case .failed(let error, _): throw error
                    case .skipped: throw lost("the server skipped a statement")
                    }
                }
                return try await runPreparing([sql], opening: opening)[0]
            } catch {
                throw error.statement == nil ? error.with(statement: sql.text) : error
            }
        }
    }

    /// Runs several statements in one round trip. The first that fails is thrown, and those after it do not run.
    func run(_ list: [SQL], opening: String? = nil, cancellable: Bool = true) async throws(PostgresError) -> [Answer] {
        guard !list.isEmpty else { return [] }
        for sql in list { try check(sql) }
        let isReading = opening == nil && !isInTransaction && list.allSatisfy(\.startsReading)
        let commits = opening == nil && !isInTransaction && !isReading
        return try await exchange(cancellable: cancellable, commits: commits) { () async throws(PostgresError) -> [Answer] in
            do throws(PostgresError) {
                return try await runPreparing(list, opening: opening)
            } catch {
                // A plan of before a change of the schema, or a statement that the server has forgotten: prepared anew, it runs.
                guard isReading, error.sqlState == "0A000" || error.sqlState == "26000" else { throw error }
                return try await runPreparing(list, opening: nil)
            }
        }
    }

    /// Ends a transaction: what is still to be run and `COMMIT`, in one round trip. When a statement fails, `COMMIT` does not run.
    ///
    /// - Returns: The answer to `COMMIT`.
    func commit(after list: [SQL]) async throws(PostgresError) -> Answer {
        guard !list.isEmpty else { return try await command("COMMIT", cancellable: false, commits: true) }
        for sql in list { try check(sql) }
        return try await exchange(cancellable: false, commits: true) { () async throws(PostgresError) -> Answer in
            try await runPreparing(list, opening: nil, closing: "COMMIT")[list.count]
        }
    }

    /// Runs a command of the transaction's own (`COMMIT`, `SAVEPOINT …`) or a script of several statements, without parameters.
    ///
    /// - Returns: The answer to the last.
    func command(_ text: String, cancellable: Bool, commits: Bool = false, deadline: Moment? = nil) async throws(PostgresError) -> Answer {
        try await exchange(cancellable: cancellable, commits: commits) { () async throws(PostgresError) -> Answer in
            let deadline = deadline ?? giveUp
            guard PQsendQuery(handle, text) == 1 else { throw lost("a command could not be sent") }
            try await flush(until: deadline)
            switch try await onlyReply(until: deadline) {
            case .answer(let answer): return answer
            case .failed(let error, _): throw error
            case .skipped: throw lost("the server skipped a command")
            }
        }
    }

    /// Surrounds what is sent and received by the cancelling of it, and says what it means when no answer comes.
    ///
    /// - Parameter commits: Whether the server commits within it, so that a lost answer leaves open whether it has.
    func exchange<Value>(
        cancellable: Bool, commits: Bool, _ body: () async throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        func outcome() async -> Result<Value, PostgresError> {
            do throws(PostgresError) { return .success(try await body()) } catch { return .failure(error) }
        }
        if isBroken { throw PostgresError(.unavailable, "the connection is closed") }
        mayHaveLeftBytes = false
        var result: Result<Value, PostgresError>
        var wasCancelled = false
        if cancellable {
            if Task.isCancelled { throw PostgresError(.cancelled, "the task was cancelled before its statement was sent") }
            interruption.arm()
            result = await withTaskCancellationHandler(operation: outcome, onCancel: { [interruption] in interruption.fire() })
            switch await interruption.settle() {
            case .notFired: break
            case .over: wasCancelled = true
            case .stillRunning:
                wasCancelled = true
                _ = lost("the statement could not be cancelled")
            }
        } else {
            result = await outcome()
        }
        if takeStandbyWarning() {
            throw PostgresError(.commitOutcomeUnknown, "the wait for the standby was cancelled: committed here, perhaps not there")
        }
        switch result {
        case .success(let value): return value
        case .failure(let error):
            if isBroken && commits { throw error.with(kind: .commitOutcomeUnknown) }
            if wasCancelled && (isBroken || error.sqlState == "57014") { throw error.with(kind: .cancelled) }
            throw error
        }
    }

    // MARK: One round trip

    private func runPrepared(_ name: String, _ sql: SQL) async throws(PostgresError) -> Reply {
        let deadline = giveUp
        guard send(name, sql) else { throw lost("a statement could not be sent") }
        try await flush(until: deadline)
        return try await onlyReply(until: deadline)
    }

    /// - Returns: The answers to `list`, and to `closing`.
    private func runPreparing(_ list: [SQL], opening: String?, closing: String? = nil) async throws(PostgresError) -> [Answer] {
        var steps: [Step] = []
        // Before a transaction, never in it, where a name that the server does not know would end it.
        let forgotten = isInTransaction ? [] : dropped
        for name in forgotten { steps += [.command("DEALLOCATE \(name)"), .sync] }
        if let opening { steps.append(.command(opening)) }
        var fresh = StatementCache(limit: .max)
        for sql in list {
            if let name = statements.name(of: sql) {
                steps.append(.run(name: name, sql))
            } else if let name = fresh.name(of: sql) {
                steps.append(.run(name: name, sql))
            } else {
                let name = statements.newName()
                _ = fresh.keep(name, for: sql)
                steps += [.prepare(name: name, sql), .run(name: name, sql)]
            }
        }
        if let closing { steps.append(.command(closing)) }
        steps.append(.sync)
        let replies = try await pipeline(steps)
        dropped.removeFirst(min(dropped.count, forgotten.count))
        var answers: [Answer] = []
        var failure: PostgresError?
        for (step, reply) in zip(steps, replies).dropFirst(2 * forgotten.count) {
            switch (step, reply) {
            case (.prepare(let name, let sql), .answer): dropped += statements.keep(name, for: sql)
            case (.run, .answer(let answer)): answers.append(answer)
            case (.command(let text), .answer(let answer)) where text == closing: answers.append(answer)
            case (.run(_, let sql), .failed(let error, let stalePlan)):
                if stalePlan { forget(sql, after: error) }
                failure = failure ?? error.with(statement: sql.text)
            case (.prepare(_, let sql), .failed(let error, _)): failure = failure ?? error.with(statement: sql.text)
            case (_, .failed(let error, _)): failure = failure ?? error
            default: break
            }
        }
        if let failure { throw failure }
        let awaited = list.count + (closing == nil ? 0 : 1)
        guard answers.count == awaited else { throw lost("the server answered \(answers.count) of \(awaited) statements") }
        return answers
    }

    private func pipeline(_ steps: [Step]) async throws(PostgresError) -> [Reply] {
        let deadline = giveUp
        guard PQenterPipelineMode(handle) == 1 else { throw lost("the connection is busy") }
        for step in steps where !send(step) { throw lost("a statement could not be sent") }
        try await flush(until: deadline)
        var replies: [Reply] = []
        replies.reserveCapacity(steps.count)
        for step in steps {
            // Each has the time of a statement, as it has on the server.
            let deadline = giveUp
            guard let result = try await nextResult(until: deadline) else { throw lost("the connection broke in a pipeline") }
            replies.append(try read(result))
            if case .sync = step { continue }
            // Each command's results end with a nil.
            while let extra = try await nextResult(until: deadline) { PQclear(extra) }
        }
        guard PQexitPipelineMode(handle) == 1 else { throw lost("the pipeline did not end") }
        return replies
    }

    private func onlyReply(until deadline: Moment) async throws(PostgresError) -> Reply {
        var reply: Reply?
        while let result = try await nextResult(until: deadline) {
            let next = try read(result)
            // Of a script, the first error or else the last answer.
            if case .failed? = reply { continue }
            reply = next
        }
        guard let reply else { throw lost("the connection broke while waiting for an answer") }
        return reply
    }

    /// Takes a result over. A broken connection is thrown: no other reply will come.
    func read(_ result: OpaquePointer) throws(PostgresError) -> Reply {
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY, PGRES_PIPELINE_SYNC: return .answer(Answer(result))
        case PGRES_PIPELINE_ABORTED:
            PQclear(result)
            return .skipped
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            PQclear(result)
            throw lost("a COPY was run as a statement; use copyIn or copyOut")
        default:
            defer { PQclear(result) }
            let error = PostgresError(result: result)
            if error.kind == .unavailable && error.sqlState != "53300" {
                _ = lost("")
                throw error
            }
            return .failed(error, stalePlan: isStalePlan(result))
        }
    }

    // MARK: Sending

    private func send(_ step: Step) -> Bool {
        switch step {
        case .command(let text): PQsendQueryParams(handle, text, 0, nil, nil, nil, nil, 1) == 1
        case .prepare(let name, let sql):
            sql.parameters.entries.map(\.type).withUnsafeBufferPointer { types in
                PQsendPrepare(handle, name, sql.text, Int32(types.count), types.baseAddress) == 1
            }
        case .run(let name, let sql): send(name, sql)
        case .sync: PQpipelineSync(handle) == 1
        }
    }

    private func send(_ name: String, _ sql: SQL) -> Bool {
        let entries = sql.parameters.entries
        let count = entries.count
        return sql.parameters.bytes.withUnsafeBytes { bytes in
            withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: count + 1) { values in
                withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * count + 1) { numbers in
                    for (index, entry) in entries.enumerated() {
                        // An empty value still needs an address: libpq reads none as NULL.
                        let base = bytes.baseAddress ?? UnsafeRawPointer(values.baseAddress)
                        values[index] = entry.length < 0 ? nil : base?.advanced(by: entry.start).assumingMemoryBound(to: CChar.self)
                        numbers[index] = Int32(max(0, entry.length))
                        numbers[count + index] = 1
                    }
                    return PQsendQueryPrepared(
                        handle, name, Int32(count), values.baseAddress, numbers.baseAddress, numbers.baseAddress?.advanced(by: count), 1)
                        == 1
                }
            }
        }
    }

    private func check(_ sql: SQL) throws(PostgresError) {
        if let fault = sql.parameters.fault { throw fault.with(statement: sql.text) }
        if sql.parameterCount > 65_535 { throw .encoding("a statement has \(sql.parameterCount) parameters; it may have 65,535") }
        if sql.text.utf8.contains(0) { throw .encoding("the text of a statement holds a NUL character") }
    }

    private func forget(_ sql: SQL, after error: PostgresError) {
        if error.sqlState == "26000" {
            // The server knows none of them any more: `DISCARD ALL`, or a pooler between us and it.
            statements.forgetAll()
            dropped.removeAll()
        } else if let name = statements.forget(sql) {
            dropped.append(name)
        }
    }
}

extension SQL {
    /// Whether it reads and does not write, by its first word. (A SELECT of a function that writes belongs into a transaction: only COMMIT tells what
    /// became of it when its answer is lost.)
    fileprivate var startsReading: Bool {
        let first = text.utf8.drop { $0 == 32 || $0 == 10 || $0 == 13 || $0 == 9 }.prefix(6)
        return first.elementsEqual("SELECT".utf8) || first.elementsEqual("select".utf8)
    }
}
