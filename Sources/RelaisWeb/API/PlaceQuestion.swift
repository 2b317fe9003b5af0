import Foundation
import Hummingbird
import Matching
import Postgres
import Relais

/// What a search of places asks, read from its parameters.
struct PlaceQuestion {
    private var filter = PlaceFilter()
    private(set) var search: SearchQuestion
    /// A day on which it must stop somewhere; what is open then is still to be looked up.
    private let itinerantOn: Day?
    let facets: [PlaceFilter.Member]
    let isGeoJSON: Bool
    /// A form in which all that is found is given, without pages.
    let whole: PlaceFormat?

    init(_ query: inout QueryReader, now: Date) {
        search = SearchQuestion(&query)
        filter.words = search.words
        filter.structure = query.id("structure", of: Structure.self)
        filter.commune = query.text("commune", form: .insee)
        filter.department = query.text("department", form: .department)
        filter.source = query.text("source")
        filter.serves = query.text("serves", form: .insee)
        filter.need = query.text("need", form: .skill)
        filter.vanished = query.flag("vanished")
        filter.archived = query.flag("archived") ?? false
        for member in PlaceFilter.Member.allCases {
            // `service` and `public` are what these were called first, and read well with one value.
            filter.codes[member] = search.either(&query, member.rawValue, member.singular) { $0.codes($1, of: member.vocabulary.codes) }
        }
        itinerantOn = query.day("itinerant_on")
        filter.reliability = query.reliability(at: now)
        let isOpenNow = query.flag("open_now")
        filter.openAt = query.openingInstant("open_at")
        if isOpenNow == true {
            if filter.openAt != nil { query.note("open_now", "contradiction", "Give open_now or open_at, not both.", isWellFormed: true) }
            filter.openAt = now
            filter.isOpenNow = true
        }
        facets = query.facets(of: PlaceFilter.Member.self)
        let format = query.choice("format", of: Format.self)
        isGeoJSON = format == .geojson || format == nil && query.accepts("application/geo+json")
        whole =
            switch format {
            case .csv: .csv
            case .ndjson: .ndjson
            case .json, .geojson: nil
            case nil: [.csv, .ndjson].first { query.accepts($0.mediaType) }
            }
        if whole != nil { query.noteWithoutPages() }
    }

    private enum Format: String, CaseIterable { case json, geojson, csv, ndjson }

    /// What is asked, once the communes that it names and the hours of its day have been looked up.
    func filter(in database: Database) async throws -> PlaceFilter {
        try await database.require(commune: filter.serves, parameter: "serves")
        var filter = filter
        filter.near = try await search.near(in: database)
        if let itinerantOn { filter.itinerantOn = try await database.stopDay(itinerantOn) }
        return filter
    }
}

extension PlaceFilter.Member {
    /// What the parameter is called when one value is given.
    fileprivate var singular: String {
        switch self {
        case .services: "service"
        case .publics: "public"
        case .fees: "fee"
        case .programmes: "programme"
        case .labels: "label"
        case .typologies: "typology"
        case .accessModes: "access_mode"
        case .supportModes: "support_mode"
        case .specialCare, .itinerance: rawValue
        }
    }
}

/// Places as GeoJSON (RFC 7946): those whose coordinates are not known have no geometry.
///
/// What was asked beside them stands in members of its own, as RFC 7946 (6.1) lets it.
private struct FeatureCollection: Encodable {
    let type = "FeatureCollection"
    let features: [Feature]
    let found: Found<FoundPlace>

    private enum CodingKeys: String, CodingKey { case type, features }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(type, forKey: .type)
        try container.encode(features, forKey: .features)
        try found.encodeBeside(to: encoder)
    }

    struct Feature: Encodable {
        let type = "Feature"
        let id: Place.ID
        let geometry: Point?
        let properties: FoundPlace
    }

    struct Point: Encodable {
        let type = "Point"
        /// Longitude first.
        let coordinates: [Double]
    }
}

extension AppContext {
    func answer(geo found: Found<FoundPlace>, to request: Request) -> Response {
        let features = found.page.items.map { found in
            FeatureCollection.Feature(
                id: found.place.id,
                geometry: found.place.location.map { .init(coordinates: [$0.longitude, $0.latitude]) }, properties: found)
        }
        return answer(FeatureCollection(features: features, found: found), next: found.page.next, as: "application/geo+json", to: request)
    }
}
