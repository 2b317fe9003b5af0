import HTTPTypes
import Hummingbird
import NIOCore
import Postgres
import Relais

/// Where somebody's own request stands, in plain words: behind the secret link, and without anything that says who asked for what.
struct FollowPage {
    let title: String
    let sentence: String

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

    private init(title: String, sentence: String) {
        self.title = title
        self.sentence = sentence
    }

    var html: String {
        """
        <!DOCTYPE html>
        <html lang="fr">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">
        <title>\(title) – Relais</title>
        <style>body{font:1.25rem/1.6 system-ui,sans-serif;max-width:38rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}</style></head>
        <body><main><h1>\(title)</h1><p role="status">\(sentence)</p></main></body>
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
        return Response(
            status: status == nil ? .notFound : .ok,
            headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"],
            body: .init(byteBuffer: .init(string: (status.map(FollowPage.init) ?? .unknown).html)))
    }
}
