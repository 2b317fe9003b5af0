import ArgumentParser
import Foundation
import OpeningHours

/// `relais hours`: what an expression of opening hours means.
struct Hours: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Reads an expression of opening hours (OSM), and says what it means and when it is open.",
        discussion:
            "Times are local (2026-03-07T10:00, meaning Europe/Paris) or have an offset (2026-03-07T10:00+01:00), from 1970 to 2199. Exit 2 when it cannot be read."
    )

    @Argument(help: "The expression: \"Mo-Fr 09:00-12:00; PH off\".") var expression: String
    @Option(help: "List what is open from this time on, with --to: 2026-12-01T09:00, or with an offset (…+01:00, …Z).") var from: Time?
    @Option(help: "Until when.") var to: Time?
    @Option(help: "The instant whose state is told, as in 2026-12-01T09:00; now by itself.") var at: Time?
    @Option(help: "FR: the public holidays of France; none: which days are holidays is not known.") var holidays: Holidays = .france
    @Option(help: "alsace-moselle: with the two holidays that only that region has.") var region: Region?
    @Option(help: "The zone of the school holidays: A (the Loire), B or C; without it, they are not known.") var schoolZone:
        SchoolHolidays.Zone?
    @Option(help: "In degrees north: needed for sunrise, sunset, dawn and dusk.") var latitude: Double?
    @Option(help: "In degrees east.") var longitude: Double?
    @Flag(help: "Print JSON.") var json = false

    enum Holidays: String, ExpressibleByArgument, CaseIterable { case france = "FR", none }
    enum Region: String, ExpressibleByArgument, CaseIterable { case alsaceMoselle = "alsace-moselle" }

    /// An instant, and whether it was given as the local clock shows it.
    struct Time: ExpressibleByArgument {
        let instant: Date
        let isLocal: Bool

        init?(argument: String) {
            let local = Hours.localFormat(argument.count > 16 ? "yyyy-MM-dd'T'HH:mm:ss" : "yyyy-MM-dd'T'HH:mm")
            if let instant = local.date(from: argument) {
                (self.instant, isLocal) = (instant, true)
            } else {
                let offset = Hours.localFormat(argument.count > 22 ? "yyyy-MM-dd'T'HH:mm:ssXXXXX" : "yyyy-MM-dd'T'HH:mmXXXXX")
                guard let instant = offset.date(from: argument) else { return nil }
                (self.instant, isLocal) = (instant, false)
            }
        }
    }

    private struct Report: Encodable {
        let canonical: String
        let french: String
        let english: String
        let open: [[String]]
        let state: String
        let nextChange: String?
        let warnings: [String]

        private enum CodingKeys: String, CodingKey {
            case canonical, french, english, open, state
            case nextChange = "next_change"
            case warnings
        }
    }

    private struct Refusal: Encodable {
        let error: String
        let column: Int
    }

    func validate() throws {
        if (from == nil) != (to == nil) { throw ValidationError("--from and --to are given together, or neither.") }
        if let from, let to, to.instant <= from.instant { throw ValidationError("--to must be after --from.") }
        for (flag, time) in [("--from", from), ("--to", to), ("--at", at)] {
            guard let time, !OpeningHours.Context.loire.knows(time.instant) else { continue }
            let years = OpeningHours.years
            throw ValidationError(
                "\(flag): this must be of the years \(years.lowerBound) to \(years.upperBound): beyond, nobody knows the clocks.")
        }
        if let latitude, !(-90...90).contains(latitude) { throw ValidationError("--latitude is from -90 to 90.") }
        if let longitude, !(-180...180).contains(longitude) { throw ValidationError("--longitude is from -180 to 180.") }
        if (latitude == nil) != (longitude == nil) { throw ValidationError("--latitude and --longitude are given together, or neither.") }
    }

    func run() async throws {
        let hours: OpeningHours
        do throws(OpeningHoursError) { hours = try OpeningHours(parsing: expression) } catch {
            throw try refusal(error.message, at: error.column)
        }
        if hours.followsTheSun, latitude == nil {
            throw try refusal("times that follow the sun need to know where: give --latitude and --longitude", at: 1)
        }
        var context = OpeningHours.Context.loire
        context.hasFrenchHolidays = holidays == .france
        context.isInAlsaceMoselle = region == .alsaceMoselle
        context.schoolZone = schoolZone
        if let latitude, let longitude { context.coordinates = (latitude, longitude) }
        let instant = at?.instant ?? Date()
        /// As the time that it answers was given.
        func written(_ date: Date, like time: Time?) -> String {
            Hours.localFormat(time?.isLocal ?? true ? "yyyy-MM-dd'T'HH:mm" : "yyyy-MM-dd'T'HH:mmXXXXX").string(from: date)
        }
        var open: [[String]] = []
        if let from, let to {
            // What differs in its comment only is open all the same.
            for interval in hours.intervals(from: from.instant, to: to.instant, in: context) where interval.state == .open {
                let (start, end) = (written(interval.start, like: from), written(interval.end, like: from))
                if open.last?[1] == start { open[open.count - 1][1] = end } else { open.append([start, end]) }
            }
        }
        let report = Report(
            canonical: hours.canonical, french: hours.french, english: hours.english, open: open,
            state: hours.status(at: instant, in: context).state.rawValue,
            nextChange: hours.nextChange(after: instant, in: context).map { written($0, like: at) },
            warnings: hours.warnings.map { "column \($0.column): \($0.message)" })
        if json { return try printJSON(report) }
        print(report.canonical)
        print(report.french)
        print(report.english)
        print("\(report.state)\(report.nextChange.map { " until \($0)" } ?? "")")
        for interval in report.open { print("open \(interval[0]) \(interval[1])") }
        for warning in report.warnings { RelaisTool.complain(warning, prefix: "warning: ") }
    }

    private func refusal(_ message: String, at column: Int) throws -> WrongUse {
        if json { try printJSON(Refusal(error: message, column: column)) }
        return WrongUse("column \(column): \(message)")
    }

    private static func localFormat(_ format: String) -> DateFormatter {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = OpeningHours.Context.loire.timeZone
        formatter.isLenient = false
        formatter.dateFormat = format
        return formatter
    }
}

extension SchoolHolidays.Zone: ExpressibleByArgument {}
