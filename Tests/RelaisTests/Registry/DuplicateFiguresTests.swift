import Foundation
import Testing

@testable import Relais

@Suite("The figures of duplicates")
struct DuplicateFiguresTests {
    /// Precision and recall of a threshold over pairs.
    struct Figures: CustomStringConvertible {
        var found = 0
        var wrong = 0
        var missed = 0

        init(_ scored: [(score: Double, same: Bool)], threshold: Double) {
            for pair in scored {
                switch (pair.score >= threshold, pair.same) {
                case (true, true): found += 1
                case (true, false): wrong += 1
                case (false, true): missed += 1
                case (false, false): break
                }
            }
        }

        var precision: Double { found + wrong == 0 ? 1 : Double(found) / Double(found + wrong) }
        var recall: Double { found + missed == 0 ? 1 : Double(found) / Double(found + missed) }
        var description: String { "precision \(precision), recall \(recall) (\(found) found, \(wrong) wrong, \(missed) missed)" }
    }

    static func scored(_ pairs: ArraySlice<DuplicateCases.Pair>) -> [(score: Double, same: Bool)] {
        pairs.map { ($0.one.compared(1).likeness(to: $0.other.compared(2)).score, $0.isSame) }
    }

    /// The threshold was chosen on the first thousand; these are the figures of the second.
    @Test func theOtherHalfIsTold() {
        var cases = DuplicateCases(seed: 2026)
        let pairs = cases.pairs(2000)
        #expect(pairs.count { !$0.isSame } >= 600)
        let figures = Figures(Self.scored(pairs[1000...]), threshold: Likeness.threshold)
        print("Duplicates, the half that was not looked at: \(figures)")
        #expect(figures.precision >= 0.98, "\(figures)")
        #expect(figures.recall >= 0.9, "\(figures)")
    }
}
