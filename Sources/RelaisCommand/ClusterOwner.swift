import Foundation
import Subprocess
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Who PostgreSQL's processes run as: PostgreSQL refuses root, so a Relais started by root hands them to an unprivileged user.
struct ClusterOwner: Sendable, Equatable {
    let name: String
    let user: uid_t
    let group: gid_t
    /// Root gives its files away; anybody else is the owner already.
    let isAnother: Bool

    /// The user himself; for root, `postgres` (made by Debian's package), else `nobody`.
    static func current() throws(EmbeddedClusterError) -> ClusterOwner {
        guard geteuid() == 0 else { return ClusterOwner(name: NSUserName(), user: geteuid(), group: getegid(), isAnother: false) }
        for name in ["postgres", "nobody"] {
            guard let entry = getpwnam(name) else { continue }
            return ClusterOwner(name: name, user: entry.pointee.pw_uid, group: entry.pointee.pw_gid, isAnother: true)
        }
        throw .noUnprivilegedUser
    }

    /// The command that runs `program` as the owner.
    ///
    /// By setpriv (util-linux, on every Debian and Ubuntu), not by a child that changes its own user before `exec`: in the fork of a
    /// program with threads, glibc's `setgroups` waits for threads that are not there, now and then for ever.
    func command(_ program: String, _ arguments: [String]) -> (executable: Executable, arguments: Arguments) {
        guard isAnother else { return (.path(FilePath(program)), Arguments(arguments)) }
        return (.name("setpriv"), Arguments(["--reuid=\(user)", "--regid=\(group)", "--clear-groups", program] + arguments))
    }

    /// Makes a directory that only the owner may look into (and root, who may look everywhere).
    func makePrivateDirectory(_ path: String) throws(EmbeddedClusterError) {
        if mkdir(path, 0o700) != 0 {
            let reason = errno
            // Somebody else's directory, or a link to one, under a name that we know in advance is not to be trusted. (Links are not followed here.)
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            guard reason == EEXIST, attributes?[.type] as? FileAttributeType == .typeDirectory,
                let holder = attributes?[.ownerAccountID] as? NSNumber, [user, geteuid()].contains(holder.uint32Value)
            else { throw .unusable(path, why: String(cString: strerror(reason))) }
        }
        guard chmod(path, 0o700) == 0, !isAnother || lchown(path, user, group) == 0 else {
            throw .unusable(path, why: String(cString: strerror(errno)))
        }
    }

    /// Whether the owner can get to `path`: a clone below root's closed home cannot hold what another user works on.
    func canEnter(_ path: String) async -> Bool {
        guard isAnother else { return true }
        let test = command("/usr/bin/test", ["-x", path])
        let result = try? await Subprocess.run(
            test.executable, arguments: test.arguments, workingDirectory: FilePath("/"), output: .discarded)
        return result?.terminationStatus.isSuccess ?? false
    }
}
