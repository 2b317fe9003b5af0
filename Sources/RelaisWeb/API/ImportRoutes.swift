import Crypto
import HTTPTypes
import Hummingbird
import NIOCore
import Postgres
import Relais

/// `/imports`: files of places, brought in by a job that tells how far it is.
struct ImportRoutes {
    let database: Database
    let writing: Writing
    let desk: ImportDesk
    let generators: Generators
    /// Bytes of a file.
    let largest: Int

    init(_ parts: WebParts) {
        database = parts.database
        writing = parts.writing
        desk = ImportDesk(parts.generators)
        generators = parts.generators
        largest = parts.settings.largestFile
    }

    var endpoints: RouteCollection<AppContext> {
        RouteCollection(context: AppContext.self)
            .get(use: list)
            .post(use: create)
            .get(":id", use: read)
            .get(":id/report", use: report)
            .post(":id/undo", use: undo)
    }

    /// Forms that a file may have. Which one it has shows in itself; what is none of them is refused at the door.
    private static let types = ["text/csv", "application/json", "application/x-ndjson"]

    @Sendable func list(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.importPlaces)
        var query = QueryReader(request)
        let paging = query.paging()
        try query.finish()
        return context.answer(try await database.imports(paging), to: request)
    }

    /// Takes the file piece by piece, then the import; a job begins with it at once.
    @Sendable func create(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.importPlaces)
        var query = QueryReader(request)
        var options = PlaceImport.Options()
        options.isDryRun = query.choice("mode", of: FileImport.Mode.self, required: true) == .dryRun
        options.isPartial = query.flag("partial") ?? false
        options.source = query.text("source")
        options.file = query.text("file")
        try query.finish()
        try context.body.require(Self.types)
        var sent = SentFile(FileImport.ID(generators.newID()), in: database, generators)
        let outcome: Result<Response, any Error>
        do { outcome = .success(try await take(request, context, &sent, options)) } catch { outcome = .failure(error) }
        // A request that was repeated or refused leaves nothing behind; what cannot be taken away now goes with a later one.
        try? await sent.forgetIfUnused()
        return try outcome.get()
    }

    /// What is sent as JSON and is none is refused at once; all else is seen when the file is looked over.
    private static func check(head: ByteBuffer, of context: AppContext) throws(Problem) {
        guard context.body.contentType?.contains("json") == true else { return }
        let start = head.readableBytesView.first { $0 != 0x20 && !(0x09...0x0d).contains($0) }
        // An array, an object, or the mark of an encoding.
        let starts: [UInt8] = [UInt8(ascii: "["), UInt8(ascii: "{"), 0xef, 0xfe, 0xff]
        guard let start, !starts.contains(start) else { return }
        throw Problem(.malformed, "This is no JSON: expected an array of records, or a record in each line.")
    }

    private func take(
        _ request: Request, _ context: AppContext, _ sent: inout SentFile, _ options: PlaceImport.Options
    ) async throws -> Response {
        var digest = SHA256()
        for try await chunk in request.body {
            if sent.count == 0 { try Self.check(head: chunk, of: context) }
            guard sent.count + chunk.readableBytes <= largest else { throw Problem.fileTooLarge(largest) }
            digest.update(data: chunk.readableBytesView)
            try await sent.write(chunk.readableBytesView)
        }
        guard sent.count > 0 else { throw InvalidInput("", "file", "The file is empty: the body is to be the file itself.") }
        try await sent.finish()
        // What an Idempotency-Key is compared by.
        var context = context
        context.body.bytes = ByteBuffer(bytes: digest.finalize())
        let id = sent.id
        return try await writing.perform(
            request, context, failing: RegistryError.self, status: .accepted, location: Self.address
        ) { [context] tx throws(RegistryError) in
            try await desk.ask(id, options, by: context.caller, in: tx)
        }
    }

    @Sendable func read(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.importPlaces)
        try request.refuseQuery()
        guard let found = try await database.fileImport(context.id(FileImport.self)) else { throw Problem.notFound }
        return context.answer(found, to: request)
    }

    /// Row by row.
    @Sendable func report(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.importPlaces)
        var query = QueryReader(request)
        let kind = query.choice("kind", of: ImportNote.Kind.self)
        let paging = query.paging(order: "position", parts: [.number])
        try query.finish()
        guard let found = try await database.fileImport(context.id(FileImport.self)) else { throw Problem.notFound }
        return context.answer(try await database.notes(of: found.id, kind: kind, paging), to: request)
    }

    @Sendable func undo(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.importPlaces)
        try request.refuseQuery()
        let id = try context.id(FileImport.self)
        _ = try context.body.json(optional: true).read { _ in true }
        return try await writing.perform(
            request, context, failing: RegistryError.self, status: .accepted, location: Self.address
        ) { tx throws(RegistryError) in
            try await desk.undo(id, by: context.caller, in: tx)
        }
    }

    private static func address(of file: FileImport) -> String { "/api/v1/imports/\(file.id)" }
}

extension Body {
    /// Whether the body of a request is read by its route, as it comes, and not before it.
    static func isFile(_ method: HTTPRequest.Method, _ path: some StringProtocol) -> Bool {
        method == .post && path.prefix { $0 != "?" }.split(separator: "/").elementsEqual(["api", "v1", "imports"])
    }
}

extension Problem {
    static func fileTooLarge(_ limit: Int) -> Problem {
        Problem(.tooLarge, "A file may have \(limit >> 20) MiB at most: send it in parts, with partial=true.")
    }
}
