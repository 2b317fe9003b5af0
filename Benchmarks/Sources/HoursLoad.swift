import ArgumentParser
import Foundation
import OpeningHours

/// `relais-benchmarks hours`: how many times a second it is said whether something is open.
struct HoursLoad: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "hours", abstract: "Evaluates ordinary opening hours, on one thread.")
    @Option(help: "How long.") var seconds = 3.0

    private static let expressions = [
        "Mo-Fr 09:00-12:00,14:00-17:00; PH off",
        "Tu,Fr 09:00-12:30,13:30-17:30; Mo 13:30-18:00; We 09:00-12:30; Th 08:30-13:00,14:00-17:30",
        "Sep-Jun Mo-Fr 14:00-18:00; Jul-Aug Tu 10:00-12:00", "We 14:00-18:00; Sa[1] 09:00-12:00; Sa[-1] 14:00-17:00", "24/7",
        "Mo-Sa 09:00-19:00; Dec 24-Jan 02 off", "Mo-Fr 22:00-02:00", "Mo-Fr 08:30-12:00; SH off",
    ]

    func run() throws {
        let hours = try Self.expressions.map { try OpeningHours(parsing: $0) }
        let clock = ContinuousClock()
        let end = clock.now + .seconds(seconds)
        let first = Date(timeIntervalSince1970: 1_767_225_600)
        var (done, open) = (0, 0)
        while clock.now < end {
            for step in 0..<1000 {
                let instant = first.addingTimeInterval(Double((done + step) % 500_000) * 61)
                if hours[step % hours.count].status(at: instant, in: .loire).state == .open { open += 1 }
            }
            done += 1000
        }
        print("{\"done\":\(done),\"open\":\(open),\"seconds\":\(seconds),\"per_second\":\(Int(Double(done) / seconds))}")
    }
}
