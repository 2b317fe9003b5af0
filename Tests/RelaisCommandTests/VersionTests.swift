import Foundation
import Testing

@testable import RelaisCommand

@Suite("The version")
struct VersionTests {
    @Test func isThatOfTheAPI() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/RelaisWeb/API/openapi.yaml")
        let description = try String(contentsOf: file, encoding: .utf8)
        #expect(description.contains("\n  version: \(RelaisTool.version)\n"))
    }
}
