import Foundation

/// A client that writes what it is given, as it is, and then says nothing more.
enum SlowClient {
    struct Broken: Error {}

    /// What the server answers until it closes the connection. On a thread of its own: the threads of tasks are few, and the server needs them.
    ///
    /// - Parameter pause: Seconds in which it reads nothing.
    @discardableResult
    static func answer(port: Int, saying text: String, readingAfter pause: TimeInterval = 0) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try waitForClose(port: port, saying: text, pause) }) }
        }
    }

    private static func waitForClose(port: Int, saying text: String, _ pause: TimeInterval) throws -> String {
        #if canImport(Glibc)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard connected == 0, write(descriptor, text, text.utf8.count) > 0 else { throw Broken() }
        Thread.sleep(forTimeInterval: pause)
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var answer: [UInt8] = []
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
            answer += buffer[..<count]
        }
    }
}
