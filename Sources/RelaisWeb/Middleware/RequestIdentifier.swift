import Foundation
import HTTPTypes
import Hummingbird

/// What names a request in logs: the client's `X-Request-Id` when it is sane, or one of ours; and the trace it belongs to (`traceparent`).
enum RequestIdentifier {
    static func of(_ request: Request) -> String {
        if let given = request.headers[.xRequestID], (1...128).contains(given.utf8.count), given.utf8.allSatisfy(isSane) { return given }
        return new()
    }

    static func new() -> String {
        var generator = SystemRandomNumberGenerator()
        return String(generator.next() as UInt64, radix: 36) + String(generator.next() as UInt32, radix: 36)
    }

    /// The trace id of a W3C `traceparent`: `00-<32 hex>-<16 hex>-<2 hex>`.
    static func trace(of request: Request) -> String? {
        guard let header = request.headers[.traceParent] else { return nil }
        let parts = header.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[0].utf8.count == 2, parts[1].utf8.count == 32, parts[2].utf8.count == 16, parts[3].utf8.count == 2,
            parts.prefix(4).allSatisfy({ $0.utf8.allSatisfy(isLowerHexadecimal) }), !parts[1].utf8.allSatisfy({ $0 == UInt8(ascii: "0") })
        else { return nil }
        return String(parts[1])
    }

    /// Letters, digits and `-_.:+/=`: nothing that could break a line of a log.
    private static func isSane(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "-_.:+/=".utf8.contains(byte)
        }
    }

    private static func isLowerHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}

extension HTTPField.Name {
    static let traceParent = HTTPField.Name("traceparent") ?? .xRequestID
}
