import Foundation
import Support

/// A port of 127.0.0.1 that takes connections and never answers.
struct SilentServer {
    let port: Int
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0 && listen(descriptor, 8) == 0
            }
        }
        guard isListening else { throw TestCluster.Failure(description: "no silent server: errno \(errno)") }
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    func close() {
        Foundation.close(descriptor)
    }
}
