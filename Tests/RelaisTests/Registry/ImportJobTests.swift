import Foundation
import Postgres
import Support
import Testing

@testable import Relais

@Suite("Imports by jobs", .database, .timeLimit(.minutes(5)))
struct ImportJobTests {
    let registry = OwnRegistry()
    var database: Database { registry.database }
    var runner: JobRunner { JobRunner(database: database, generators: registry.generators) }
    static let row = ImportForYearsTests.row

    /// Sends a file and asks for its import.
    func ask(_ text: String, dryRun: Bool = false, source: String? = nil) async throws -> FileImport.ID {
        var sent = SentFile(FileImport.ID(registry.generators.newID()), in: database, registry.generators)
        // In two pieces, cut where it may be.
        try await sent.write(Array(text.utf8.prefix(text.utf8.count / 2)))
        try await sent.finish()
        try await sent.write(Array(text.utf8.dropFirst(text.utf8.count / 2)))
        try await sent.finish()
        var options = PlaceImport.Options()
        options.isDryRun = dryRun
        options.source = source
        let (id, asked) = (sent.id, options)
        let waiting = try await registry.write { tx throws(RegistryError) in
            try await ImportDesk(registry.generators).ask(id, asked, by: OwnRegistry.staff, in: tx)
        }
        #expect(waiting.status == .waiting)
        return id
    }

    func ask(_ rows: [String], dryRun: Bool = false) async throws -> FileImport.ID {
        try await ask(([ImportForYearsTests.header] + rows).joined(separator: "\n"), dryRun: dryRun)
    }

    func found(_ id: FileImport.ID) async throws -> FileImport { try #require(try await database.fileImport(id)) }

    func count(_ table: SQL) async throws -> Int { try await database.value("SELECT count(*) FROM \(table)", as: Int.self) ?? 0 }

    /// The report row by row, as `kind row`.
    func notes(_ id: FileImport.ID) async throws -> [String] {
        let page = try await database.notes(of: id, Paging(limit: 200, order: "position"))
        return try page.items.map { note in
            guard case .object(let members) = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(note)),
                case .string(let kind) = members["kind"], case .number(let row) = members["row"]
            else { return "no note" }
            return "\(kind) \(Int(row))"
        }
    }

    @Test func whatIsAskedForIsCarriedOutAndTold() async throws {
        try await registry.communes()
        let first = try await ask([Self.row("1", "A", "+33477000001", "X")])
        #expect(try await runner.runDue() == 1)
        #expect(try await found(first).status == .done)
        let second = try await ask([
            Self.row("1", "B", "12", "X"), Self.row("2", "", "+33477000001", "X"), Self.row("3", "C", "+33477000001", "X"),
        ])
        #expect(try await runner.runDue() == 1)
        let done = try await found(second)
        #expect(done.status == .done && done.records == 3 && done.total == 3 && done.finishedAt == registry.clock.now)
        let report = try #require(done.report)
        #expect([report.created, report.updated, report.rejectedRows, report.warningCount] as [Int] == [1, 1, 1, 1])
        #expect(report.changes.count == 1 && report.rejected.count == 1 && report.warnings.count == 1)
        #expect(try await notes(second) == ["rejected 3", "warning 2", "change 2"])
        // By who asked, and nothing is left of the file.
        #expect(
            try await database.values("SELECT DISTINCT actor_role FROM events WHERE kind LIKE 'place.%'", as: String.self) == [
                "coordinator"
            ])
        #expect(try await count("import_files") == 0)
        #expect(try await count("jobs") == 0)
    }

    @Test func aDryRunTellsAndChangesNothing() async throws {
        try await registry.communes()
        let id = try await ask([Self.row("1", "A", "+33477000001", "X"), Self.row("2", "", "", "X")], dryRun: true)
        try await runner.runDue()
        let done = try await found(id)
        #expect(done.status == .done && done.report?.created == 1 && done.report?.rejectedRows == 1)
        #expect(try await notes(id).count == 1)
        for table in ["places", "place_sources", "import_changes"] as [SQL] { #expect(try await count(table) == 0) }
        let refused = await failure { () throws(RegistryError) in
            try await registry.write { tx throws(RegistryError) in
                try await ImportDesk(registry.generators).undo(id, by: OwnRegistry.staff, in: tx)
            }
        }
        #expect(refused == .conflict(.importNotUndoable))
    }

    @Test func recordsWithoutASourceTakeTheOneThatIsGiven() async throws {
        try await registry.communes()
        _ = try await ask(
            [ImportForYearsTests.header, Self.row("1", "A", "", ""), Self.row("2", "B", "", "Y")].joined(separator: "\n"), source: "Z")
        try await runner.runDue()
        #expect(try await database.values("SELECT source FROM place_sources ORDER BY source_id", as: String.self) == ["Z", "Y"])
    }

    @Test func aFileThatCannotBeReadFailsAndSaysWhy() async throws {
        let early = try await ask([Self.row("1", "A", "", "X")])
        try await runner.runDue()
        #expect(try await found(early).failure == "There are no communes yet. Import them first: relais import communes FILE")
        try await registry.communes()
        for (text, words) in [
            ("id,nom\n1,A", "columns are missing"), ("a\0b;c\n", "a\u{fffd}b"), ("[{\"id\": 1", "not valid JSON"), (" \n ", "empty"),
        ] {
            let id = try await ask(text)
            try await runner.runDue()
            let failed = try await found(id)
            #expect(failed.status == .failed && failed.finishedAt != nil, "\(words)")
            #expect(failed.failure?.contains(words) == true, "\(failed.failure ?? "")")
        }
        #expect(try await count("import_files") == 0)
        #expect(try await count("jobs") == 0)
    }

    /// PostgreSQL's texts and JSON have no NUL.
    @Test func aNulCharacterIsToldAndStopsNothing() async throws {
        try await registry.communes()
        let row =
            #"{"id": "1", "pivot": "00000000000000", "nom": "A\u0000", "commune": "Saint-Étienne", "code_postal": "42000", "adresse": "1 rue"#
        let id = try await ask("[\(row)\", \"date_maj\": \"2024-04-02\", \"a\\u0000b\": \"\"}]")
        try await runner.runDue()
        let done = try await found(id)
        #expect(done.status == .done && done.report?.rejected.map(\.value) == ["A\u{fffd}"])
    }

    @Test func whileAnotherIsAtWorkItWaits() async throws {
        try await registry.communes()
        let id = try await ask([Self.row("1", "A", "", "X")])
        try await database.aloneInImports { () throws(RegistryError) in
            do throws(PostgresError) { try await runner.runDue() } catch { throw .database(error) }
        }
        #expect(try await found(id).status == .waiting)
        #expect(try await database.value("SELECT attempts FROM jobs", as: Int.self) == 0)
        registry.clock.advance(by: 5)
        try await runner.runDue()
        #expect(try await found(id).status == .done)
    }

    /// Rows of three pieces.
    static let many = (1...1200).map { row("\($0)", $0 % 100 == 0 ? "" : "A", "+33477000001", "X") }

    /// Runs `body` while an import of ``many`` has written its first piece, and stands still within the second: that waits for a transaction which makes
    /// the same record.
    func stopped(
        _ id: FileImport.ID, running run: @escaping @Sendable (JobRunner) async throws -> Int = { try await $0.runDue() },
        _ body: (Task<Int, any Error>) async throws -> Void
    ) async throws {
        let outcome: Result<Void, any Error> = try await database.transaction { tx throws(PostgresError) in
            try await tx.execute(
                """
                INSERT INTO places (id, name, address, postcode, commune_name, source, source_id, created_at, updated_at)
                VALUES (\(UUID()), 'A', '1 rue', '42000', 'A', 'X', '701', now(), now())
                """)
            do {
                let runner = runner
                let task = Task { try await run(runner) }
                while try await database.value(
                    """
                    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
                       AND (SELECT records FROM imports WHERE id = \(id)) = 500
                    """, as: Int.self) == 0
                { try await Task.sleep(for: .milliseconds(10)) }
                return .success(try await body(task))
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
    }

    @Test func othersReadDuringAnImportAndAreToldHowFarItIs() async throws {
        try await registry.communes()
        let id = try await ask(Self.many)
        let other = Database(OwnDatabase.conninfo, limit: 1)
        var running: Task<Int, any Error>?
        try await stopped(id) { task in
            running = task
            // What is written so far is there to read, and so is how far it is.
            #expect(try await other.search(PlaceFilter(), Paging(limit: 200)).items.count == 200)
            #expect(try await other.value("SELECT count(*) FROM places", as: Int.self) == 495)
            let now = try #require(try await other.fileImport(id))
            #expect(now.status == .running && now.records == 500 && now.total == 1200)
            #expect(now.report?.created == 495 && now.report?.rejectedRows == 5)
            #expect(try await other.notes(of: id, Paging(limit: 200, order: "position")).items.count == 5)
        }
        #expect(try await running?.value == 1)
        await other.close()
        let done = try await found(id)
        // The record that stood in its way is one that the registry knows by then.
        #expect(done.status == .done && done.records == 1200 && done.report?.rejectedRows == 12)
        #expect(done.report?.created == 1187 && done.report?.updated == 1)
    }

    @Test func otherJobsAreDoneMeanwhile() async throws {
        try await registry.communes()
        let id = try await ask(Self.many)
        let working: @Sendable (JobRunner) async -> Int = { runner in
            await runner.run()
            return 0
        }
        try await stopped(id, running: working) { task in
            let job = Job.seekCandidates(for: Request.ID(UUID()), at: registry.clock.now)
            _ = try await registry.write { tx throws(RegistryError) in try await tx.enqueue(job, at: registry.clock.now) }
            while try await count("jobs") > 1 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(try await found(id).status == .running)
            task.cancel()
            _ = try await task.value
        }
    }

    @Test func oneThatWasInterruptedGoesOnAndItsReportIsWhole() async throws {
        try await registry.communes()
        let id = try await ask(Self.many)
        try await stopped(id) { task in
            // As a server does that is told to stop.
            task.cancel()
            await #expect(throws: PostgresError.self) { try await task.value }
        }
        #expect(try await found(id).status == .running)
        #expect(try await database.value("SELECT count(*) FROM places WHERE source_id::int > 500", as: Int.self) == 1)
        try await database.execute("DELETE FROM row_versions WHERE row->>'source_id' = '701'")
        try await database.execute("DELETE FROM places WHERE source_id = '701'")
        // The lease has to run out first.
        #expect(try await runner.runDue() == 0)
        registry.clock.advance(by: 61)
        #expect(try await runner.runDue() == 1)
        let done = try await found(id)
        #expect(done.status == .done && done.records == 1200)
        #expect(
            done.report?.created == 1188 && done.report?.rejectedRows == 12 && done.report?.unchanged == 0 && done.report?.vanished == 0)
        #expect(done.report?.rejected.map(\.row) == (1...12).map { $0 * 100 + 1 })
        #expect(try await notes(id).count == 12)
        #expect(try await count("places") == 1188)
        #expect(try await registry.events("place.created") == 1188)
        // All of it is one import, and undone as one.
        _ = try await registry.write { tx throws(RegistryError) in
            try await ImportDesk(registry.generators).undo(id, by: OwnRegistry.staff, in: tx)
        }
        #expect(try await found(id).status == .undoing)
        #expect(try await runner.runDue() == 1)
        let undone = try await found(id)
        #expect(undone.status == .undone && undone.undoing?.removed == 1188 && undone.undoneAt == registry.clock.now)
        #expect(try await count("places") == 0)
    }

    @Test func anUndoingThatWasInterruptedGoesOn() async throws {
        try await registry.communes()
        let id = try await ask((1...3).map { Self.row("\($0)", "A", "", "X") })
        try await runner.runDue()
        _ = try await registry.write { tx throws(RegistryError) in
            let (report, before) = try await tx.beginUndoing(id)
            let piece = try await tx.undo(id, before: before, limit: 1, by: .system, at: registry.clock.now)
            tx.note(report.adding(piece), before: piece.last ?? before)
        }
        #expect(try await count("places") == 2)
        #expect(try await found(id).undoing?.removed == 1)
        _ = try await registry.write { tx throws(RegistryError) in
            try await ImportDesk(registry.generators).undo(id, by: OwnRegistry.staff, in: tx)
        }
        try await runner.runDue()
        #expect(try await found(id).undoing?.removed == 3)
        #expect(try await count("places") == 0)
    }

    @Test func anUndoingThatHasBecomeImpossibleSaysWhyAndTheImportStands() async throws {
        try await registry.communes()
        let id = try await ask([Self.row("1", "A", "", "X")])
        try await runner.runDue()
        _ = try await registry.write { tx throws(RegistryError) in
            try await ImportDesk(registry.generators).undo(id, by: OwnRegistry.staff, in: tx)
        }
        let file = try await PlaceFile(Array([ImportForYearsTests.header, Self.row("1", "B", "", "X")].joined(separator: "\n").utf8))
        _ = try await PlaceImport(database, registry.generators).run(file, by: .system)
        try await runner.runDue()
        let stands = try await found(id)
        #expect(stands.status == .done && stands.undoing?.failure == RegistryError.Conflict.importOvertaken.words)
    }
}
