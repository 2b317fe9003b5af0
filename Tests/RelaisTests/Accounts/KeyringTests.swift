import Foundation
import Postgres
import Relais
import Support
import Testing

@Suite("The keyring")
struct KeyringTests {
    static let one = "one key that is long enough for that"
    static let two = "two keys that are long enough for that"

    private func keyring(_ keys: String...) throws -> Keyring { try #require(Keyring(keys)) }

    @Test func shortKeysAndNoKeysAreRefused() {
        #expect(Keyring([]) == nil)
        #expect(Keyring([String(repeating: "x", count: 31)]) == nil)
        #expect(Keyring([Self.one, ""]) == nil)
    }

    @Test func theSameSubjectGivesTheSameSecretAndAnotherAnother() throws {
        let id = Request.ID(UUID())
        let keyring = try keyring(Self.one)
        #expect(keyring.requestSecret(id) == (try self.keyring(Self.one)).requestSecret(id))
        #expect(keyring.requestSecret(id) != keyring.requestSecret(Request.ID(UUID())))
        #expect(keyring.requestSecret(id) != (try self.keyring(Self.two)).requestSecret(id))
        #expect(keyring.requestSecret(id).count == 43)
        #expect(keyring.secret(.token, of: id) != keyring.secret(.requestLink, of: id))
    }

    @Test func aCodeCanBeReadOverTheTelephone() throws {
        let keyring = try keyring(Self.one)
        var codes: Set<String> = []
        for _ in 0..<200 {
            let code = keyring.requestCode(Request.ID(UUID()))
            #expect(code.wholeMatch(of: /[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{3}-[0-9A-HJKMNP-TV-Z]{3}/) != nil)
            codes.insert(code)
        }
        #expect(codes.count == 200)
        for place in [0, 1, 2, 3, 5, 6, 7, 9, 10, 11] {
            #expect(Set(codes.map { Array($0)[place] }).count > 20, "each place varies")
        }
    }

    @Test func aCodeIsFoundAsItIsReadOutAndUnderAnOldKey() throws {
        let old = try keyring(Self.one)
        let both = try keyring(Self.two, Self.one)
        #expect(both.secret(.requestLink, of: "x") != both.secret(.shortCode, of: "x"))
        let stored = old.fingerprint(ofCode: "7Q2M-K5T-901")
        for spoken in ["7Q2M-K5T-901", "7q2mk5t9o1", " 7Q2M K5T 9OL ", "7q2m-k5t-90i"] {
            #expect(both.fingerprints(ofCodeReadOut: spoken).contains(stored), "\(spoken)")
        }
        #expect(!both.fingerprints(ofCodeReadOut: "7Q2M-K5T-902").contains(stored))
        #expect(try !keyring(Self.two).fingerprints(ofCodeReadOut: "7Q2M-K5T-901").contains(stored))
        #expect(both.fingerprints(ofCodeReadOut: "7Q2M-K5T").isEmpty)
    }

    @Test func whatIsSealedNeedsBothKeys() throws {
        let keyring = try keyring(Self.one)
        let sealed = try keyring.seal(Array("an answer".utf8), under: "client")
        #expect(keyring.open(sealed, under: "client") == Array("an answer".utf8))
        #expect(keyring.open(sealed, under: "Client") == nil)
        #expect(try self.keyring(Self.two).open(sealed, under: "client") == nil)
        #expect(try self.keyring(Self.two, Self.one).open(sealed, under: "client") == Array("an answer".utf8))
        #expect(keyring.open(Array(sealed.dropLast()), under: "client") == nil)
        #expect(try keyring.seal(Array("an answer".utf8), under: "client") != sealed)
    }

    @Test(.freshDatabase) func theDatabaseKeepsOneWhenTheOperatorGaveNone() async throws {
        let database = OwnDatabase.current
        async let one = Keyring.kept(in: database)
        async let other = Keyring.kept(in: database)
        let id = Request.ID(UUID())
        #expect(try await one.requestSecret(id) == (try await other.requestSecret(id)))
    }

    @Test func aTokenLooksLikeOne() {
        let secret = TokenSecret.random()
        #expect(secret.text.wholeMatch(of: /relais_[A-Za-z0-9_-]{43}/) != nil)
        #expect(TokenSecret(secret.text) == secret)
        for text in [
            "", "relais_", secret.text + "a", String(secret.text.dropLast()), "x" + secret.text.dropFirst(), secret.text.dropLast() + "=",
            secret.text.dropLast() + "é",
        ] {
            #expect(TokenSecret(text) == nil)
        }
    }
}
