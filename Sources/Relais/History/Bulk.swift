import Foundation
import Postgres

/// One change among many: what is to be done to which version of which entry.
public struct BulkItem<Entry: Historic>: Sendable {
    public enum Act: Sendable, Equatable {
        case change(JSONValue)
        case archive, restore
    }

    public let id: Entry.ID
    public let precondition: Precondition
    public let act: Act

    public init(id: Entry.ID, precondition: Precondition, act: Act) {
        self.id = id
        self.precondition = precondition
        self.act = act
    }
}

/// What became of one change among many.
public struct BulkOutcome: Sendable, Equatable {
    public let id: String
    /// The version after it, or why it was not done.
    public let result: Result<Int, RegistryError>
}

/// The most changes that one request may hold.
public let bulkLimit = 200

extension HistoryDesk {
    /// Does each of `items` by itself: one that cannot be done leaves the others as they are. When `atomic`, all are done or none.
    ///
    /// They are done in their order: a child can go before its parent, and come back after it. All are locked before, in the order of their ids, so that two
    /// who change the same entries at once wait for each other instead of standing in each other's way.
    ///
    /// - Throws: ``RegistryError/noneDone(_:)`` when `atomic` and one of them cannot be done; an error of the database itself.
    public func bulk(
        _ items: [BulkItem<Past>], atomic: Bool, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> [BulkOutcome] {
        var outcomes: [BulkOutcome?] = Array(repeating: nil, count: items.count)
        try await tx.lock(items.map(\.id.description), of: Past.self)
        for (index, item) in items.enumerated() {
            let result: Result<Int, RegistryError>
            do throws(RegistryError) {
                result = .success(
                    try await tx.savepoint { tx throws(RegistryError) in try await perform(item, by: caller, in: tx) })
            } catch {
                // The database itself fails, or asks for the whole to be begun anew.
                if case .database = error { throw error }
                result = .failure(error)
            }
            outcomes[index] = BulkOutcome(id: item.id.description, result: result)
        }
        let all = outcomes.compactMap { $0 }
        if atomic, all.contains(where: { if case .failure = $0.result { true } else { false } }) { throw .noneDone(all) }
        return all
    }

    private func perform(_ item: BulkItem<Past>, by caller: Caller, in tx: Session<RegistryError>) async throws(RegistryError) -> Int {
        switch item.act {
        case .change(let patch):
            return try await change(item.id, by: patch, if: item.precondition, undoing: nil, by: caller, in: tx).version
        case .archive:
            let current = try await writable(item.id, by: caller, in: tx)
            guard item.precondition.holds(for: current.version) else {
                throw try await tx.overtaken(item.precondition, of: item.id, as: Past.self)
            }
            try await archive(item.id, if: item.precondition, undoing: nil, by: caller, in: tx)
            return try await writable(item.id, by: caller, in: tx).version
        case .restore:
            return try await restore(item.id, if: item.precondition, undoing: nil, by: caller, in: tx).version
        }
    }
}
