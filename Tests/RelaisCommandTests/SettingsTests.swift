import ArgumentParser
import Foundation
import Logging
import Relais
import RelaisWeb
import Testing

@testable import RelaisCommand

@Suite("Settings")
final class SettingsTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("relais-settings-\(UUID())")

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func settings(_ arguments: [String] = [], _ environment: [String: String] = [:], file: String? = nil) throws -> Settings {
        let flags = try SettingFlags.parse(arguments)
        return try Settings(SettingReader(flags: flags.given, environment: environment, file: file))
    }

    private func file(_ text: String) throws -> String {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appendingPathComponent("\(UUID()).json").path
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    @Test func everySettingIsAFlagAVariableAndAMember() throws {
        let values = [
            "database-url": "dbname=x", "listen": "127.0.0.1:1", "public-url": "http://a", "log-level": "debug", "log-format": "json",
            "secret-keys": String(repeating: "k", count: 32), "pool-size": "3", "rate-limit": "4", "rate-limit-visitors": "5",
            "rate-limit-requests": "6", "trusted-proxies": "::1",
        ]
        #expect(Set(values.keys) == Set(Setting.all.map(\.name)))
        for setting in Setting.all {
            let value = try #require(values[setting.name])
            let flags = try SettingFlags.parse([setting.flag, value])
            #expect(flags.given == [setting.name: value])
            #expect(try SettingReader(flags: [:], environment: [setting.variable: value], file: nil).text(setting) == value)
            let path = try file("{\"\(setting.member)\": \"\(value)\"}")
            #expect(try SettingReader(flags: [:], environment: [:], file: path).text(setting) == value)
            #expect(Serve.helpMessage().contains(setting.variable))
        }
    }

    @Test func aFlagWinsOverTheEnvironmentAndThatOverTheFile() throws {
        let path = try file(#"{"pool_size": 3, "rate_limit": 30, "listen": "127.0.0.1:3", "trusted_proxies": ["10.0.0.0/8", "::1"]}"#)
        let read = try settings(
            ["--pool-size", "1"], ["RELAIS_POOL_SIZE": "2", "RELAIS_RATE_LIMIT": "20", "RELAIS_LISTEN": ""], file: path)
        #expect(read.poolSize == 1)
        #expect(read.limits.token == 20)
        #expect(read.port == 3)
        #expect(read.trustedProxies.count == 2)
        #expect(read.publicURL == "http://127.0.0.1:3")
    }

    @Test func thereIsAStandardForEverythingElse() throws {
        let read = try settings()
        #expect(read.host == "127.0.0.1")
        #expect(read.port == 8080)
        #expect(read.logLevel == .info)
        #expect(read.poolSize == 16)
        #expect(read.limits == RateLimits())
        #expect(read.keyring == nil)
        #expect(read.databaseURL == nil)
    }

    @Test(arguments: [
        ("listen", "8080"), ("listen", ":8080"), ("listen", "a:99999"), ("listen", "::1:80"), ("public-url", "relais.example"),
        ("public-url", "ftp://a"),
        ("public-url", "http://a/?x"), ("log-level", "loud"), ("log-format", "xml"), ("pool-size", "0"), ("pool-size", "many"),
        ("rate-limit", "-1"),
        ("rate-limit-visitors", "1.5"), ("rate-limit-requests", "x"), ("trusted-proxies", "10.0.0.0/8,nonsense"),
    ])
    func aWrongValueIsRefusedWithItsNameAndWhatWouldBeRight(name: String, value: String) throws {
        let setting = try #require(Setting.all.first { $0.name == name })
        let error = #expect(throws: WrongUse.self) { try settings(["\(setting.flag)=\(value)"]) }
        let words = try #require(error?.description)
        #expect(words.contains(setting.variable))
        #expect(words.contains(setting.flag))
        #expect(words.contains("\"\(value)\""))
        #expect(words.contains("It must be"))
    }

    @Test func allThatAreWrongAreToldAtOnce() throws {
        let error = #expect(throws: WrongUse.self) {
            try settings(["--listen", "zz", "--pool-size", "0"], ["RELAIS_DATABASE_URL": "nonsense s3cret"])
        }
        let words = try #require(error?.description)
        for name in ["RELAIS_LISTEN", "RELAIS_POOL_SIZE", "RELAIS_DATABASE_URL"] { #expect(words.contains(name)) }
        #expect(!words.contains("s3cret"))
    }

    @Test func aSecretIsNeverShown() throws {
        let error = #expect(throws: WrongUse.self) { try settings([], ["RELAIS_SECRET_KEYS": "too-short-and-secret"]) }
        let words = try #require(error?.description)
        #expect(words.contains("RELAIS_SECRET_KEYS"))
        #expect(!words.contains("too-short-and-secret"))
    }

    @Test(arguments: [
        (#"{"pool_sise": 3}"#, "pool_size"), (#"{"pool_size": 3"#, "line 1"), (#"[]"#, "object"), (#"{"pool_size": true}"#, "pool_size"),
        (#"{"pool_size": 1.5}"#, "pool_size"), (#"{"trusted_proxies": [1]}"#, "trusted_proxies"),
    ])
    func aFileThatIsWrongIsRefused(text: String, hint: String) throws {
        let path = try file(text)
        let error = #expect(throws: WrongUse.self) { try settings(file: path) }
        #expect(error?.description.contains(path) == true)
        #expect(error?.description.contains(hint) == true)
    }

    @Test func aFileThatIsNotThereIsRefused() {
        #expect(throws: WrongUse.self) { try settings(file: "/nowhere/relais.json") }
    }

    @Test(arguments: [
        ["--role", "manager"], ["--role", "prescriber"], ["--role", "mediator"], ["--role", "tool"], ["--role", "boss"],
        ["--role", "admin", "--structure", "x"],
        ["--role", "tool", "--scope", "read"], ["--role", "admin", "--expires", "2026-02-30"],
        ["--role", "admin", "--scope", "read:registry"],
    ])
    func aTokenThatCannotBeIsWrongUse(arguments: [String]) throws {
        let command = try TokenCommand.Create.parse(["--name", "a"] + arguments)
        #expect(throws: WrongUse.self) { try command.draft() }
    }

    @Test func aTokenThatIsOverIsWrongUse() {
        let refused = TokenCommand.Create.failure(
            .invalid(InvalidInput("/expires_at", "range", "This must be an instant that is still to come.")))
        #expect((refused as? WrongUse)?.description.hasPrefix("--expires: this is over.") == true)
    }

    @Test func aTokenIsGoodToTheEndOfItsLastDay() throws {
        let winter = try TokenCommand.Create.parse(["--name", "a", "--role", "admin", "--expires", "2026-12-31"]).draft()
        #expect(winter.expiresAt?.formatted(.iso8601) == "2026-12-31T23:00:00Z")
        let tool = try TokenCommand.Create.parse([
            "--name", "a", "--role", "tool", "--scope", "read:registry,write:requests", "--scope", "read:registry",
        ]).draft()
        #expect(tool.scopes.map(\.rawValue) == ["read:registry", "write:requests"])
    }
}

@Suite("Asking for hours")
struct HoursCommandTests {
    @Test(arguments: [
        ["--at", "9999-03-07T10:00"], ["--from", "1969-12-31T10:00", "--to", "1970-01-02T10:00"], ["--at", "2200-01-01T00:00+01:00"],
    ])
    func whatIsBeyondTheKnownYearsIsRefused(arguments: [String]) {
        let error = #expect(throws: (any Error).self) { try Hours.parse(["24/7"] + arguments) }
        #expect(error.map { Hours.message(for: $0) }?.contains("the years 1970 to 2199") == true)
    }

    @Test func theLastKnownYearIsTaken() throws {
        _ = try Hours.parse(["24/7", "--at", "2199-12-31T23:00"])
    }
}

@Suite("Lines of the log")
struct LogLineTests {
    let instant = Date(timeIntervalSince1970: 1_773_000_000)

    @Test func forPrograms() throws {
        let handler = JSONLogHandler(label: "relais.web", logLevel: .info, metadata: ["request_id": "r\"1", "status": "1"])
        let line = String(
            decoding: handler.line(
                .warning, "a \"b\"\n", ["status": .stringConvertible(200), "list": .array(["x", .dictionary(["k": "v"])])], at: instant),
            as: UTF8.self)
        #expect(
            line
                == #"{"time":"2026-03-08T20:00:00Z","level":"warning","logger":"relais.web","message":"a \"b\"\n","list":["x",{"k":"v"}],"#
                + #""request_id":"r\"1","status":200}"# + "\n")
    }

    @Test func forPeople() {
        let handler = TextLogHandler(label: "relais.web", logLevel: .info, metadata: ["b": "2"])
        let line = String(decoding: handler.line(.info, "request", ["a": "1\n2"], at: instant), as: UTF8.self)
        #expect(line == "20:00:00 info request a=1 2 b=2\n")
    }
}
