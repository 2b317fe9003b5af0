import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Says that one process works in a directory. The kernel gives it back when that process ends, however it ends.
final class ClusterLock: Sendable {
    private let descriptor: Mutex<Int32>

    init(_ directory: String) throws(EmbeddedClusterError) {
        let path = "\(directory)/lock"
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw .unusable(path, why: String(cString: strerror(errno))) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let holder = (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
            close(file)
            throw .inUse(directory: directory, by: holder.isEmpty ? "unknown" : holder)
        }
        let line = Array("\(getpid())\n".utf8)
        _ = ftruncate(file, 0)
        _ = write(file, line, line.count)
        descriptor = Mutex(file)
    }

    func release() {
        descriptor.withLock { file in
            guard file >= 0 else { return }
            close(file)
            file = -1
        }
    }

    deinit { release() }
}
