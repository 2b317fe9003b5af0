/// What happens inside a ``Database``. Log and metrics choose what they tell.
public enum DatabaseEvent: Sendable {
    case connectionOpened(took: Duration)
    case connectionFailed(PostgresError)
    case connectionClosed(reason: CloseReason)
    /// Nobody gave a connection back within the pool's patience.
    case patienceEnded(waiting: Int)
    /// A transaction starts anew after 40001 or 40P01; `attempt` counts from 2.
    case transactionRetried(attempt: Int)
    case listenerConnected
    case listenerLost(PostgresError)

    public enum CloseReason: Sendable {
        case broken, old, closing
    }
}
