import Foundation
import Matching

/// Which places are worth comparing: those that share a key. Whatever two duplicates have in common, a point nearby, a number, a telephone, a word
/// of their name in one town, puts them into one block.
struct DuplicateBlocks {
    private var members: [UInt32] = []
    private var blocks: [Range<Int>] = []
    /// The blocks of each place, in order of the places.
    private var blocksOfPlaces: [UInt32] = []
    private var starts: [Int] = []
    private let ranks: [UInt32]

    /// Blocks with more members are not compared all with all: each with its neighbours in the order of town and name.
    static let largest = 60
    static let window = 12

    init(_ places: [ComparedPlace]) {
        var entries: [(key: UInt64, place: UInt32)] = []
        entries.reserveCapacity(places.count * 16)
        for (index, place) in places.enumerated() {
            for key in Self.keys(of: place) { entries.append((key, UInt32(index))) }
        }
        // Neighbours in large blocks: by postcode, then name, so that those that are one stand together.
        let ranks = Self.ranks(of: places)
        self.ranks = ranks
        entries.sort { ($0.key, ranks[Int($0.place)]) < ($1.key, ranks[Int($1.place)]) }
        members.reserveCapacity(entries.count)
        var start = 0
        var counts = [Int](repeating: 0, count: places.count)
        while start < entries.count {
            var end = start + 1
            while end < entries.count, entries[end].key == entries[start].key { end += 1 }
            if end - start > 1 {
                let from = members.count
                for entry in entries[start..<end] where members.count == from || members[members.count - 1] != entry.place {
                    members.append(entry.place)
                }
                if members.count - from > 1 {
                    for member in members[from...] { counts[Int(member)] += 1 }
                    blocks.append(from..<members.count)
                } else {
                    members.removeSubrange(from...)
                }
            }
            start = end
        }
        starts = [0]
        starts.reserveCapacity(places.count + 1)
        for count in counts { starts.append(starts[starts.count - 1] + count) }
        var next = starts
        blocksOfPlaces = [UInt32](repeating: 0, count: starts[places.count])
        for (number, block) in blocks.enumerated() {
            for position in block {
                let place = Int(members[position])
                blocksOfPlaces[next[place]] = UInt32(number)
                next[place] += 1
            }
        }
    }

    /// The places after `place` that it is to be compared with, each once, in order.
    func partners(of place: Int, into partners: inout [UInt32]) {
        partners.removeAll(keepingCapacity: true)
        for number in blocksOfPlaces[starts[place]..<starts[place + 1]] {
            let block = blocks[Int(number)]
            if block.count <= Self.largest {
                for position in block where members[position] > UInt32(place) { partners.append(members[position]) }
            } else {
                let here = position(of: place, in: block)
                for position in max(block.lowerBound, here - Self.window)..<min(block.upperBound, here + Self.window + 1)
                where members[position] > UInt32(place) { partners.append(members[position]) }
            }
        }
        partners.sort()
        var kept = 0
        for index in partners.indices where index == 0 || partners[index] != partners[index - 1] {
            partners[kept] = partners[index]
            kept += 1
        }
        partners.removeSubrange(kept...)
    }

    private func position(of place: Int, in block: Range<Int>) -> Int {
        var (low, high) = (block.lowerBound, block.upperBound)
        while low < high {
            let middle = (low + high) / 2
            if ranks[Int(members[middle])] < ranks[place] { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Where each place stands in the order of postcode, then name.
    private static func ranks(of places: [ComparedPlace]) -> [UInt32] {
        var order = Array(places.indices)
        order.sort {
            let (one, other) = (places[$0], places[$1])
            return (one.postcode, one.words.folded, one.id) < (other.postcode, other.words.folded, other.id)
        }
        var ranks = [UInt32](repeating: 0, count: places.count)
        for (rank, place) in order.enumerated() { ranks[place] = UInt32(rank) }
        return ranks
    }
}

extension DuplicateBlocks {
    /// About 300 m: duplicates whose points differ by more share a word and the town.
    private static let cell = 0.003

    private static func keys(of place: ComparedPlace) -> [UInt64] {
        var keys: [UInt64] = []
        func add(_ kind: UInt8, _ parts: some Sequence<UInt8>) {
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            hash = (hash ^ UInt64(kind)) &* 0x100_0000_01b3
            for byte in parts { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            keys.append(hash)
        }
        if let pivot = place.pivot { add(1, pivot.utf8) }
        if let phone = place.phone { add(2, phone.utf8) }
        for email in place.emails { add(3, email.utf8) }
        for website in place.websites where website.contains("/") || ContactKeys.host(of: website) != nil { add(4, website.utf8) }
        let towns = [Array(place.postcode.utf8), Array((place.commune ?? "").utf8), Array(place.communeName.utf8)].filter { !$0.isEmpty }
        for town in towns {
            // The head or the tail of a word outlives a slip in the other.
            for word in place.words.words where word.weight == 1 {
                add(5, town + [0] + word.bytes.prefix(4))
                if word.bytes.count > 4 { add(6, town + [0] + word.bytes.suffix(4)) }
            }
            for word in place.address.street where word.count > 3 { add(7, town + [0] + word.prefix(5)) }
            if place.words.kinds != 0 {
                for kind in 0..<UInt8(64) where place.words.kinds >> UInt64(kind) & 1 == 1 { add(8, town + [0, kind]) }
            }
        }
        if let location = place.location {
            let row = Int32((location.latitude / cell).rounded(.down))
            let column = Int32((location.longitude / (cell * 1.4)).rounded(.down))
            // Its own cell and three of those beside it: whoever is in a neighbouring cell has one of the four, too.
            for down: Int32 in -1...0 {
                for right: Int32 in -1...0 {
                    withUnsafeBytes(of: (row &+ down, column &+ right)) { add(9, $0) }
                }
            }
        }
        return keys
    }
}
