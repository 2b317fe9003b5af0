import Foundation

/// The bytes of a file, read piece by piece, and again from the start: a file is looked over before anything of it is brought in.
public struct ImportSource: Sendable {
    /// Some of the bytes from an offset on; none at the end.
    let read: @Sendable (_ offset: Int) async throws(ImportRefusal) -> [UInt8]

    /// - Parameter read: Gives the bytes from an offset on, as many as fit well in memory; none at the end.
    public init(read: @escaping @Sendable (_ offset: Int) async throws(ImportRefusal) -> [UInt8]) {
        self.read = read
    }

    public init(_ bytes: [UInt8]) {
        self.init { offset in offset == 0 ? bytes : [] }
    }
}

/// What the bytes of a file stand for.
enum FileEncoding: Sendable, Equatable {
    /// With or without a byte order mark.
    case utf8
    /// What old spreadsheets write.
    case windows1252
    /// "Unicode text" of spreadsheets; known by its byte order mark.
    case utf16(isLittleEndian: Bool)

    /// Finds out by reading all of the file.
    init(of source: ImportSource) async throws(ImportRefusal) {
        var survey = UTF8Survey()
        var offset = 0
        while true {
            let piece = try await source.read(offset)
            if piece.isEmpty { break }
            if offset == 0, piece.starts(with: [0xff, 0xfe]) || piece.starts(with: [0xfe, 0xff]) {
                self = .utf16(isLittleEndian: piece[0] == 0xff)
                return
            }
            survey.add(piece)
            offset += piece.count
        }
        if survey.isBlank { throw ImportRefusal("The file is empty.") }
        survey.finish()
        guard survey.faults > 0 else {
            self = .utf8
            return
        }
        // Bytes that no UTF-8 has, beside more letters of several bytes that only UTF-8 has: a damaged file, not an old one.
        guard survey.letters <= survey.faults, !survey.hasUnassigned else {
            throw ImportRefusal(
                "The file is neither UTF-8 nor Windows-1252: line \(survey.firstLine) has bytes that are not valid UTF-8. Save it as UTF-8."
            )
        }
        self = .windows1252
    }

    /// What should be told of it.
    var warning: String? {
        self == .windows1252 ? "The file is not UTF-8: it was read as Windows-1252 (Latin-1). Save it as UTF-8 if accents look wrong." : nil
    }
}

/// Counts what speaks for UTF-8 and against it.
private struct UTF8Survey {
    /// Letters of several bytes that are right.
    private(set) var letters = 0
    private(set) var faults = 0
    /// The line of the first fault, from 1.
    private(set) var firstLine = 0
    private(set) var isBlank = true
    /// Whether there are bytes that Windows-1252 has no letter for.
    private(set) var hasUnassigned = false
    private var line = 1
    private var missing = 0
    private var range: ClosedRange<UInt8> = 0x80...0xbf
    private var isStart = true

    mutating func add(_ bytes: [UInt8]) {
        for byte in isStart && bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes[3...] : bytes[...] {
            if byte < 0x80 {
                if missing > 0 { fault() }
                if byte == 0x0a { line += 1 }
                if isBlank, byte != 0x20, !(0x09...0x0d).contains(byte) { isBlank = false }
                continue
            }
            isBlank = false
            see(byte)
        }
        isStart = false
    }

    mutating func finish() {
        if missing > 0 { fault() }
    }

    private mutating func see(_ byte: UInt8) {
        if [0x81, 0x8d, 0x8f, 0x90, 0x9d].contains(byte) { hasUnassigned = true }
        if missing > 0 {
            guard range.contains(byte) else {
                fault()
                return see(byte)
            }
            range = 0x80...0xbf
            missing -= 1
            if missing == 0 { letters += 1 }
            return
        }
        switch byte {
        case 0xc2...0xdf: (missing, range) = (1, 0x80...0xbf)
        case 0xe0: (missing, range) = (2, 0xa0...0xbf)
        case 0xed: (missing, range) = (2, 0x80...0x9f)
        case 0xe1...0xef: (missing, range) = (2, 0x80...0xbf)
        case 0xf0: (missing, range) = (3, 0x90...0xbf)
        case 0xf1...0xf3: (missing, range) = (3, 0x80...0xbf)
        case 0xf4: (missing, range) = (3, 0x80...0x8f)
        default: fault()
        }
    }

    private mutating func fault() {
        missing = 0
        faults += 1
        if firstLine == 0 { firstLine = line }
    }
}

/// The text of a file in UTF-8, piece by piece, without a byte order mark.
struct FileTextPieces: Sendable {
    private let source: ImportSource
    private let encoding: FileEncoding
    private var offset = 0
    /// Bytes of a letter that the next piece goes on with.
    private var rest: [UInt8] = []

    init(_ source: ImportSource, _ encoding: FileEncoding) {
        self.source = source
        self.encoding = encoding
    }

    /// - Returns: `nil` at the end.
    mutating func next() async throws(ImportRefusal) -> [UInt8]? {
        let piece = try await source.read(offset)
        if piece.isEmpty { return nil }
        let isStart = offset == 0
        offset += piece.count
        switch encoding {
        case .utf8: return isStart && piece.starts(with: [0xef, 0xbb, 0xbf]) ? Array(piece[3...]) : piece
        case .windows1252:
            // Every byte is a letter, and the survey has seen that each has one.
            return Array((String(data: Data(piece), encoding: .windowsCP1252) ?? "").utf8)
        case .utf16(let isLittleEndian): return utf8(of: rest + (isStart ? Array(piece.dropFirst(2)) : piece), isLittleEndian)
        }
    }

    private mutating func utf8(of bytes: [UInt8], _ isLittleEndian: Bool) -> [UInt8] {
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count / 2)
        for index in stride(from: 0, to: bytes.count - 1, by: 2) {
            let (one, two) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            units.append(isLittleEndian ? two << 8 | one : one << 8 | two)
        }
        var used = units.count * 2
        // The first half of a pair waits for the second.
        if let last = units.last, (0xd800..<0xdc00).contains(last) {
            units.removeLast()
            used -= 2
        }
        rest = Array(bytes[used...])
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }
}
