/// The school holidays of mainland France by zone: as the ministry's decrees set them, from the first day without school to the last.
///
/// Facts with an end: outside ``validity`` nothing is known, and `SH` is neither yes nor no. The Loire is in zone A (académie de Lyon).
public enum SchoolHolidays {
    public enum Zone: String, Sendable, CaseIterable {
        case a = "A", b = "B", c = "C"

        /// The zone of a département (`42`), as the ministry's order on the school calendar puts its académie (Code de l'éducation, D521-1).
        ///
        /// - Returns: `nil` for Corsica and overseas, which have calendars of their own that are not known here.
        public init?(department: String) {
            guard let zone = Zone.allCases.first(where: { $0.departments.contains(department) }) else { return nil }
            self = zone
        }

        private var departments: Set<String> {
            switch self {
            case .a: Zone.departmentsOfA
            case .b: Zone.departmentsOfB
            case .c: Zone.departmentsOfC
            }
        }

        private static let departmentsOfA: Set = [
            "01", "03", "07", "15", "16", "17", "19", "21", "23", "24", "25", "26", "33", "38", "39", "40", "42", "43", "47", "58", "63",
            "64", "69", "70", "71", "73", "74", "79", "86", "87", "89", "90",
        ]
        private static let departmentsOfB: Set = [
            "02", "04", "05", "06", "08", "10", "13", "14", "18", "22", "27", "28", "29", "35", "36", "37", "41", "44", "45", "49", "50",
            "51", "52", "53", "54", "55", "56", "57", "59", "60", "61", "62", "67", "68", "72", "76", "80", "83", "84", "85", "88",
        ]
        private static let departmentsOfC: Set = [
            "09", "11", "12", "30", "31", "32", "34", "46", "48", "65", "66", "75", "77", "78", "81", "82", "91", "92", "93", "94", "95",
        ]
    }

    /// The first and last day that is known, as days since 1970-01-01: the school years 2023–2024 to 2027–2028.
    static let validity = Civil.day(2023, 9, 4)...Civil.day(2028, 8, 31)

    /// - Parameter day: Days since 1970-01-01.
    /// - Returns: `nil` outside the years that are known.
    public static func isHoliday(day: Int, zone: Zone) -> Bool? {
        guard validity.contains(day) else { return nil }
        return days[zone]?.contains { $0.contains(day) } ?? false
    }

    private static let days: [Zone: [ClosedRange<Int>]] = Dictionary(
        uniqueKeysWithValues: Zone.allCases.map { zone in
            (zone, table.filter { $0.zone == nil || $0.zone == zone }.map { number($0.first)...number($0.last) })
        })

    private static func number(_ date: Int) -> Int { Civil.day(date / 10_000, date / 100 % 100, date % 100) }

    /// First and last day, as year, month and day; zone nil: in all three.
    private static let table: [(zone: Zone?, first: Int, last: Int)] = [
        (nil, 2023_1021, 2023_1105),
        (nil, 2023_1223, 2024_0107),
        (.c, 2024_0210, 2024_0225),
        (.a, 2024_0217, 2024_0303),
        (.b, 2024_0224, 2024_0310),
        (.c, 2024_0406, 2024_0421),
        (.a, 2024_0413, 2024_0428),
        (.b, 2024_0420, 2024_0505),
        (nil, 2024_0706, 2024_0901),
        (nil, 2024_1019, 2024_1103),
        (nil, 2024_1221, 2025_0105),
        (.b, 2025_0208, 2025_0223),
        (.c, 2025_0215, 2025_0302),
        (.a, 2025_0222, 2025_0309),
        (.b, 2025_0405, 2025_0421),
        (.c, 2025_0412, 2025_0427),
        (.a, 2025_0419, 2025_0504),
        (nil, 2025_0705, 2025_0831),
        (nil, 2025_1018, 2025_1102),
        (nil, 2025_1220, 2026_0104),
        (.a, 2026_0207, 2026_0222),
        (.b, 2026_0214, 2026_0301),
        (.c, 2026_0221, 2026_0308),
        (.a, 2026_0404, 2026_0419),
        (.b, 2026_0411, 2026_0426),
        (.c, 2026_0418, 2026_0503),
        (nil, 2026_0704, 2026_0831),
        (nil, 2026_1017, 2026_1101),
        (nil, 2026_1219, 2027_0103),
        (.c, 2027_0206, 2027_0221),
        (.a, 2027_0213, 2027_0228),
        (.b, 2027_0220, 2027_0307),
        (.c, 2027_0403, 2027_0418),
        (.a, 2027_0410, 2027_0425),
        (.b, 2027_0417, 2027_0502),
        (nil, 2027_0506, 2027_0508),
        (nil, 2027_0703, 2027_0831),
        (nil, 2027_1023, 2027_1107),
        (nil, 2027_1218, 2028_0102),
        (.b, 2028_0205, 2028_0220),
        (.c, 2028_0212, 2028_0227),
        (.a, 2028_0219, 2028_0305),
        (.b, 2028_0408, 2028_0423),
        (.c, 2028_0415, 2028_0501),
        (.a, 2028_0422, 2028_0508),
        (nil, 2028_0526, 2028_0527),
        (nil, 2028_0704, 2028_0831),
    ]
}
