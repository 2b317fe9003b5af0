import Foundation
import Relais

extension QueryReader {
    /// `stale`, `min_quality` and `max_quality`; `nil` when none is asked.
    mutating func reliability(at now: Date) -> Reliability? {
        let stale = flag("stale")
        let least = integer("min_quality", in: 0...100)
        let most = integer("max_quality", in: 0...100)
        if stale == nil, least == nil, most == nil { return nil }
        return Reliability(stale: stale, least: least, most: most, at: now)
    }
}
