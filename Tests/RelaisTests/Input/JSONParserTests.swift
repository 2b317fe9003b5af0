import Foundation
import Relais
import Testing

@Suite("Reading JSON")
struct JSONParserTests {
    private func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: text.utf8) }

    @Test func everyKindOfValueIsRead() throws {
        let value = try parse(#" {"a": [1, -2.5e2, 0, true, false, null], "b": "é\u00e9\n\"\/\ud83d\ude00", "": {}} "#)
        #expect(
            value
                == .object([
                    "a": .array([.number(1), .number(-250), .number(0), .bool(true), .bool(false), .null]),
                    "b": .string("éé\n\"/😀"), "": .object([:]),
                ]))
    }

    @Test(arguments: [
        ("", 1, 1), ("{", 1, 2), ("[1,]", 1, 4), ("{\"a\" 1}", 1, 6), ("{\n  \"a\": 1,\n  \"a\": 2\n}", 3, 3), ("[1] x", 1, 5),
        ("tru", 1, 1),
        ("\"a", 1, 3), ("\"\\x\"", 1, 3), ("\"\\u12g4\"", 1, 4), ("[01]", 1, 3), ("[1.]", 1, 4), ("[+1]", 1, 2), ("[1e400]", 1, 2),
        ("\"\t\"", 1, 2),
        ("[NaN]", 1, 2), ("{a: 1}", 1, 2), ("\"\\udc00\"", 1, 8), ("[1 2]", 1, 4), ("\u{feff}{}", 1, 1),
    ])
    func whatIsBrokenIsToldWithItsPlace(text: String, line: Int, column: Int) throws {
        let error = #expect(throws: InvalidJSON.self) { try parse(text) }
        #expect(error?.line == line)
        #expect(error?.column == column)
    }

    @Test func whatFoundationReadsIsReadTheSame() throws {
        for text in [#"{"a":[1,2,{"b":null}],"c":1.5,"d":"x\ty"}"#, "[]", "3", "\"\"", "[1e-3,123456789012]"] {
            #expect(try parse(text) == JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)))
        }
    }

    @Test func aMergePatchDoesWhatItsRFCShowsAndLeavesNullForWhatItTakesAway() throws {
        // RFC 7396, appendix A; where it removes a member, here it is null, which is read as missing.
        let cases = [
            (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
            (#"{"a":"b"}"#, #"{"a":null}"#, #"{"a":null}"#),
            (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"a":null,"b":"c"}"#), (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
            (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d","c":null}}"#),
            (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#),
            (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#), (#"{}"#, #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{"ccc":null}}}"#),
            ("[1,2]", #"{"a":"b","c":null}"#, #"{"a":"b","c":null}"#),
        ]
        for (original, patch, result) in cases {
            #expect(try parse(original).merging(parse(patch)) == parse(result), "\(original) \(patch)")
        }
    }

    @Test func aPatchMayRepeatWhatCannotChangeAndNotChangeIt() throws {
        let current = try parse(#"{"id": "1", "name": "a", "version": 3}"#)
        #expect(try current.patched(by: parse(#"{"id": "1", "name": "b"}"#), readOnly: ["id", "version"]) == parse(#"{"name": "b"}"#))
        let error = #expect(throws: InvalidInput.self) {
            try current.patched(by: parse(#"{"id": "2", "version": null}"#), readOnly: ["id", "version"])
        }
        #expect(error?.problems.map(\.pointer) == ["/id", "/version"])
        #expect(throws: InvalidInput.self) { try current.patched(by: .array([]), readOnly: []) }
    }
}
