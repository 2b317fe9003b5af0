/// Why a text is not an expression of opening hours.
public struct OpeningHoursError: Error, Equatable, CustomStringConvertible {
    /// Where, in characters from 1; one after the last when something is missing at the end.
    public let column: Int
    /// What was expected there, and what was found.
    public let message: String

    public var description: String { "column \(column): \(message)" }
}
