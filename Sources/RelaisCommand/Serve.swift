import ArgumentParser
import Foundation
import Logging
import Postgres
import Relais
import RelaisWeb
import ServiceLifecycle
import UnixSignals

/// `relais serve`: the HTTP server and what runs beside it, until SIGTERM or SIGINT.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves the registry over HTTP.",
        discussion: """
            A flag wins over the environment, and the environment over the file named by --config, in which a setting stands under the name of its \
            variable without RELAIS_ and in lower case: {"listen": "0.0.0.0:8080"}. SIGTERM or SIGINT: requests that have begun are finished, then it ends.
            """)

    @OptionGroup var flags: SettingFlags

    @Option(
        help: ArgumentHelp(
            "Run a private PostgreSQL in this directory; it is made if need be, and stopped with the server.", valueName: "dir"))
    var embedded: String?

    @Flag(help: "Bring the schema forward before serving, as --embedded does by itself.")
    var migrate = false

    /// How long requests may take to finish once the server is told to stop.
    private static let patience = Duration.seconds(30)

    func run() async throws {
        runTasksOnEventLoops()
        let reader = try SettingReader(flags: flags.given, file: flags.database.config)
        let settings = try Settings(reader)
        if embedded != nil, flags.database.databaseURL != nil {
            throw WrongUse("--embedded brings its own database: give it or --database-url, not both.")
        }
        settings.logFormat.begin(settings.logLevel)
        let logger = Logger(label: "relais")
        let stop = await StopSignal.listen()
        guard let embedded else {
            guard let url = settings.databaseURL else {
                throw WrongUse(
                    "RELAIS_DATABASE_URL (--database-url) is not set. Give it, as postgresql://user@host/relais, or use --embedded DIR to run a private PostgreSQL."
                )
            }
            return try await serve(url, settings, logger, until: stop)
        }
        let cluster: EmbeddedCluster
        do throws(EmbeddedClusterError) {
            cluster = try await EmbeddedCluster.start(in: embedded) { logger.notice("\($0)") }
        } catch { throw Failed("\(error)") }
        let outcome: Result<Void, any Error>
        do {
            let watch = BackgroundTask { await cluster.keepRunning { logger.warning("\($0)") } }
            outcome = .success(try await serve(cluster.conninfo, settings, logger, until: stop, beside: [watch]))
        } catch { outcome = .failure(error) }
        logger.notice("stopping PostgreSQL")
        do throws(EmbeddedClusterError) { try await cluster.stop() } catch { throw Failed("\(error)") }
        try outcome.get()
    }

    private func serve(
        _ conninfo: String, _ settings: Settings, _ logger: Logger, until stop: StopSignal, beside: [any Service] = []
    ) async throws {
        if stop.isTold { return }
        let database = Database(conninfo, limit: settings.poolSize, observe: DatabaseLog(logger: Logger(label: "relais.database")).note)
        do {
            try await prepare(database, logger)
            let parts = WebParts(
                database: database, keyring: try await keyring(settings, database, logger),
                settings: WebSettings(publicURL: settings.publicURL, limits: settings.limits, trustedProxies: settings.trustedProxies),
                logger: Logger(label: "relais.web"))
            let application = try buildApplication(
                parts, host: settings.host, port: settings.port, services: services(parts) + beside,
                onRunning: { port in
                    logger.notice(
                        "serving",
                        metadata: ["address": "http://\(settings.host.contains(":") ? "[\(settings.host)]" : settings.host):\(port)"])
                })
            var configuration = ServiceGroupConfiguration(
                services: [application], gracefulShutdownSignals: [], logger: logger)
            configuration.maximumGracefulShutdownDuration = Self.patience
            let group = ServiceGroup(configuration: configuration)
            await stop.ends(group)
            try await group.run()
        } catch let error as any CommandFailure {
            await database.close()
            throw error
        } catch {
            await database.close()
            throw Failed("the server cannot go on: \(error)")
        }
        logger.notice("stopped")
        await database.close()
    }

    /// What runs beside the server.
    private func services(_ parts: WebParts) -> [any Service] {
        let jobs = JobRunner(
            database: parts.database, generators: parts.generators, report: JobLog(logger: Logger(label: "relais.jobs")).note)
        return [
            BackgroundTask { await jobs.run() },
            BackgroundTask {
                // Answers that are too old to be repeated, all of them, a thousand at a time; a database that is away is tried again.
                while !Task.isCancelled {
                    while !Task.isCancelled, let forgotten = try? await parts.database.forgetRepeats(before: parts.generators.now()),
                        forgotten >= 1000
                    {}
                    try? await Task.sleep(for: .seconds(600))
                }
            },
        ]
    }

    /// Refuses a database that this program does not fit, or brings it forward.
    private func prepare(_ database: Database, _ logger: Logger) async throws {
        let migrator = Migrator(database: database, migrations: migrations)
        let isCurrent: Bool
        do throws(MigrationError) {
            if migrate || embedded != nil {
                for migration in try await migrator.up() {
                    logger.notice("migrated", metadata: ["migration": "\(migration.number) \(migration.name)"])
                }
                isCurrent = true
            } else {
                isCurrent = try await migrator.status().allSatisfy { $0.appliedAt != nil }
            }
        } catch {
            throw Failed("\(error)")
        }
        if !isCurrent { throw Failed("the database is not up to date. Run `relais migrate up` first, or serve with --migrate.") }
    }

    private func keyring(_ settings: Settings, _ database: Database, _ logger: Logger) async throws -> Keyring {
        if let keyring = settings.keyring { return keyring }
        if embedded == nil {
            logger.warning(
                "RELAIS_SECRET_KEYS is not set: the key that links, codes and tokens come from is kept in the database, beside what it protects"
            )
        }
        return try await Keyring.kept(in: database)
    }
}
