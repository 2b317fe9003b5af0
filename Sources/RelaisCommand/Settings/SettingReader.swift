import Configuration
import Foundation
import Relais

/// Finds the value of a setting: in the flags, else in the environment, else in the file, else its standard.
struct SettingReader {
    private let config: ConfigReader

    /// - Parameters:
    ///   - flags: By the names of the settings.
    ///   - file: Path of a JSON file, when one is named.
    init(flags: [String: String], environment: [String: String] = ProcessInfo.processInfo.environment, file: String?) throws(WrongUse) {
        let fromFile = try file.map { path throws(WrongUse) in try Self.read(path) } ?? [:]
        var fromEnvironment: [String: String] = [:]
        for setting in Setting.all {
            // A variable that is set to nothing counts as not set: environment files are full of them.
            if let value = environment[setting.variable], !value.isEmpty { fromEnvironment[setting.name] = value }
        }
        config = ConfigReader(providers: [
            Self.provider("flags", flags), Self.provider("environment", fromEnvironment), Self.provider("file", fromFile),
        ])
    }

    private static func provider(_ name: String, _ values: [String: String]) -> InMemoryProvider {
        InMemoryProvider(
            name: name,
            values: Dictionary(
                uniqueKeysWithValues: values.map { key, value in
                    let isSecret = Setting.all.contains { $0.name == key && $0.isSecret }
                    return (AbsoluteConfigKey([key]), ConfigValue(.string(value), isSecret: isSecret))
                }))
    }

    private static func read(_ path: String) throws(WrongUse) -> [String: String] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw WrongUse("--config \(path): there is no such file that can be read.")
        }
        let value: JSONValue
        do throws(InvalidJSON) {
            value = try JSONValue(parsing: data)
        } catch {
            throw WrongUse("--config \(path): line \(error.line), byte \(error.column): \(error.message)")
        }
        guard case .object(let members) = value else {
            throw WrongUse("--config \(path): this must be a JSON object, and is \(value.kind).")
        }
        var values: [String: String] = [:]
        for (member, value) in members.sorted(by: { $0.key < $1.key }) {
            guard let setting = Setting.all.first(where: { $0.member == member }) else {
                let near = nearest(member, among: Setting.all.map(\.member)).joined(separator: ", ")
                throw WrongUse("--config \(path): there is no setting \(member). Near ones: \(near).")
            }
            switch value {
            case .string(let text): values[setting.name] = text
            case .number(let number) where Int(exactly: number) != nil: values[setting.name] = String(Int(number))
            case .array(let items):
                let texts = items.compactMap { item in if case .string(let text) = item { text } else { nil } }
                guard texts.count == items.count else { throw WrongUse("--config \(path): \(member) must be a list of strings.") }
                // An empty list is as good as none.
                if !texts.isEmpty { values[setting.name] = texts.joined(separator: ",") }
            default: throw WrongUse("--config \(path): \(member) must be a string or a whole number, and is \(value.kind).")
            }
        }
        return values
    }

    func text(_ setting: Setting) -> String? {
        config.string(forKey: ConfigKey([setting.name]), isSecret: setting.isSecret) ?? (setting.standard.isEmpty ? nil : setting.standard)
    }

    /// Reads a value with `convert`.
    ///
    /// - Parameter right: What would be right, for the message when `convert` gives `nil`.
    func value<Value>(_ setting: Setting, _ right: String, _ convert: (String) -> Value?) throws(WrongUse) -> Value? {
        guard let text = text(setting) else { return nil }
        guard let value = convert(text) else {
            let shown = setting.isSecret ? "its value (not shown)" : "\"\(text)\""
            throw WrongUse("\(setting.variable) (\(setting.flag)): \(shown) is wrong. It must be \(right).")
        }
        return value
    }

    /// Where the database is, as libpq takes it: an address, or words with equals signs.
    func databaseURL() throws(WrongUse) -> String? {
        try value(.databaseURL, "an address as postgresql://relais@localhost/relais, or words as host=localhost dbname=relais") { text in
            text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") || text.contains("=") ? text : nil
        }
    }

    func integer(_ setting: Setting, in range: ClosedRange<Int>) throws(WrongUse) -> Int {
        let value = try value(setting, "a whole number from \(range.lowerBound) to \(range.upperBound)") { text -> Int? in
            guard let value = Int(text), range.contains(value) else { return nil }
            return value
        }
        return value ?? range.lowerBound
    }
}
