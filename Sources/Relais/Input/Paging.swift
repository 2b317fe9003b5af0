import Foundation

/// Where a list goes on: the values by which it is ordered, of the last item that was given. Stable when items are added or taken away.
public struct Cursor: Sendable, Equatable {
    /// What a part must be, so that a query never meets a cursor that it cannot read.
    public enum Part: Sendable { case id, text, number, instant }

    /// The name of the order the cursor belongs to, and its values.
    public let order: String
    public let parts: [String]

    public init(order: String, parts: [String]) {
        self.order = order
        self.parts = parts
    }

    public func text(_ index: Int) -> String { parts[index] }
    public func number(_ index: Int) -> Int { Int(parts[index]) ?? 0 }
    public func instant(_ index: Int) -> Date { Date(rfc3339: parts[index]) ?? .distantPast }

    public func id<Entity>(_ index: Int = 0, of _: Entity.Type) -> Identifier<Entity>? { Identifier(parts[index]) }
}

extension Cursor {
    /// The cursor as it goes over the wire: opaque to clients.
    public var encoded: String {
        let json = (try? JSONEncoder().encode([order] + parts)) ?? Data()
        return Base64URL.encode(json)
    }

    /// - Returns: `nil` when `encoded` is no cursor of this order with these parts.
    public init?(encoded: String, order: String, parts kinds: [Part]) {
        guard encoded.utf8.count <= 2000, let data = Base64URL.decode(encoded),
            let values = try? JSONDecoder().decode([String].self, from: data),
            values.count == kinds.count + 1, values[0] == order
        else { return nil }
        let parts = Array(values.dropFirst())
        for (kind, part) in zip(kinds, parts) {
            let fits =
                switch kind {
                case .id: UUID(uuidString: part) != nil
                case .text: !part.utf8.contains(0)
                case .number: Int(part) != nil
                case .instant: Date(rfc3339: part) != nil
                }
            guard fits else { return nil }
        }
        self.init(order: order, parts: parts)
    }
}

/// Which piece of a list is wanted.
public struct Paging: Sendable, Equatable {
    public static let largest = 200
    public static let usual = 50

    /// How many items at most, 1…200.
    public let limit: Int
    public let order: String
    public let after: Cursor?

    public init(limit: Int = Paging.usual, order: String = "id", after: Cursor? = nil) {
        self.limit = limit
        self.order = order
        self.after = after
    }
}

/// A piece of a list, and where it goes on.
public struct Page<Item: Sendable>: Sendable {
    public let items: [Item]
    public let next: Cursor?

    init(items: [Item], next: Cursor?) {
        self.items = items
        self.next = next
    }

    /// - Parameters:
    ///   - fetched: What the query gave when asked for one more than `paging.limit`: the one more says that the list goes on.
    ///   - key: The values by which the list is ordered, in the order of the cursor's parts.
    public init(_ fetched: [Item], _ paging: Paging, key: (Item) -> [String]) {
        items = Array(fetched.prefix(paging.limit))
        next = fetched.count > paging.limit ? items.last.map { Cursor(order: paging.order, parts: key($0)) } : nil
    }
}

extension Page: Encodable where Item: Encodable {
    private enum CodingKeys: String, CodingKey {
        case items
        case next = "next_cursor"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(items, forKey: .items)
        try container.encode(next?.encoded, forKey: .next)
    }
}

/// Base64 with the alphabet of URLs and without padding (RFC 4648, 5).
public enum Base64URL {
    public static func encode(_ bytes: some Sequence<UInt8>) -> String {
        String(Data(bytes).base64EncodedString().compactMap { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 == "=" ? nil : $0 })
    }

    public static func decode(_ text: String) -> Data? {
        guard text.utf8.allSatisfy({ $0.isBase64URL }) else { return nil }
        var base64 = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        base64 += String(repeating: "=", count: (4 - base64.count % 4) % 4)
        return Data(base64Encoded: base64)
    }
}

extension UInt8 {
    /// A letter, a digit, `-` or `_`.
    var isBase64URL: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
