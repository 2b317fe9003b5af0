/// Telephone numbers, e-mail addresses and websites in one form each, so that the same ones are equal.
enum ContactKeys {
    /// The national significant number's nine digits of a French number, all digits of another; nil when it is none that anybody answers.
    ///
    /// `+33 4 77 33 78 12`, `04.77.33.78.12` and `0033(0)477337812` are the same.
    static func phone(_ text: String?) -> String? {
        guard let text else { return nil }
        // Of `04 77 … / 06 …` the first.
        let first = text.split(whereSeparator: { "/;,|".contains($0) }).first.map(String.init) ?? ""
        var digits = first.filter { $0.isASCII && $0.isNumber }
        if first.contains("(0)"), let zero = digits.firstIndex(of: "0"), digits.hasPrefix("33") { digits.remove(at: zero) }
        if digits.hasPrefix("0033") { digits.removeFirst(4) } else if digits.hasPrefix("33"), digits.count >= 11 { digits.removeFirst(2) }
        if digits.hasPrefix("0"), digits.count == 10 { digits.removeFirst() }
        guard digits.count >= 8, Set(digits).count > 2 else { return nil }
        return digits
    }

    /// The address in small letters.
    static func email(_ text: String) -> String? {
        let address = text.trimmed.lowercased()
        return address.contains("@") ? address : nil
    }

    /// The address without scheme, `www.`, query, fragment, and a slash at the end: `host/path`.
    static func website(_ text: String) -> String? {
        var address = text.trimmed.lowercased()[...]
        for scheme in ["https://", "http://"] where address.hasPrefix(scheme) { address = address.dropFirst(scheme.count) }
        if address.hasPrefix("www.") { address = address.dropFirst(4) }
        address = address.prefix { $0 != "?" && $0 != "#" }
        for end in ["/index.html", "/index.php", "/accueil", "/fr"] where address.hasSuffix(end) { address = address.dropLast(end.count) }
        while address.hasSuffix("/") { address = address.dropLast() }
        return address.contains(".") ? String(address) : nil
    }

    /// The host of a ``website(_:)``; nil for hosts that many share.
    static func host(of website: String) -> Substring? {
        let host = website.prefix { $0 != "/" }
        return shared.contains { host == $0 || host.hasSuffix("." + $0) } ? nil : host
    }

    private static let shared = [
        "facebook.com", "instagram.com", "linkedin.com", "twitter.com", "x.com", "youtube.com", "google.com", "sites.google.com",
        "wordpress.com", "linktr.ee", "france-services.gouv.fr", "conseiller-numerique.gouv.fr", "service-public.fr", "laposte.fr",
        "gouv.fr",
        "helloasso.com", "pagesjaunes.fr", "mapado.com", "eklablog.com",
    ]
}

extension StringProtocol {
    fileprivate var trimmed: String {
        var text = Substring(self)
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text.drop { $0.isWhitespace })
    }
}
