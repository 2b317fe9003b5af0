import Foundation

/// Runs what blocks (libpq resolves names and cancels synchronously) on a thread of its own, away from Swift's pool.
func onOwnThread(_ body: @escaping @Sendable () -> Void) {
    let thread = Thread(block: body)
    thread.stackSize = 512 * 1024
    thread.start()
}
