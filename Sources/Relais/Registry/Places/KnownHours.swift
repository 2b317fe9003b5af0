import OpeningHours
import Synchronization

/// Expressions that were read before: many places have the same, and a search asks thousands.
final class KnownHours: Sendable {
    static let shared = KnownHours()

    private static let capacity = 20_000
    private let known = Mutex<[String: OpeningHours?]>([:])

    /// - Returns: `nil` for what cannot be read.
    func hours(_ text: String) -> OpeningHours? {
        if let found = known.withLock({ $0[text] }) { return found }
        let read = try? OpeningHours(parsing: text)
        known.withLock { known in
            if known.count >= KnownHours.capacity { known.removeAll() }
            known[text] = .some(read)
        }
        return read
    }
}
