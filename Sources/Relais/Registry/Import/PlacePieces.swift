/// The records of a file as places, piece by piece, read one piece ahead: while PostgreSQL works at one, the next is read. There are two pieces in
/// memory at most, whatever the file's size.
struct PlacePieces: Sendable {
    struct Piece: Sendable {
        var rows: [PlaceRow] = []
        /// What keeps records out that cannot be read as such.
        var rejected: [ImportReport.Note] = []

        /// Records of the file.
        var count: Int { rows.count + rejected.count }
    }

    /// Records of a piece: what one statement writes.
    static let size = 500
    /// Records after which others have a turn: a server answers requests on the threads that this runs on.
    private static let stretch = 50

    private var records: PlaceFile.Reader
    private var reader: PlaceRow.Reader

    init(_ file: PlaceFile) {
        records = file.reader
        reader = PlaceRow.Reader(file.form)
    }

    /// - Returns: `nil` at the end.
    mutating func next() async throws(ImportRefusal) -> Piece? {
        var piece = Piece()
        while piece.count < Self.size, let stretch = try await records.next(min(Self.stretch, Self.size - piece.count)) {
            for record in stretch.records { piece.rows.append(reader.row(record)) }
            piece.rejected += stretch.rejected
            await Task.yield()
        }
        return piece.count == 0 ? nil : piece
    }

    /// The next piece, and what then reads the one after it: to be run beside the writing of this one.
    func ahead() async -> Result<(piece: Piece?, rest: PlacePieces), ImportRefusal> {
        var rest = self
        do throws(ImportRefusal) { return .success((try await rest.next(), rest)) } catch { return .failure(error) }
    }
}
