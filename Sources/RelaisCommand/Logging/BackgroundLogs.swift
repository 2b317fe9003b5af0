import Logging
import Postgres
import Relais
import RelaisWeb

/// What the pool says of itself, for the log. Of an error only the description, which quotes no values.
struct DatabaseLog: Sendable {
    let logger: Logger

    func note(_ event: DatabaseEvent) {
        switch event {
        case .connectionOpened(let duration): logger.debug("connection opened", metadata: ["took": "\(duration)"])
        case .connectionFailed(let error): logger.warning("no connection to the database", metadata: ["error": "\(error.description)"])
        case .connectionClosed(let reason): logger.debug("connection closed", metadata: ["reason": "\(reason)"])
        case .patienceEnded(let waiting): logger.warning("no connection was free in time", metadata: ["waiting": "\(waiting)"])
        case .transactionRetried(let attempt): logger.debug("transaction begun anew", metadata: ["attempt": "\(attempt)"])
        case .listenerConnected: logger.debug("listening")
        case .listenerLost(let error): logger.warning("listening is interrupted", metadata: ["error": "\(error.description)"])
        }
    }
}

/// What became of jobs: kinds and errors, nobody's data.
struct JobLog: Sendable {
    let logger: Logger

    func note(_ report: JobRunner.Report) {
        switch report {
        case .done(let kind): logger.debug("job done", metadata: ["kind": .string(kind.rawValue)])
        case .failed(let kind, let attempts, let error):
            logger.warning(
                "job failed, and is tried again",
                metadata: ["kind": .string(kind.rawValue), "attempts": .stringConvertible(attempts), "error": .string(errorForLog(error))])
        case .dead(let kind, let error):
            logger.error(
                "job failed for the last time: it stays in the table jobs",
                metadata: ["kind": .string(kind.rawValue), "error": .string(errorForLog(error))])
        case .cannotTake(let error): logger.warning("no job can be taken", metadata: ["error": .string(errorForLog(error))])
        }
    }
}
