/// Who asks for something to be done: passed to every use case as an argument, and named in every event.
public struct Caller: Sendable, Equatable {
    /// What somebody is in the network. `visitor` has no token; `system` is the program itself.
    public enum Role: String, Sendable, CaseIterable, Codable {
        case admin, coordinator, manager, mediator, prescriber, tool, visitor, system

        /// The roles that a token can have.
        public static let ofTokens: [Role] = [.admin, .coordinator, .manager, .mediator, .prescriber, .tool]
    }

    public let role: Role
    public let token: Token.ID?
    /// The structure that a manager or prescriber speaks for.
    public let structure: Structure.ID?
    /// The mediator that a mediator's token stands for.
    public let mediator: Mediator.ID?
    /// What a tool may do.
    public let scopes: Set<Scope>

    public init(
        _ role: Role, token: Token.ID? = nil, structure: Structure.ID? = nil, mediator: Mediator.ID? = nil, scopes: Set<Scope> = []
    ) {
        self.role = role
        self.token = token
        self.structure = structure
        self.mediator = mediator
        self.scopes = scopes
    }

    public static let visitor = Caller(.visitor)
    public static let system = Caller(.system)

    /// Staff of the network, who see and assign everything in it.
    public var isStaff: Bool { role == .admin || role == .coordinator || role == .system }
}

/// What the token of a tool opens.
public enum Scope: String, Sendable, CaseIterable, Codable {
    case readRegistry = "read:registry"
    case writeRegistry = "write:registry"
    case readRequests = "read:requests"
    case writeRequests = "write:requests"
    case writeReferrals = "write:referrals"
}
