import Foundation
import Hummingbird
import Relais

/// An entry in a feed: whole, or, when it is archived, what is left of it for the reader to take it out.
enum FedEntry<Entry: Encodable & Sendable>: Encodable, Sendable {
    case present(Entry)
    case archived(id: String, at: Date, updatedAt: Date)

    private enum CodingKeys: String, CodingKey {
        case id
        case archivedAt = "archived_at"
        case updatedAt = "updated_at"
    }

    /// - Parameter tell: The entry as the reader may see it, its id and its record.
    init<Kept>(_ changed: ChangedEntry<Kept>, _ tell: (Kept) -> (entry: Entry, id: String, record: Record)) {
        switch changed {
        case .gone(let id, let instant): self = .archived(id: id, at: instant, updatedAt: instant)
        case .present(let kept):
            let (entry, id, record) = tell(kept)
            self = record.archivedAt.map { .archived(id: id, at: $0, updatedAt: record.updatedAt) } ?? .present(entry)
        }
    }

    func encode(to encoder: any Encoder) throws {
        switch self {
        case .present(let entry): try entry.encode(to: encoder)
        case .archived(let id, let instant, let updatedAt):
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
            try container.encode(instant, forKey: .archivedAt)
            try container.encode(updatedAt, forKey: .updatedAt)
        }
    }
}

/// What of a feed is asked for.
struct FeedQuery {
    let start: FeedStart
    let cluster: String?
    let limit: Int

    fileprivate static let parts: [Cursor.Part] = [.number, .number, .text]
}

extension QueryReader {
    /// `updated_since`, which opens the feed of changes, or a `cursor` of that feed, which goes on with it; `nil` when the list is asked for.
    /// Asked once the list's own parameters have been read, for a feed has none of them.
    mutating func feed() -> FeedQuery? {
        var peek = self
        let cursor = peek.text("cursor", max: 2000).flatMap { Cursor(encoded: $0, order: "changes", parts: FeedQuery.parts) }
        guard cursor != nil || has("updated_since") else { return nil }
        let since = instant("updated_since")
        noteRead(but: ["updated_since"], "with_changes", "All changes are told: updated_since goes with limit and cursor alone.")
        let query = feedPage(parameter: "cursor", order: "changes")
        // A cursor is later than the instant that opened its feed.
        return cursor != nil ? query : FeedQuery(start: .since(since ?? .distantPast), cluster: nil, limit: query.limit)
    }

    /// `after`, where a feed goes on; without it, the feed begins with the oldest.
    mutating func events() -> FeedQuery { feedPage(parameter: "after", order: "events") }

    private mutating func feedPage(parameter: String, order: String) -> FeedQuery {
        let limit = integer("limit", in: 1...Paging.largest) ?? Paging.usual
        let text = text(parameter, max: 2000)
        let cursor = text.flatMap { Cursor(encoded: $0, order: order, parts: FeedQuery.parts) }
        if text != nil, cursor == nil { note(parameter, "cursor", "This is not a cursor of this feed: take it from next_cursor.") }
        guard let cursor else { return FeedQuery(start: .after(.start), cluster: nil, limit: limit) }
        let position = FeedPosition(transaction: max(0, cursor.number(0)), position: max(0, cursor.number(1)))
        return FeedQuery(start: .after(position), cluster: cursor.text(2), limit: limit)
    }
}

/// A piece of a feed as JSON: there is always a cursor with which to go on, now or later.
struct FeedAnswer<Item: Encodable & Sendable>: Encodable {
    let items: [Item]
    let next: Cursor

    init(_ page: FeedPage<Item>, order: String = "changes") {
        items = page.items
        next = Cursor(order: order, parts: [String(page.next.transaction), String(page.next.position), page.cluster])
    }

    private enum CodingKeys: String, CodingKey {
        case items
        case next = "next_cursor"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(items, forKey: .items)
        try container.encode(next.encoded, forKey: .next)
    }
}
