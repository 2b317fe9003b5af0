import HTTPTypes
import NIOCore
import Relais

/// The body of a request, read whole before the route is called; but for a file to be imported (``isFile(_:)``).
///
/// ```swift
/// let draft = try TokenDraft(context.body.json())          // 415, 400, then 422 with all that is wrong
/// let reason = try context.body.json(optional: true)       // a verb whose body may be left out: {}
/// ```
public struct Body: Sendable {
    /// Bytes that a body may have; a longer one is answered 413.
    public static let largest = 1 << 20

    var contentType: String?
    var bytes = ByteBuffer()

    /// The body as JSON; `{}` when it is `optional` and there is none.
    func json(optional: Bool = false) throws(Problem) -> JSONValue {
        try json(optional: optional, types: ["application/json"])
    }

    /// The body as a merge patch (RFC 7396); `application/json` is taken for one.
    func mergePatch() throws(Problem) -> JSONValue {
        try json(optional: false, types: ["application/merge-patch+json", "application/json"])
    }

    /// Lets a body through whose Content-Type is one of `types`.
    func require(_ types: [String]) throws(Problem) {
        let type = contentType?.prefix { $0 != ";" }.trimmingSpaces().lowercased() ?? ""
        guard types.contains(type) else {
            throw Problem(
                .unsupportedMediaType, "The body must be \(types.joined(separator: " or ")), and Content-Type must say so.",
                headers: [.accept: types.joined(separator: ", ")])
        }
    }

    private func json(optional: Bool, types: [String]) throws(Problem) -> JSONValue {
        if bytes.readableBytes == 0 {
            if optional { return .object([:]) }
            throw Problem(.malformed, "This needs a body: a JSON object.", code: "body_missing")
        }
        try require(types)
        do throws(InvalidJSON) {
            return try JSONValue(parsing: bytes.readableBytesView)
        } catch {
            throw Problem(.malformed, "The body is not JSON: \(error.message) Line \(error.line), byte \(error.column).", code: "json")
        }
    }
}

extension StringProtocol {
    func trimmingSpaces() -> SubSequence {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        let start = drop(while: isSpace)
        guard let end = start.lastIndex(where: { !isSpace($0) }) else { return start[start.startIndex..<start.startIndex] }
        return start[...end]
    }
}
