import Foundation
import Postgres

/// Something that happened, as the log keeps it: ids, numbers and codes, never what a person wrote.
public struct Event: Sendable, Equatable {
    /// What it happened to, and what happened: `referral.accepted`.
    public let kind: String
    /// The identifier (or code) of what it happened to.
    public let subject: String
    public let data: EventData

    public init(_ kind: String, _ subject: some CustomStringConvertible, _ data: EventData = [:]) {
        self.kind = kind
        self.subject = subject.description
        self.data = data
    }
}

public typealias EventData = [String: EventValue]

/// A value that may stand in the log.
public enum EventValue: Sendable, Equatable, Codable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
    case code(String)
    case number(Int)
    case flag(Bool)
    case codes([String])
    case none

    public init(integerLiteral value: Int) { self = .number(value) }
    public init(stringLiteral value: String) { self = .code(value) }
    public init(booleanLiteral value: Bool) { self = .flag(value) }

    public static func id<Entity>(_ id: Identifier<Entity>?) -> EventValue { id.map { .code($0.description) } ?? .none }
    public static func number(_ value: Int?) -> EventValue { value.map { .number($0) } ?? .none }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .none
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Int.self) {
            self = .number(number)
        } else if let codes = try? container.decode([String].self) {
            self = .codes(codes)
        } else {
            self = .code(try container.decode(String.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .code(let code): try container.encode(code)
        case .number(let number): try container.encode(number)
        case .flag(let flag): try container.encode(flag)
        case .codes(let codes): try container.encode(codes)
        case .none: try container.encodeNil()
        }
    }
}

extension Session {
    /// Appends to the log, in the transaction of what happened.
    public func publish(_ event: Event, by caller: Caller, at now: Date) async throws(Failure) {
        later(
            """
            INSERT INTO events (at, kind, subject, actor_role, actor, data)
            VALUES (\(now), \(event.kind), \(event.subject), \(caller.role), \(caller.token), \(JSON(event.data)))
            """)
    }
}
