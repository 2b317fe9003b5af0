/// What a place says it is by the generic part of its name: "médiathèque", "EPN", "mairie".
///
/// Such words say little about which place it is, since every town has one, and much about which it is not: a library and a town hall in one
/// building are two places.
enum ServiceKind: UInt8, CaseIterable {
    case library, digital, franceServices, townHall, socialAction, socialCentre, ruralFamilies, youth, localMission, youthHouse,
        neighbourhood
    case post, employment, fabLab, thirdPlace, toyLibrary, solidarity, school, association, family, housing, health, retirement, secours,
        training
    case museum, sports, tourism, reuse, repair, ruralHome

    /// The words by which each is known, folded (``FoldedWords``); the longest that fits wins.
    static let phrases: [(String, ServiceKind)] = [
        ("mediatheque", .library), ("mediatheque municipale", .library), ("bibliotheque", .library), ("bibliotheque municipale", .library),
        ("mediatheque intercommunale", .library), ("bibliotheque mediatheque", .library), ("mediatheque bibliotheque", .library),
        ("med", .library), ("mediath", .library), ("biblio", .library), ("bib", .library), ("bm", .library), ("bdp", .library),
        ("epn", .digital), ("espace public numerique", .digital), ("espace numerique public", .digital), ("espace numerique", .digital),
        ("espace de pratiques numeriques", .digital), ("point de mediation numerique", .digital), ("point mediation numerique", .digital),
        ("espace multimedia", .digital), ("point multimedia", .digital), ("cyber base", .digital), ("cyberbase", .digital),
        ("cyberespace", .digital), ("cyber espace", .digital), ("espace cyber", .digital), ("cybercentre", .digital),
        ("cyber centre", .digital),
        ("atelier numerique", .digital), ("telier numerique", .digital), ("point numerique", .digital),
        ("point d acces numerique", .digital),
        ("espace informatique", .digital), ("salle multimedia", .digital), ("salle informatique", .digital), ("cyber cafe", .digital),
        ("espaces publics numeriques", .digital), ("mediation numerique", .digital), ("conseiller numerique", .digital),
        ("france services", .franceServices), ("france service", .franceServices), ("maison france services", .franceServices),
        ("maison france service", .franceServices), ("espace france services", .franceServices), ("espace france service", .franceServices),
        ("maison de services au public", .franceServices), ("maison des services au public", .franceServices),
        ("maison de services publics", .franceServices), ("maison des services publics", .franceServices),
        ("maison des services public", .franceServices), ("maison de service public", .franceServices),
        ("maison des services", .franceServices),
        ("msap", .franceServices), ("mfs", .franceServices), ("efs", .franceServices), ("pimms", .franceServices),
        ("pimms mediation", .franceServices), ("relais de services publics", .franceServices),
        ("mairie", .townHall), ("hotel de ville", .townHall), ("commune de", .townHall), ("ville de", .townHall),
        ("mairie annexe", .townHall),
        ("ccas", .socialAction), ("centre communal d action sociale", .socialAction), ("cias", .socialAction),
        ("centre intercommunal d action sociale", .socialAction), ("action sociale", .socialAction),
        ("centre social", .socialCentre), ("centre socio culturel", .socialCentre), ("centre socioculturel", .socialCentre),
        ("centre social et culturel", .socialCentre), ("csc", .socialCentre), ("cs", .socialCentre),
        ("espace de vie sociale", .socialCentre),
        ("evs", .socialCentre), ("maison sociale", .socialCentre),
        ("association familles rurales", .ruralFamilies), ("familles rurales", .ruralFamilies), ("afr", .ruralFamilies),
        ("point information jeunesse", .youth), ("point info jeunes", .youth), ("information jeunesse", .youth), ("info jeunes", .youth),
        ("espace info jeunes", .youth), ("espace information jeunesse", .youth), ("pij", .youth), ("bij", .youth), ("sij", .youth),
        ("pole jeunesse", .youth), ("espace jeunes", .youth), ("espace jeunesse", .youth), ("maison des jeunes", .youth),
        ("service jeunesse", .youth),
        ("mission locale", .localMission), ("ml", .localMission),
        ("mjc", .youthHouse), ("maison des jeunes et de la culture", .youthHouse),
        ("maison de quartier", .neighbourhood), ("maison du quartier", .neighbourhood), ("mdq", .neighbourhood),
        ("amicale laique", .neighbourhood),
        ("bureau de poste", .post), ("la poste", .post), ("agence postale", .post), ("agence postale communale", .post), ("poste", .post),
        ("pole emploi", .employment), ("france travail", .employment), ("point rencontre emploi", .employment),
        ("maison de l emploi", .employment),
        ("cap emploi", .employment), ("point emploi", .employment), ("relais emploi", .employment), ("espace emploi", .employment),
        ("fablab", .fabLab), ("fab lab", .fabLab), ("tiers lieu", .thirdPlace), ("tiers lieux", .thirdPlace), ("coworking", .thirdPlace),
        ("espace de coworking", .thirdPlace), ("ludotheque", .toyLibrary),
        ("maison departementale des solidarites", .solidarity), ("maison des solidarites", .solidarity), ("mds", .solidarity),
        ("centre medico social", .solidarity), ("cms", .solidarity), ("mdph", .solidarity),
        ("college", .school), ("lycee", .school), ("ecole", .school), ("ecole primaire", .school), ("universite", .school),
        ("maison des associations", .association), ("vie associative", .association), ("maison de la vie associative", .association),
        ("maison de la famille", .family), ("udaf", .family), ("caf", .family), ("relais petite enfance", .family), ("creche", .family),
        ("bailleur social", .housing), ("residence sociale", .housing), ("foyer de jeunes travailleurs", .housing), ("fjt", .housing),
        ("cpam", .health), ("assurance maladie", .health), ("maison de sante", .health), ("carsat", .health),
        ("ehpad", .retirement), ("maison de retraite", .retirement), ("residence autonomie", .retirement),
        ("residence seniors", .retirement),
        ("croix rouge", .secours), ("croix rouge francaise", .secours), ("secours populaire", .secours), ("secours catholique", .secours),
        ("restos du coeur", .secours), ("emmaus", .secours), ("epicerie solidaire", .secours),
        ("greta", .training), ("organisme de formation", .training), ("centre de formation", .training), ("afpa", .training),
        ("musee", .museum), ("gymnase", .sports), ("piscine", .sports), ("office de tourisme", .tourism),
        ("recyclerie", .reuse), ("ressourcerie", .reuse), ("repair cafe", .repair), ("foyer rural", .ruralHome),
    ]

    /// The phrases by their first word, longest first.
    static let byFirstWord: [String: [(words: [String], kind: ServiceKind)]] = {
        let split = phrases.map { (words: $0.0.split(separator: " ").map(String.init), kind: $0.1) }
        return Dictionary(grouping: split) { $0.words[0] }.mapValues { $0.sorted { $0.words.count > $1.words.count } }
    }()

    /// The word of ``phrases`` that `word` is a slip of the pen away from; itself when it is none.
    ///
    /// Only of words of six letters and more, which keep their first letter: `Maire` is `mairie`, and Marie, who gave her name to places, is not.
    static func corrected(_ word: String) -> String {
        guard word.utf8.count >= 5, let first = word.utf8.first, !isWord.contains(word), let candidates = longWords[first] else {
            return word
        }
        let bytes = Array(word.utf8)
        return candidates.first { candidate in
            abs(candidate.bytes.count - bytes.count) <= 1 && EditDistance.distance(bytes, candidate.bytes, atMost: 1) <= 1
        }?.word ?? word
    }

    private static let isWord: Set<String> = Set(phrases.flatMap { $0.0.split(separator: " ").map(String.init) }).union([
        "marie", "centres",
    ])

    private static let longWords: [UInt8: [(word: String, bytes: [UInt8])]] = {
        let words = isWord.filter { $0.utf8.count >= 6 }.sorted().map { (word: $0, bytes: Array($0.utf8)) }
        return Dictionary(grouping: words) { $0.bytes[0] }
    }()
}
