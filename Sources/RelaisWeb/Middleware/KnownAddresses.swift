import HTTPTypes
import Hummingbird

/// All addresses of the router with their methods: for the `Allow` of a 405, and for the test that compares them with the OpenAPI file.
public struct KnownAddresses: Sendable {
    private struct Address {
        let pieces: [Substring]
        var methods: Set<String>

        func matches(_ path: [Substring]) -> Bool {
            path.count == pieces.count && zip(pieces, path).allSatisfy { $0 == $1 || $0.hasPrefix(":") || $0.hasPrefix("{") }
        }
    }

    private var addresses: [Address] = []

    init(_ router: Router<AppContext>) {
        var byPath: [String: Set<String>] = [:]
        for route in router.routes { byPath[route.path.description, default: []].insert(route.method.rawValue) }
        addresses = byPath.map { path, methods in
            Address(pieces: path.split(separator: "/"), methods: methods.contains("GET") ? methods.union(["HEAD"]) : methods)
        }
    }

    /// The methods that `path` takes, in alphabetical order; none when there is no such address.
    func methods(of path: String) -> [String] {
        let pieces = path.split(separator: "/")
        return addresses.filter { $0.matches(pieces) }.reduce(into: Set<String>()) { $0.formUnion($1.methods) }.sorted()
    }
}
