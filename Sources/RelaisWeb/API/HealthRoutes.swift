import HTTPTypes
import Hummingbird
import Postgres
import Relais

/// `/health/live`: the process answers. `/health/ready`: it can serve, since the database answers and has the schema that this program knows.
struct HealthRoutes {
    let database: Database

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
        let status: [Migrator.Status]
        do throws(MigrationError) {
            status = try await Migrator(database: database, migrations: migrations).status()
        } catch {
            if case .database(let error) = error { throw Problem.of(error) }
            throw Problem.unavailable("The database is not the one that this program knows: see `relais migrate status`.", retryAfter: 30)
        }
        guard status.allSatisfy({ $0.appliedAt != nil }) else {
            throw Problem.unavailable("The database is not up to date: an administrator runs `relais migrate up`.", retryAfter: 30)
        }
        return Answer(.ok, Health(status: "ok")).response
    }
}
