import Foundation
import Matching

/// How likely two places are one, and what speaks for and against it.
public struct Likeness: Sendable, Equatable {
    /// What was seen of a pair. Its texts are an interface: they are stored and answered.
    public enum Kind: String, Sendable, Equatable, CaseIterable, Codable {
        /// `value`: how alike the names' own words are, 0…1.
        case sameName = "same_name"
        case similarName = "similar_name"
        /// Both names tell of another kind of service.
        case otherKind = "other_kind"
        case otherName = "other_name"
        case sameAddress = "same_address"
        case sameStreet = "same_street"
        case otherAddress = "other_address"
        /// `value`: metres.
        case near
        case far
        case sameCommune = "same_commune"
        case otherCommune = "other_commune"
        case sameSiret = "same_siret"
        case otherSiret = "other_siret"
        case samePhone = "same_phone"
        case sameEmail = "same_email"
        case sameWebsite = "same_website"
        /// The same site, and another page of it.
        case sameHost = "same_host"
        /// One source has both under the same number.
        case sameSourceID = "same_source_id"
        /// One collection has both under two numbers.
        case keptApart = "kept_apart"
    }

    public struct Reason: Sendable, Equatable, Codable {
        public let kind: Kind
        public let value: Double?
        /// What it adds to or takes from the sum that ``score`` is made of, in natural logarithms of odds.
        public let weight: Double

        private enum CodingKeys: String, CodingKey {
            case kind = "reason"
            case value, weight
        }
    }

    /// 0…1.
    public let score: Double
    /// The weightiest first.
    public let reasons: [Reason]

    /// From here on two places are told to be one: chosen on one half of 2,000 seeded pairs (docs/duplicates.md).
    public static let threshold = 0.5

    init(_ reasons: [Reason], prior: Double) {
        let sum = reasons.reduce(prior) { $0 + $1.weight }
        score = (1 / (1 + exp(-sum)) * 1000).rounded() / 1000
        self.reasons = reasons.enumerated().sorted { (abs($0.element.weight), $1.offset) > (abs($1.element.weight), $0.offset) }.map(
            \.element)
    }
}

extension Likeness.Reason: CustomStringConvertible {
    /// For people: `the same street`, `28 m apart`.
    public var description: String {
        switch kind {
        case .sameName: "the same name"
        case .similarName: "a similar name"
        case .otherKind: "another kind of service"
        case .otherName: "another name"
        case .sameAddress: "the same address"
        case .sameStreet: "the same street"
        case .otherAddress: "another address"
        case .near, .far: "\(Int(value ?? 0)) m apart"
        case .sameCommune: "the same commune"
        case .otherCommune: "another commune"
        case .sameSiret: "the same SIRET"
        case .otherSiret: "another SIRET"
        case .samePhone: "the same telephone"
        case .sameEmail: "the same e-mail address"
        case .sameWebsite: "the same website"
        case .sameHost: "one site's pages"
        case .sameSourceID: "the same number at the source"
        case .keptApart: "kept apart by one source"
        }
    }
}
