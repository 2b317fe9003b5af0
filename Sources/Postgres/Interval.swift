extension Duration: PostgresEncodable, PostgresDecodable {
    public static var postgresType: PostgresType { .interval }

    /// Writes whole microseconds; what is finer is dropped.
    public func encode(into encoder: inout PostgresEncoder) {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        if overflow { encoder.refuse(.encoding("a Duration is outside of PostgreSQL's interval")) }
        encoder.append(integer: whole &+ attoseconds / 1_000_000_000_000)
        encoder.append(integer: Int32(0))
        encoder.append(integer: Int32(0))
    }

    /// Reads an interval without months, whose length would depend on where it starts. A day has 24 hours.
    public static func decode(_ field: borrowing Field) throws(PostgresError) -> Duration {
        guard field.type == PostgresType.interval.oid else { throw field.mismatch(Duration.self) }
        try field.expect(size: 16)
        guard field.integer(Int32.self, at: 12) == 0 else { throw .decoding("is an interval with months, not readable as Duration") }
        return .microseconds(field.integer(Int64.self)) + .seconds(86_400 * Int64(field.integer(Int32.self, at: 8)))
    }
}
