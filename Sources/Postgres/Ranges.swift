/// A type that PostgreSQL has ranges of.
public protocol RangeBound: PostgresEncodable, PostgresDecodable, Comparable {
    static var rangeType: PostgresType { get }
}

extension Int: RangeBound {
    public static var rangeType: PostgresType { .int8range }
}

extension Int64: RangeBound {
    public static var rangeType: PostgresType { .int8range }
}

extension Int32: RangeBound {
    public static var rangeType: PostgresType { .int4range }
}

extension Timestamp: RangeBound {
    public static var rangeType: PostgresType { .tstzrange }
}

extension Day: RangeBound {
    public static var rangeType: PostgresType { .daterange }
}

/// A range as PostgreSQL has them: empty, or with bounds that may be missing and that may or may not belong to it.
public enum PostgresRange<Bound: RangeBound>: Sendable, Hashable where Bound: Hashable {
    case empty
    /// From `lower` (nil: without beginning) to `upper` (nil: without end).
    case span(lower: Bound?, lowerIncluded: Bool, upper: Bound?, upperIncluded: Bool)

    /// From `lower`, which belongs to it, to `upper`, which does not.
    public init(_ range: Range<Bound>) {
        self = .span(lower: range.lowerBound, lowerIncluded: true, upper: range.upperBound, upperIncluded: false)
    }

    /// The range with its beginning and without its end, which is how PostgreSQL answers ranges of integers and days; nil for any other.
    public var halfOpen: Range<Bound>? {
        guard case .span(let lower?, true, let upper?, false) = self, lower <= upper else { return nil }
        return lower..<upper
    }
}

/// Bits of the first byte of a range on the wire (`src/include/utils/rangetypes.h`).
private enum RangeFlag {
    static let empty: UInt8 = 1
    static let lowerIncluded: UInt8 = 2
    static let upperIncluded: UInt8 = 4
    static let noLower: UInt8 = 8
    static let noUpper: UInt8 = 16
}

extension PostgresRange: PostgresEncodable, PostgresDecodable {
    public static var postgresType: PostgresType { Bound.rangeType }

    public func encode(into encoder: inout PostgresEncoder) {
        switch self {
        case .empty: encoder.append(integer: RangeFlag.empty)
        case .span(let lower, let lowerIncluded, let upper, let upperIncluded):
            var flags: UInt8 = 0
            if lower == nil { flags |= RangeFlag.noLower } else if lowerIncluded { flags |= RangeFlag.lowerIncluded }
            if upper == nil { flags |= RangeFlag.noUpper } else if upperIncluded { flags |= RangeFlag.upperIncluded }
            encoder.append(integer: flags)
            if let lower { encoder.append(member: lower) }
            if let upper { encoder.append(member: upper) }
        }
    }

    public static func decode(_ field: borrowing Field) throws(PostgresError) -> PostgresRange {
        guard field.type == Bound.rangeType.oid else { throw field.mismatch(PostgresRange.self) }
        var reader = ArrayReader(field)
        let flags = try reader.byte()
        if flags & RangeFlag.empty != 0 { return .empty }
        func bound() throws(PostgresError) -> Bound {
            let length = try reader.integer()
            return try Bound.decode(Field(type: Bound.postgresType.oid, bytes: try reader.take(Int(length))))
        }
        return .span(
            lower: flags & RangeFlag.noLower != 0 ? nil : try bound(), lowerIncluded: flags & RangeFlag.lowerIncluded != 0,
            upper: flags & RangeFlag.noUpper != 0 ? nil : try bound(), upperIncluded: flags & RangeFlag.upperIncluded != 0)
    }
}

extension Range: PostgresEncodable, PostgresDecodable where Bound: RangeBound & Hashable {
    public static var postgresType: PostgresType { Bound.rangeType }

    public func encode(into encoder: inout PostgresEncoder) {
        PostgresRange(self).encode(into: &encoder)
    }

    /// Reads a range that has both its ends, the second not belonging to it; any other asks for ``PostgresRange``.
    public static func decode(_ field: borrowing Field) throws(PostgresError) -> Range {
        guard let range = try PostgresRange<Bound>.decode(field).halfOpen else {
            throw .decoding("is a range that is empty, unbounded or not half-open; read it as PostgresRange")
        }
        return range
    }
}
