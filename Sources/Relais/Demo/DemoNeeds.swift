/// What people, structures and local authorities ask for in the demo network: the objective in their own words first, then skills, tools last.
struct DemoNeed: Sendable {
    let objective: String
    let needs: [(skill: String, level: Int)]
    var publics: [String] = []
    var messages: [String] = []
    var tools: [String] = []
    var leaving: [String] = []
    /// A right or an allowance depends on a date.
    var isUrgent = false

    static let ofPeople: [DemoNeed] = [
        DemoNeed(
            objective: "Je dois déclarer mes ressources à la CAF et je n'arrive pas à me connecter.",
            needs: [("demarches-administratives", 1)], isUrgent: true),
        DemoNeed(
            objective: "Je voudrais renouveler ma carte d'identité, tout se fait sur Internet maintenant.",
            needs: [("demarches-administratives", 1)]),
        DemoNeed(
            objective: "Ma demande de retraite est bloquée, il me manque des pièces à envoyer en ligne.",
            needs: [("demarches-administratives", 2)], isUrgent: true),
        DemoNeed(
            objective: "J'ai un téléphone neuf et je ne sais pas m'en servir.", needs: [("outils-du-quotidien", 1)], publics: ["seniors"]),
        DemoNeed(
            objective: "Je veux apprendre à envoyer des photos à mes petits-enfants.", needs: [("outils-du-quotidien", 1)],
            publics: ["seniors"]),
        DemoNeed(
            objective: "Je cherche du travail et il me faut un CV et une adresse de courriel.",
            needs: [("insertion-professionnelle", 1), ("outils-du-quotidien", 1)]),
        DemoNeed(
            objective: "J'ai reçu un message bizarre de ma banque, j'ai peur de m'être fait avoir.", needs: [("usage-securise", 2)],
            isUrgent: true),
        DemoNeed(objective: "Je veux des mots de passe sûrs sans devoir tout retenir.", needs: [("usage-securise", 1)]),
        DemoNeed(
            objective: "Je n'arrive pas à suivre la scolarité de mon fils sur l'espace du collège.", needs: [("parentalite-education", 1)],
            publics: ["familles-enfants"]),
        DemoNeed(
            objective: "Mes enfants passent leur vie sur les écrans, j'aimerais en parler avec quelqu'un.",
            needs: [("parentalite-education", 2)], publics: ["familles-enfants"]),
        DemoNeed(objective: "J'aimerais monter une vidéo de nos vacances.", needs: [("loisirs-creations", 1)]),
        DemoNeed(
            objective: "Je voudrais comprendre ce que l'intelligence artificielle change pour moi.",
            needs: [("comprehension-du-numerique", 1)]),
        DemoNeed(objective: "Je n'ai plus d'ordinateur et pas les moyens d'en acheter un neuf.", needs: [("materiel-prix-solidaire", 1)]),
        DemoNeed(
            objective: "J'ai besoin d'un endroit avec Internet pour passer un entretien à distance.",
            needs: [("acces-internet-materiel", 1)], isUrgent: true),
        DemoNeed(
            objective: "Mon ordinateur est lent et Windows ne se met plus à jour : je veux passer à Linux.",
            needs: [("transition-libre", 2)], tools: ["Linux Mint"], leaving: ["Windows 10"]),
        DemoNeed(objective: "Je veux quitter Gmail sans perdre mes messages.", needs: [("transition-libre", 1)], leaving: ["Gmail"]),
        DemoNeed(
            objective: "Mon espace santé, je ne comprends rien, et mon médecin y met tout.",
            needs: [("demarches-administratives", 1), ("outils-du-quotidien", 1)]),
        DemoNeed(
            objective: "Je veux payer mes factures en ligne sans me tromper.", needs: [("usage-securise", 1), ("outils-du-quotidien", 1)]),
    ]

    static let ofStructures: [DemoNeed] = [
        DemoNeed(
            objective: "Nos bénévoles partagent tout sur un service américain, nous voulons en sortir avant l'assemblée générale.",
            needs: [("transition-libre", 3)], publics: ["seniors"], messages: ["Nos données restent chez nous"], tools: ["Nextcloud"],
            leaving: ["Google Drive"]),
        DemoNeed(
            objective: "Nous ne savons pas à qui nous parlons sur les réseaux, ni pourquoi.", needs: [("strategie-communication", 2)],
            publics: ["jeunes", "familles-enfants"], messages: ["Venir sans rendez-vous", "L'accueil est gratuit"],
            tools: ["lettre d'information"]),
        DemoNeed(
            objective: "Une soirée avec un film et un débat sur les écrans, pour les familles du quartier.",
            needs: [("sensibilisation", 2)],
            publics: ["familles-enfants"], messages: ["En parler sans juger"], tools: ["projection-débat"]),
        DemoNeed(
            objective: "Former notre équipe d'accueil à repérer les arnaques dont on nous parle au guichet.",
            needs: [("usage-securise", 3)],
            publics: ["seniors"], messages: ["On ne donne jamais son code"], tools: ["mise en situation"]),
        DemoNeed(
            objective: "Passer la comptabilité et la paie de l'association sur des logiciels libres.", needs: [("transition-libre", 2)],
            messages: ["Ne plus dépendre d'un abonnement"], tools: ["Dolibarr"], leaving: ["Microsoft 365"]),
    ]

    static let ofAuthorities: [DemoNeed] = [
        DemoNeed(
            objective: "Faire connaître à tous les habitants les lieux où l'on est aidé gratuitement.",
            needs: [("strategie-communication", 3)],
            publics: ["seniors", "familles-enfants"], messages: ["Près de chez vous", "Gratuit et sans jugement"],
            tools: ["bulletin municipal", "affiches"]),
        DemoNeed(
            objective: "Une conférence sur les données personnelles pour les élus et les agents.", needs: [("sensibilisation", 3)],
            messages: ["La commune est responsable des données qu'elle détient"], tools: ["conférence"]),
        DemoNeed(
            objective: "Sortir les écoles de la commune d'une suite propriétaire à la rentrée.",
            needs: [("transition-libre", 3), ("parentalite-education", 2)],
            publics: ["familles-enfants"], messages: ["Un choix de service public"], tools: ["Apps Éducation"], leaving: ["Microsoft 365"]),
        DemoNeed(
            objective: "Un ciné-débat sur l'intelligence artificielle à la salle des fêtes.",
            needs: [("sensibilisation", 2), ("comprehension-du-numerique", 2)],
            publics: ["jeunes", "seniors"], messages: ["Comprendre avant de choisir"], tools: ["projection-débat"]),
    ]
}
