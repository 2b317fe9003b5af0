import Foundation
import Yams

/// The description of the API (`openapi.yaml`), read once: as it stands, as JSON, and operation by operation.
struct OpenAPIDocument {
    struct Operation {
        let method: String
        let path: String
        let node: Node
        /// The parameters that all operations of the address have.
        let shared: [Node]
    }

    let yaml: [UInt8]
    let json: [UInt8]
    let root: Node
    let operations: [Operation]

    /// - Throws: Where the file is not YAML, which a test notices before anybody else.
    init() throws {
        yaml = PackageResources.openapi_yaml
        guard let root = try Yams.compose(yaml: String(decoding: yaml, as: UTF8.self)) else { throw YamlError.no }
        self.root = root
        let methods: Set<String> = ["get", "put", "post", "patch", "delete", "head", "options"]
        var operations: [Operation] = []
        for (path, item) in root["paths"]?.mapping ?? [:] {
            for (method, node) in item.mapping ?? [:] where methods.contains(method.string ?? "") {
                operations.append(
                    Operation(
                        method: (method.string ?? "").uppercased(), path: path.string ?? "", node: node,
                        shared: item["parameters"]?.array() ?? []))
            }
        }
        self.operations = operations
        let text = JSONOutput()
        try text.write(OrderedNode(node: root))
        json = text.bytes
    }

    /// The node, or what it refers to.
    func resolved(_ node: Node) -> Node {
        guard let reference = node["$ref"]?.string, reference.hasPrefix("#/") else { return node }
        var found: Node? = root
        for piece in reference.dropFirst(2).split(separator: "/") {
            // Not by subscript: that takes the name "404" for a number, and the file has it as a string.
            found = found?.mapping?.first { $0.key.string == String(piece) }?.value
        }
        return found ?? node
    }
}

/// A node of YAML written as JSON, its members in the order of the file.
private struct OrderedNode: Encodable {
    let node: Node

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        switch node {
        case .mapping(let mapping):
            var container = encoder.container(keyedBy: Name.self)
            for (name, value) in mapping { try container.encode(OrderedNode(node: value), forKey: Name(stringValue: name.string ?? "")) }
        case .sequence(let sequence):
            var container = encoder.unkeyedContainer()
            for item in sequence { try container.encode(OrderedNode(node: item)) }
        case .scalar, .alias:
            var container = encoder.singleValueContainer()
            switch node.any {
            case let flag as Bool: try container.encode(flag)
            case let integer as Int: try container.encode(integer)
            case let number as Double: try container.encode(number)
            case let text as String: try container.encode(text)
            default: try container.encodeNil()
            }
        }
    }
}
