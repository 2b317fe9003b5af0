import Foundation

/// A mediator who can take a request, or one who cannot and why.
public struct Candidate: Sendable, Equatable {
    /// A part of the score.
    public struct Term: Sendable, Equatable, Codable {
        public let term: String
        /// 0…1; more is better.
        public let value: Double
        /// Its share of the whole, 0…1; the shares of a candidate's terms sum to 1.
        public let weight: Double
        /// What it brings to the score, in millionths; the contributions of a candidate sum to its score.
        public let contribution: Int
    }

    /// One way of helping: a mode, and for `place` where.
    public struct Way: Sendable, Equatable {
        public let mode: Mode
        public let place: UUID?
        /// Metres between the person and the help; `nil` where distance does not matter or is not known.
        public let distance: Int?
        /// In millionths.
        public let score: Int
        public let terms: [Term]
    }

    /// A hard constraint that failed.
    public struct Exclusion: Sendable, Equatable, Codable {
        public let constraint: String
        /// What was found, and what would have passed.
        public let value: String
        public let limit: String

        public init(_ constraint: String, value: String, limit: String) {
            self.constraint = constraint
            self.value = value
            self.limit = limit
        }
    }

    public let mediator: UUID
    /// The admissible way with the highest score; `nil` when excluded.
    public let best: Way?
    public let alternatives: [Way]
    /// Every constraint that failed; empty when the mediator can take the request.
    public let excludedBy: [Exclusion]
}
