/// Draws that are the same each time (SplitMix64).
struct SearchDraw {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }

    mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }
    mutating func chance(_ share: Double) -> Bool { unit() < share }
    mutating func one<Item>(of items: [Item]) -> Item { items[Int(next() % UInt64(items.count))] }
    mutating func some(of items: [String]) -> [String] {
        var some: [String] = []
        for item in items where chance(0.3) { some.append(item) }
        return some
    }
}
