import HTTPTypes
import Hummingbird
import Relais

/// Says who asks, and whether they may ask once more.
struct Admission: Sendable {
    let tokens: TokenReader
    let limiter: RateLimiter
    let address: ClientAddress

    struct Result {
        var caller: Caller = .visitor
        var allowance: RateLimiter.Allowance?
        /// Why the request goes no further.
        var problem: Problem?
    }

    /// Never throws, so that an answer that says no carries the limits too.
    func admit(_ request: Request, _ context: AppContext) async -> Result {
        guard let header = request.headers[.authorization] else { return visitor(request, context) }
        var result = Result()
        do throws(AccountError) {
            let text = try bearer(header)
            // Whoever only guesses does not have each guess looked up. A token that was used before passes, wherever guesses come from.
            if !tokens.isKnown(text), let spent = limiter.spent(.guess(client(request, context))) {
                refuseIfSpent(spent, &result)
                return result
            }
            result.caller = try await tokens.caller(showing: text)
        } catch {
            if case .refused(let reason) = error {
                // What is no token was not looked up.
                let client = client(request, context)
                let isGuess = reason == .unknown || reason == .revoked
                refuseIfSpent(limiter.count(isGuess ? .guess(client) : .address(client)), &result)
            }
            if result.problem == nil { result.problem = Problem.of(error) }
            return result
        }
        if let token = result.caller.token { refuseIfSpent(limiter.count(.token(token)), &result) }
        return result
    }

    /// The token of `Authorization: Bearer relais_…`.
    private func bearer(_ header: String) throws(AccountError) -> Substring {
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { throw .refused(.malformed) }
        return parts[1].trimmingSpaces()
    }

    private func visitor(_ request: Request, _ context: AppContext) -> Result {
        var result = Result()
        guard limiter.limits.visitor > 0 || limiter.limits.publicRequests > 0 else { return result }
        let client = client(request, context)
        refuseIfSpent(limiter.count(.address(client)), &result)
        if result.problem == nil, request.method == .post, isFiling(request) {
            refuseIfSpent(limiter.count(.filing(client)), &result)
        }
        return result
    }

    private func client(_ request: Request, _ context: AppContext) -> String {
        ClientAddress.counted(
            address.of(peer: context.remoteAddress?.ipAddress ?? "local", forwardedFor: request.headers[.xForwardedFor]))
    }

    /// Compared piece by piece, as the router does: it takes `/api/v1/requests/` for the same address.
    private func isFiling(_ request: Request) -> Bool {
        let pieces = request.uri.path.split(separator: "/")
        return pieces.elementsEqual(["api", "v1", "requests"]) || pieces.starts(with: ["api", "v1", "applications"])
    }

    private func refuseIfSpent(_ allowance: RateLimiter.Allowance?, _ result: inout Result) {
        guard let allowance else { return }
        result.allowance = allowance
        if !allowance.isAllowed {
            result.problem = Problem(
                .tooManyRequests, "At most \(allowance.limit) in \(allowance.window) seconds. Wait \(allowance.reset) seconds.",
                headers: [.retryAfter: String(allowance.reset)])
        }
    }
}

extension RateLimiter.Allowance {
    /// `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers).
    func write(into headers: inout HTTPFields) {
        headers[.rateLimitPolicy] = "\"default\";q=\(limit);w=\(window)"
        headers[.rateLimit] = "\"default\";r=\(remaining);t=\(reset)"
    }
}
