import Foundation
import Relais
import Testing

@testable import RelaisWeb

@Suite("Writing JSON")
struct JSONTextTests {
    private struct Inner: Encodable {
        let x: Int?
        let list: [String?]
    }

    private struct Outer: Encodable {
        let id: Identifier<Int>
        let text: String
        let when: Date?
        let inner: Inner
        let inners: [Inner]
        let none: Inner?
        let number: Double
        let whole: Double
        let odd: Double
        let flag: Bool
        let map: [String: Int]
        let value: JSONValue
    }

    private func text(_ value: some Encodable) -> String { String(decoding: JSONText.encode(value), as: UTF8.self) }

    @Test func everyMemberIsThereInItsOrder() throws {
        let id = try #require(Identifier<Int>("0198C2F4-0000-7000-8000-00000000000A"))
        let inner = Inner(x: nil, list: ["a", nil])
        let outer = Outer(
            id: id, text: "a\"b\\c/d\n\u{1}é😀", when: Date(timeIntervalSince1970: 0.5), inner: inner,
            inners: [inner, Inner(x: 1, list: [])], none: nil,
            number: 0.1, whole: 3, odd: .nan, flag: true, map: ["k": 1],
            value: .object(["b": .array([.object([:]), .array([])]), "a": .null]))
        #expect(
            text(outer)
                == #"{"id":"0198c2f4-0000-7000-8000-00000000000a","text":"a\"b\\c/d\n\u0001é😀","when":"1970-01-01T00:00:00.500Z","#
                + #""inner":{"x":null,"list":["a",null]},"inners":[{"x":null,"list":["a",null]},{"x":1,"list":[]}],"none":null,"number":0.1,"#
                + #""whole":3,"odd":null,"flag":true,"map":{"k":1},"value":{"a":null,"b":[{},[]]}}"#)
    }

    @Test func whatStandsAloneStandsAlone() {
        #expect(text([Inner]()) == "[]")
        #expect(text([String: Int]()) == "{}")
        #expect(text("a") == "\"a\"")
        #expect(text(3) == "3")
        #expect(text(Date(timeIntervalSince1970: 0)) == "\"1970-01-01T00:00:00Z\"")
        #expect(text(nil as Int?) == "null")
        #expect(text([[1], [], [2, 3]]) == "[[1],[],[2,3]]")
        #expect(text(JSONValue.object(["a": .object(["b": .object([:])])])) == #"{"a":{"b":{}}}"#)
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        var generator = SystemRandomNumberGenerator()
        func value(_ depth: Int) -> JSONValue {
            switch Int.random(in: 0..<(depth > 0 ? 6 : 4), using: &generator) {
            case 0: .null
            case 1: .bool(.random(using: &generator))
            case 2: .number([0, -1.5, 1e300, 123_456_789, .leastNonzeroMagnitude, 0.1].randomElement(using: &generator) ?? 0)
            case 3:
                .string(
                    String(
                        (0..<8).map { _ in
                            ["a", "\"", "\\", "é", "😀", "\n", "{", "[", "}", "]", ",", "\u{7f}"].randomElement(using: &generator) ?? "a"
                        }.joined()))
            case 4: .array((0..<3).map { _ in value(depth - 1) })
            default:
                .object(
                    Dictionary((0..<3).map { _ in (["a", "{", "é\"", "", "["].randomElement(using: &generator) ?? "a", value(depth - 1)) })
                    { $1 })
            }
        }
        for _ in 0..<500 {
            let value = value(5)
            #expect(try JSONValue(parsing: JSONText.encode(value)) == value)
        }
    }

    @Test func twoPartsOfOneObjectAreOneObject() throws {
        let draft = try TokenDraft(name: "a", role: .admin)
        #expect(draft.name == "a")
        struct Both: Encodable {
            func encode(to encoder: any Encoder) throws {
                try Inner(x: 1, list: []).encode(to: encoder)
                try ["y": 2].encode(to: encoder)
            }
        }
        #expect(text([Both(), Both()]) == #"[{"x":1,"list":[],"y":2},{"x":1,"list":[],"y":2}]"#)
    }
}
