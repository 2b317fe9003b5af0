/// The public holidays of France (Code du travail, L3133-1), computed: eight of fixed date, and three that follow Easter by 1, 39 and 50 days.
public enum FrenchHolidays {
    /// Moselle, Bas-Rhin and Haut-Rhin.
    public static func isAlsaceMoselle(department: String) -> Bool { ["57", "67", "68"].contains(department) }

    /// - Parameters:
    ///   - day: Days since 1970-01-01.
    ///   - alsaceMoselle: Adds Good Friday and 26 December, which are holidays in Moselle, Bas-Rhin and Haut-Rhin (Code du travail, L3134-13).
    public static func isHoliday(day: Int, alsaceMoselle: Bool = false) -> Bool {
        let (year, month, number) = Civil.parts(of: day)
        switch (month, number) {
        case (1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25): return true
        case (12, 26): return alsaceMoselle
        case (3...6, _):
            switch day - Civil.easter(of: year) {
            case 1, 39, 50: return true
            case -2: return alsaceMoselle
            default: return false
            }
        default: return false
        }
    }
}
