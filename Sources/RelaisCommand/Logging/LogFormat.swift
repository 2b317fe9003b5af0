import Foundation
import Logging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How lines of the log look.
enum LogFormat: String, Sendable {
    /// One JSON object a line, for programs.
    case json
    /// For people.
    case text

    /// For people on a terminal, for programs elsewhere.
    static var standard: LogFormat { isatty(STDERR_FILENO) == 1 ? .text : .json }

    /// From here on everything is logged in this format, on standard error.
    func begin(_ level: Logger.Level) {
        atexit { LogOutput.standardError.end() }
        LoggingSystem.bootstrap { label in
            switch self {
            case .json: JSONLogHandler(label: label, logLevel: level)
            case .text: TextLogHandler(label: label, logLevel: level)
            }
        }
    }
}
