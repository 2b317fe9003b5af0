import HTTPTypes
import Hummingbird
import Postgres
import Relais
import Synchronization

/// `/health/live`: the process answers. `/health/ready`: it can serve, since the database answers and has the schema that this program knows.
final class HealthRoutes: Sendable {
    /// How long it is believed that all is well. These two addresses are the only ones that are not limited, and `ready` asks the database.
    static let trust = Duration.seconds(1)

    private let database: Database
    private let readyUntil = Mutex(ContinuousClock.now)

    init(database: Database) {
        self.database = database
    }

    var endpoints: RouteCollection<AppContext> {
        RouteCollection(context: AppContext.self)
            .get("live", use: live)
            .get("ready", use: ready)
    }

    private struct Health: Encodable {
        let status: String
    }

    @Sendable func live(_ request: Request, context: AppContext) async throws -> Response {
        Answer(.ok, Health(status: "ok")).response
    }

    @Sendable func ready(_ request: Request, context: AppContext) async throws -> Response {
        let now = ContinuousClock.now
        if readyUntil.withLock({ $0 > now }) { return Answer(.ok, Health(status: "ok")).response }
        let isCurrent: Bool
        do throws(PostgresError) {
            isCurrent = try await Migrator(database: database, migrations: migrations).isCurrent()
        } catch {
            // 42P01: the table of migrations is not there, so nothing was ever applied.
            guard error.sqlState == "42P01" else { throw Problem.of(error) }
            isCurrent = false
        }
        guard isCurrent else {
            throw Problem.unavailable(
                "The database is not the one that this program knows: see `relais migrate status`. An administrator runs `relais migrate up`.",
                retryAfter: 30)
        }
        readyUntil.withLock { $0 = now + Self.trust }
        return Answer(.ok, Health(status: "ok")).response
    }
}
