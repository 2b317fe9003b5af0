import Foundation
import HTTPTypes
import HummingbirdTesting
import Relais
import Support
import Synchronization
import Testing

@testable import RelaisWeb

@Suite("Rate limits")
struct RateLimitTests {
    @Test func aBucketEmptiesAndFillsUpAgain() {
        let now = Mutex(ContinuousClock.now)
        let limiter = RateLimiter(limits: RateLimits(token: 0, visitor: 60, publicRequests: 20)) { now.withLock { $0 } }
        for left in (0..<60).reversed() {
            let allowance = limiter.count(.address("a"))
            #expect(allowance?.isAllowed == true)
            #expect(allowance?.remaining == left)
        }
        let refused = limiter.count(.address("a"))
        #expect(refused?.isAllowed == false)
        #expect(refused?.reset == 1)
        #expect(limiter.count(.address("b"))?.isAllowed == true)
        #expect(limiter.count(.filing("a"))?.limit == 20)
        #expect(limiter.count(.token(Token.ID(UUID()))) == nil)
        now.withLock { $0 += .seconds(2) }
        #expect(limiter.count(.address("a"))?.remaining == 1)
        now.withLock { $0 += .seconds(3600) }
        #expect(limiter.count(.address("a"))?.remaining == 59)
    }

    @Test func strangersDoNotFillTheMemory() {
        let limiter = RateLimiter(limits: RateLimits(token: 0, visitor: 60, publicRequests: 20))
        for number in 0..<(RateLimiter.capacity + 10) { _ = limiter.count(.address(String(number))) }
        #expect(limiter.size <= RateLimiter.capacity)
    }

    @Test(arguments: [
        ("10.1.2.3", "192.0.2.7", "192.0.2.7"), ("10.1.2.3", "203.0.113.9, 192.0.2.7, 10.0.0.9", "192.0.2.7"),
        ("192.0.2.1", "203.0.113.9", "192.0.2.1"), ("10.1.2.3", nil, "10.1.2.3"), ("10.1.2.3", "nonsense", "10.1.2.3"),
        ("10.1.2.3", "10.0.0.9", "10.1.2.3"), ("::1", "2001:db8::7", "2001:db8::7"),
        ("::ffff:10.1.2.3", "192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.1", "203.0.113.9", "::ffff:192.0.2.1"),
    ])
    func onlyATrustedProxyIsBelieved(peer: String, forwarded: String?, client: String) throws {
        let trusted = [try #require(AddressRange("10.0.0.0/8")), try #require(AddressRange("::1"))]
        #expect(ClientAddress(trusted: trusted).of(peer: peer, forwardedFor: forwarded) == client)
    }

    @Test(arguments: [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("2001:db8:1:2::9", "2001:db8:1:2::/64"), ("::1", "0:0:0:0::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"), ("192.0.2.7", "192.0.2.7"), ("local", "local"),
    ])
    func whoHasAWholeNetworkIsCountedOnce(address: String, counted: String) { #expect(ClientAddress.counted(address) == counted) }

    @Test(arguments: ["", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "::1/129", "host", "10.0.0.0/8/8", "10.0.0.0/-1"])
    func whatIsNoRangeIsRefused(text: String) { #expect(AddressRange(text) == nil) }

    @Suite("over HTTP", .database)
    struct OverHTTP {
        @Test func tooManyAreToldToWait() async throws {
            let web = try TestWeb(limits: RateLimits(token: 3, visitor: 2, publicRequests: 1))
            let admin = try await web.token(.admin).secret
            for left in [2, 1, 0] {
                let answer = try await web.send(.get, "/api/v1/tokens", token: admin)
                #expect(answer.status == .ok)
                #expect(answer.headers[.rateLimitPolicy] == "\"default\";q=3;w=60")
                #expect(answer.headers[.rateLimit]?.hasPrefix("\"default\";r=\(left);t=") == true)
            }
            let refused = try await web.send(.get, "/api/v1/tokens", token: admin)
            #expect(refused.problem == "429 /problems/too-many-requests")
            #expect(refused.headers[.retryAfter] == "20")
            #expect(refused.headers[.rateLimit]?.hasPrefix("\"default\";r=0;") == true)
            #expect(try await web.send(.get, "/health/live").status == .ok)
        }

        @Test func whoGuessesTokensIsNotLookedUpForEver() async throws {
            let web = try TestWeb(limits: RateLimits(token: 100, visitor: 2, publicRequests: 1))
            let admin = try await web.token(.admin).secret
            #expect(try await web.send(.get, "/api/v1/tokens", token: admin).status == .ok)
            let guess = { try await web.send(.get, "/api/v1/tokens", token: TokenSecret.random().text) }
            #expect(try await guess().status == .unauthorized)
            #expect(try await guess().status == .unauthorized)
            let refused = try await guess()
            #expect(refused.problem == "429 /problems/too-many-requests" && refused.headers[.retryAfter] == "30")
            // Not even a token that exists is looked up now for the first time; those that were used before, and visitors, are not held up.
            let other = try await web.token(.admin).secret
            #expect(try await web.send(.get, "/api/v1/tokens", token: other).status == .tooManyRequests)
            web.parts.tokens.forget()
            #expect(try await web.send(.get, "/api/v1/tokens", token: admin).status == .ok)
            #expect(try await web.send(.get, "/api/v1/communes?q=saint").status == .ok)
        }

        @Test func filingHasItsOwnLimit() async throws {
            let web = try TestWeb(limits: RateLimits(token: 0, visitor: 100, publicRequests: 1))
            let first = try await web.send(.post, "/api/v1/requests", json: "{}")
            #expect(first.status != .tooManyRequests)
            #expect(try await web.send(.post, "/api/v1/requests", json: "{}").problem == "429 /problems/too-many-requests")
            #expect(try await web.send(.post, "//api/v1/requests/", json: "{}").problem == "429 /problems/too-many-requests")
            #expect(try await web.send(.get, "/api/v1/nope").status == .notFound)
        }
    }
}
