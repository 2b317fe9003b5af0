import ArgumentParser
import Dispatch
import Foundation
import Synchronization

/// Asks the server from many connections at once, each with a thread of its own that sends, waits and reads: what costs least beside the server.
struct HTTPLoad: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "http", abstract: "Asks a server on this machine.")

    enum Kind: String, CaseIterable, ExpressibleByArgument {
        /// `GET` of `--path`, or of each line of the file `--paths` in turn.
        case get
        /// `POST /api/v1/requests`, each with an Idempotency-Key of its own.
        case post
        /// Each request is proposed to a mediator, who accepts.
        case propose
    }

    @Argument(help: "What is asked: \(Kind.allCases.map(\.rawValue).joined(separator: ", ")).") var kind: Kind
    @Option(help: "Where the server listens, on 127.0.0.1.") var port: UInt16
    @Option(help: "The token that is shown.") var token: String?
    @Option(help: "The address that `get` asks for.") var path = "/health/live"
    @Option(help: "A file of addresses, one a line.") var paths: String?
    @Option(help: "Connections.") var clients = 16
    @Option(help: "How long.") var seconds = 3.0
    @Option(help: "The number of the first of the requests that are proposed.") var first = 1
    @Option(help: "How many of them there are.") var count = 0
    @Option(help: "How many mediators they are proposed to in turn.") var mediators = 60

    func run() throws {
        let start = ContinuousClock.now
        let end = start + .seconds(seconds)
        let addresses =
            try paths.map { try String(contentsOfFile: $0, encoding: .utf8).split(separator: "\n").map(String.init) } ?? [path]
        let tally = Shared()
        let ended = DispatchGroup()
        for number in 0..<clients {
            ended.enter()
            Thread {
                tally.add(client(number, asking: addresses, until: end))
                ended.leave()
            }.start()
        }
        ended.wait()
        print(tally.value.line(seconds: start.duration(to: .now).inSeconds))
    }

    /// What one client does until the end.
    func client(_ number: Int, asking addresses: [String], until end: ContinuousClock.Instant) -> Tally {
        var tally = Tally()
        guard let connection = HTTPConnection(port: port) else { return Tally(failed: 1, firstFailure: "no connection") }
        let head = "Host: 127.0.0.1\r\n" + (token.map { "Authorization: Bearer \($0)\r\n" } ?? "")
        let run = UInt64.random(in: 0 ... .max)
        var turn = 0
        func ask(_ text: String, expecting status: Int) -> String? {
            guard let answer = connection.exchange(text) else {
                tally.failed += 1
                tally.firstFailure = tally.firstFailure ?? "the connection was lost"
                return nil
            }
            guard answer.status == status else {
                tally.failed += 1
                tally.firstFailure = tally.firstFailure ?? "\(answer.status) \(answer.body)"
                return nil
            }
            return answer.body
        }
        func post(_ path: String, _ body: String) -> String {
            "POST \(path) HTTP/1.1\r\n\(head)Content-Type: application/json\r\nIdempotency-Key: \"\(run)-\(number)-\(turn)-\(path.hashValue)\"\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }
        let gets = addresses.map { "GET \($0) HTTP/1.1\r\n\(head)\r\n" }
        while ContinuousClock.now < end, connection.isOpen {
            turn += 1
            switch kind {
            case .get:
                // Each client begins elsewhere, so that they do not ask the same at once.
                let asked = ContinuousClock.now
                if ask(gets[(turn + number * gets.count / clients) % gets.count], expecting: 200) != nil {
                    tally.done += 1
                    tally.milliseconds.append(Float((ContinuousClock.now - asked).inSeconds * 1000))
                }
            case .post:
                let body = """
                    {"objective":"Remplir une déclaration en ligne","needs":[{"skill":"outils-du-quotidien","level":1}],"modes":["remote"],\
                    "person":{"given_name":"Zoé","family_name":"Martin","email":"zoe@exemple.fr"}}
                    """
                if ask(post("/api/v1/requests", body), expecting: 201) != nil { tally.done += 1 }
            case .propose:
                let index = (turn - 1) * clients + number
                guard index < count else { return tally }
                let request = Self.id(4, first + index)
                let mediator = Self.id(3, 1 + index % mediators)
                let proposed = ask(post("/api/v1/requests/\(request)/referrals", "{\"mediator\":\"\(mediator)\"}"), expecting: 201)
                guard let proposed, let referral = Self.firstID(in: proposed) else { continue }
                if ask(post("/api/v1/referrals/\(referral)/accept", "{}"), expecting: 200) != nil { tally.done += 1 }
            }
        }
        return tally
    }

    /// The identifiers that `support/network.py` gives.
    private static func id(_ kind: Int, _ number: Int) -> String {
        let digits = String(number)
        return "0000000\(kind)-0000-7000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    private static func firstID(in body: String) -> Substring? {
        guard let mark = body.firstRange(of: "\"id\":\"") else { return nil }
        return body[mark.upperBound...].prefix(36)
    }
}

/// What all clients did together.
private final class Shared: Sendable {
    private let tally = Mutex(Tally())

    var value: Tally { tally.withLock { $0 } }

    func add(_ one: Tally) {
        tally.withLock { $0 = $0 + one }
    }
}
