import HTTPTypes
import Relais

/// What became of many changes: one answer for each, in the order of the request.
struct BulkReport: Encodable, Sendable {
    struct Item: Encodable, Sendable {
        let id: String
        /// The status that the change would have been answered with by itself.
        let status: Int
        /// The new one; null when it was not done.
        let etag: String?
        /// Why it was not done, its pointers within the whole body.
        let problem: JSONValue?
    }

    let items: [Item]
    let done: Int
    let failed: Int

    /// - Parameter done: Whether what could be done was; when all was to be done or none, it was not.
    init(_ outcomes: [BulkOutcome], done: Bool = true) {
        items = outcomes.enumerated().map { index, outcome in
            switch outcome.result {
            case .success(let version): Item(id: outcome.id, status: 200, etag: done ? "\"\(version)\"" : nil, problem: nil)
            case .failure(let error):
                Item(
                    id: outcome.id, status: Problem.of(error).kind.status.code, etag: nil,
                    problem: Problem.of(error).value(below: "/\(index)/patch"))
            }
        }
        let succeeded = items.count { $0.problem == nil }
        self.done = done ? succeeded : 0
        failed = items.count - succeeded
    }
}

extension BulkItem {
    /// Reads the body of a bulk change: a list of `{"id", "etag", "patch"}`, or with `"action": "archive"` or `"restore"` in place of the patch.
    ///
    /// - Throws: All that is wrong with the form (422), or 428 when an item has no `etag`.
    static func read(_ json: JSONValue, id: (String) -> Entry.ID?) throws -> [BulkItem] {
        guard case .array(let list) = json else { throw InvalidInput("", "type", "This must be an array, and is \(json.kind).") }
        guard (1...bulkLimit).contains(list.count) else {
            throw InvalidInput("", "length", "This may have from 1 to \(bulkLimit) items, and has \(list.count).")
        }
        let problems = InputProblems()
        var (items, seen): ([BulkItem], Set<String>) = ([], [])
        var lacksETag = false
        for (index, item) in list.enumerated() {
            var object = InputObject(item, at: "/\(index)", problems: problems)
            let text = object.text("id", required: true)
            let etag = object.text("etag", max: 40)
            if etag == nil { lacksETag = true }
            let action = object.code("action", of: ["change", "archive", "restore"]) ?? "change"
            let patch = object.value("patch", required: action == "change")
            object.finish()
            if let patch, action != "change" || patch.kind != "an object" {
                object.note("patch", "type", "This must be an object, and there is none with another action than change.")
            }
            guard let text else { continue }
            guard let id = id(text) else {
                object.note("id", "format", "This must be an id.")
                continue
            }
            if !seen.insert(id.description).inserted {
                object.note("id", "duplicate", "This entry is there already: put its changes into one.")
            }
            let act: Act = action == "archive" ? .archive : action == "restore" ? .restore : .change(patch ?? .null)
            items.append(BulkItem(id: id, precondition: Precondition(etag: etag ?? ""), act: act))
        }
        try problems.throwIfAny()
        if lacksETag {
            throw Problem(.preconditionRequired, "Each item needs the etag that was read, so that nobody's change is overwritten.")
        }
        return items
    }
}

extension Precondition {
    /// One entity tag, as a body repeats it: `"3"` with its quotes; `*` for any.
    init(etag: String) {
        self =
            etag == "*"
            ? .any : .versions(Set([etag].compactMap { $0.hasPrefix("\"") && $0.hasSuffix("\"") ? Int($0.dropFirst().dropLast()) : nil }))
    }
}
