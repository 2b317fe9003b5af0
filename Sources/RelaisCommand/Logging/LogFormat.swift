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
        LoggingSystem.bootstrap { label in
            switch self {
            case .json: JSONLogHandler(label: label, logLevel: level)
            case .text: TextLogHandler(label: label, logLevel: level)
            }
        }
    }
}

enum LogOutput {
    /// Writes a line in one call, so that those of several threads do not mix.
    static func write(_ line: [UInt8]) {
        line.withUnsafeBytes { bytes in
            var written = 0
            while written < bytes.count {
                let count = Self.write(bytes, from: written)
                if count < 0, errno == EINTR { continue }
                if count <= 0 { return }
                written += count
            }
        }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        #if canImport(Glibc)
            Glibc.write(STDERR_FILENO, bytes.baseAddress?.advanced(by: start), bytes.count - start)
        #else
            Darwin.write(STDERR_FILENO, bytes.baseAddress?.advanced(by: start), bytes.count - start)
        #endif
    }

    /// What a line carries: the handler's own metadata, and the line's, which wins.
    static func merged(_ handler: Logger.Metadata, _ line: Logger.Metadata?) -> [(key: String, value: Logger.MetadataValue)] {
        guard let line, !line.isEmpty else { return handler.sorted { $0.key < $1.key } }
        return handler.merging(line) { $1 }.sorted { $0.key < $1.key }
    }
}
