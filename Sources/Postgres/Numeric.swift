import Foundation

/// PostgreSQL's `numeric` on the wire: digits to the base of 10,000.
struct Numeric {
    let text: String

    init(_ field: borrowing Field) throws(PostgresError) {
        var reader = ArrayReader(field)
        func short() throws(PostgresError) -> Int { Int(Int16(bigEndian: try reader.take(2).loadUnaligned(as: Int16.self))) }
        let count = try short()
        let weight = try short()
        let sign = try short()
        let scale = try short()
        guard sign == 0 || sign == 0x4000 else { throw .decoding("is a numeric that is no finite number") }
        var digits: [Int] = []
        for _ in 0..<count { digits.append(try short()) }

        func group(_ exponent: Int) -> String {
            let index = weight - exponent
            let digit = String(digits.indices.contains(index) ? digits[index] : 0)
            return String(repeating: "0", count: 4 - digit.count) + digit
        }
        var whole = ""
        if weight >= 0 { for exponent in stride(from: weight, through: 0, by: -1) { whole += group(exponent) } }
        let trimmed = whole.drop { $0 == "0" }
        var fraction = ""
        var exponent = -1
        while fraction.count < scale {
            fraction += group(exponent)
            exponent -= 1
        }
        text =
            (sign == 0x4000 ? "-" : "") + (trimmed.isEmpty ? "0" : String(trimmed))
            + (scale > 0 ? "." + fraction.prefix(scale) : "")
    }

    /// Writes a plain decimal notation (`-12.5`) as a `numeric`.
    static func encode(_ text: String, into encoder: inout PostgresEncoder) {
        let unsigned = text.drop { $0 == "-" }
        let parts = unsigned.split(separator: ".", omittingEmptySubsequences: false)
        let fraction = parts.count > 1 ? String(parts[1]) : ""
        let whole = parts.first.map(String.init) ?? ""
        let padded = String(repeating: "0", count: (4 - whole.count % 4) % 4) + whole
        var digits = groups(padded) + groups(fraction + String(repeating: "0", count: (4 - fraction.count % 4) % 4))
        var weight = padded.count / 4 - 1
        while digits.first == 0 {
            digits.removeFirst()
            weight -= 1
        }
        while digits.last == 0 { digits.removeLast() }
        encoder.append(integer: Int16(digits.count))
        encoder.append(integer: Int16(digits.isEmpty ? 0 : weight))
        encoder.append(integer: Int16(text.hasPrefix("-") ? 0x4000 : 0))
        encoder.append(integer: Int16(fraction.count))
        for digit in digits { encoder.append(integer: digit) }
    }

    private static func groups(_ text: String) -> [Int16] {
        let characters = Array(text)
        return stride(from: 0, to: characters.count, by: 4).map { start in
            Int16(String(characters[start..<(start + 4)])) ?? 0
        }
    }
}

extension Decimal: PostgresEncodable, PostgresDecodable {
    public static var postgresType: PostgresType { .numeric }

    public func encode(into encoder: inout PostgresEncoder) {
        guard isFinite else {
            encoder.refuse(.encoding("a Decimal is not a number"))
            return
        }
        Numeric.encode(description, into: &encoder)
    }

    public static func decode(_ field: borrowing Field) throws(PostgresError) -> Decimal {
        guard field.type == PostgresType.numeric.oid else { throw field.mismatch(Decimal.self) }
        guard let value = Decimal(string: try Numeric(field).text) else { throw .decoding("is a numeric that Decimal cannot hold") }
        return value
    }
}
