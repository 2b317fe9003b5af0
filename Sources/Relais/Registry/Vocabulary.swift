import Foundation

/// A closed list of codes, with the label that the national standard gives each: facts of standard-mediation-num 1.0.2 (Licence Ouverte 2.0).
public struct Vocabulary: Sendable, Encodable {
    public struct Entry: Sendable, Encodable {
        public let code: String
        public let label: String

        init(_ code: String, _ label: String) {
            self.code = code
            self.label = label
        }
    }

    /// What it is called in `GET /vocabularies/{name}`: the member of a place (or of something else) that holds its codes.
    public let name: String
    public let entries: [Entry]
    public let codes: [String]

    init(_ name: String, _ entries: [Entry]) {
        self.name = name
        self.entries = entries
        codes = entries.map(\.code)
    }

    private enum CodingKeys: String, CodingKey { case name, entries }

    /// The code whose label is `label`, as files write it: case, accents and the kind of apostrophe do not count, nor double spaces.
    public func code(of label: String) -> String? {
        let key = Self.key(label)
        return entries.first { Self.key($0.label) == key }?.code
    }

    public func label(of code: String) -> String? {
        entries.first { $0.code == code }?.label
    }

    static func key(_ label: String) -> String {
        label.folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
            .replacingOccurrences(of: "’", with: "'").filter { !$0.isWhitespace }
    }
}

extension Vocabulary {
    /// Every vocabulary, in the order in which they are served.
    public static let all: [Vocabulary] = [
        services, publics, specialCare, fees, programmes, labels, accessModes, supportModes, itinerance, typologies, modes,
        contactPurposes,
    ]

    /// The nine services of the standard: the roots of the skill tree that files of places can name.
    public static let services = Vocabulary(
        "services",
        [
            Entry("demarches-administratives", "Aide aux démarches administratives"),
            Entry("outils-du-quotidien", "Maîtrise des outils numériques du quotidien"),
            Entry("insertion-professionnelle", "Insertion professionnelle via le numérique"),
            Entry("usage-securise", "Utilisation sécurisée du numérique"),
            Entry("parentalite-education", "Parentalité et éducation avec le numérique"),
            Entry("loisirs-creations", "Loisirs et créations numériques"),
            Entry("comprehension-du-numerique", "Compréhension du monde numérique"),
            Entry("acces-internet-materiel", "Accès internet et matériel informatique"),
            Entry("materiel-prix-solidaire", "Acquisition de matériel informatique à prix solidaire"),
        ])

    /// Whom a place addresses in particular (`publics_specifiquement_adresses`).
    public static let publics = Vocabulary(
        "publics",
        [
            Entry("jeunes", "Jeunes"),
            Entry("etudiants", "Étudiants"),
            Entry("familles-enfants", "Familles et/ou enfants"),
            Entry("seniors", "Seniors"),
            Entry("femmes", "Femmes"),
        ])

    /// What a place can take care of (`prise_en_charge_specifique`).
    public static let specialCare = Vocabulary(
        "special_care",
        [
            Entry("surdite", "Surdité"),
            Entry("handicaps-moteurs", "Handicaps moteurs"),
            Entry("handicaps-mentaux", "Handicaps mentaux"),
            Entry("illettrisme", "Illettrisme"),
            Entry("langues-anglais", "Langues étrangères (anglais)"),
            Entry("langues-autres", "Langues étrangères (autres)"),
            Entry("deficience-visuelle", "Déficience visuelle"),
        ])

    /// `frais_a_charge`.
    public static let fees = Vocabulary(
        "fees",
        [
            Entry("gratuit", "Gratuit"),
            Entry("gratuit-sous-condition", "Gratuit sous condition"),
            Entry("payant", "Payant"),
        ])

    /// `dispositif_programmes_nationaux`.
    public static let programmes = Vocabulary(
        "programmes",
        [
            Entry("aidants-connect", "Aidants Connect"),
            Entry("bibliotheques-numerique-de-reference", "Bibliothèques numérique de référence"),
            Entry("certification-pix", "Certification PIX"),
            Entry("conseillers-numeriques", "Conseillers numériques"),
            Entry("emmaus-connect", "Emmaüs Connect"),
            Entry("france-services", "France Services"),
            Entry("grande-ecole-du-numerique", "Grande école du numérique"),
            Entry("la-croix-rouge", "La Croix Rouge"),
            Entry("point-acces-numerique-caf", "Point d'accès numérique CAF"),
            Entry("promeneurs-du-net", "Promeneurs du net"),
            Entry("relais-numerique-emmaus-connect", "Relais numérique (Emmaüs Connect)"),
        ])

    /// `formations_labels`. “Étapes numériques” is written without a space in the schema's pattern, which is the law.
    public static let labels = Vocabulary(
        "labels",
        [
            Entry("mon-espace-sante", "Formé à « Mon Espace Santé »"),
            Entry("duplex", "Formé à « DUPLEX » (illettrisme)"),
            Entry("arnia-mednum-bfc", "Arnia/MedNum BFC (Bourgogne-Franche-Comté)"),
            Entry("collectif-reemploi-normandie", "Collectif ressources et acteurs réemploi (Normandie)"),
            Entry("etapes-numeriques", "Étapes numériques(La Poste)"),
            Entry("fabriques-de-territoire", "Fabriques de Territoire"),
            Entry("eclaireurs-du-numerique", "Les Éclaireurs du numérique (Drôme)"),
            Entry("mes-papiers", "Mes Papiers (Métropole de Lyon)"),
            Entry("ordi-3-0", "ORDI 3.0"),
            Entry("sud-labs", "SUD LABS (PACA)"),
        ])

    /// `modalites_acces`.
    public static let accessModes = Vocabulary(
        "access_modes",
        [
            Entry("se-presenter", "Se présenter"),
            Entry("telephoner", "Téléphoner"),
            Entry("contacter-par-mail", "Contacter par mail"),
            Entry("prendre-rdv-en-ligne", "Prendre un RDV en ligne"),
            Entry("pas-de-public", "Ce lieu n'accueille pas de public"),
            Entry("envoyer-fiche-de-prescription", "Envoyer un mail avec une fiche de prescription"),
        ])

    /// `modalites_accompagnement`.
    public static let supportModes = Vocabulary(
        "support_modes",
        [
            Entry("en-autonomie", "En autonomie"),
            Entry("accompagnement-individuel", "Accompagnement individuel"),
            Entry("atelier-collectif", "Dans un atelier collectif"),
            Entry("a-distance", "À distance"),
        ])

    /// Both may hold of one place.
    public static let itinerance = Vocabulary("itinerance", [Entry("itinerant", "Itinérant"), Entry("fixe", "Fixe")])

    /// How somebody is helped: the network's own words, not the standard's.
    public static let modes = Vocabulary(
        "modes",
        [
            Entry("place", "Sur place"),
            Entry("home", "À domicile"),
            Entry("remote", "À distance"),
            Entry("workshop", "En atelier collectif"),
            Entry("on_site", "Dans les locaux de qui demande"),
        ])

    /// What somebody at a structure is turned to for: the network's own words, too.
    public static let contactPurposes = Vocabulary(
        "contact_purposes",
        [
            Entry("general", "Accueil et renseignements"),
            Entry("referrals", "Orientations et prescriptions"),
            Entry("technical", "Technique"),
            Entry("administrative", "Administratif et facturation"),
            Entry("press", "Presse et communication"),
        ])
}
