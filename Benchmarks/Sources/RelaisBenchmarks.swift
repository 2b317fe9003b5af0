import ArgumentParser

/// The part of the measures that has to be quick itself: what asks the server, and what asks PostgreSQL through `Postgres`.
/// `Benchmarks/run` starts it, in turns with pgbench, and makes the ratios.
@main struct RelaisBenchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relais-benchmarks", abstract: "Loads for Benchmarks/run; each prints what was done as one line of JSON.",
        subcommands: [PointQuery.self, HTTPLoad.self, HoursLoad.self])
}

/// What one load did.
struct Tally {
    var done = 0
    var failed = 0
    /// The first answer that was not the one that is measured.
    var firstFailure: String?
    /// What each answer to `get` took.
    var milliseconds: [Float] = []

    static func + (one: Tally, other: Tally) -> Tally {
        Tally(
            done: one.done + other.done, failed: one.failed + other.failed, firstFailure: one.firstFailure ?? other.firstFailure,
            milliseconds: one.milliseconds + other.milliseconds)
    }

    func line(seconds: Double) -> String {
        let failure = (firstFailure ?? "").prefix(300).map { $0.isASCII && $0 != "\"" && $0 != "\\" && $0.asciiValue ?? 0 >= 32 ? $0 : "?" }
        let sorted = milliseconds.sorted()
        let quantiles =
            sorted.isEmpty
            ? "" : "\"median_ms\":\(sorted[sorted.count / 2]),\"p99_ms\":\(sorted[min(sorted.count * 99 / 100, sorted.count - 1)]),"
        return "{\(quantiles)\"done\":\(done),\"failed\":\(failed),\"seconds\":\(seconds),\"first_failure\":\"\(String(failure))\"}"
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
