/// How the columns of a file of places become members of a place.
struct PlaceForm: Sendable {
    /// Where a column goes.
    enum Target: Sendable {
        case text(String)
        /// Texts, separated by bars or, in old files, semicolons.
        case texts(String)
        /// Labels of a vocabulary, given as codes; `labels` says what a label of the file is called in it.
        case labels([(member: String, vocabulary: Vocabulary)], aliases: [String: [String]])
        case typologies
        case latitude, longitude
    }

    let version: String
    let targets: [String: Target]
    /// The columns in the order in which a record is read.
    let inOrder: [(column: String, target: Target)]

    private init(version: String, targets: [String: Target]) {
        self.version = version
        self.targets = targets
        inOrder = targets.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    var columns: Set<String> { Set(targets.keys) }

    /// The form that has these columns: 0.1 is known by those that 1.0.2 renamed.
    static func of(_ columns: Set<String>) -> PlaceForm {
        let old: Set = ["publics_accueillis", "conditions_acces", "courriel", "labels_nationaux", "labels_autres", "accessibilite"]
        return columns.isDisjoint(with: old) ? standard : older
    }

    /// The members of a place of which a file with these columns tells. The commune is found by its name and postcode, too.
    func members(of columns: Set<String>) -> Set<String> {
        var members: Set<String> = ["commune"]
        for column in columns {
            switch targets[column] {
            case .text(let member)?, .texts(let member)?: members.insert(member)
            case .labels(let lists, _)?: members.formUnion(lists.map(\.member))
            case .typologies?: members.insert("typologies")
            case .latitude?, .longitude?: members.insert("location")
            case nil: break
            }
        }
        return members
    }

    /// Whether an object of JSON has anything that a record has, and is not what records come in: a page of an API, or GeoJSON.
    static func isRecord(_ members: [String: JSONValue]) -> Bool {
        let wraps = members.keys.contains("items") || members.keys.contains("features")
        return !wraps && members.keys.contains { standard.targets[$0] != nil || older.targets[$0] != nil }
    }

    /// The column that gave a member, for reports: `emails` came from `courriels`.
    func column(of member: Substring) -> String? {
        if member == "location" { return "latitude" }
        return targets.keys.sorted().first { name in
            switch targets[name] {
            case .text(let target), .texts(let target): target == member
            case .labels(let lists, _): lists.contains { $0.member == member }
            case .typologies: member == "typologies"
            default: false
            }
        }
    }

    private static let common: [String: Target] = [
        "id": .text("source_id"), "pivot": .text("pivot"), "nom": .text("name"), "commune": .text("commune_name"),
        "code_postal": .text("postcode"), "code_insee": .text("commune"), "adresse": .text("address"),
        "complement_adresse": .text("address_extra"), "latitude": .latitude, "longitude": .longitude, "typologie": .typologies,
        "telephone": .text("phone"), "site_web": .texts("websites"), "horaires": .text("opening_hours"),
        "presentation_resume": .text("summary"), "presentation_detail": .text("description"), "source": .text("source"),
        "structure_parente": .text("parent_structure"), "date_maj": .text("updated_on"), "prise_rdv": .text("booking_url"),
    ]

    private static func list(_ member: String, _ vocabulary: Vocabulary, _ aliases: [String: [String]] = [:]) -> Target {
        .labels([(member, vocabulary)], aliases: aliases)
    }

    /// The national standard 1.0.2. The aliases are the variants that files are known to have.
    static let standard = PlaceForm(
        version: "1.0.2",
        targets: common.merging([
            "courriels": .texts("emails"), "itinerance": list("itinerance", .itinerance), "services": list("services", .services),
            "publics_specifiquement_adresses": list("publics", .publics),
            "prise_en_charge_specifique": list(
                "special_care", .specialCare,
                ["Langues étrangères": ["Langues étrangères (anglais)", "Langues étrangères (autres)"]]),
            "frais_a_charge": list("fees", .fees), "dispositif_programmes_nationaux": list("programmes", .programmes),
            "formations_labels": list("labels", .labels), "autres_formations_labels": .texts("other_labels"),
            "modalites_acces": list("access_modes", .accessModes), "modalites_accompagnement": list("support_modes", .supportModes),
            "fiche_acces_libre": .text("accessibility_url"),
        ]) { _, new in new })

    /// The form before it, which files published until 2024 have.
    static let older = PlaceForm(
        version: "0.1",
        targets: common.merging([
            "courriel": .texts("emails"), "services": list("services", .services, OlderLabels.services),
            "publics_accueillis": .labels([("publics", .publics), ("special_care", .specialCare)], aliases: OlderLabels.publics),
            "conditions_acces": list("fees", .fees, OlderLabels.fees),
            "labels_nationaux": .labels([("programmes", .programmes), ("labels", .labels)], aliases: [:]),
            "labels_autres": .texts("other_labels"),
            "modalites_accompagnement": list("support_modes", .supportModes, OlderLabels.supportModes),
            "accessibilite": .text("accessibility_url"),
        ]) { _, new in new })
}

/// What the labels of 0.1 are called in 1.0.2; an empty list where the standard says nothing of the kind any more.
private enum OlderLabels {
    static let services: [String: [String]] = [
        "Accéder à une connexion internet": ["Accès internet et matériel informatique"],
        "Accéder à du matériel": ["Accès internet et matériel informatique"],
        "Prendre en main un ordinateur": ["Maîtrise des outils numériques du quotidien"],
        "Prendre en main un smartphone ou une tablette": ["Maîtrise des outils numériques du quotidien"],
        "Utiliser le numérique au quotidien": ["Maîtrise des outils numériques du quotidien"],
        "Devenir autonome dans les démarches administratives": ["Aide aux démarches administratives"],
        "Réaliser des démarches administratives avec un accompagnement": ["Aide aux démarches administratives"],
        "Accompagner les démarches de santé": ["Aide aux démarches administratives"],
        "Approfondir ma culture numérique": ["Compréhension du monde numérique"],
        "Promouvoir la citoyenneté numérique": ["Compréhension du monde numérique"],
        "Favoriser mon insertion professionnelle": ["Insertion professionnelle via le numérique"],
        "Soutenir la parentalité et l'éducation avec le numérique": ["Parentalité et éducation avec le numérique"],
        "Acquérir du matériel informatique à prix solidaire": ["Acquisition de matériel informatique à prix solidaire"],
    ]
    static let publics: [String: [String]] = [
        "Adultes": [],
        "Seniors (+ 65 ans)": ["Seniors"],
        "Jeunes (16-26 ans)": ["Jeunes"],
        "Familles/enfants": ["Familles et/ou enfants"],
        "Personnes en situation d'illettrisme": ["Illettrisme"],
        "Public langues étrangères": ["Langues étrangères (autres)"],
        "Handicaps mentaux : déficiences limitant les activités d'une personne": ["Handicaps mentaux"],
    ]
    static let fees: [String: [String]] = [
        "Gratuit : Je peux accéder gratuitement au lieu et à ses services": ["Gratuit"],
        "Gratuit sous condition : La gratuité est conditionnée à des critères (situation familiale, convention avec un organisme social...)":
            [
                "Gratuit sous condition"
            ],
        "Adhésion : L'accès au lieu et/ou à ses services nécessite d'y adhérer": ["Payant"],
        "Payant : L'accès au lieu et/ou à ses services est payant": ["Payant"],
        "Accepte le Pass numérique : Il est possible d'utiliser un Pass numérique pour accéder au lieu": ["Gratuit sous condition"],
    ]
    static let supportModes: [String: [String]] = [
        "Seul : j'ai accès à du matériel et une connexion": ["En autonomie"],
        "Avec de l'aide : je suis accompagné seul dans l'usage du numérique": ["Accompagnement individuel"],
        "Dans un atelier : j'apprends collectivement à utiliser le numérique": ["Dans un atelier collectif"],
        "A ma place : une personne habilitée fait les démarches à ma place": ["Accompagnement individuel"],
    ]
}
