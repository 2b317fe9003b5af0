import HTTPTypes
import Hummingbird
import Logging
import Postgres
import Relais

/// The line that each request leaves: what, how it ended, how long it took. The route's pattern stands for the address, so that neither a query nor
/// an identifier that somebody made up is written down.
enum AccessLog {
    static func write(_ request: Request, _ context: AppContext, _ status: HTTPResponse.Status, took duration: Duration) {
        guard context.logger.logLevel <= .info else { return }
        var metadata: Logger.Metadata = [
            "method": .string(request.method.rawValue),
            "route": .string(context.endpointPath.map { $0 == "NotFound" ? "-" : $0 } ?? "-"),
            "status": .stringConvertible(status.code),
            "ms": .string(milliseconds(duration)),
        ]
        if let token = context.caller.token { metadata["token"] = .string(token.description) }
        context.logger.info("request", metadata: metadata)
    }

    private static func milliseconds(_ duration: Duration) -> String {
        let microseconds = Int(duration.inSeconds * 1_000_000)
        let fraction = String(microseconds % 1000)
        return "\(microseconds / 1000)." + String(repeating: "0", count: 3 - fraction.utf8.count) + fraction
    }
}

/// An error as it may stand in a log: the description of an error of the database quotes no values; of any other, which may quote what a person
/// wrote, only the type is told, and the database's error within it.
public func errorForLog(_ error: any Error) -> String {
    if let error = error as? PostgresError { return error.description }
    for child in Mirror(reflecting: error).children {
        if let inner = child.value as? PostgresError { return "\(type(of: error)): \(inner.description)" }
    }
    return String(reflecting: type(of: error))
}
