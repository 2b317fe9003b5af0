import NIOCore
import NIOPosix

/// Runs what a request does on the event loop of its connection: after each answer of the database the task goes on where its own answer will be
/// written, instead of on whichever loop is next, which would hand it back.
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    private init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// One for each loop of the process's own group; a loop of another kind, as tests have, runs nothing by itself and has none.
    private static let all: [ObjectIdentifier: LoopExecutor] = Dictionary(
        uniqueKeysWithValues: NIOSingletons.posixEventLoopGroup.makeIterator().map { (ObjectIdentifier($0), LoopExecutor($0)) })

    static func of(_ loop: any EventLoop) -> LoopExecutor? { all[ObjectIdentifier(loop)] }
}
