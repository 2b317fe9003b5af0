import Crypto
import Foundation
import Postgres

/// The server's own secrets: what links, codes and tokens are derived from, and stored answers are sealed with.
///
/// A derived secret is `HMAC-SHA256(key, purpose ‖ subject)`: the same subject gives the same secret, so none has to be stored.
public struct Keyring: Sendable {
    /// The first one makes, all of them are tried when something is opened or checked: a new key is put before the old ones.
    private let keys: [SymmetricKey]

    /// - Parameter keys: At least one; each of 32 characters or more.
    public init?(_ keys: [String]) {
        guard !keys.isEmpty, keys.allSatisfy({ $0.utf8.count >= 32 }) else { return nil }
        self.keys = keys.map { SymmetricKey(data: SHA256.hash(data: Data($0.utf8))) }
    }

    private init(_ key: [UInt8]) {
        keys = [SymmetricKey(data: SHA256.hash(data: Data(key)))]
    }

    /// The key that this database keeps, made at the first call: for an operator who gave none.
    public static func kept(in database: Database) async throws(PostgresError) -> Keyring {
        let new = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        try await database.execute("INSERT INTO instance_secrets (id, key) VALUES (1, \(new)) ON CONFLICT (id) DO NOTHING")
        let key = try await database.value("SELECT key FROM instance_secrets WHERE id = 1", as: [UInt8].self)
        return Keyring(key ?? new)
    }

    /// What a secret is for: two purposes never give the same one.
    public enum Purpose: String, Sendable {
        case token, requestLink = "request-link", shortCode = "short-code", codeFingerprint = "code-fingerprint"
        case applicationLink = "application-link", applicationCode = "application-code"
    }

    /// 256 bits for `subject`.
    public func secret(_ purpose: Purpose, of subject: some CustomStringConvertible) -> [UInt8] {
        Self.derive(purpose, subject.description, keys[0])
    }

    /// The secret of a token made over the API.
    public func tokenSecret(_ id: Token.ID) -> TokenSecret {
        TokenSecret(bits: secret(.token, of: id))
    }

    /// The secret part of the link by which somebody follows their request: 43 characters.
    public func requestSecret(_ id: Request.ID) -> String {
        Base64URL.encode(secret(.requestLink, of: id))
    }

    /// A code that can be read over the telephone: ten characters of Crockford's base 32 (no I, L, O, U), grouped: `7Q2M-K5T-9XA`. 50 bits.
    public func requestCode(_ id: Request.ID) -> String { code(.shortCode, of: id) }

    /// The secret part of the link by which who applied follows their application.
    public func applicationSecret(_ id: Application.ID) -> String { Base64URL.encode(secret(.applicationLink, of: id)) }

    /// The code of an application, in the same form.
    public func applicationCode(_ id: Application.ID) -> String { code(.applicationCode, of: id) }

    private func code(_ purpose: Purpose, of subject: some CustomStringConvertible) -> String {
        let bits = secret(purpose, of: subject).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 14
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        let characters = (0..<10).map { alphabet[Int(truncatingIfNeeded: bits >> (45 - 5 * UInt64($0))) & 31] }
        return String(characters[0..<4]) + "-" + String(characters[4..<7]) + "-" + String(characters[7..<10])
    }

    /// Encrypts `bytes` so that they are read only with both a key of this server and the client's own `key`.
    public func seal(_ bytes: [UInt8], under key: String) throws -> [UInt8] {
        guard let sealed = try AES.GCM.seal(bytes, using: Self.sealingKey(keys[0], key)).combined else {
            throw CryptoKitError.incorrectParameterSize
        }
        return Array(sealed)
    }

    /// - Returns: `nil` when none of the keys opens it.
    public func open(_ sealed: [UInt8], under key: String) -> [UInt8]? {
        guard let box = try? AES.GCM.SealedBox(combined: sealed) else { return nil }
        for own in keys {
            if let bytes = try? AES.GCM.open(box, using: Self.sealingKey(own, key)) { return Array(bytes) }
        }
        return nil
    }

    /// What is stored in the place of a short code: it could be searched for if it were a plain hash.
    public func fingerprint(ofCode code: String) -> [UInt8] { secret(.codeFingerprint, of: code) }

    /// What may be stored in the place of a short code that somebody reads out, one for each key that it may have been filed under.
    ///
    /// The code may be written as people write it: without hyphens, in small letters, and with O, I and L, which Crockford's base 32 reads as 0 and 1.
    public func fingerprints(ofCodeReadOut text: String) -> [[UInt8]] {
        let alike: [Character: Character] = ["O": "0", "I": "1", "L": "1"]
        let characters = text.uppercased().filter { $0.isLetter || $0.isNumber }.map { alike[$0] ?? $0 }
        guard characters.count == 10 else { return [] }
        let code = String(characters[0..<4]) + "-" + String(characters[4..<7]) + "-" + String(characters[7..<10])
        return keys.map { Self.derive(.codeFingerprint, code, $0) }
    }

    /// What is stored in the place of a secret that is random enough not to be guessed.
    public static func hash(_ secret: String) -> [UInt8] {
        Array(SHA256.hash(data: Data(secret.utf8)))
    }

    private static func derive(_ purpose: Purpose, _ subject: String, _ key: SymmetricKey) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Data("\(purpose.rawValue)\u{0}\(subject)".utf8), using: key))
    }

    private static func sealingKey(_ own: SymmetricKey, _ client: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Data(client.utf8)), salt: own.withUnsafeBytes { Data($0) },
            info: Data("relais idempotent answer".utf8), outputByteCount: 32)
    }
}
