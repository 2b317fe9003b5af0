import Postgres
import Testing

/// The database lent to the test case that runs: a clone of the migrated template, empty but for what the migrations put there.
public enum OwnDatabase {
    @TaskLocal static var lent: Clone?

    /// To be asked in a suite or test marked `.database`.
    public static var current: Database { clone.database }

    /// The conninfo of ``current``, for a test that opens a `Database` of its own or starts a process.
    public static var conninfo: String { clone.conninfo }

    private static var clone: Clone {
        guard let lent else { fatalError("There is no database here: mark the suite or the test with .database") }
        return lent
    }
}

/// Lends each test case a database.
public struct DatabaseTrait: TestTrait, SuiteTrait, TestScoping {
    fileprivate enum Source: Sendable { case shared, fresh }

    fileprivate let source: Source

    public var isRecursive: Bool { true }

    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        let clone: Clone =
            switch source {
            case .shared: try await Clones.shared.borrow()
            case .fresh: try await Clones.shared.borrowFresh()
            }
        let result: Result<Void, any Error>
        do {
            try await OwnDatabase.$lent.withValue(clone) { try await function() }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        switch source {
        case .shared: await Clones.shared.giveBack(clone)
        case .fresh: await Clones.shared.discard(clone)
        }
        try result.get()
    }
}

extension Trait where Self == DatabaseTrait {
    /// A clone that is lent, and emptied after use: 2 to 5 ms. Not for tests that change seeded rows or the schema.
    public static var database: DatabaseTrait { DatabaseTrait(source: .shared) }

    /// A clone made for the test case alone and dropped after it: some 100 ms. For tests that change seeded rows or the schema.
    public static var freshDatabase: DatabaseTrait { DatabaseTrait(source: .fresh) }
}
