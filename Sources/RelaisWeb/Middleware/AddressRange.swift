import Foundation
import NIOCore

/// A range of addresses in CIDR notation: `10.0.0.0/8`, `::1`.
public struct AddressRange: Sendable, Equatable, CustomStringConvertible {
    public let description: String
    private let bytes: [UInt8]
    private let bits: Int

    /// - Returns: `nil` when `text` is no address, or its length of prefix does not fit.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let bytes = Self.bytes(of: String(parts[0])) else { return nil }
        var bits = bytes.count * 8
        if parts.count == 2 {
            guard let given = Int(parts[1]), (0...bits).contains(given) else { return nil }
            bits = given
        }
        description = text
        self.bytes = bytes
        self.bits = bits
    }

    /// An IPv4 address written as IPv6, as a socket that takes both gives it, is in the ranges of either spelling.
    public func contains(_ address: String) -> Bool {
        guard let other = Self.bytes(of: address) else { return false }
        return contains(other) || Self.mapped(other).map(contains) ?? false
    }

    private func contains(_ other: [UInt8]) -> Bool {
        guard other.count == bytes.count else { return false }
        for (index, pair) in zip(bytes, other).enumerated() {
            let here = min(8, max(0, bits - index * 8))
            if here == 0 { return true }
            let mask = UInt8(truncatingIfNeeded: 0xff00 >> here)
            if pair.0 & mask != pair.1 & mask { return false }
        }
        return true
    }

    /// The IPv4 address that is written as IPv6 (RFC 4291, 2.5.5.2).
    fileprivate static func mapped(_ bytes: [UInt8]) -> [UInt8]? {
        let isMapped = bytes.count == 16 && bytes.prefix(12).elementsEqual(Array(repeating: 0, count: 10) + [0xff, 0xff])
        return isMapped ? Array(bytes.suffix(4)) : nil
    }

    fileprivate static func bytes(of address: String) -> [UInt8]? {
        switch try? SocketAddress(ipAddress: address, port: 0) {
        case .v4(let v4): withUnsafeBytes(of: v4.address.sin_addr) { Array($0) }
        case .v6(let v6): withUnsafeBytes(of: v6.address.sin6_addr) { Array($0) }
        default: nil
        }
    }
}

/// Where a request comes from, behind proxies or not.
struct ClientAddress: Sendable {
    let trusted: [AddressRange]

    /// The address of the client: the nearest one in `X-Forwarded-For` that is not itself a trusted proxy, when the connection comes from one;
    /// else the connection's.
    func of(peer: String, forwardedFor: String?) -> String {
        guard !trusted.isEmpty, let forwardedFor, isTrusted(peer) else { return peer }
        for hop in forwardedFor.split(separator: ",").reversed() {
            let address = String(hop.trimmingSpaces())
            guard (try? SocketAddress(ipAddress: address, port: 0)) != nil else { return peer }
            if !isTrusted(address) { return address }
        }
        return peer
    }

    private func isTrusted(_ address: String) -> Bool { trusted.contains { $0.contains(address) } }

    /// What the limits count an address under. A household or a rented server has a whole /64 of IPv6 (RFC 6177), so counting single addresses of it
    /// would limit nobody; an IPv4 address written as IPv6 is counted as itself.
    static func counted(_ address: String) -> String {
        guard let bytes = AddressRange.bytes(of: address), bytes.count == 16 else { return address }
        if let mapped = AddressRange.mapped(bytes) { return mapped.map(String.init).joined(separator: ".") }
        let groups = stride(from: 0, to: 8, by: 2).map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
        return groups.joined(separator: ":") + "::/64"
    }
}
