import Foundation
import Testing

@testable import Relais

/// The two real files of the Loire tell of the same 81 places by two sources, whose telephones and addresses differ.
@Suite("The duplicates of the Loire", .enabled(if: Shared.isThere))
struct LoireDuplicatesTests {
    /// The places of both files, the ids in the order of the rows.
    static func places() async throws -> [ComparedPlace] {
        let names = ["data/lieux-loire-2022.json", "data/lieux-loire-1.0.2.csv"]
        var drafts: [PlaceDraft] = []
        for name in names {
            var pieces = PlacePieces(try await PlaceFile(try #require(Shared.bytes(name))))
            while let piece = try await pieces.next() { drafts += piece.rows.map(\.draft) }
        }
        return drafts.map { ComparedPlace(Place.ID(UUID.version7(at: Date())), $0) }
    }

    @Test func eachPlaceFindsItsCounterpartAndNoOther() async throws {
        let places = try await Self.places()
        #expect(places.count == 162)
        let numbers = Dictionary(places.map { ($0.id, $0.localID) }) { first, _ in first }
        let pairs = DuplicateSearch.pairs(among: places)
        #expect(pairs.count == 81)
        #expect(pairs.allSatisfy { numbers[$0.first.id] == numbers[$0.second.id] })
    }

    @Test func aPairOfWhichSomebodySaidThatItIsTwoIsLeftOut() async throws {
        let places = try await Self.places()
        let all = DuplicateSearch.pairs(among: places)
        let known = PlacePair(all[0].second.id, all[0].first.id)
        let rest = DuplicateSearch.pairs(among: places, except: [known])
        #expect(!rest.contains { PlacePair($0.first.id, $0.second.id) == known })
        #expect(rest.count == 80)
    }
}
