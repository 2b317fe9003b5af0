import Relais

/// What an operator decides about the web side.
public struct WebSettings: Sendable {
    /// The address under which the network reaches this server, without a slash at its end: what links for people begin with.
    public var publicURL: String
    public var limits: RateLimits
    /// Whose word about the client's address (`X-Forwarded-For`) is believed.
    public var trustedProxies: [AddressRange]
    /// Bytes that a file to be imported may have. It is not held in memory, but kept as it comes.
    public var largestFile: Int

    public init(
        publicURL: String = "http://127.0.0.1:8080", limits: RateLimits = RateLimits(), trustedProxies: [AddressRange] = [],
        largestFile: Int = 128 << 20
    ) {
        self.publicURL = publicURL
        self.limits = limits
        self.trustedProxies = trustedProxies
        self.largestFile = largestFile
    }
}

/// How many requests are let through; 0: as many as come.
public struct RateLimits: Sendable, Equatable {
    /// A minute, with one token.
    public var token: Int
    /// A minute, from one address without a token, or with one that opens nothing.
    public var visitor: Int
    /// In ten minutes, requests for help filed from one address without a token.
    public var publicRequests: Int

    public init(token: Int = 6000, visitor: Int = 600, publicRequests: Int = 20) {
        self.token = token
        self.visitor = visitor
        self.publicRequests = publicRequests
    }

    /// No limit at all: for measuring.
    public static let none = RateLimits(token: 0, visitor: 0, publicRequests: 0)
}
