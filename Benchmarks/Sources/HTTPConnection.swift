#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A connection that is kept, and blocks: one request at a time, whose answer has a Content-Length.
final class HTTPConnection {
    struct Answer {
        let status: Int
        let body: String
    }

    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private(set) var isOpen = true

    /// - Returns: `nil` when nobody listens there.
    init?(port: UInt16) {
        #if canImport(Glibc)
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard connected == 0 else {
            close(descriptor)
            return nil
        }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// - Returns: `nil` when the connection was lost; it is then no longer open.
    func exchange(_ text: String) -> Answer? {
        guard write(text), let end = readHead() else {
            isOpen = false
            return nil
        }
        let head = String(decoding: buffer[..<end], as: UTF8.self)
        let status = Int(head.dropFirst(9).prefix(3)) ?? 0
        let length = Self.contentLength(head)
        while buffer.count < end + length {
            guard read() else {
                isOpen = false
                return nil
            }
        }
        let body = String(decoding: buffer[end..<(end + length)], as: UTF8.self)
        buffer.removeFirst(end + length)
        return Answer(status: status, body: body)
    }

    private static func contentLength(_ head: String) -> Int {
        for line in head.split(separator: "\r\n") where line.utf8.count > 15 {
            if line.prefix(15).lowercased() == "content-length:" { return Int(line.dropFirst(15).drop { $0 == " " }) ?? 0 }
        }
        return 0
    }

    private func write(_ text: String) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let sent = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(0x4000)) }
            guard sent > 0 else { return false }
            bytes = bytes.dropFirst(sent)
        }
        return true
    }

    /// - Returns: Where the body begins.
    private func readHead() -> Int? {
        var searched = 0
        while true {
            var at = max(0, searched - 3)
            while at + 4 <= buffer.count {
                if buffer[at] == 13, buffer[at + 1] == 10, buffer[at + 2] == 13, buffer[at + 3] == 10 { return at + 4 }
                at += 1
            }
            searched = buffer.count
            guard read() else { return nil }
        }
    }

    private func read() -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { space in
            let received = recv(descriptor, space.baseAddress, space.count, 0)
            guard received > 0 else { return false }
            buffer.append(contentsOf: space[..<received])
            return true
        }
    }
}
