import Foundation
import HTTPTypes
import Yams

/// The description of the API as a page: one block an operation, and the schemas that they speak of.
struct DocsPage {
    private let document: OpenAPIDocument

    init(_ document: OpenAPIDocument) {
        self.document = document
    }

    var html: String {
        let title = text(document.root["info"]?["title"]) + " " + text(document.root["info"]?["version"])
        var page =
            "<h1>\(title)</h1>\n<p>\(text(document.root["info"]?["summary"]))</p>\n<p>\(text(document.root["info"]?["description"]))</p>\n"
        page += "<p>For programs: <a href=\"/api/openapi.yaml\">openapi.yaml</a>, <a href=\"/api/openapi.json\">openapi.json</a>.</p>\n"
        let tags = document.root["tags"]?.array() ?? []
        page += "<nav>" + tags.map { "<a href=\"#\(text($0["name"]))\">\(text($0["name"]))</a>" }.joined(separator: " · ") + "</nav>\n"
        for tag in tags {
            page += "<h2 id=\"\(text(tag["name"]))\">\(text(tag["name"]))</h2>\n<p>\(text(tag["description"]))</p>\n"
            for operation in document.operations where operation.node["tags"]?[0]?.string == tag["name"]?.string {
                page += block(operation)
            }
        }
        page += "<h2 id=\"schemas\">Schemas</h2>\n"
        for (name, schema) in document.root["components"]?["schemas"]?.mapping ?? [:] {
            page += "<h3 id=\"schema-\(text(name))\">\(text(name))</h3>\n<p>\(text(schema["description"]))</p>\n" + members(schema)
        }
        return Self.page(title, page)
    }

    /// The page of a kind of problem.
    static func problem(_ kind: Problem.Kind) -> String {
        page(
            kind.title,
            "<h1>\(escaped(kind.title))</h1>\n<p>Status \(kind.status.code), <code>/problems/\(kind.rawValue)</code></p>\n"
                + "<p>\(escaped(kind.advice))</p>\n<p><a href=\"/api/docs\">The API</a></p>")
    }

    private func block(_ operation: OpenAPIDocument.Operation) -> String {
        let node = operation.node
        var html =
            "<section id=\"\(text(node["operationId"]))\">\n<h3><code>\(operation.method) \(Self.escaped(operation.path))</code></h3>\n"
        html += "<p>\(text(node["summary"])) \(text(node["description"]))</p>\n"
        let parameters = (operation.shared + (node["parameters"]?.array() ?? [])).map(document.resolved)
        if !parameters.isEmpty {
            html += "<table><tr><th>parameter</th><th>in</th><th></th></tr>\n"
            for parameter in parameters {
                let schema = parameter["schema"].map(type) ?? ""
                html += "<tr><td><code>\(text(parameter["name"]))</code></td><td>\(text(parameter["in"]))</td>"
                html += "<td>\(schema). \(text(parameter["description"]))</td></tr>\n"
            }
            html += "</table>\n"
        }
        for (_, content) in node["requestBody"]?["content"]?.mapping ?? [:] {
            html += "<p>Body: \(content["schema"].map(type) ?? "")</p>\n"
            break
        }
        html += "<table><tr><th>answer</th><th></th></tr>\n"
        for (status, response) in node["responses"]?.mapping ?? [:] {
            let response = document.resolved(response)
            let schema = response["content"]?.mapping?.first?.value["schema"].map(type) ?? ""
            html += "<tr><td>\(text(status))</td><td>\(text(response["description"])) \(schema)</td></tr>\n"
        }
        return html + "</table>\n</section>\n"
    }

    private func members(_ schema: Node) -> String {
        guard let properties = schema["properties"]?.mapping else { return "<p>\(type(schema))</p>\n" }
        let required = Set(schema["required"]?.array().compactMap(\.string) ?? [])
        var html = "<table><tr><th>member</th><th></th></tr>\n"
        for (name, member) in properties {
            let mark = required.contains(name.string ?? "") ? "" : " <small>(optional)</small>"
            html += "<tr><td><code>\(text(name))</code>\(mark)</td><td>\(type(member)). \(text(member["description"]))</td></tr>\n"
        }
        return html + "</table>\n"
    }

    /// A schema in a few words.
    private func type(_ schema: Node) -> String {
        if let reference = schema["$ref"]?.string, let name = reference.split(separator: "/").last {
            return "<a href=\"#schema-\(Self.escaped(String(name)))\">\(Self.escaped(String(name)))</a>"
        }
        for word in ["oneOf", "anyOf"] {
            if let choices = schema[word]?.array() { return choices.map(type).joined(separator: " or ") }
        }
        if let codes = schema["enum"]?.array() { return "one of " + codes.map { "<code>\(text($0))</code>" }.joined(separator: ", ") }
        if let constant = schema["const"] { return "<code>\(text(constant))</code>" }
        let types = schema["type"]?.string.map { [$0] } ?? schema["type"]?.array().compactMap(\.string) ?? []
        var words = types.map(Self.escaped).joined(separator: " or ")
        if let items = schema["items"] { words += " of " + type(items) }
        if let format = schema["format"]?.string { words += " (\(Self.escaped(format)))" }
        let limits = ["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "default"].compactMap { name in
            schema[name]?.string.map { "\(name) \(Self.escaped($0))" }
        }
        return limits.isEmpty ? words : words + ", " + limits.joined(separator: ", ")
    }

    private func text(_ node: Node?) -> String { Self.escaped(node?.string ?? "") }

    static func escaped(_ text: String) -> String {
        var html = ""
        for character in text {
            switch character {
            case "&": html += "&amp;"
            case "<": html += "&lt;"
            case ">": html += "&gt;"
            case "\"": html += "&quot;"
            default: html.append(character)
            }
        }
        return html
    }

    private static func page(_ title: String, _ body: String) -> String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(escaped(title))</title>
        <style>
        body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; background: #fff }
        code { font-size: .95em; overflow-wrap: anywhere } table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem }
        td, th { border-top: 1px solid #ccc; padding: .3rem .5rem; text-align: left; vertical-align: top }
        section, h2 { border-top: 2px solid #888; padding-top: .5rem } a { color: #0b4f9e }
        @media (prefers-color-scheme: dark) { body { color: #eee; background: #181818 } a { color: #8cc4ff } td, th { border-color: #444 } }
        </style></head><body>
        \(body)
        </body></html>
        """
    }
}
