import Postgres

/// How much an entry says, part by part: what is there, and what would raise it, in the words of a screen.
public struct Quality: Sendable, Equatable {
    public struct Part: Sendable, Equatable, Encodable {
        public let part: String
        public let points: Int
        /// The most that the part can give. All parts together give 100.
        public let of: Int
        /// What to do for the missing points, in French; `nil` when none is missing.
        public let raise: String?
    }

    /// From 0 to 100: the sum of the parts.
    public let score: Int
    public let parts: [Part]

    /// A part as the program knows it. Its points are given by the database (`quality_points` in migration 0009), in the same order.
    public struct Rule: Sendable {
        public let part: String
        public let of: Int
        public let raise: String

        init(_ part: String, of most: Int, _ raise: String) {
            self.part = part
            of = most
            self.raise = raise
        }
    }

    init(points: [Int], by rules: [Rule]) {
        parts = zip(rules, points).map { rule, points in
            Part(part: rule.part, points: points, of: rule.of, raise: points < rule.of ? rule.raise : nil)
        }
        score = points.reduce(0, +)
    }
}

extension Quality: Encodable {
    private enum CodingKeys: String, CodingKey { case score, parts }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(score, forKey: .score)
        try container.encode(parts, forKey: .parts)
    }
}

extension Quality.Part {
    private enum CodingKeys: String, CodingKey { case part, points, of, raise }

    /// `raise` is always there: null says that nothing is missing.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(part, forKey: .part)
        try container.encode(points, forKey: .points)
        try container.encode(of, forKey: .of)
        try container.encode(raise, forKey: .raise)
    }
}

extension Quality {
    public static let placeParts = [
        Rule("pivot", of: 5, "Indiquer le SIRET ou le numéro RNA."),
        Rule("structure", of: 5, "Rattacher le lieu à la structure qui le tient."),
        Rule("commune", of: 10, "Vérifier le code postal et le nom de la commune : elle n’a pas été reconnue."),
        Rule("location", of: 15, "Situer le lieu sur la carte : latitude et longitude."),
        Rule("contact", of: 15, "Donner un téléphone, et un courriel ou un site."),
        Rule(
            "opening_hours", of: 15,
            "Écrire les horaires d’ouverture, avec les jours et les heures ; d’un service itinérant, donner les arrêts."),
        Rule("services", of: 10, "Choisir les services proposés."),
        Rule("description", of: 10, "Présenter le lieu en une phrase, puis en quelques lignes."),
        Rule("publics", of: 5, "Dire quels publics sont accueillis."),
        Rule("fees", of: 5, "Dire si l’accueil est gratuit ou payant."),
        Rule("access_modes", of: 5, "Dire comment venir : sans rendez-vous, sur rendez-vous, par téléphone…"),
    ]

    public static let structureParts = [
        Rule("identity", of: 30, "Indiquer le SIRET ou le numéro RNA."),
        Rule("typologies", of: 15, "Dire quel genre de structure c’est."),
        Rule("phone", of: 20, "Donner un numéro de téléphone."),
        Rule("email", of: 15, "Donner une adresse de courriel."),
        Rule("website", of: 10, "Donner l’adresse du site."),
        Rule("networks", of: 10, "Nommer les réseaux dont la structure fait partie."),
    ]

    public static let mediatorParts = [
        Rule("skills", of: 35, "Choisir les compétences, avec leur niveau."),
        Rule("modes", of: 20, "Dire comment l’aide est donnée : sur place, à domicile, à distance…"),
        Rule("reach", of: 20, "Nommer les lieux de permanence, ou dire jusqu’où aller."),
        Rule("contact", of: 25, "Donner un téléphone ou un courriel : ils restent privés."),
    ]
}

extension Database {
    public func quality(of id: Place.ID) async throws(PostgresError) -> Quality? {
        let points = try await value("SELECT quality_points(places) FROM places WHERE id = \(id)", as: [Int].self)
        return points.map { Quality(points: $0, by: Quality.placeParts) }
    }

    public func quality(of id: Structure.ID) async throws(PostgresError) -> Quality? {
        let points = try await value("SELECT quality_points(structures) FROM structures WHERE id = \(id)", as: [Int].self)
        return points.map { Quality(points: $0, by: Quality.structureParts) }
    }

    public func quality(of id: Mediator.ID) async throws(PostgresError) -> Quality? {
        let points = try await value("SELECT \(SQL.mediatorQualityPoints) FROM mediators m WHERE id = \(id)", as: [Int].self)
        return points.map { Quality(points: $0, by: Quality.mediatorParts) }
    }
}

extension SQL {
    /// The points of the mediator in the row `m`.
    static let mediatorQualityPoints: SQL = """
        quality_points(m, (SELECT count(*) FROM mediator_skills WHERE mediator_id = m.id),
                       (SELECT count(*) FROM mediator_places JOIN places p ON p.id = place_id
                         WHERE mediator_id = m.id AND p.archived_at IS NULL))
        """
}
