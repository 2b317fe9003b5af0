/// All that is wrong with one input, told at once.
public struct InvalidInput: Error, Equatable {
    /// One thing that is wrong, and what would be right. Holds nothing that a person wrote but codes that are looked up in a list.
    public struct Problem: Sendable, Equatable, Encodable {
        /// Where, as a JSON pointer (RFC 6901): `/skills/0/level`.
        public let pointer: String
        /// What kind of problem, for programs: `required`, `type`, `unknown_member`, `range`, `length`, `format`, `unknown_code`, `checksum`…
        public let code: String
        /// What is wrong and what would be right, for people.
        public let message: String

        public init(_ pointer: String, _ code: String, _ message: String) {
            self.pointer = pointer
            self.code = code
            self.message = message
        }
    }

    public let problems: [Problem]

    public init(_ problems: [Problem]) { self.problems = problems }
    public init(_ pointer: String, _ code: String, _ message: String) { problems = [Problem(pointer, code, message)] }
}

/// Collects what is wrong while an input is read.
public final class InputProblems {
    public private(set) var list: [InvalidInput.Problem]

    public init(_ noted: [InvalidInput.Problem] = []) { list = noted }

    public func note(_ pointer: String, _ code: String, _ message: String) {
        list.append(InvalidInput.Problem(pointer, code, message))
    }

    /// - Throws: Everything noted so far, when anything was.
    public func throwIfAny() throws(InvalidInput) {
        guard list.isEmpty else { throw InvalidInput(list) }
    }
}

/// The entries of `list` that come nearest to `code`, best first: what an error about an unknown code proposes.
public func nearest(_ code: String, among list: some Sequence<String>, limit: Int = 3) -> [String] {
    let ranked = list.map { (distance: editDistance(Array(code.prefix(80).utf8), Array($0.utf8)), code: $0) }
        .sorted { ($0.distance, $0.code) < ($1.distance, $1.code) }
    return ranked.prefix(limit).map(\.code)
}

/// Levenshtein's distance in bytes.
private func editDistance(_ one: [UInt8], _ other: [UInt8]) -> Int {
    var row = Array(0...other.count)
    for (i, a) in one.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, b) in other.enumerated() {
            let replaced = diagonal + (a == b ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
        }
    }
    return row[other.count]
}
