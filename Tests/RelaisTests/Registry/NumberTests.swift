import Testing

@testable import Relais

@Suite("Numbers, names and forms")
struct NumberTests {
    @Test(arguments: ["43493312300029", "73282932000074", "35600000000048", "35600000049837", "00000000000000"])
    func aSiretWithTheRightCheckDigit(siret: String) { #expect(Siret.isValid(siret)) }

    // The third keeps La Poste's rule of the sum, but is not La Poste's; the fourth is La Poste's, and keeps neither.
    @Test(arguments: ["43493312300028", "4349331230002", "43493312300010", "35600000049838", "4349331230002a", ""])
    func aSiretWithTheWrongOne(siret: String) { #expect(!Siret.isValid(siret)) }

    @Test(arguments: [
        ("Saint-Étienne", "ST ETIENNE"), ("Sainte-Croix-en-Jarez", "Ste Croix en Jarez"), ("L'Étrat", "l’etrat"),
        ("Sury-le-Comtal", "sury le  comtal"),
        ("Bœuf", "BOEUF"),
    ])
    func namesOfCommunesAreComparedWithoutWhatPeopleWriteDifferently(one: String, other: String) {
        #expect(CommuneName.key(one) == CommuneName.key(other))
    }

    @Test func namesThatDifferStayDifferent() {
        #expect(CommuneName.key("Saint-Étienne") != CommuneName.key("Saint-Étienne-le-Molard"))
        #expect(CommuneName.key("Est") == "est")
    }

    @Test func formsLookAtTheWholeText() {
        #expect(Form.postcode.matches("42000"))
        #expect(!Form.postcode.matches("42000\n"))
        #expect(!Form.postcode.matches("420001"))
        #expect(Form.insee.matches("2A004") && Form.insee.matches("97411") && !Form.insee.matches("20004"))
        #expect(Form.phone.matches("+33477123456") && !Form.phone.matches("0477123456"))
        #expect(Form.email.matches("a.b@c-d.fr") && !Form.email.matches("a@b") && !Form.email.matches("a@@b.fr"))
        #expect(Form.url.matches("https://www.loire.fr/a?b=c#d") && !Form.url.matches("www.loire.fr") && !Form.url.matches("https://a b"))
        for form in Form.all { #expect(!form.matches("")) }
    }

    @Test func labelsAreFoundWhateverTheirCaseAccentsAndApostrophes() {
        #expect(Vocabulary.services.code(of: "Comprehension du monde numérique") == "comprehension-du-numerique")
        #expect(Vocabulary.accessModes.code(of: "Ce lieu n’accueille pas de public") == "pas-de-public")
        #expect(Vocabulary.labels.code(of: "Étapes numériques (La Poste)") == "etapes-numeriques")
        #expect(Vocabulary.typologies.codes.count == 92)
        for vocabulary in Vocabulary.all { #expect(Set(vocabulary.codes).count == vocabulary.entries.count) }
    }
}
