import Foundation

/// The form that a value must have: a pattern, which openapi.yaml repeats letter for letter, and the words of the error.
public struct Form: Sendable {
    public let pattern: String
    /// What would be right, as in "This must be …".
    public let words: String
    /// In characters, where the pattern leaves it open.
    private let longest: Int
    private let expression: NSRegularExpression?

    private init(_ pattern: String, longest: Int = .max, _ words: String) {
        self.pattern = pattern
        self.longest = longest
        self.words = words
        expression = try? NSRegularExpression(pattern: pattern)
    }

    /// Whether all of `text` has the form. (`$` alone would also allow a line end after it.)
    public func matches(_ text: String) -> Bool {
        let whole = NSRange(text.startIndex..., in: text)
        return text.unicodeScalars.count <= longest && expression?.firstMatch(in: text, range: whole)?.range == whole
    }

    /// Every form, for the test that finds each in openapi.yaml.
    public static let all = [
        phone, spokenPhone, email, url, postcode, insee, siret, rna, siren, department, language, skill, pivot, timeOfDay,
    ]

    /// The schema's own pattern of the national standard 1.0.2.
    public static let phone = Form(
        #"^\+(33|590|594|262|596|269|687|689|508|681)[0-9]{6,9}$"#, "a telephone number with its country's prefix, as in +33477123456")
    /// As somebody writes their own number, in French or international writing.
    public static let spokenPhone = Form(
        #"^[+]?[0-9][0-9 .-]{4,23}[0-9]$"#, "a telephone number, as in 04 77 00 00 00 or +33 4 77 00 00 00")
    /// Without a bar, which the standard puts between several addresses.
    public static let email = Form(
        #"^[A-Za-z0-9.!#$%&'*+/=?^_{}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}$"#, "an e-mail address")
    public static let url = Form(
        #"^https?://[A-Za-z0-9_.\u00A1-\u024F-]{1,253}(:[0-9]{1,5})?([/?#][!-~\u00A1-\u024F]{0,1800})?$"#,
        "an address that starts with http:// or https://")
    public static let postcode = Form(#"^[0-9]{5}$"#, "a postcode: five digits")
    public static let insee = Form(#"^([013-9][0-9]|2[AB1-9])[0-9]{3}$"#, "an INSEE code of a commune, as in 42218 or 2A004")
    /// As papers print it: 404 833 048 00022; kept without spaces.
    public static let siret = Form(
        #"^[ \u00A0\u202F]?[0-9]([ \u00A0\u202F]?[0-9]){13}[ \u00A0\u202F]?$"#, "a SIRET: 14 digits")
    /// Kept without spaces and in capitals.
    public static let rna = Form(
        #"^[ \u00A0\u202F]?[Ww]([ \u00A0\u202F]?[A-Za-z0-9]){9}[ \u00A0\u202F]?$"#, "an RNA number: W and nine characters")
    public static let siren = Form(#"^[0-9]{9}$"#, "a SIREN: nine digits")
    public static let department = Form(
        #"^(0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5]|97[1-8]|98[4-8])$"#, "a code of a département, as in 42, 2A or 974")
    public static let timeOfDay = Form(#"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"#, "a time of day, as in 09:30")
    public static let language = Form(#"^[a-z]{2}$"#, "an ISO 639-1 code of a language: two small letters")
    public static let skill = Form(
        #"^[a-z0-9]+(-[a-z0-9]+)*$"#, longest: 80, "a code of at most 80 characters: small letters and digits, in words joined by hyphens")
    /// SIRET, RNA or RIDET.
    public static let pivot = Form(#"^[a-zA-Z0-9]{9,14}$"#, "9 to 14 letters and digits: a SIRET, RNA or RIDET number")
}

extension String {
    /// A number as it is kept, whatever stands between its digits on paper.
    var withoutSpaces: String { filter { !$0.isWhitespace } }
}

extension InputObject {
    /// A text of a form, taken as it stands.
    mutating func text(_ name: String, form: Form, required: Bool = false) -> String? {
        guard let value = value(name, required: required) else { return nil }
        return Self.text(value, form: form, at: "\(pointer)/\(name)", problems: problems)
    }

    /// A list of texts of a form, without doubles, in the order given.
    mutating func texts(_ name: String, form: Form, max: Int = 20) -> [String]? {
        guard let value = value(name) else { return nil }
        guard case .array(let items) = value else {
            note(name, "type", "This must be an array, and is \(value.kind).")
            return nil
        }
        guard items.count <= max else {
            note(name, "length", "This may have \(max) items at most, and has \(items.count).")
            return nil
        }
        var seen: Set<String> = []
        return items.enumerated().compactMap { index, item in
            Self.text(item, form: form, at: "\(pointer)/\(name)/\(index)", problems: problems).flatMap {
                seen.insert($0).inserted ? $0 : nil
            }
        }
    }

    private static func text(_ value: JSONValue, form: Form, at pointer: @autoclosure () -> String, problems: InputProblems) -> String? {
        guard case .string(let text) = value else {
            problems.note(pointer(), "type", "This must be a string, and is \(value.kind).")
            return nil
        }
        guard form.matches(text) else {
            problems.note(pointer(), "format", "This must be \(form.words).")
            return nil
        }
        return text
    }
}
