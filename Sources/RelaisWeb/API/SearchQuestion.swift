import Hummingbird
import Matching
import Postgres
import Relais

/// What every search asks beside its own filters, read from the parameters that all of them have.
struct SearchQuestion {
    let words: String?
    let sort: SearchSort
    let wantsTotal: Bool
    /// The filters that were asked for by another of their names, and that name.
    private(set) var aliases: [String: String] = [:]
    private let distance: Int
    private var location: Location?
    /// A commune to be near of, whose coordinates are still to be looked up.
    private var nearCommune: Commune.ID?

    init(_ query: inout QueryReader) {
        words = query.text("q")
        distance = query.integer("distance", in: 1...Near.farthest) ?? Near.usual
        var isNear = false
        if let text = query.text("near", max: 60) {
            isNear = true
            if let point = Location(query: text) {
                if !point.isOnEarth {
                    query.note("near", "range", "A latitude is from -90 to 90, a longitude from -180 to 180.", isWellFormed: true)
                }
                location = point
            } else if Form.insee.matches(text) {
                nearCommune = text
            } else {
                query.note("near", "format", "This must be latitude,longitude (45.44,4.39) or the INSEE code of a commune (42218).")
            }
        } else if query.has("distance") {
            query.note("distance", "without_near", "A distance is from somewhere: give near, too.", isWellFormed: true)
        }
        let asked = query.choice("sort", of: SearchSort.self)
        sort = asked ?? (isNear ? .distance : words != nil ? .relevance : .id)
        if sort == .distance, !isNear {
            query.note("sort", "without_near", "distance sorts by the distance from somewhere: give near, too.", isWellFormed: true)
        }
        if sort == .relevance, words == nil {
            query.note("sort", "without_words", "relevance sorts by words: give q, too.", isWellFormed: true)
        }
        wantsTotal = query.flag("total") ?? false
    }

    /// A filter with two names, one for several values and one that reads well with one; given both ways it is refused.
    mutating func either(
        _ query: inout QueryReader, _ several: String, _ one: String, _ read: (inout QueryReader, String) -> [String]?
    ) -> [String]? {
        let values = read(&query, several)
        guard one != several, let single = read(&query, one) else { return values }
        if values != nil { query.note(one, "contradiction", "Give \(several) or \(one), not both.", isWellFormed: true) }
        aliases[several] = one
        return values ?? single
    }

    /// Where to be near of, once a commune's coordinates have been looked up.
    func near(in database: Database) async throws -> Near? {
        if let location { return Near(location: location, distance: distance) }
        guard let code = nearCommune else { return nil }
        guard let centre = try await database.commune(code)?.location else {
            let message = "There is no commune with this code whose coordinates are known: \(code)."
            throw Problem.query([.init(parameter: "near", code: "unknown_code", message: message, isWellFormed: true)])
        }
        return Near(location: centre, distance: distance)
    }
}

extension Location {
    /// `latitude,longitude`, which may be of no point on Earth.
    fileprivate init?(query text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { Double($0.trimmingSpaces()) }
        guard parts.count == 2, let latitude = parts[0], let longitude = parts[1] else { return nil }
        self.init(latitude: latitude, longitude: longitude)
    }

    fileprivate var isOnEarth: Bool { (-90...90).contains(latitude) && (-180...180).contains(longitude) }
}

extension QueryReader {
    /// The members whose codes are to be counted.
    mutating func facets<Member: SearchMember>(of _: Member.Type) -> [Member] {
        (codes("facets", of: Member.allCases.map(\.rawValue)) ?? []).compactMap(Member.init(rawValue:))
    }
}

/// A piece of what was found, and what was asked beside it.
struct Found<Item: Encodable & Sendable>: Encodable {
    let page: Page<Item>
    var total: Int?
    var facets: [Facet]?
    var relax: [Relaxation]?

    private enum CodingKeys: String, CodingKey { case total, facets, relax }

    func encode(to encoder: any Encoder) throws {
        try page.encode(to: encoder)
        try encodeBeside(to: encoder)
    }

    /// All but the page.
    func encodeBeside(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        if let total { try container.encode(total, forKey: .total) }
        if let facets { try container.encode(facets, forKey: .facets) }
        if let relax { try container.encode(relax, forKey: .relax) }
    }
}

extension Database {
    /// A piece of what was found, with what was asked beside it.
    func found<Item: Encodable & Sendable, Filter: SearchFilter>(
        _ page: Page<Item>, of filter: Filter, _ question: SearchQuestion, _ paging: Paging, facets members: [Filter.Member]
    ) async throws(PostgresError) -> Found<Item> {
        var found = Found(page: page)
        if question.wantsTotal { found.total = try await count(of: filter) }
        if !members.isEmpty { found.facets = try await facets(members, of: filter) }
        if page.items.isEmpty, paging.after == nil { found.relax = try await relaxations(of: filter, calling: question.aliases) }
        return found
    }
}
