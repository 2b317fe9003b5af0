import Testing

@testable import Relais

@Suite("CSV and the text of files")
struct CSVTests {
    func refusal(_ text: String, required: [String] = ["id", "nom"]) -> String? {
        do throws(ImportRefusal) {
            _ = try CSV(text, required: required)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func quotesSeparatorsAndLineEnds() throws {
        let csv = try CSV("id,nom\r\n1,\"a, \"\"b\"\"\nc\"\r\n\r\n2,d", required: ["id"])
        #expect(csv.header == ["id", "nom"])
        #expect(csv.rows.map(\.fields) == [["1", "a, \"b\"\nc"], ["2", "d"]])
        #expect(csv.rows.map(\.number) == [2, 4])
        #expect(csv.rows.allSatisfy { $0.fault == nil })
    }

    @Test func whatSaysNothingIsPassedOverAndCounted() throws {
        for top in ["", "sep=;\n", "sep=,\r\n"] {
            let csv = try CSV("\(top)\n,,\n Id ,NOM,x\n,,\n1,a,\n, ,\n,,b\n,\n", required: ["id", "nom"])
            #expect(csv.header == ["id", "nom", "x"])
            #expect(csv.rows.map(\.fields) == [["1", "a", ""], ["", "", "b"]])
            #expect(csv.rows.map(\.number) == [5, 7])
        }
        #expect(refusal("sep=;\n\n;;\n") == "The file is empty.")
        #expect(refusal("sep=;\nid\n")?.hasPrefix("The column nom is missing.") == true)
    }

    /// What a spreadsheet would compute has an apostrophe before it; telephones, coordinates and other texts stand as they are.
    @Test(arguments: [
        ("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"), ("-2+3+A1", "'-2+3+A1"),
        ("- Aide", "- Aide"), ("-", "-"), ("-A1", "'-A1"), ("\t=1", "'\t=1"), ("\r\n=1", "'\r\n=1"), ("'=1", "''=1"), ("''@a", "'''@a"),
        ("'-", "'-"), ("'-A1", "''-A1"),
        ("+33477000001", "+33477000001"), ("+33 4 77.00.00.01", "+33 4 77.00.00.01"), ("-4.39", "-4.39"), ("-1e-05", "-1e-05"),
        ("'-4.39", "'-4.39"), ("'Atelier'", "'Atelier'"), ("'", "'"), ("", ""), ("a=1", "a=1"), ("’=1", "’=1"),
    ])
    func noCellIsAFormulaAndTheTextComesBack(text: String, cell: String) {
        #expect(CSVText.guarded(text) == cell)
        #expect(CSVText.unguarded(cell) == text)
    }

    @Test func theApostropheStandsWithinTheQuotes() {
        var bytes: [UInt8] = []
        CSVText.append(["=A1,B1", "=1", "-4.39"], to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "\"'=A1,B1\",'=1,-4.39\r\n")
        #expect(CSVText.unguarded("=1") == "=1", "as others write it")
    }

    @Test func aMissingColumnIsNamed() {
        #expect(refusal("id,name\n1,a\n") == "The column nom is missing. The first row must name the columns; it says: id, name")
        #expect(refusal("a,b,c\n")?.hasPrefix("These columns are missing: id, nom.") == true)
    }

    @Test(arguments: [";", "\t", "|", ","]) func theSeparatorIsRecognised(separator: String) throws {
        let csv = try CSV(
            "id\(separator)\"nom\"\(separator)x,;y\n1\(separator)a\(separator)\n".replacing("x,;y", with: "x"), required: ["id", "nom"])
        #expect(csv.header == ["id", "nom", "x"])
        #expect(csv.rows.map(\.fields) == [["1", "a", ""]])
    }

    /// The same text in pieces of one, two… bytes.
    @Test(arguments: 1...9) func aTextThatComesInPiecesIsTheSame(size: Int) throws {
        let text = "id;nom\r\n1;\"a, \"\"b\"\"\nc\"\r\n\r\n2;d;\n3;é\n4;\"cut"
        let whole = try CSV(text, required: ["id"])
        var reader = CSVReader(required: ["id"])
        var rows: [CSV.Row] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            reader.add(Array(bytes[start..<min(start + size, bytes.count)]))
            while let row = try reader.row() { rows.append(row) }
        }
        reader.end()
        while let row = try reader.row() { rows.append(row) }
        #expect(rows == whole.rows)
        #expect(rows.map { $0.fault?.code } == [nil, "columns", nil, "truncated"])
    }

    @Test func aQuoteThatIsNeverClosedDoesNotFillTheMemory() {
        var reader = CSVReader(required: ["id"])
        reader.add(Array("id,nom\n1,\"a".utf8))
        #expect(throws: ImportRefusal.self) {
            for _ in 0..<100 {
                reader.add(Array(repeating: 0x61, count: 1 << 16))
                _ = try reader.row()
            }
        }
    }

    /// An array and lines of JSON, in pieces.
    @Test(arguments: 1...9) func itemsOfJSONThatComeInPieces(size: Int) throws {
        let items: [JSONValue] = [["a": "}],\"é"], ["b": [1, ["c": nil]]], 7]
        #expect(try pieces("[{\"a\":\"}],\\\"é\"} ,\n {\"b\":[1,{\"c\":null}]}, 7 ]\n", size) == items)
        #expect(try pieces("{\"a\":\"}],\\\"é\"}\n{\"b\":[1,{\"c\":null}]}\n7", size) == items)
        for wrong in ["[1", "[1,2", "[1]x", "[1 2]", "[,]", "[{\"a\":1]", "{\"a\""] {
            #expect(throws: ImportRefusal.self, "\(wrong)") { try pieces(wrong, size) }
        }
    }

    func pieces(_ text: String, _ size: Int) throws -> [JSONValue] {
        var reader = JSONItems()
        var items: [JSONValue] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            reader.add(Array(bytes[start..<min(start + size, bytes.count)]))
            while let item = try reader.item() { items.append(item) }
        }
        reader.end()
        while let item = try reader.item() { items.append(item) }
        return items
    }

    /// The text of a file in pieces of one, two… bytes.
    @Test(arguments: 1...5) func encodingsOfFilesInPieces(size: Int) async throws {
        func text(_ bytes: [UInt8]) async throws -> String {
            let source = ImportSource { offset in Array(bytes[min(offset, bytes.count)..<min(offset + size, bytes.count)]) }
            let encoding = try await FileEncoding(of: source)
            var pieces = FileTextPieces(source, encoding)
            var all: [UInt8] = []
            while let piece = try await pieces.next() { all += piece }
            return String(decoding: all, as: UTF8.self)
        }
        #expect(try await text(Array("aé€😀".utf8)) == "aé€😀")
        #expect(try await text([0x63, 0xe9, 0x20, 0x9c]) == "cé œ")
        guard size > 2 else { return }
        #expect(try await text([0xef, 0xbb, 0xbf] + Array("é".utf8)) == "é")
        #expect(try await text([0xff, 0xfe, 0x61, 0x00, 0x3d, 0xd8, 0x00, 0xde]) == "a😀")
        #expect(try await text([0xfe, 0xff, 0x00, 0x61, 0xd8, 0x3d, 0xde, 0x00]) == "a😀")
        for bytes in [[], [0x20, 0x0a], Array("é à ".utf8) + [0xe9, 0x20], [0x81, 0x61]] as [[UInt8]] {
            await #expect(throws: ImportRefusal.self) { try await text(bytes) }
        }
    }

    @Test func aCutLastLineIsOneRowThatCannotBeRead() throws {
        let csv = try CSV("id,nom,commune\n1,a,b\n2,c", required: ["id"])
        #expect(csv.rows.map { $0.fault?.code } == [nil, "truncated"])
        let quoted = try CSV("id,nom,commune\n1,a,b\n2,c,\"Saint-Éti", required: ["id"])
        #expect(quoted.rows.map { $0.fault?.code } == [nil, "truncated"])
    }

    @Test func aRowWithTooManyFieldsOrAStrayQuoteIsSaid() throws {
        let csv = try CSV("id,nom\n1,a,b\n2,\"c\"d\n3,e\n", required: ["id"])
        #expect(csv.rows.map { $0.fault?.code } == ["columns", "quote", nil])
    }

    @Test func aQuoteThatSwallowsRowsRefusesTheFile() {
        #expect(refusal("id,nom\n1,\"a\n2,b\n3,c\n") == "Row 2, column nom: a quote is opened and never closed. Close it, or double it.")
    }

    @Test func encodingsAreRecognised() throws {
        let bom: [UInt8] = [0xef, 0xbb, 0xbf]
        #expect(try FileText(bom + Array("é".utf8)).text == "é")
        let latin = try FileText([0x63, 0xe9, 0x20, 0x9c])
        #expect(latin.text == "cé œ" && latin.warning != nil)
        for bytes in [[0xff, 0xfe, 0x61, 0x00], [], [0x20, 0x0a], Array("é à ".utf8) + [0xe9, 0x20]] as [[UInt8]] {
            #expect(throws: ImportRefusal.self) { try FileText(bytes) }
        }
    }
}
