/// A small generator whose numbers follow from a seed: SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
/// The same seed gives the same demo network on every machine and with every version of Swift.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A number from `range`. (The standard library's way to get one is its own and may change; this one may not.)
    mutating func int(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int((next() >> 11) % UInt64(range.upperBound - range.lowerBound + 1))
    }

    /// True in `percent` of a hundred cases.
    mutating func chance(_ percent: Int) -> Bool { int(1...100) <= percent }

    /// One of a list, which must not be empty.
    mutating func one<Value>(of list: [Value]) -> Value { list[int(0...list.count - 1)] }

    /// `count` different ones of a list, in its order; all of them when it has no more.
    mutating func some<Value>(_ count: Int, of list: [Value]) -> [Value] {
        var indices = Array(list.indices)
        while indices.count > max(0, count) { indices.remove(at: int(0...indices.count - 1)) }
        return indices.map { list[$0] }
    }

    /// One of a list by weight.
    mutating func one<Value>(weighed list: [(weight: Int, value: Value)]) -> Value {
        var rest = int(1...list.reduce(0) { $0 + $1.weight })
        for (weight, value) in list {
            rest -= weight
            if rest <= 0 { return value }
        }
        return list[list.count - 1].value
    }
}
