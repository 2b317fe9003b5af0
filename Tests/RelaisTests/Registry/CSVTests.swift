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

    @Test func aMissingColumnIsNamed() {
        #expect(refusal("id,name\n1,a\n") == "The column nom is missing. The first row must name the columns; it says: id, name")
        #expect(refusal("a,b,c\n")?.hasPrefix("These columns are missing: id, nom.") == true)
    }

    @Test(arguments: [(";", "semicolons (;)"), ("\t", "tabs"), ("|", "bars (|)")])
    func aWrongSeparatorIsNamedBesideTheRightOne(separator: String, name: String) {
        #expect(
            refusal("id\(separator)\"nom\"\n1\(separator)a\n")
                == "Columns must be separated by commas (,), and are separated by \(name) here.")
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
