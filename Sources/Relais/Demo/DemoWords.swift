/// The words of which names, addresses and numbers of the demo network are made. Nobody and nothing in it exists.
enum DemoWords {
    static let givenNames = """
        Aïcha Adèle Alban Amina Anaïs Armand Baptiste Bérénice Bilal Camille Célestin Clémence Côme Djamila Églantine Elias Élise Émile Esma \
        Estelle Fanny Farid Félix Flavie Gaspard Hélène Honoré Idriss Inès Irène Ismaël Jeanne Jules Karim Lazare Léonie Lila Lucie Maëlle Malik \
        Marius Mathilde Nadia Naïm Noémie Octave Odile Ousmane Paulette Prosper Rachid Raphaël Rosalie Samia Sidonie Solène Tanguy Thaïs Ulysse \
        Valentin Violette Yasmine Yvette Zélie
        """.split(separator: " ").map(String.init)

    private static let familyStarts = [
        "Bri", "Chante", "Dorma", "Ferran", "Gour", "Lavau", "Monta", "Pérou", "Rochas", "Serva", "Tarde", "Vercho",
    ]
    private static let familyEnds = ["bert", "clos", "dières", "fond", "gnat", "lune", "mont", "rand", "ssier", "tier", "vaux", "zelle"]

    /// Put together from parts, so that they sound of the Loire and belong to nobody.
    static let familyNames = familyStarts.flatMap { start in familyEnds.map { start + $0 } }

    static let streets = [
        "rue des Passementiers", "rue de la Minière", "place du Marché-aux-Rubans", "chemin des Crêts", "rue du Vieux-Puits",
        "avenue des Tilleuls",
        "rue des Armuriers", "impasse du Lavoir", "rue de la Verrerie", "place des Platanes", "route des Hautes-Chaumes",
        "rue du Four-à-Chaux",
        "rue des Tisserandes", "allée des Noyers", "rue du Pont-Neuf", "montée du Château-d'Eau",
    ]

    static let nicknames = [
        "Les Passerelles", "Le Tisonnier", "La Navette", "Les Quatre-Vents", "La Boussole", "Le Fil d'Ariane", "Les Hautes-Lueurs",
        "La Souris Verte",
        "Le Métier à Tisser", "La Lampisterie", "L'Étincelle", "Les Deux-Rives", "La Clé des Champs", "Le Chevalement", "Les Rubans",
        "La Fabrique",
        "Le Grand Pré", "La Marelle", "L'Écoute-s'il-pleut", "Les Trois-Moulins", "La Bobine", "Le Belvédère", "La Treille", "Le Pré Vert",
    ]

    /// From the ranges that the French regulator keeps for fiction (Arcep's numbering plan): they ring nowhere.
    static func phone(_ random: inout SeededGenerator, mobile: Bool = false) -> String {
        let prefix = mobile ? "+3363998" : "+3346571"
        return "\(prefix)\(twoDigits(random.int(0...99)))\(twoDigits(random.int(0...99)))"
    }

    /// Letters and digits only, in lower case: what stands before the @, or before `.example`.
    static func slug(_ text: String) -> String { CommuneName.key(text).split(separator: " ").joined(separator: "-") }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
