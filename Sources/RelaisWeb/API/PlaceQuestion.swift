import Foundation
import Hummingbird
import Matching
import Postgres
import Relais

/// What a search of places asks, read from its parameters.
struct PlaceQuestion {
    var filter = PlaceFilter()
    /// A commune to be near of, whose coordinates are still to be looked up.
    private(set) var nearCommune: Commune.ID?
    /// A day on which it must stop somewhere; what is open then is still to be looked up.
    let itinerantOn: Day?
    let distance: Int
    let sort: PlaceSort
    let facets: [PlaceFilter.Member]
    let wantsTotal: Bool
    let isGeoJSON: Bool
    /// A form in which all that is found is given, without pages.
    let whole: PlaceFormat?

    init(_ query: inout QueryReader, now: Date) {
        filter.structure = query.id("structure", of: Structure.self)
        filter.commune = query.text("commune", form: .insee)
        filter.department = query.text("department", max: 3)
        filter.source = query.text("source")
        filter.serves = query.text("serves", form: .insee)
        filter.need = query.text("need", form: .skill)
        filter.vanished = query.flag("vanished")
        filter.archived = query.flag("archived") ?? false
        filter.words = query.text("q")
        for member in PlaceFilter.Member.allCases {
            // `service` and `public` are what these were called first, and read well with one value.
            let several = query.codes(member.rawValue, of: member.vocabulary.codes)
            let one = member.singular == member.rawValue ? nil : query.codes(member.singular, of: member.vocabulary.codes)
            if several != nil, one != nil {
                query.note(member.singular, "contradiction", "Give \(member.rawValue) or \(member.singular), not both.", isWellFormed: true)
            }
            filter.codes[member] = several ?? one
        }
        distance = query.integer("distance", in: 1...PlaceFilter.Near.farthest) ?? PlaceFilter.Near.usual
        itinerantOn = query.day("itinerant_on")
        var isNear = false
        if let text = query.text("near", max: 60) {
            isNear = true
            if let location = Location(query: text) {
                if location.isOnEarth {
                    filter.near = .init(location: location, distance: distance)
                } else {
                    let message = "A latitude is from -90 to 90, a longitude from -180 to 180."
                    query.note("near", "range", message, isWellFormed: true)
                }
            } else if Form.insee.matches(text) {
                nearCommune = text
            } else {
                query.note("near", "format", "This must be latitude,longitude (45.44,4.39) or the INSEE code of a commune (42218).")
            }
        } else if query.has("distance") {
            query.note("distance", "without_near", "A distance is from somewhere: give near, too.", isWellFormed: true)
        }
        filter.reliability = query.reliability(at: now)
        let isOpenNow = query.flag("open_now")
        filter.openAt = query.instant("open_at")
        if isOpenNow == true {
            if filter.openAt != nil { query.note("open_now", "contradiction", "Give open_now or open_at, not both.", isWellFormed: true) }
            filter.openAt = now
        }
        let asked = query.choice("sort", of: PlaceSort.self)
        sort = asked ?? (isNear ? .distance : filter.words != nil ? .relevance : .id)
        if sort == .distance, !isNear {
            query.note("sort", "without_near", "distance sorts by the distance from somewhere: give near, too.", isWellFormed: true)
        }
        if sort == .relevance, filter.words == nil {
            query.note("sort", "without_words", "relevance sorts by words: give q, too.", isWellFormed: true)
        }
        facets = (query.codes("facets", of: PlaceFilter.Member.allCases.map(\.rawValue)) ?? []).compactMap(
            PlaceFilter.Member.init(rawValue:))
        wantsTotal = query.flag("total") ?? false
        let format = query.choice("format", of: Format.self)
        isGeoJSON = format == .geojson || format == nil && query.accepts("application/geo+json")
        whole =
            switch format {
            case .csv: .csv
            case .ndjson: .ndjson
            case .json, .geojson: nil
            case nil: [.csv, .ndjson].first { query.accepts($0.mediaType) }
            }
        guard whole != nil else { return }
        for name in ["limit", "cursor", "facets", "total"] where query.has(name) {
            query.note(name, "without_pages", "CSV and NDJSON give all that is found, and nothing beside it.", isWellFormed: true)
        }
    }

    private enum Format: String, CaseIterable { case json, geojson, csv, ndjson }

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

/// A piece of what was found, and what was asked beside it.
struct FoundPlaces: Encodable {
    let page: Page<FoundPlace>
    var total: Int?
    var facets: [PlaceFacet]?
    var relax: [Relaxation]?

    private enum CodingKeys: String, CodingKey { case total, facets, relax }

    func encode(to encoder: any Encoder) throws {
        try page.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        if let total { try container.encode(total, forKey: .total) }
        if let facets { try container.encode(facets, forKey: .facets) }
        if let relax { try container.encode(relax, forKey: .relax) }
    }
}

/// Places as GeoJSON (RFC 7946): those whose coordinates are not known have no geometry.
private struct FeatureCollection: Encodable {
    let type = "FeatureCollection"
    let features: [Feature]

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
    func answer(geo page: Page<FoundPlace>, to request: Request) -> Response {
        let features = page.items.map { found in
            FeatureCollection.Feature(
                id: found.place.id,
                geometry: found.place.location.map { .init(coordinates: [$0.longitude, $0.latitude]) }, properties: found)
        }
        return answer(FeatureCollection(features: features), next: page.next, as: "application/geo+json", to: request)
    }
}
