import Foundation
import Logging
import ServiceLifecycle
import Testing

@testable import RelaisCommand

@Suite("Being told to stop")
struct StopSignalTests {
    @Test(.timeLimit(.minutes(5))) func whatIsStartedAfterTheSignalEndsAtOnce() async throws {
        let stop = await StopSignal.listen()
        #expect(!stop.isTold)
        kill(getpid(), SIGTERM)
        while !stop.isTold { try await Task.sleep(for: .milliseconds(5)) }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [Waiting()], gracefulShutdownSignals: [], logger: Logger(label: "test")))
        await stop.ends(group)
        try await group.run()
    }

    private struct Waiting: Service {
        func run() async throws { try await gracefulShutdown() }
    }
}
