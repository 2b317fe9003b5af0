/// What the score is made of, by the policy. Weights are relative: only their proportions count.
public struct Weights: Sendable, Equatable {
    public let skillFit: Double
    public let proximity: Double
    public let balance: Double
    /// The distance, in metres, at which proximity is one half.
    public let halfDistance: Double

    public init(skillFit: Double, proximity: Double, balance: Double, halfDistance: Double) {
        self.skillFit = skillFit
        self.proximity = proximity
        self.balance = balance
        self.halfDistance = halfDistance
    }
}
