import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Postgres
import Relais
import Support
import Testing

@testable import RelaisWeb

@Suite("Imports, over HTTP", .database)
struct ImportRoutesTests {
    let database = OwnDatabase.current
    static let csv: HTTPFields = [.contentType: "text/csv; charset=utf-8"]
    static let header = "id,pivot,nom,commune,code_postal,adresse,date_maj,source"
    static let path = "/api/v1/imports?mode=apply"

    static func file(_ names: String...) -> String {
        ([header] + names.enumerated().map { "\($0),00000000000000,\($1),Saint-Étienne,42000,1 rue,2024-04-02,X" }).joined(separator: "\n")
    }

    func prepare() async throws -> (web: TestWeb, token: String) {
        try await database.execute(
            """
            INSERT INTO communes (insee_code, name, name_key, postcodes, department, kind)
            VALUES ('42218', 'Saint-Étienne', 'saint etienne', '{42000}', '42', 'COM')
            """)
        let web = try TestWeb()
        return (web, try await web.token(.coordinator).secret)
    }

    func send(_ web: TestWeb, _ token: String?, _ text: String, to path: String = path, _ headers: HTTPFields = csv) async throws
        -> TestResponse
    {
        try await web.send(.post, path, token: token, body: ByteBuffer(string: text), headers: headers)
    }

    func work(_ web: TestWeb) async throws {
        try await JobRunner(database: database, generators: web.clock.generators).runDue()
    }

    func count(_ table: SQL) async throws -> Int { try await database.value("SELECT count(*) FROM \(table)", as: Int.self) ?? 0 }

    @Test func aFileIsTakenCarriedOutToldAndUndone() async throws {
        let (web, token) = try await prepare()
        let taken = try await send(web, token, Self.file("A", "B", ""), to: "/api/v1/imports?mode=apply&file=lieux.csv&partial=true")
        #expect(taken.status == .accepted && taken.json["status"].string == "waiting")
        let address = try #require(taken.headers[.location])
        #expect(address == "/api/v1/imports/\(taken.json["id"].string ?? "")")
        #expect(try await web.send(.get, address, token: token).json["report"] == .null)
        try await work(web)
        let done = try await web.send(.get, address, token: token)
        #expect(done.json["status"].string == "done" && done.json["mode"].string == "apply" && done.json["file"].string == "lieux.csv")
        #expect(done.json["partial"] == .bool(true) && done.json["records"] == .number(3) && done.json["total"] == .number(3))
        let report = done.json["report"]
        #expect(report["created"] == .number(2) && report["rejected_rows"] == .number(1) && report["rejected"].array.count == 1)
        let tag = try #require(done.headers[.eTag])
        #expect(try await web.send(.get, address, token: token, headers: [.ifNoneMatch: tag]).status == .notModified)
        let list = try await web.send(.get, "/api/v1/imports", token: token)
        #expect(list.json["items"].array.map { $0["report"]["created"] } == [.number(2)])
        #expect(list.json["items"].array.first?["report"]["rejected"].array == [])
        let undoing = try await web.send(.post, "\(address)/undo", token: token)
        #expect(undoing.status == .accepted && undoing.headers[.location] == address && undoing.json["status"].string == "undoing")
        try await work(web)
        let undone = try await web.send(.get, address, token: token).json
        #expect(undone["status"].string == "undone" && undone["undo"]["removed"] == .number(2) && undone["undone_at"].string != nil)
        #expect(try await count("places") == 0)
        // The feed has told of them before they went, and their versions stay.
        #expect(try await database.value("SELECT count(*) FROM row_versions WHERE row->>'archived_at' IS NOT NULL", as: Int.self) == 2)
        #expect(try await web.send(.post, "\(address)/undo", token: token).json["code"].string == "import_not_undoable")
    }

    @Test func theReportGoesOnPieceByPiece() async throws {
        let (web, token) = try await prepare()
        let taken = try await send(web, token, Self.file("A", "", "", ""), to: "/api/v1/imports?mode=dry_run")
        try await work(web)
        #expect(try await count("places") == 0)
        let address = "\(taken.headers[.location] ?? "")/report"
        let first = try await web.send(.get, "\(address)?limit=2", token: token)
        #expect(first.json["items"].array.map { $0["row"] } == [.number(3), .number(4)])
        #expect(first.json["items"].array.allSatisfy { $0["kind"].string == "rejected" && $0["code"].string == "required" })
        let next = try #require(first.json["next_cursor"].string)
        #expect(first.headers[.link]?.contains(next) == true)
        let second = try await web.send(.get, "\(address)?limit=2&cursor=\(next)", token: token)
        #expect(second.json["items"].array.map { $0["row"] } == [.number(5)] && second.json["next_cursor"] == .null)
        #expect(try await web.send(.get, "\(address)?kind=warning", token: token).json["items"].array == [])
        #expect(try await web.send(.get, "\(address)?kind=error", token: token).errors == ["kind unknown_code"])
    }

    @Test func onlyStaffAndToolsThatWriteMay() async throws {
        let (web, _) = try await prepare()
        let file = Self.file("A")
        #expect(try await send(web, nil, file).problem == "401 /problems/unauthenticated")
        for role in [Caller.Role.manager, .mediator, .prescriber] {
            let token = try await web.token(role).secret
            #expect(try await send(web, token, file).problem == "403 /problems/forbidden", "\(role)")
            #expect(try await web.send(.get, "/api/v1/imports", token: token).problem == "403 /problems/forbidden", "\(role)")
        }
        #expect(try await send(web, try await web.token(.tool, scopes: [.readRegistry]).secret, file).status == .forbidden)
        #expect(try await count("import_files") == 0)
        for token in [try await web.token(.admin).secret, try await web.token(.tool, scopes: [.writeRegistry]).secret] {
            #expect(try await send(web, token, file).status == .accepted)
        }
    }

    @Test func whatCannotBeTakenIsRefusedAndLeavesNothing() async throws {
        let (web, token) = try await prepare()
        let file = Self.file("A")
        #expect(try await send(web, token, file, to: "/api/v1/imports").errors == ["mode required"])
        #expect(
            try await send(web, token, file, to: "/api/v1/imports?mode=now&partiel=1").errors == [
                "mode unknown_code", "partiel unknown_parameter",
            ])
        let pdf = try await send(web, token, file, [.contentType: "application/pdf"])
        #expect(pdf.problem == "415 /problems/unsupported-media-type")
        let bytes = try await send(web, token, "x1", [.contentType: "application/json"])
        #expect(bytes.problem == "400 /problems/malformed")
        #expect(pdf.headers[.accept] == "text/csv, application/json, application/x-ndjson")
        let empty = try await send(web, token, "")
        #expect(empty.problem == "422 /problems/invalid" && empty.errors == [" file"])
        let small = try TestWeb(largestFile: 300_000)
        let long = Self.file("A") + String(repeating: "\n", count: 300_000)
        #expect(try await send(small, token, long).problem == "413 /problems/too-large")
        #expect(try await web.send(.delete, "/api/v1/imports", token: token).headers[.allow] == "GET, HEAD, POST")
        let id = UUID().uuidString.lowercased()
        for path in ["/api/v1/imports/\(id)", "/api/v1/imports/\(id)/report", "/api/v1/imports/1"] {
            #expect(try await web.send(.get, path, token: token).problem == "404 /problems/not-found")
        }
        #expect(try await web.send(.post, "/api/v1/imports/\(id)/undo", token: token).problem == "404 /problems/not-found")
        for table in ["imports", "import_files", "jobs"] as [SQL] { #expect(try await count(table) == 0) }
    }

    /// Other bodies have 1 MiB at most.
    @Test func aFileMayBeLongerThanOtherBodies() async throws {
        let (web, token) = try await prepare()
        let taken = try await send(web, token, Self.file("A") + String(repeating: "\n", count: 3 << 20))
        #expect(taken.status == .accepted)
        #expect(try await database.value("SELECT sum(length(bytes))::int FROM import_files", as: Int.self) ?? 0 > 3 << 20)
        try await work(web)
        #expect(try await web.send(.get, taken.headers[.location] ?? "", token: token).json["report"]["created"] == .number(1))
        #expect(try await count("import_files") == 0)
    }

    @Test func theSameRequestTwiceIsOneImport() async throws {
        let (web, token) = try await prepare()
        var headers = Self.csv
        headers[.idempotencyKey] = "\"k\""
        let first = try await send(web, token, Self.file("A"), headers)
        let second = try await send(web, token, Self.file("A"), headers)
        #expect(first.status == .accepted && second.status == .accepted && first.text == second.text)
        #expect(first.headers[.location] == second.headers[.location])
        #expect(try await count("imports") == 1)
        #expect(try await database.value("SELECT count(DISTINCT import_id) FROM import_files", as: Int.self) == 1)
        #expect(try await send(web, token, Self.file("B"), headers).problem == "422 /problems/idempotency-key-reused")
        try await work(web)
        #expect(try await count("places") == 1)
    }
}
