import Postgres
import Support
import Testing

@testable import Relais

/// Needs are found by what people say, in words that no synonym has as they stand.
@Suite("What people say they need", .database)
struct NeedWordsTests {
    /// What somebody may say at a desk, and the skills that may be meant.
    static let said: [(words: String, skills: [Skill.ID])] = [
        ("mon portable n'a plus de place pour les photos", ["smartphone-memoire"]),
        ("je n'arrive plus à ouvrir ma boîte mail", ["email"]),
        ("comment envoyer un CV en pièce jointe", ["email-pieces-jointes", "cv-lettre-motivation"]),
        ("il faut que je m'actualise à Pôle emploi", ["france-travail-actualisation"]),
        ("déclarer mes revenus en ligne", ["impots"]),
        ("la CAF m'a envoyé un courrier, je dois répondre sur internet", ["caf"]),
        ("je veux demander une aide pour payer mon loyer", ["caf-aide-logement"]),
        ("mon fils ne peut pas se connecter à Pronote", ["suivi-scolaire"]),
        ("inscrire ma fille à la cantine", ["inscriptions-ecole"]),
        ("vœux Parcoursup", ["parcoursup"]),
        ("j'ai cliqué sur un lien bizarre reçu par SMS", ["arnaques"]),
        ("on m'a volé mon compte Facebook", ["piratage"]),
        ("j'ai oublié mon mot de passe", ["mots-de-passe"]),
        ("mon ordinateur est très lent", ["ordinateur-entretien"]),
        ("je n'ai jamais touché une souris", ["clavier-souris"]),
        ("apprendre à me servir de ma tablette", ["tablette"]),
        ("faire un appel vidéo avec mes petits-enfants", ["visioconference"]),
        ("imprimer un document", ["impression-numerisation"]),
        ("scanner des papiers", ["impression-numerisation"]),
        ("prendre un rendez-vous sur Doctolib", ["rendez-vous-medical"]),
        ("ma carte Vitale est perdue", ["ameli"]),
        ("consulter mon dossier médical sur internet", ["mon-espace-sante"]),
        ("acheter un billet de train", ["deplacements"]),
        ("regarder mes comptes en banque sur internet", ["banque-en-ligne"]),
        ("vendre sur Leboncoin", ["achats-en-ligne"]),
        ("refaire mon passeport", ["papiers-identite"]),
        ("changer l'adresse de ma carte grise", ["carte-grise"]),
        ("renouveler ma carte de séjour", ["titre-de-sejour"]),
        ("remplir un dossier pour la MDPH", ["mdph"]),
        ("trouver une place en EHPAD pour mon père", ["perte-d-autonomie"]),
        ("demande de HLM", ["logement"]),
        ("chèque énergie", ["energie-eau"]),
        ("payer une amende de stationnement", ["amendes-justice"]),
        ("demander un acte de naissance", ["etat-civil"]),
        ("je prends ma retraite l'an prochain, quelles démarches", ["retraite"]),
        ("mon wifi ne marche plus", ["connexion-wifi"]),
        ("je n'ai pas d'ordinateur chez moi", ["acces-ordinateur"]),
        ("acheter un ordinateur pas cher", ["materiel-reconditionne"]),
        ("mon écran est cassé", ["depannage-reparation"]),
        ("quitter Gmail pour une messagerie libre", ["libre-messagerie"]),
        ("remplacer Google Drive", ["libre-stockage"]),
        ("installer Linux à la place de Windows", ["libre-systeme"]),
        ("une alternative à Microsoft Office", ["libre-bureautique"]),
        ("se passer de WhatsApp", ["libre-messagerie-instantanee"]),
        ("remplacer Zoom pour nos réunions", ["libre-visio"]),
        ("limiter le temps d'écran des enfants", ["controle-parental", "ecrans-en-famille"]),
        ("mon adolescent est harcelé sur les réseaux", ["cyberharcelement"]),
        ("comprendre l'intelligence artificielle", ["intelligence-artificielle"]),
        ("reconnaître une fake news", ["desinformation"]),
        ("refaire le site internet de notre association", ["communication-site-web"]),
        ("envoyer une newsletter à nos adhérents", ["communication-lettre-information"]),
        ("une affiche pour notre fête de quartier", ["communication-image"]),
        ("ciné-débat sur les écrans pour les parents", ["sensibilisation-ecrans", "sensibilisation-projection-debat"]),
        ("une conférence sur les arnaques en ligne pour les seniors", ["sensibilisation-arnaques", "sensibilisation-conference"]),
        ("former nos bénévoles à accueillir les gens", ["sensibilisation-equipes"]),
        ("créer une adresse mail", ["email-creation"]),
        ("transférer les photos de mon téléphone sur l'ordinateur", ["photos"]),
        ("faire un tableau Excel", ["tableur"]),
        ("écrire une lettre sur Word", ["traitement-de-texte"]),
        ("chercher du travail sur internet", ["recherche-emploi"]),
        ("utiliser mon compte formation", ["formation-cpf"]),
        ("devenir auto-entrepreneur", ["micro-entreprise"]),
    ]

    @Test func theSkillThatIsMeantIsAmongTheFirst() async throws {
        var (first, among, missed) = (0, 0, [String]())
        for (words, skills) in Self.said {
            let found = try await OwnDatabase.current.needs(in: words, limit: 3).map(\.skill)
            if let best = found.first, skills.contains(best) { first += 1 }
            if found.contains(where: skills.contains) { among += 1 } else { missed.append("\(words): \(found)") }
        }
        #expect(among >= 56 && first >= 50, "first \(first), among three \(among) of \(Self.said.count); missed: \(missed)")
    }

    /// Words of cards, calls and screens, abbreviations, and what is written in one word or in two.
    @Test(arguments: [
        ("un email", "email"), ("g perdu mon mdp", "mots-de-passe"), ("trop de spam", "email"), ("C.A.F.", "caf"),
        ("i phone", "smartphone"),
        ("tik tok", "reseaux-sociaux"), ("carte bleue volée", "arnaques"), ("faire opposition carte bleue", "banque-en-ligne"),
        ("porter plainte", "amendes-justice"), ("faire un recours contre la caf", "caf"), ("écran noir", "depannage-reparation"),
        ("ma fille est harcelée sur snapchat", "cyberharcelement"), ("j'ai plus internet à la maison", "connexion-wifi"),
        ("l'IA", "intelligence-artificielle"), ("alternative à whatsapp", "libre-messagerie-instantanee"),
        ("sortir des gafam", "transition-libre"), ("remplacer word", "libre-bureautique"), ("taxe d'habitation", "impots"),
        ("ma mère est morte", "etat-civil"), ("cmt fr pr envoyé 1 pj", "email-pieces-jointes"), ("facetime", "visioconference"),
        ("ouifi", "connexion-wifi"), ("y a pas de son", "depannage-reparation"),
        ("en finir avec dropbox", "libre-stockage"), ("se passer de whatsapp", "libre-messagerie-instantanee"), ("dgfip", "impots"),
        ("demander une procuration de vote", "demarches-administratives"),
    ])
    func whatPeopleSayLeadsThere(said: String, skill: Skill.ID) async throws {
        let found = try await OwnDatabase.current.needs(in: said, limit: 3)
        #expect(found.first?.skill == skill, "\(found.map(\.skill))")
    }
}
