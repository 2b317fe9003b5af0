import Foundation
import Hummingbird
import NIOCore
import Relais

/// An HTTP request. What somebody asks of the network is `Relais.Request`.
public typealias Request = Hummingbird.Request

/// What a route knows beside the request itself: who asks, and the body that came with it.
public struct AppContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// Who asks: `visitor` when no token was shown. A token that opens nothing never gets as far as a route.
    public internal(set) var caller: Caller = .visitor
    /// The client's `X-Request-Id`, or one of ours.
    public internal(set) var requestID = ""
    /// The whole body, of at most ``Body/largest`` bytes.
    public internal(set) var body = Body()

    let remoteAddress: SocketAddress?
    /// Where the task of the request runs.
    let executor: LoopExecutor?

    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress
        executor = LoopExecutor.of(source.channel.eventLoop)
    }
}

extension AppContext {
    /// The identifier in the path. What is no identifier is not there either: 404.
    func id<Entity>(_: Entity.Type, _ name: String = "id") throws(Problem) -> Identifier<Entity> {
        guard let text = parameters.get(name), let id = Identifier<Entity>(text) else { throw .notFound }
        return id
    }

    /// The code in the path (of a skill, a commune…).
    func code(_ name: String = "code") throws(Problem) -> String {
        guard let text = parameters.get(name)?.removingPercentEncoding, !text.isEmpty, text.count <= 200, !text.utf8.contains(0) else {
            throw .notFound
        }
        return text
    }

    /// Lets only those through who may do `action` to something at all, and says to how much: 401 without a token, 403 with one that does not do.
    @discardableResult
    func require(_ action: Action) throws(Problem) -> Reach {
        if let reach = caller.reach(for: action) { return reach }
        throw caller.role == .visitor ? .unauthenticated : .forbidden(action)
    }

    /// Lets only those through who may do `action` to what belongs to `structure` and, when it is a mediator's, to `mediator`.
    func require(_ action: Action, of structure: Structure.ID?, mediator: Mediator.ID? = nil) throws(Problem) {
        try require(action)
        guard caller.may(action, of: structure, mediator: mediator) else { throw .forbidden(action) }
    }
}
