import HTTPTypes
import Hummingbird
import NIOCore
import Postgres
import Relais

/// Where somebody's own request stands, in plain words: behind the secret link, and without anything that says who asked for what. Or where the application
/// of a structure stands.
struct FollowPage {
    let title: String
    let sentence: String
    /// More paragraphs, as text.
    var more: [String] = []

    init(_ status: Relais.Request.Status) {
        (title, sentence) =
            switch status {
            case .received: ("Demande reçue", "Nous avons bien reçu votre demande. Quelqu’un va la lire et vous recontacter si besoin.")
            case .qualified, .waiting: ("Nous cherchons", "Nous cherchons une personne près de chez vous qui pourra vous aider.")
            case .referred:
                (
                    "Une personne a été sollicitée",
                    "Nous avons proposé votre demande à une médiatrice ou un médiateur. Sa réponse arrive bientôt."
                )
            case .inProgress:
                (
                    "Une personne va vous aider",
                    "Votre demande est acceptée. On vous contacte pour convenir d’un rendez-vous, si ce n’est pas déjà fait."
                )
            case .closed: ("Demande terminée", "Votre demande est terminée. Vous pouvez en faire une autre quand vous voulez.")
            case .unserved:
                (
                    "Pas de solution trouvée",
                    "Nous n’avons trouvé personne pour cette demande. Vous pouvez en faire une autre, ou nous appeler."
                )
            case .cancelled: ("Demande annulée", "Votre demande est annulée. Vous pouvez en faire une autre quand vous voulez.")
            }
    }

    static let unknown = FollowPage(
        title: "Lien inconnu", sentence: "Ce lien ne mène à aucune demande. Vérifiez qu’il est complet, ou donnez votre code par téléphone."
    )

    static let unknownApplication = FollowPage(
        title: "Lien inconnu",
        sentence: "Ce lien ne mène à aucune candidature. Vérifiez qu’il est complet, ou donnez votre code par téléphone.")

    private init(title: String, sentence: String) {
        self.title = title
        self.sentence = sentence
    }

    init(_ followed: FollowedApplication) {
        (title, sentence) =
            switch followed.application.status {
            case .submitted: ("Candidature reçue", "Nous avons bien reçu la candidature de votre structure. Quelqu’un va la lire.")
            case .changesAsked:
                ("Des changements sont demandés", "Votre candidature doit être complétée ou corrigée, puis envoyée de nouveau.")
            case .validated: ("Candidature validée", "Votre structure est dans le registre. Vous tenez vous-même ses données à jour.")
            case .refused: ("Candidature refusée", "Votre structure n’a pas été inscrite au registre.")
            }
        if let reason = followed.application.reason { more.append("Ce que dit l’équipe : \(reason)") }
        if let token = followed.token {
            more.append("Voici la clé de la personne qui gère la structure. Notez-la : elle n’est plus montrée une fois utilisée. \(token)")
        }
    }

    func response(_ status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"],
            body: .init(byteBuffer: .init(string: html)))
    }

    var html: String {
        """
        <!DOCTYPE html>
        <html lang="fr">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">
        <title>\(title) – Relais</title>
        <style>body{font:1.25rem/1.6 system-ui,sans-serif;max-width:38rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}</style></head>
        <body><main><h1>\(title)</h1><p role="status">\(sentence)</p>\(more.map { "<p>\(DocsPage.escaped($0))</p>" }.joined())</main></body>
        </html>

        """
    }
}

/// `/suivi/{secret}`: the link that whoever files a request without an account is given.
struct FollowRoutes {
    let database: Database

    var endpoints: RouteCollection<AppContext> {
        RouteCollection(context: AppContext.self).get(":secret", use: follow)
    }

    @Sendable func follow(_ request: Request, context: AppContext) async throws -> Response {
        let status = try await database.status(ofLink: context.parameters.get("secret") ?? "")
        return status.map { FollowPage($0).response() } ?? FollowPage.unknown.response(.notFound)
    }
}
