/// The number of an establishment in the French register of businesses: SIREN (9 digits) and NIC (5).
public enum Siret {
    /// What files write where the SIRET is unknown. Its check digit is right, so it must be known by itself.
    public static let placeholder = "00000000000000"

    /// Whether `text` is 14 digits with the right check digit.
    ///
    /// The rule is Luhn's (INSEE, "Numéro SIRET"). Establishments of La Poste (SIREN 356 000 000) ran out of numbers that keep it: of them it asks
    /// that the sum of the digits be a multiple of 5, head office (356 000 000 00048) apart, which keeps Luhn's.
    public static func isValid(_ text: String) -> Bool {
        let digits = text.utf8.map { Int($0) - 48 }
        guard digits.count == 14, digits.allSatisfy({ (0...9).contains($0) }) else { return false }
        if text.hasPrefix("356000000"), text != "35600000000048" { return digits.reduce(0, +) % 5 == 0 }
        return luhn(digits) % 10 == 0
    }

    /// Whether `text` is 9 digits with the right check digit, by Luhn's rule.
    public static func isSiren(_ text: String) -> Bool {
        let digits = text.utf8.map { Int($0) - 48 }
        return digits.count == 9 && digits.allSatisfy { (0...9).contains($0) } && luhn(digits) % 10 == 0
    }

    /// Every second digit from the right counts double, and the digits of the double are added.
    private static func luhn(_ digits: [Int]) -> Int {
        digits.reversed().enumerated().reduce(0) { sum, digit in
            let value = digit.offset % 2 == 1 ? digit.element * 2 : digit.element
            return sum + (value > 9 ? value - 9 : value)
        }
    }
}
