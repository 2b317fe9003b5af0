import HTTPTypes
import Hummingbird

/// Whether a client takes what is given here (RFC 9110, 12.5.1).
enum Accept {
    /// - Throws: 406 for the API when neither JSON nor anything that includes it is wanted.
    static func check(_ request: Request) throws(Problem) {
        guard let accept = request.headers[.accept], accept != "*/*", accept != "application/json" else { return }
        guard request.uri.path.hasPrefix("/api/v1/") else { return }
        if takes("application/json", accept) { return }
        let path = request.uri.path
        let types = path.hasPrefix(link) ? ["text/html"] : forms[path.hasSuffix("/") ? String(path.dropLast()) : path] ?? []
        guard types.contains(where: { takes($0, accept) }) else { throw Problem(.notAcceptable) }
    }

    /// What who applies is given is a page, too.
    private static let link = "/api/v1/applications/by-link/"

    /// What some lists are given as beside JSON: places as a map's features, a table and lines, mediators as a table and lines.
    private static let forms = [
        "/api/v1/places": PlaceFormat.allCases.map(\.mediaType), "/api/v1/mediators": MediatorFormat.allCases.map(\.mediaType),
    ]

    /// Whether `field` takes `type`: the most specific range that matches decides, and `q=0` refuses.
    static func takes(_ type: String, _ field: String) -> Bool {
        let family = type.prefix { $0 != "/" } + "/*"
        var best = (specificity: -1, quality: 0.0)
        for range in field.split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.trimmingSpaces().lowercased() }
            guard let name = parts.first else { continue }
            let specificity = name == type ? 2 : name == family ? 1 : name == "*/*" ? 0 : -1
            guard specificity > best.specificity else { continue }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            best = (specificity, quality)
        }
        return best.specificity >= 0 && best.quality > 0
    }
}
