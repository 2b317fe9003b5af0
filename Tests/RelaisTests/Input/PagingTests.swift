import Foundation
import Relais
import Testing

@Suite("Pages of a list")
struct PagingTests {
    @Test func aCursorComesBackAsItWent() throws {
        let id = Place.ID(UUID())
        let cursor = Cursor(order: "name", parts: ["Médiathèque \"Jo\"", id.description])
        let back = try #require(Cursor(encoded: cursor.encoded, order: "name", parts: [.text, .id]))
        #expect(back == cursor)
        #expect(back.id(1, of: Place.self) == id)
        #expect(cursor.encoded.wholeMatch(of: /[A-Za-z0-9_-]+/) != nil)
    }

    @Test func aCursorOfSomethingElseIsNone() {
        let cursor = Cursor(order: "name", parts: ["a", UUID().uuidString])
        #expect(Cursor(encoded: cursor.encoded, order: "id", parts: [.text, .id]) == nil)
        #expect(Cursor(encoded: cursor.encoded, order: "name", parts: [.id]) == nil)
        #expect(Cursor(encoded: cursor.encoded, order: "name", parts: [.id, .id]) == nil)
        #expect(Cursor(encoded: cursor.encoded, order: "name", parts: [.number, .id]) == nil)
        #expect(Cursor(encoded: cursor.encoded, order: "name", parts: [.instant, .id]) == nil)
        for text in ["", "é", "====", "e30", String(repeating: "A", count: 3000)] {
            #expect(Cursor(encoded: text, order: "name", parts: [.text, .id]) == nil)
        }
    }

    @Test func onlyAFullPageGoesOn() {
        let paging = Paging(limit: 2)
        #expect(Page([1, 2, 3], paging) { [String($0)] }.items == [1, 2])
        #expect(Page([1, 2, 3], paging) { [String($0)] }.next?.parts == ["2"])
        #expect(Page([1, 2], paging) { [String($0)] }.next == nil)
        #expect(Page([Int](), paging) { [String($0)] }.next == nil)
    }
}
