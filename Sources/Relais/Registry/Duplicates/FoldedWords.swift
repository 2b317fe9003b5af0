import Foundation

/// A text as words that can be compared: small letters without accents, split at everything that is neither letter nor digit.
///
/// What a reader does not see as a difference is none here: case, accents, ligatures (`œ`), kinds of apostrophes and hyphens, `St` for `Saint`.
enum FoldedWords {
    /// The words of `text`, in its order.
    static func of(_ text: String) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        func end() {
            if word.isEmpty { return }
            let text = String(decoding: word, as: UTF8.self)
            words.append(saints[text] ?? text)
            word.removeAll(keepingCapacity: true)
        }
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x61...0x7A, 0x30...0x39: word.append(UInt8(scalar.value))
            case 0x41...0x5A: word.append(UInt8(scalar.value + 0x20))
            case 0..<0x80: end()
            // A combining accent after its letter changes nothing.
            case 0x300...0x36F: continue
            default:
                guard let folded = letters(for: scalar) else {
                    end()
                    continue
                }
                word.append(contentsOf: folded.utf8)
            }
        }
        end()
        return joined(words)
    }

    /// Letters that stand alone, three or more in a row, are an abbreviation with its full stops: `c c a s` is `ccas`.
    private static func joined(_ words: [String]) -> [String] {
        guard words.contains(where: { $0.utf8.count == 1 }) else { return words }
        var joined: [String] = []
        var letters: [String] = []
        func end() {
            if letters.count >= 3 { joined.append(letters.joined()) } else { joined += letters }
            letters = []
        }
        for word in words {
            if word.utf8.count == 1, word.utf8.allSatisfy({ $0 > 0x39 }) {
                letters.append(word)
            } else {
                end()
                joined.append(word)
            }
        }
        end()
        return joined
    }

    private static let saints = ["st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"]

    /// The letters that stand for one beyond ASCII, or nil when it is not a letter or digit.
    private static func letters(for scalar: Unicode.Scalar) -> String? {
        if let common = common[scalar] { return common }
        guard scalar.properties.isAlphabetic || scalar.properties.numericType != nil else { return nil }
        return String(scalar).folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
    }

    private static let common: [Unicode.Scalar: String] = {
        var table: [Unicode.Scalar: String] = ["œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "°": ""]
        let families: [(String, String)] = [
            ("a", "àâäáãåÀÂÄÁÃÅ"), ("c", "çÇ"), ("e", "éèêëÉÈÊË"), ("i", "îïíìÎÏÍÌ"), ("n", "ñÑ"), ("o", "ôöóòõÔÖÓÒÕ"), ("u", "ùûüúÙÛÜÚ"),
            ("y", "ÿýŸÝ"),
        ]
        for (letter, accented) in families {
            for scalar in accented.unicodeScalars { table[scalar] = letter }
        }
        return table
    }()
}
