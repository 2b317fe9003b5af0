import Hummingbird
import Logging
import Postgres
import Relais

/// What the web side is made of: given to it, never made by it, for `serve` and for tests alike.
public struct WebParts: Sendable {
    public let database: Database
    public let generators: Generators
    public let keyring: Keyring
    public let settings: WebSettings
    public let tokens: TokenReader
    public let logger: Logger

    public init(
        database: Database, generators: Generators = .system, keyring: Keyring, settings: WebSettings = WebSettings(),
        logger: Logger = Logger(label: "relais.web")
    ) {
        self.database = database
        self.generators = generators
        self.keyring = keyring
        self.settings = settings
        self.logger = logger
        tokens = TokenReader(database: database, generators: generators)
    }

    var writing: Writing { Writing(database: database, keyring: keyring, generators: generators) }
}

/// Every address of the server. A group of routes is a small struct with its `endpoints`: a new one is added here, and to `API/openapi.yaml`.
func buildRouter(_ parts: WebParts) throws -> Router<AppContext> {
    let router = Router(context: AppContext.self, options: .autoGenerateHeadEndpoints)
    router.addRoutes(HealthRoutes(database: parts.database).endpoints, atPath: "/health")
    router.addRoutes(try DocsRoutes().endpoints)
    router.addRoutes(FollowRoutes(database: parts.database).endpoints, atPath: "/suivi")

    let api = router.group("/api/v1")
    api.addRoutes(TokenRoutes(parts).endpoints, atPath: "/tokens")
    api.addRoutes(StructureRoutes(parts).endpoints, atPath: "/structures")
    api.addRoutes(StructureRoutes(parts).history.endpoints, atPath: "/structures")
    api.addRoutes(PlaceRoutes(parts).endpoints, atPath: "/places")
    api.addRoutes(PlaceRoutes(parts).history.endpoints, atPath: "/places")
    api.addRoutes(StopRoutes(parts).endpoints, atPath: "/places")
    api.addRoutes(PlaceMergeRoutes(parts).endpoints, atPath: "/places")
    api.addRoutes(DuplicateRoutes(parts).endpoints, atPath: "/duplicates")
    api.addRoutes(ImportRoutes(parts).endpoints, atPath: "/imports")
    api.addRoutes(MediatorRoutes(parts).endpoints, atPath: "/mediators")
    api.addRoutes(MediatorRoutes(parts).history.endpoints, atPath: "/mediators")
    api.addRoutes(ApplicationRoutes(parts).endpoints, atPath: "/applications")
    api.addRoutes(ReviewRoutes(parts).endpoints, atPath: "/reviews")
    api.addRoutes(SkillRoutes(parts).endpoints, atPath: "/skills")
    api.addRoutes(SkillRoutes(parts).history.endpoints, atPath: "/skills")
    api.addRoutes(EntryRoutes<SynonymDraft>(parts).endpoints, atPath: "/synonyms")
    api.addRoutes(EntryRoutes<SynonymDraft>(parts).history.endpoints, atPath: "/synonyms")
    api.addRoutes(EntryRoutes<ProprietaryServiceDraft>(parts).endpoints, atPath: "/proprietary-services")
    api.addRoutes(EntryRoutes<ProprietaryServiceDraft>(parts).history.endpoints, atPath: "/proprietary-services")
    api.addRoutes(EntryRoutes<AlternativeDraft>(parts).endpoints, atPath: "/alternatives")
    api.addRoutes(EntryRoutes<AlternativeDraft>(parts).history.endpoints, atPath: "/alternatives")
    api.addRoutes(NeedRoutes(database: parts.database).endpoints, atPath: "/needs")
    api.addRoutes(CommuneRoutes(parts).endpoints, atPath: "/communes")
    api.addRoutes(EpciRoutes(parts).endpoints, atPath: "/epci")
    api.addRoutes(VocabularyRoutes().endpoints, atPath: "/vocabularies")
    api.addRoutes(RequestRoutes(parts).endpoints, atPath: "/requests")
    api.addRoutes(ReferralRoutes(parts).endpoints, atPath: "/referrals")
    api.addRoutes(PolicyRoutes(parts).endpoints, atPath: "/policies")
    api.addRoutes(EventRoutes(database: parts.database).endpoints, atPath: "/events")
    api.addRoutes(StateRoutes().endpoints)
    return router
}

/// What answers requests: the router behind the front door.
public func buildResponder(_ parts: WebParts) throws -> FrontDoor<RouterResponder<AppContext>> {
    let router = try buildRouter(parts)
    return FrontDoor(
        routes: router.buildResponder(),
        admission: Admission(
            tokens: parts.tokens, limiter: RateLimiter(limits: parts.settings.limits),
            address: ClientAddress(trusted: parts.settings.trustedProxies)),
        addresses: KnownAddresses(router), largestFile: parts.settings.largestFile,
        logger: parts.logger)
}
