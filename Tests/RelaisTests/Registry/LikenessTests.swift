import Foundation
import Matching
import Testing

@testable import Relais

@Suite("How likely two places are one")
struct LikenessTests {
    static func place(
        _ name: String, _ address: String = "12 rue Gambetta", phone: String? = nil, at latitude: Double? = 45.43, pivot: String? = nil,
        emails: [String] = []
    ) -> ComparedPlace {
        ComparedPlace(
            id: Place.ID(UUID()), name: name, address: address, postcode: "42000", communeName: "Saint-Étienne",
            location: latitude.map { Location(latitude: $0, longitude: 4.39) }, pivot: pivot, phone: phone, emails: emails)
    }

    @Test(arguments: [
        ("Médiathèque Jean Ferrat", "MEDIATHEQUE J. FERRAT"), ("Bibliothèque Tarentaize", "Médiathèque municipale de Tarentaise"),
        ("C.C.A.S. de Saint-Étienne", "CCAS St Etienne"), ("Médiathèque Jean Ferrat", "Mediathèque Jean Ferat - Ville de Saint-Étienne"),
    ])
    func theSameNameInOtherWriting(one: String, other: String) {
        let likeness = Self.place(one).likeness(to: Self.place(other, "12, r. Gambetta", at: 45.4301))
        #expect(likeness.score >= Likeness.threshold, "\(likeness.reasons)")
    }

    @Test(arguments: [
        ("Médiathèque Jean Ferrat", "Centre social Jean Ferrat"), ("Mairie", "Ludothèque Pommier"),
        ("Espace jeunes 1", "Espace jeunes 2"),
    ])
    func anotherServiceInTheSameHouse(one: String, other: String) {
        let likeness = Self.place(one, phone: "+33477123456").likeness(to: Self.place(other, phone: "04 77 12 34 56"))
        #expect(likeness.score < Likeness.threshold, "\(likeness.reasons)")
    }

    /// One that has moved and kept its telephone and mailbox; a slip in the number of the house.
    @Test func theSameNameUnderAnotherAddress() {
        let place = Self.place("Maison des lucioles", "12 rue des Acacias", phone: "+33477361234", emails: ["x@lucioles.example"])
        let moved = Self.place("Maison des lucioles", "3 place du Marché", phone: "+33477361234", at: nil, emails: ["x@lucioles.example"])
        #expect(place.likeness(to: moved).score >= Likeness.threshold)
        #expect(place.likeness(to: Self.place("Maison des lucioles", "21 rue des Acacias", at: nil)).score >= Likeness.threshold)
        #expect(place.likeness(to: Self.place("Maison des lucioles", "3 place du Marché", at: nil)).score < Likeness.threshold)
        #expect(place.likeness(to: Self.place("Maison des abeilles", "21 rue des Acacias", at: nil)).score < Likeness.threshold)
    }

    /// The offices of a network in two towns have its name, telephone, mailbox and site in common.
    @Test func twoOfficesOfANetworkAreTwo() {
        let office = { (commune: String, postcode: String, address: String) in
            ComparedPlace(
                id: Place.ID(UUID()), name: "Konexio Zède", address: address, postcode: postcode, communeName: commune,
                phone: "+33477361234", emails: ["x@konexio.example"], websites: ["https://konexio.example/"])
        }
        let likeness = office("Roanne", "42300", "12 rue du Onze Novembre").likeness(to: office("Grenoble", "38000", "7 rue de la Paix"))
        #expect(likeness.score < Likeness.threshold, "\(likeness.reasons)")
    }

    @Test func whoeverIsAskedAboutTheOtherTheAnswerIsTheSame() {
        var cases = DuplicateCases(seed: 3)
        for pair in cases.pairs(300) {
            let (one, other) = (pair.one.compared(1), pair.other.compared(2))
            #expect(one.likeness(to: other).score == other.likeness(to: one).score, "\(one.name) | \(other.name)")
        }
    }

    @Test func anUnknownNumberIsNoNumber() {
        let likeness = Self.place("A", pivot: Siret.placeholder).likeness(to: Self.place("B", pivot: Siret.placeholder))
        #expect(!likeness.reasons.contains { $0.kind == .sameSiret })
    }

    /// Blocks leave out comparisons, and no pair that all comparisons together find.
    @Test func blocksMissNothingThatAllComparisonsFind() {
        var cases = DuplicateCases(seed: 11)
        let places = cases.pairs(250).enumerated().flatMap { [$1.one.compared($0 * 2 + 1), $1.other.compared($0 * 2 + 2)] }
        var all: Set<PlacePair> = []
        for (index, one) in places.enumerated() {
            for other in places[(index + 1)...] where one.likeness(to: other).score >= Likeness.threshold {
                all.insert(PlacePair(one.id, other.id))
            }
        }
        let found = Set(DuplicateSearch.pairs(among: places).map { PlacePair($0.first.id, $0.second.id) })
        #expect(found.isSubset(of: all))
        #expect(Double(found.count) >= 0.99 * Double(all.count), "\(all.subtracting(found).count) of \(all.count) missed")
    }
}
