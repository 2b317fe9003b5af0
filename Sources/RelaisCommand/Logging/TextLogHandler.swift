import Foundation
import Logging
import Relais

/// Lines for people: `18:30:12.123 info request method=GET route=/api/v1/places status=200`.
struct TextLogHandler: LogHandler {
    let label: String
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        LogOutput.standardError.write(line(event.level, event.message, event.metadata, at: Date()))
    }

    func line(_ level: Logger.Level, _ message: Logger.Message, _ metadata: Logger.Metadata?, at now: Date) -> [UInt8] {
        let time = now.rfc3339.dropFirst(11).prefix { $0 != "." && $0 != "Z" }
        var text = "\(time) \(level.rawValue) \(message)"
        for (key, value) in self.metadata.joined(by: metadata) { text += " \(key)=\(value)" }
        // A line break in a value would make a line of its own.
        return Array(text.utf8.map { $0 < 0x20 ? UInt8(ascii: " ") : $0 }) + [UInt8(ascii: "\n")]
    }
}
