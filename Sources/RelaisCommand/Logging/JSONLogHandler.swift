import Foundation
import Logging
import Relais

/// Lines for programs: `{"time":"…","level":"info","logger":"relais.web","message":"request","method":"GET",…}`.
struct JSONLogHandler: LogHandler {
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
        var text: [UInt8] = []
        text.reserveCapacity(300)
        text.append(contentsOf: "{\"time\":\"".utf8)
        text.append(contentsOf: now.rfc3339.utf8)
        text.append(contentsOf: "\",\"level\":\"".utf8)
        text.append(contentsOf: level.rawValue.utf8)
        text.append(contentsOf: "\",\"logger\":".utf8)
        Self.append(label, to: &text)
        text.append(contentsOf: ",\"message\":".utf8)
        Self.append(message.description, to: &text)
        for (key, value) in self.metadata.joined(by: metadata) {
            text.append(UInt8(ascii: ","))
            Self.append(key, to: &text)
            text.append(UInt8(ascii: ":"))
            Self.append(value, to: &text)
        }
        text.append(contentsOf: "}\n".utf8)
        return text
    }

    private static func append(_ value: Logger.MetadataValue, to text: inout [UInt8]) {
        switch value {
        case .string(let string): append(string, to: &text)
        case .stringConvertible(let number as any BinaryInteger): text.append(contentsOf: String(describing: number).utf8)
        case .stringConvertible(let other): append(other.description, to: &text)
        case .array(let items):
            text.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                append(item, to: &text)
            }
            text.append(UInt8(ascii: "]"))
        case .dictionary(let members):
            text.append(UInt8(ascii: "{"))
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                append(member.key, to: &text)
                text.append(UInt8(ascii: ":"))
                append(member.value, to: &text)
            }
            text.append(UInt8(ascii: "}"))
        }
    }

    private static func append(_ string: String, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append(contentsOf: [UInt8(ascii: "\\"), byte])
            case 0x0a: text.append(contentsOf: "\\n".utf8)
            case 0..<0x20: text.append(contentsOf: "\\u00\(byte < 16 ? "0" : "1")\(String(byte & 15, radix: 16))".utf8)
            default: text.append(byte)
            }
        }
        text.append(UInt8(ascii: "\""))
    }
}
