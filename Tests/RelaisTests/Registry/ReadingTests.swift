import Postgres
import Testing

@testable import Relais

@Suite("What the registry reads")
struct ReadingTests {
    static let place: JSONValue = ["name": "Médiathèque", "address": "1 rue", "postcode": "42000", "commune_name": "Saint-Étienne"]

    func place(_ members: JSONValue) -> [String] {
        problems { () throws(InvalidInput) in try PlaceDraft(reading: Self.place.merging(members)) }
    }

    @Test func aPlaceNeedsAnAddress() {
        #expect(place([:]) == [])
        let missing = problems { () throws(InvalidInput) in try PlaceDraft(reading: [:]) }
        #expect(missing == ["/address required", "/commune_name required", "/name required", "/postcode required"])
    }

    @Test func everythingWrongIsToldAtOnce() {
        let wrong = place([
            "postcode": "4200", "phone": "04 77", "emails": ["a@b.fr", "no"], "websites": ["www.x.fr"], "services": ["usage-securisé"],
            "fees": "gratuit",
            "commune": "1", "updated_on": "2026-02-30", "nmae": "x", "location": ["latitude": 91], "pivot": "43493312300028",
        ])
        #expect(
            wrong == [
                "/commune format", "/emails/1 format", "/fees type", "/location/latitude range", "/location/longitude required",
                "/nmae unknown_member", "/phone format", "/pivot checksum", "/postcode format", "/services/0 unknown_code",
                "/updated_on format", "/websites/0 format",
            ])
    }

    @Test func unknownCodesComeWithNearOnes() throws {
        let error = #expect(throws: InvalidInput.self) {
            try PlaceDraft(reading: Self.place.merging(["services": ["usage-securisé"], "typologies": ["BIBL"]]))
        }
        #expect(error?.problems.first { $0.pointer == "/services/0" }?.message.contains("usage-securise") == true)
        #expect(error?.problems.first { $0.pointer == "/typologies/0" }?.message.contains("BIB") == true)
    }

    @Test func coordinatesThatCannotBeAreTold() {
        #expect(place(["location": ["latitude": 45.4, "longitude": 4.4]]) == [])
        #expect(place(["location": ["latitude": 4.4, "longitude": 45.4]]) == ["/location swapped"])
        #expect(place(["location": ["latitude": 55.5, "longitude": -21]]) == ["/location swapped"])
        #expect(place(["location": ["latitude": 0, "longitude": 0]]) == ["/location null_island"])
        #expect(place(["location": ["latitude": -21, "longitude": 55.5]]) == [])
    }

    @Test func thePlaceholderOfZerosMeansUnknown() {
        #expect(place(["pivot": "00000000000000"]) == [])
        #expect(place(["pivot": "W423000001"]) == [])
        #expect(
            problems { () throws(InvalidInput) in try StructureDraft(reading: ["name": "A", "siret": "00000000000000"]) } == [
                "/siret placeholder"
            ])
    }

    @Test func aStructuresNumbersAreChecked() {
        let read: (JSONValue) -> [String] = { json in problems { () throws(InvalidInput) in try StructureDraft(reading: json) } }
        #expect(read(["name": "A", "siret": "43493312300029", "rna": "W423000001"]) == [])
        #expect(read(["name": "A", "siret": "43493312300028", "rna": "423000001"]) == ["/rna format", "/siret checksum"])
        #expect(read(["name": "A", "siret": "434933123"]) == ["/siret format"])
        #expect(read(["name": "A\u{0}", "typologies": ["CSS"]]) == ["/name format", "/typologies/0 unknown_code"])
        #expect(read([]) == [" type", "/name required"])
    }

    @Test func aNumberMayBeWrittenAsPapersPrintIt() throws {
        let printed: JSONValue = ["name": "A", "siret": "434 933 123 00029 ", "rna": "w42 300 0001"]
        let draft = try StructureDraft(reading: printed)
        #expect(draft.siret == "43493312300029" && draft.rna == "W423000001")
        #expect(try StructureDraft(reading: ["name": "A", "siret": "434\u{202F}933\u{A0}12300029"]).siret == "43493312300029")
        // One that is kept in small letters is not changed with something else.
        let was = StructureDraft(name: "A", rna: "W42a000001")
        let patched = try StructureDraft(reading: ["name": "B", "rna": "W42a000001"], was: was)
        #expect(patched.rna == "W42a000001")
        let wrong = problems { () throws(InvalidInput) in
            try StructureDraft(reading: ["name": "A", "siret": "434-933-123-00029", "rna": "W 42"])
        }
        #expect(wrong == ["/rna format", "/siret format"])
    }

    @Test func aMediatorsSkillsAreHeldOnceEach() throws {
        let structure = "0198c2f4-0000-7000-8000-000000000001"
        let read: (JSONValue) -> [String] = { json in problems { () throws(InvalidInput) in try MediatorDraft(reading: json) } }
        #expect(read(["structure": .string(structure), "name": "A"]) == [])
        #expect(
            read([
                "structure": "x", "name": "A",
                "skills": [["skill": "a", "level": 4], ["skill": "b", "level": 1], ["skill": "b", "level": 2]],
                "modes": ["bus"], "languages": ["FR"], "travel_radius_m": 500_001,
            ]) == [
                "/languages/0 format", "/modes/0 unknown_code", "/skills/0/level range", "/skills/2/skill duplicate", "/structure format",
                "/travel_radius_m range",
            ])
    }

    @Test func aValueThatIsThereAlreadyIsNotAskedAgain() throws {
        var was = try PlaceDraft(reading: Self.place)
        was.pivot = "43493312300028"
        was.typologies = ["OLD"]
        let json = try Change.merging(["name": "Autre"], into: was)
        let draft = try PlaceDraft(reading: json, was: was)
        #expect(draft.pivot == "43493312300028" && draft.typologies == ["OLD"] && draft.name == "Autre")
    }
}
