import Crypto
import Foundation

/// The text of a token: `relais_` and 256 bits in base64url.
public struct TokenSecret: Sendable, Equatable {
    public static let prefix = "relais_"

    public let text: String

    /// - Returns: `nil` when `text` does not look like a token.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == Self.prefix.utf8.count + 43, text.hasPrefix(Self.prefix),
            text.utf8.dropFirst(Self.prefix.utf8.count).allSatisfy(\.isBase64URL)
        else { return nil }
        self.text = String(text)
    }

    init(bits: some Sequence<UInt8>) {
        text = Self.prefix + Base64URL.encode(bits)
    }

    /// A new secret from the system's generator.
    public static func random() -> TokenSecret {
        TokenSecret(bits: SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) })
    }

    /// What is stored in its place. 256 random bits cannot be guessed, so a plain hash is enough, and a quick one.
    public var hash: [UInt8] { Keyring.hash(text) }
}
