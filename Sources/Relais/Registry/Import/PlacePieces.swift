/// The records of a file as places, piece by piece, read one piece ahead: while PostgreSQL works at one, the next is read. There are two pieces in
/// memory at most, whatever the file's size.
struct PlacePieces: Sendable {
    struct Piece: Sendable {
        var rows: [PlaceRow] = []
        /// What keeps records out that cannot be read as such.
        var rejected: [ImportReport.Note] = []

        /// Records of the file.
        var count = 0
        /// Dealt with before an interruption, and read again only for what else the file says of the same records.
        var isKnown = false
    }

    /// Records of a piece: what one statement writes.
    static let size = 500
    /// Records after which others have a turn: a server answers requests on the threads that this runs on.
    private static let stretch = 50

    private var records: PlaceFile.Reader
    private var reader: PlaceRow.Reader
    private let source: String?
    /// Records that are known and still to come.
    private var known: Int

    /// - Parameters:
    ///   - source: Of the records that name none.
    ///   - known: How many records have been dealt with already.
    init(_ file: PlaceFile, source: String? = nil, known: Int = 0) {
        records = file.reader
        reader = PlaceRow.Reader(file.form)
        self.source = source.map(\.trimmed).flatMap { $0.isEmpty ? nil : $0 }
        self.known = known
    }

    /// - Returns: `nil` at the end.
    mutating func next() async throws(ImportRefusal) -> Piece? {
        var piece = Piece()
        piece.isKnown = known > 0
        let size = known > 0 ? min(known, Self.size) : Self.size
        while piece.count < size, let stretch = try await records.next(min(Self.stretch, size - piece.count)) {
            for record in stretch.records {
                var row = reader.row(record)
                if row.draft.source == nil { row.draft.source = source }
                piece.rows.append(row)
            }
            piece.rejected += stretch.rejected
            piece.count += stretch.records.count + stretch.rejected.count
            await Task.yield()
        }
        known = max(0, known - piece.count)
        return piece.count == 0 ? nil : piece
    }

    /// The next piece, and what then reads the one after it: to be run beside the writing of this one.
    func ahead() async -> Result<(piece: Piece?, rest: PlacePieces), ImportRefusal> {
        var rest = self
        do throws(ImportRefusal) { return .success((try await rest.next(), rest)) } catch { return .failure(error) }
    }
}
