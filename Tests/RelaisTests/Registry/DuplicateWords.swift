/// What ``DuplicateCases`` draws from.
enum DuplicateWords {
    struct Commune {
        let name: String
        let code: String
        let postcodes: [String]
        let latitude: Double
        let longitude: Double
    }

    struct Kind {
        /// How people call it; the first is used for a place that is drawn.
        let words: [String]
    }

    static let communes = [
        Commune(name: "Saint-Étienne", code: "42218", postcodes: ["42000", "42100"], latitude: 45.4339, longitude: 4.3897),
        Commune(name: "Roanne", code: "42187", postcodes: ["42300"], latitude: 46.0449, longitude: 4.0797),
        Commune(name: "Saint-Chamond", code: "42207", postcodes: ["42400"], latitude: 45.4698, longitude: 4.5023),
        Commune(name: "Firminy", code: "42095", postcodes: ["42700"], latitude: 45.3898, longitude: 4.2925),
        Commune(name: "Montbrison", code: "42147", postcodes: ["42600"], latitude: 45.6017, longitude: 4.0746),
        Commune(name: "Feurs", code: "42094", postcodes: ["42110"], latitude: 45.7335, longitude: 4.2226),
        Commune(name: "Rive-de-Gier", code: "42186", postcodes: ["42800"], latitude: 45.5248, longitude: 4.6115),
        Commune(name: "Le Chambon-Feugerolles", code: "42044", postcodes: ["42500"], latitude: 45.3951, longitude: 4.3247),
        Commune(name: "Saint-Just-Saint-Rambert", code: "42279", postcodes: ["42170"], latitude: 45.4931, longitude: 4.2621),
        Commune(name: "Charlieu", code: "42052", postcodes: ["42190"], latitude: 46.1627, longitude: 4.1744),
        Commune(name: "Boën-sur-Lignon", code: "42019", postcodes: ["42130"], latitude: 45.7447, longitude: 4.0043),
        Commune(name: "La Talaudière", code: "42305", postcodes: ["42350"], latitude: 45.4802, longitude: 4.4331),
        Commune(name: "Sury-le-Comtal", code: "42304", postcodes: ["42450"], latitude: 45.5366, longitude: 4.1868),
        Commune(name: "Bourg-Argental", code: "42023", postcodes: ["42220"], latitude: 45.2983, longitude: 4.5655),
        Commune(name: "Noirétable", code: "42159", postcodes: ["42440"], latitude: 45.8199, longitude: 3.7659),
        Commune(name: "Renaison", code: "42182", postcodes: ["42370"], latitude: 46.0466, longitude: 3.9223),
    ]

    static let kinds = [
        Kind(words: ["Médiathèque", "Bibliothèque", "Médiathèque municipale", "Méd."]),
        Kind(words: ["Espace public numérique", "EPN", "Cyber-base", "Espace numérique"]),
        Kind(words: ["France Services", "Maison France Services", "MSAP", "Espace France Services"]),
        Kind(words: ["Centre social", "Centre socio-culturel", "CS"]),
        Kind(words: ["CCAS", "Centre communal d'action sociale", "C.C.A.S."]),
        Kind(words: ["Mairie", "Hôtel de Ville"]),
        Kind(words: ["MJC", "Maison des jeunes et de la culture", "M.J.C."]),
        Kind(words: ["Mission locale", "Mission locale jeunes"]),
        Kind(words: ["Maison de quartier", "Espace de quartier"]),
        Kind(words: ["Point information jeunesse", "PIJ", "Espace info jeunes"]),
        Kind(words: ["Association Familles Rurales", "Familles Rurales", "AFR"]),
        Kind(words: ["Fab Lab", "FabLab", "Atelier de fabrication"]),
        Kind(words: ["Tiers-lieu", "Tiers lieu"]),
        Kind(words: ["Ludothèque", "Ludothèque municipale"]),
        Kind(words: ["Agence postale", "Bureau de poste", "La Poste"]),
        Kind(words: ["Recyclerie", "Ressourcerie"]),
        Kind(words: ["Maison de l'emploi", "Point emploi"]),
        Kind(words: ["Foyer rural", "Foyer"]),
    ]

    static let proper = [
        "Jean Ferrat", "Louise Michel", "Le Colibri", "Les Passerelles", "Jules Verne", "Simone Veil", "La Source", "Le Babet",
        "Boris Vian",
        "Alfred Sisley", "Les Forges", "La Livatte", "Rosa Parks", "Jo Gouttebarge", "Le Mayollet", "La Soupe au Caillou", "L'Arlequin",
        "Aimé Césaire", "La Parenthèse", "Les Tilleuls", "Marie Curie", "La Fabrique", "Le Relais du Pilat", "Zola", "Saint-Exupéry",
        "Les Quatre Vents", "L'Étape", "Jean Dasté", "La Grange", "Les Ursules", "Nelson Mandela", "Le Kiosque", "L'Horizon",
        "Pierre Mendès France",
    ]

    static let quarters = [
        "Centre", "Nord", "Sud", "Tarentaize", "Beaubrun", "Terrenoire", "La Cotonne", "Montreynaud", "Côte-Chaude", "Bellevue",
        "Le Soleil",
        "Bergson", "La Rivière", "Carnot", "Le Parc", "Les Hauts",
    ]

    /// Names that sound alike and are two places.
    static let alike = [
        ("Nord", "Sud"), ("Le Colibri", "La Colline"), ("Jean Moulin", "Jean Macé"), ("Les Tilleuls", "Les Tulipes"), ("Est", "Ouest"),
        ("Pierre Loti", "Pierre Curie"), ("La Rivière", "La Rizière"), ("1", "2"), ("Louis Pasteur", "Louis Aragon"),
        ("Bel Air", "Beau Site"),
        ("du Haut", "du Bas"), ("Saint-Roch", "Saint-Jean"), ("Marie Curie", "Marie Stuart"), ("Les Marronniers", "Les Mûriers"),
        ("Crêt de Roch", "Crêt de Mars"), ("Victor Hugo", "Victor Jara"),
    ]

    static let chains = [
        "Point Rencontre Emploi", "France Services", "Ligue de l'enseignement", "Emmaüs Connect", "Association Familles Rurales",
        "Croix-Rouge française",
        "Médiathèque Loire Forez Agglo", "Secours populaire", "Mission locale du Forez", "Repair Café", "ADMR", "Maison Loire Autonomie",
    ]

    static let streetKinds = ["rue", "rue", "rue", "rue", "avenue", "boulevard", "place", "chemin", "route", "impasse", "allée", "cours"]

    static let streets = [
        "Victor Hugo", "Jean Jaurès", "de la République", "du 11 Novembre", "de la Libération", "Pasteur", "des Écoles",
        "Général de Gaulle",
        "de l'Église", "du Docteur Louis Destre", "Alfred Sisley", "Jo Gouttebarge", "de Roanne", "Albert Thomas", "des Remparts",
        "Émile Zola",
        "de la Mairie", "Gambetta", "du Mayollet", "Michel Rondet", "Beaunier", "de la Tête Noire", "Waldeck Rousseau", "Félix Pyat",
        "des Petits Pas", "Pierre Sémard", "du Stade", "Raoul Follereau", "d'Arcole", "de la Gare", "des Prairies", "du Marché",
    ]

    static let pages = [
        "numerique", "mediatheque", "vie-pratique/services", "culture", "social", "jeunesse", "contact", "demarches", "epn",
        "accueil-du-public",
    ]

    static let mailboxes = ["contact", "accueil", "mairie", "mediatheque", "numerique", "info", "ccas"]
}
