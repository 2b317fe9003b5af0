import Hummingbird
import Logging
import NIOCore
import Postgres
import Relais

/// Writes entries piece by piece: what it gives, joined, is the file.
protocol EntryWriter: Sendable {
    associatedtype Entry: Sendable

    /// What stands before all entries.
    var head: [UInt8] { get }
    mutating func write(_ entries: [Entry]) -> [UInt8]
    /// What stands after all entries.
    var tail: [UInt8] { get }
}

extension PlaceWriter: EntryWriter {
    typealias Entry = FoundPlace
}

extension Response {
    /// All that is found, sent page by page as it is read. The first page is read before anything is answered, so that what goes wrong then is told.
    ///
    /// - Parameters:
    ///   - order: The name of the order in which `read` gives it.
    ///   - logger: Is told when the answer breaks off: its status has been sent by then.
    static func whole<Writer: EntryWriter>(
        _ writer: Writer, as mediaType: String, order: String, logger: Logger,
        _ read: @escaping @Sendable (Paging) async throws -> Page<Writer.Entry>
    ) async throws -> Response {
        let first = try await read(Paging(limit: Paging.largest, order: order))
        let body = ResponseBody { sender in
            var pieces = writer
            try await sender.write(ByteBuffer(bytes: pieces.head + pieces.write(first.items)))
            var next = first.next
            while let cursor = next {
                let page: Page<Writer.Entry>
                do {
                    page = try await read(Paging(limit: Paging.largest, order: order, after: cursor))
                } catch {
                    logger.error("the answer broke off", metadata: ["error": "\(errorForLog(error))"])
                    throw error
                }
                try await sender.write(ByteBuffer(bytes: pieces.write(page.items)))
                next = page.next
            }
            try await sender.write(ByteBuffer(bytes: pieces.tail))
            try await sender.finish(nil)
        }
        let type = mediaType == "text/csv" ? "text/csv; charset=utf-8; header=present" : mediaType
        return Response(status: .ok, headers: [.contentType: type], body: body)
    }
}

extension QueryReader {
    /// Notes what only pages have: all that is found is given without it.
    mutating func noteWithoutPages() {
        for name in ["limit", "cursor", "facets", "total"] where has(name) {
            note(name, "without_pages", "CSV and NDJSON give all that is found, and nothing beside it.", isWellFormed: true)
        }
    }
}
