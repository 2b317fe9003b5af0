import Foundation

/// Where time and identifiers come from: given to every use case, so that tests and simulations decide them.
public struct Generators: Sendable {
    /// The present instant, in whole microseconds as the database keeps it.
    public let now: @Sendable () -> Date
    /// A new identifier.
    public let newID: @Sendable () -> UUID

    public init(now: @escaping @Sendable () -> Date, newID: @escaping @Sendable () -> UUID) {
        self.now = now
        self.newID = newID
    }

    /// The system's clock, and UUIDv7.
    public static let system = Generators(
        now: { Date(timeIntervalSinceReferenceDate: (Date().timeIntervalSinceReferenceDate * 1_000_000).rounded(.down) / 1_000_000) },
        newID: { UUID.version7(at: Date()) })
}

extension UUID {
    /// A UUIDv7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, then 74 random bits.
    public static func version7(at instant: Date, using generator: inout some RandomNumberGenerator) -> UUID {
        let milliseconds = UInt64(max(0, instant.timeIntervalSince1970 * 1000))
        let high = generator.next()
        let low = generator.next()
        func byte(_ value: UInt64, _ shift: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: value >> shift) }
        return UUID(
            uuid: (
                byte(milliseconds, 40), byte(milliseconds, 32), byte(milliseconds, 24), byte(milliseconds, 16), byte(milliseconds, 8),
                byte(milliseconds, 0), 0x70 | (byte(high, 8) & 0x0f), byte(high, 0), 0x80 | (byte(low, 56) & 0x3f), byte(low, 48),
                byte(low, 40),
                byte(low, 32), byte(low, 24), byte(low, 16), byte(low, 8), byte(low, 0)
            ))
    }

    static func version7(at instant: Date) -> UUID {
        var generator = SystemRandomNumberGenerator()
        return version7(at: instant, using: &generator)
    }
}
