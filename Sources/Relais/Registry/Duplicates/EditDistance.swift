/// How alike two words are that people mistyped.
enum EditDistance {
    /// 1 for the same word, 0 for words that are not taken for one another; between them for one or two slips of the pen.
    ///
    /// A slip is a letter that is missing, too many, another, or swapped with its neighbour (optimal string alignment). Words of fewer than four
    /// letters must be the same, up to seven letters may have one slip, longer ones two; digits are never mistyped.
    static func likeness(_ one: [UInt8], _ other: [UInt8]) -> Double {
        if one == other { return 1 }
        let longer = max(one.count, other.count)
        let shorter = min(one.count, other.count)
        guard shorter >= 4 else { return 0 }
        let allowed = longer <= 7 ? 1 : 2
        guard longer - shorter <= allowed else { return 0 }
        if one.contains(where: isDigit) || other.contains(where: isDigit) { return 0 }
        let slips = distance(one, other, atMost: allowed)
        return slips > allowed ? 0 : 1 - Double(slips) / Double(longer)
    }

    /// The number of slips between the words; `limit + 1` as soon as it is more than `limit`.
    static func distance(_ one: [UInt8], _ other: [UInt8], atMost limit: Int) -> Int {
        let width = other.count + 1
        return withUnsafeTemporaryAllocation(of: Int.self, capacity: width * 3) { cells in
            // Three rows in turn: the swap looks two rows back.
            for column in 0..<width { cells[column] = column }
            var last = 0
            for row in 1..<(one.count + 1) {
                let current = row % 3 * width
                let above = (row + 2) % 3 * width
                let aboveThat = (row + 1) % 3 * width
                cells[current] = row
                var best = row
                for column in 1..<width {
                    let same = one[row - 1] == other[column - 1]
                    var cost = min(cells[above + column] + 1, cells[current + column - 1] + 1, cells[above + column - 1] + (same ? 0 : 1))
                    if row > 1, column > 1, one[row - 1] == other[column - 2], one[row - 2] == other[column - 1] {
                        cost = min(cost, cells[aboveThat + column - 2] + 1)
                    }
                    cells[current + column] = cost
                    best = min(best, cost)
                }
                if best > limit { return limit + 1 }
                last = cells[current + width - 1]
            }
            return one.isEmpty ? other.count : last
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
