import Logging
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where lines of the log go. Writing never waits: the threads that log are those that serve, and whoever reads the log may have stopped (a terminal held
/// by Ctrl-S, a full pipe). Lines wait here then, in order, and travel with the next ones; those that are too many are left out and counted.
final class LogOutput: Sendable {
    static let standardError = LogOutput(STDERR_FILENO)
    /// Bytes that wait at most: some 3,000 lines.
    static let most = 1 << 20

    private struct Waiting {
        var bytes: [UInt8] = []
        /// Lines that were left out since there was room last.
        var left = 0
    }

    private let descriptor: Int32
    private let waiting = Mutex(Waiting())

    init(_ descriptor: Int32) {
        // A terminal says that it takes something when it takes a byte. Opened anew it does not make anybody wait, and nobody else finds it changed.
        if isatty(descriptor) == 1, let name = ttyname(descriptor), case let own = open(name, O_WRONLY | O_NOCTTY | O_NONBLOCK), own >= 0 {
            self.descriptor = own
        } else {
            self.descriptor = descriptor
        }
    }

    func write(_ line: [UInt8]) {
        let left = waiting.withLock { waiting in
            if !waiting.bytes.isEmpty { send(&waiting.bytes, for: .zero) }
            if waiting.bytes.count + line.count > Self.most { waiting.left += 1 } else { waiting.bytes += line }
            send(&waiting.bytes, for: .zero)
            guard waiting.bytes.isEmpty, waiting.left > 0 else { return 0 }
            defer { waiting.left = 0 }
            return waiting.left
        }
        if left > 0 {
            Logger(label: "relais.log").warning(
                "lines of the log were left out: whoever reads it had stopped", metadata: ["lines": "\(left)"])
        }
    }

    /// Gives what still waits a last second.
    func end() {
        waiting.withLock { send(&$0.bytes, for: .seconds(1)) }
    }

    /// Sends what is taken, each time no more than fits into whatever says that it takes something: a page of a pipe (`PIPE_BUF`, pipe(7)).
    private func send(_ bytes: inout [UInt8], for patience: Duration) {
        var sent = 0
        let deadline = ContinuousClock.now + patience
        bytes.withUnsafeBytes { all in
            while sent < all.count {
                let left = patience == .zero ? 0 : max(0, ContinuousClock.now.duration(to: deadline) / .milliseconds(1))
                var asked = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                guard poll(&asked, 1, Int32(left)) == 1 else { return }
                let count = Self.write(descriptor, all[sent...].prefix(4096))
                if count < 0, errno == EINTR { continue }
                if count < 0, errno == EAGAIN, left > 0 { continue }
                if count < 0, errno == EAGAIN { break }
                // Nobody is there any more: what waits is for nobody.
                sent = count < 0 ? all.count : sent + count
            }
        }
        if sent > 0 { bytes.removeFirst(sent) }
    }

    private static func write(_ descriptor: Int32, _ bytes: Slice<UnsafeRawBufferPointer>) -> Int {
        let bytes = UnsafeRawBufferPointer(rebasing: bytes)
        #if canImport(Glibc)
            return Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #else
            return Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }
}

extension Logger.Metadata {
    /// What a line carries: the handler's own metadata, and the line's, which wins; by name.
    func joined(by line: Logger.Metadata?) -> [(key: String, value: Logger.MetadataValue)] {
        guard let line, !line.isEmpty else { return sorted { $0.key < $1.key } }
        return merging(line) { $1 }.sorted { $0.key < $1.key }
    }
}
