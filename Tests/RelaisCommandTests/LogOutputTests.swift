import Foundation
import Synchronization
import Testing

@testable import RelaisCommand

#if canImport(Glibc)
    import Glibc
#endif

@Suite("Where the log goes")
struct LogOutputTests {
    let pipe = Pipe()
    var output: LogOutput { LogOutput(pipe.fileHandleForWriting.fileDescriptor) }
    static func line(_ number: Int) -> [UInt8] { Array((String(number) + String(repeating: "x", count: 90) + "\n").utf8) }

    /// Numbers of the lines that were read, until the end.
    func numbers() throws -> [Int] {
        let text = String(decoding: try #require(try pipe.fileHandleForReading.readToEnd()), as: UTF8.self)
        return text.split(separator: "\n").compactMap { Int($0.prefix { $0.isNumber }) }
    }

    /// 300 kB: a pipe takes 64.
    @Test(.timeLimit(.minutes(1))) func whoeverReadsLateReadsAllInOrder() throws {
        let output = output
        for number in 0..<3000 { output.write(Self.line(number)) }
        let taken = Data(try #require(try pipe.fileHandleForReading.read(upToCount: 10_000)))
        for number in 3000..<3010 { output.write(Self.line(number)) }
        // At the end, somebody has to read meanwhile.
        Thread.detachNewThread { [pipe] in
            output.end()
            try? pipe.fileHandleForWriting.close()
        }
        let rest = try #require(try pipe.fileHandleForReading.readToEnd())
        #expect(Array(taken + rest) == (0..<3010).flatMap(Self.line))
    }

    @Test(.timeLimit(.minutes(1))) func whatIsTooMuchIsLeftOutAndTheEarlierStays() throws {
        let output = output
        for number in 0..<30_000 { output.write(Self.line(number)) }
        Thread.detachNewThread { [pipe] in
            output.end()
            try? pipe.fileHandleForWriting.close()
        }
        let numbers = try numbers()
        #expect(numbers == Array(0..<numbers.count))
        #expect(numbers.count * Self.line(10_000).count > LogOutput.most - (1 << 13) && numbers.count < 30_000)
    }

    @Test(.timeLimit(.minutes(1))) func nobodyReadsAnyMore() throws {
        signal(SIGPIPE, SIG_IGN)
        let output = output
        try pipe.fileHandleForReading.close()
        for number in 0..<30_000 { output.write(Self.line(number)) }
        output.end()
    }

    /// It says that it takes something when it takes a byte.
    @Test(.timeLimit(.minutes(1))) func aTerminalThatNobodyReadsHoldsNobodyUp() throws {
        var (master, slave): (Int32, Int32) = (-1, -1)
        try #require(openpty(&master, &slave, nil, nil, nil) == 0)
        defer { close(slave) }
        let reading = master
        let output = LogOutput(slave)
        for number in 0..<3000 { output.write(Self.line(number)) }
        let taken = Mutex<[UInt8]>([])
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while case let count = read(reading, &buffer, buffer.count), count > 0 { taken.withLock { $0 += buffer[..<count] } }
        }
        output.end()
        let text = taken.withLock { String(decoding: $0, as: UTF8.self) }
        let numbers = text.split(separator: "\r\n").compactMap { Int($0.prefix { $0.isNumber }) }
        #expect(numbers.count > 100 && Array(numbers.dropLast()) == Array(0..<(numbers.count - 1)))
    }
}
