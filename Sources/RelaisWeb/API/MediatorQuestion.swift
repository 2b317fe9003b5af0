import Foundation
import Postgres
import Relais

/// What a search of mediators asks, read from its parameters.
struct MediatorQuestion {
    private var filter: MediatorFilter
    private(set) var search: SearchQuestion
    let facets: [MediatorFilter.Member]
    /// A form in which all that is found is given, without pages.
    let whole: MediatorFormat?

    init(_ query: inout QueryReader, now: Date) {
        filter = MediatorFilter(at: now)
        search = SearchQuestion(&query)
        filter.words = search.words
        filter.structure = query.id("structure", of: Structure.self)
        filter.skill = query.text("skill", form: .skill)
        let level = query.integer("level", in: 1...3)
        if let need = query.text("need", form: .skill) {
            filter.need = Mediator.Skilled(need, level: level ?? 1)
        } else if query.has("level"), !query.has("need") {
            query.note("level", "without_need", "A level is that of a skill: give need, too.", isWellFormed: true)
        }
        filter.place = query.id("place", of: Place.self)
        filter.serves = query.text("serves", form: .insee)
        for member in MediatorFilter.Member.allCases {
            guard let singular = member.singular else { continue }
            filter.codes[member] = search.either(&query, member.rawValue, singular) { query, name in
                if let vocabulary = member.vocabulary {
                    query.codes(name, of: vocabulary.codes)
                } else {
                    query.texts(name, form: .language)
                }
            }
        }
        filter.accepting = query.flag("accepting")
        filter.archived = query.flag("archived") ?? false
        filter.reliability = query.reliability(at: now)
        facets = query.facets(of: MediatorFilter.Member.self)
        let format = query.choice("format", of: Format.self)
        whole =
            switch format {
            case .csv: .csv
            case .ndjson: .ndjson
            case .json: nil
            case nil: MediatorFormat.allCases.first { query.accepts($0.mediaType) }
            }
        if whole != nil { query.noteWithoutPages() }
    }

    private enum Format: String, CaseIterable { case json, csv, ndjson }

    /// What is asked, once the communes that it names have been looked up.
    func filter(in database: Database) async throws -> MediatorFilter {
        try await database.require(commune: filter.serves, parameter: "serves")
        var filter = filter
        filter.near = try await search.near(in: database)
        return filter
    }
}

extension MediatorFilter.Member {
    /// What the parameter is called when one value is given; `nil` for skills, which are asked for by `skill` and `need`.
    fileprivate var singular: String? {
        switch self {
        case .skills: nil
        case .modes: "mode"
        case .languages: "language"
        case .publics: "public"
        case .fees: "fee"
        case .programmes: "programme"
        case .specialCare: rawValue
        }
    }

    /// The closed list that the codes are of; languages have none.
    fileprivate var vocabulary: Vocabulary? {
        switch self {
        case .skills, .languages: nil
        case .modes: .modes
        case .publics: .publics
        case .fees: .fees
        case .programmes: .programmes
        case .specialCare: .specialCare
        }
    }
}
