import CLibpq

extension PostgresError {
    /// The error in a result of the server.
    init(result: OpaquePointer) {
        func field(_ code: Character) -> String? {
            guard let ascii = code.asciiValue, let text = PQresultErrorField(result, Int32(ascii)) else { return nil }
            return String(cString: text)
        }
        // The codes of libpq's `PG_DIAG_…`, which are macros of characters.
        let state = field("C")
        let severity = field("V")
        let kind: Kind =
            switch state {
            case "57014": .timeout
            case nil: .unavailable
            case let state? where state.hasPrefix("08") || state.hasPrefix("57P") || state == "53300": .unavailable
            default: severity == "FATAL" || severity == "PANIC" ? .unavailable : .server
            }
        self.init(kind, kind == .timeout ? "the statement took longer than its deadline" : "the server refused", detail: field("D"))
        sqlState = state
        constraint = field("n")
        message = field("M") ?? PQresultErrorMessage(result).map { String(cString: $0) }
        hint = field("H")
        if kind == .unavailable { summary = "the connection to the server is gone" }
    }

    /// The error of a connection that broke or never came to be.
    init(connection: OpaquePointer, _ summary: String) {
        self.init(.unavailable, summary)
        message = PQerrorMessage(connection).map { String(cString: $0) }
    }
}

/// Whether the plan of a prepared statement went stale in a way that preparing it anew mends.
func isStalePlan(_ result: OpaquePointer) -> Bool {
    guard let state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))) else { return false }
    switch String(cString: state) {
    case "26000": return true
    case "0A000":
        // The code stands for anything not supported; the function that raises it is more exact, and is not translated as the message is.
        guard let function = PQresultErrorField(result, Int32(UInt8(ascii: "R"))) else { return false }
        return String(cString: function) == "RevalidateCachedQuery"
    default: return false
    }
}
