/// A type of the server: its object identifier, that of its array, and its name.
public struct PostgresType: Sendable, Equatable {
    /// `pg_type.oid`.
    public let oid: UInt32
    /// `pg_type.typarray`; 0 when there is none.
    public let array: UInt32
    /// `pg_type.typname`.
    public let name: String

    public init(oid: UInt32, array: UInt32, name: String) {
        self.oid = oid
        self.array = array
        self.name = name
    }

    public static let bool = PostgresType(oid: 16, array: 1000, name: "bool")
    public static let bytea = PostgresType(oid: 17, array: 1001, name: "bytea")
    public static let int2 = PostgresType(oid: 21, array: 1005, name: "int2")
    public static let int4 = PostgresType(oid: 23, array: 1007, name: "int4")
    public static let int8 = PostgresType(oid: 20, array: 1016, name: "int8")
    public static let float4 = PostgresType(oid: 700, array: 1021, name: "float4")
    public static let float8 = PostgresType(oid: 701, array: 1022, name: "float8")
    public static let numeric = PostgresType(oid: 1700, array: 1231, name: "numeric")
    public static let text = PostgresType(oid: 25, array: 1009, name: "text")
    public static let uuid = PostgresType(oid: 2950, array: 2951, name: "uuid")
    public static let date = PostgresType(oid: 1082, array: 1182, name: "date")
    public static let timestamptz = PostgresType(oid: 1184, array: 1185, name: "timestamptz")
    public static let interval = PostgresType(oid: 1186, array: 1187, name: "interval")
    public static let jsonb = PostgresType(oid: 3802, array: 3807, name: "jsonb")
    public static let int4range = PostgresType(oid: 3904, array: 3905, name: "int4range")
    public static let int8range = PostgresType(oid: 3926, array: 3927, name: "int8range")
    public static let tstzrange = PostgresType(oid: 3910, array: 3911, name: "tstzrange")
    public static let daterange = PostgresType(oid: 3912, array: 3913, name: "daterange")

    /// The name to put in an error: that of a type known here, else its number.
    static func name(of oid: UInt32) -> String {
        for type in known {
            if type.oid == oid { return type.name }
            if type.array == oid { return type.name + "[]" }
        }
        return "with oid \(oid)"
    }

    private static let known: [PostgresType] = [
        bool, bytea, int2, int4, int8, float4, float8, numeric, text, uuid, date, timestamptz, interval, jsonb, int4range, int8range,
        tstzrange,
        daterange,
        PostgresType(oid: 114, array: 199, name: "json"), PostgresType(oid: 1043, array: 1015, name: "varchar"),
        PostgresType(oid: 1042, array: 1014, name: "bpchar"), PostgresType(oid: 19, array: 1003, name: "name"),
        PostgresType(oid: 1114, array: 1115, name: "timestamp"), PostgresType(oid: 1083, array: 1183, name: "time"),
        PostgresType(oid: 26, array: 1028, name: "oid"), PostgresType(oid: 869, array: 1041, name: "inet"),
        PostgresType(oid: 2278, array: 0, name: "void"), PostgresType(oid: 3614, array: 3643, name: "tsvector"),
    ]
}
