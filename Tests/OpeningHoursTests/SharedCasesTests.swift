import Foundation
import OpeningHours
import Testing

/// Real expressions of the Loire with what another implementation finds open: where there are any (`RELAIS_SHARED`, or `shared` beside the package).
@Suite("Real opening hours")
struct SharedCasesTests {
    private struct Cases: Decodable { let cases: [Case] }
    private struct Case: Decodable {
        let expression: String
        let from: String
        let to: String
        let open: [[String]]
    }

    private static let file: Data? = {
        let beside = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../shared").path
        let folder = ProcessInfo.processInfo.environment["RELAIS_SHARED"] ?? beside
        return FileManager.default.contents(atPath: "\(folder)/data/opening_hours_cases.json")
    }()

    @Test(.enabled(if: file != nil, "the real expressions are not here")) func areOpenWhenTheyShould() throws {
        let cases = try JSONDecoder().decode(Cases.self, from: try #require(Self.file)).cases
        #expect(cases.count == 82)
        for one in cases {
            #expect(try intervals(one.expression, one.from, one.to) == one.open.map { $0.joined(separator: " ") }, "\(one.expression)")
        }
    }
}
