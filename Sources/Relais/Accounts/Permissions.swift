/// What can be done, as far as permission is concerned.
public enum Action: String, Sendable, CaseIterable {
    case readRegistry, readMediators
    case writeStructures, createStructures, writePlaces, writeMediators, writeSkills
    case importPlaces
    case settleDuplicates
    case agreeCapacity, declareCapacity
    case confirm
    case apply, supervise
    case fileRequest, readRequests, readPerson, qualifyRequest, cancelRequest, readCandidates
    case propose, withdraw, readReferrals, answerReferral, handOver
    case readHistory, readEvents
    case readPolicies, writePolicies
    case manageTokens
}

/// Of which things an action may be done.
public enum Reach: Sendable, Equatable {
    /// Of all.
    case everything
    /// Of what belongs to the caller's structure: its places, its mediators, their referrals, the requests that it filed.
    case ownStructure
    /// Of what is the caller's own: a mediator's record and referrals.
    case own
}

/// The one table of who may do what. A pair that is missing is forbidden.
public enum Permissions {
    /// - Returns: How far `caller` may do `action`; `nil`: not at all.
    public static func reach(of caller: Caller, for action: Action) -> Reach? {
        switch caller.role {
        case .admin, .system: .everything
        case .tool: scopes[action].flatMap { caller.scopes.contains($0) ? .everything : nil }
        default: table[action]?[caller.role]
        }
    }

    static let table: [Action: [Caller.Role: Reach]] = [
        .readRegistry: [
            .coordinator: .everything, .manager: .everything, .mediator: .everything, .prescriber: .everything, .visitor: .everything,
        ],
        .readMediators: [.coordinator: .everything, .manager: .everything, .mediator: .everything, .prescriber: .everything],
        .createStructures: [.coordinator: .everything],
        .writeStructures: [.coordinator: .everything, .manager: .ownStructure],
        .writePlaces: [.coordinator: .everything, .manager: .ownStructure],
        .writeMediators: [.coordinator: .everything, .manager: .ownStructure],
        .writeSkills: [.coordinator: .everything],
        .importPlaces: [.coordinator: .everything],
        .settleDuplicates: [.coordinator: .everything],
        .agreeCapacity: [.coordinator: .everything],
        .declareCapacity: [.coordinator: .everything, .manager: .ownStructure, .mediator: .own],
        .confirm: [.coordinator: .everything, .manager: .ownStructure, .mediator: .own],
        .apply: [
            .coordinator: .everything, .manager: .everything, .mediator: .everything, .prescriber: .everything, .visitor: .everything,
        ],
        .supervise: [.coordinator: .everything],
        .fileRequest: [.coordinator: .everything, .manager: .everything, .prescriber: .everything, .visitor: .everything],
        .readRequests: [.coordinator: .everything, .manager: .ownStructure, .mediator: .own, .prescriber: .ownStructure],
        .readPerson: [.coordinator: .everything, .manager: .ownStructure, .mediator: .own, .prescriber: .ownStructure],
        .qualifyRequest: [.coordinator: .everything],
        .cancelRequest: [.coordinator: .everything, .manager: .ownStructure, .prescriber: .ownStructure],
        .readCandidates: [.coordinator: .everything],
        .propose: [.coordinator: .everything],
        .withdraw: [.coordinator: .everything],
        .readReferrals: [.coordinator: .everything, .manager: .ownStructure, .mediator: .own, .prescriber: .ownStructure],
        .answerReferral: [.coordinator: .everything, .manager: .ownStructure, .mediator: .own],
        .handOver: [.coordinator: .everything],
        .readHistory: [.coordinator: .everything, .manager: .ownStructure, .mediator: .own],
        .readEvents: [.coordinator: .everything],
        .readPolicies: [.coordinator: .everything, .manager: .everything, .mediator: .everything, .prescriber: .everything],
        .writePolicies: [:],
        .manageTokens: [:],
    ]

    /// What a tool's token must carry.
    static let scopes: [Action: Scope] = [
        .readRegistry: .readRegistry, .readMediators: .readRegistry, .readHistory: .readRegistry, .readEvents: .readRegistry,
        .createStructures: .writeRegistry, .writeStructures: .writeRegistry, .writePlaces: .writeRegistry, .writeMediators: .writeRegistry,
        .importPlaces: .writeRegistry, .settleDuplicates: .writeRegistry,
        .writeSkills: .writeRegistry, .declareCapacity: .writeRegistry,
        .confirm: .writeRegistry, .apply: .writeRegistry,
        .fileRequest: .writeRequests, .qualifyRequest: .writeRequests, .cancelRequest: .writeRequests,
        .readRequests: .readRequests, .readCandidates: .readRequests, .readReferrals: .readRequests, .readPolicies: .readRequests,
        .propose: .writeReferrals, .withdraw: .writeReferrals, .answerReferral: .writeReferrals, .handOver: .writeReferrals,
    ]
}

extension Caller {
    /// - Returns: How far the caller may do `action`; `nil`: not at all.
    public func reach(for action: Action) -> Reach? { Permissions.reach(of: self, for: action) }

    /// Whether the caller may do `action` to something that belongs to `structure` and, when it is a mediator's, to `mediator`.
    public func may(_ action: Action, of structure: Structure.ID?, mediator: Mediator.ID? = nil) -> Bool {
        switch reach(for: action) {
        case .everything: true
        case .ownStructure: structure != nil && structure == self.structure
        case .own: mediator != nil && mediator == self.mediator
        case nil: false
        }
    }
}
