/// Why the private cluster cannot be had, in words that say what to do.
enum EmbeddedClusterError: Error, Equatable {
    case noPostgres
    case wrongMajor(directory: String, made: Int, installed: [Int])
    case inUse(directory: String, by: String)
    case notEmpty(String)
    case unreachable(String, owner: String)
    case noUnprivilegedUser
    case unusable(String, why: String)
    case programFailed(String, says: String)
    case doesNotStart(log: String)
}

extension EmbeddedClusterError: CustomStringConvertible {
    var description: String {
        switch self {
        case .noPostgres:
            """
            No PostgreSQL \(PostgresInstallation.oldest) or later is installed here. On Debian and Ubuntu: apt-get install postgresql. \
            Programs in another place are found by RELAIS_POSTGRES_BIN, the directory of initdb and pg_ctl.
            """
        case .wrongMajor(let directory, let made, let installed):
            """
            \(directory) was made by PostgreSQL \(made), and this machine has \(installed.map(String.init).joined(separator: ", ")). \
            Install PostgreSQL \(made) beside it, or move the data with pg_upgrade or pg_dump.
            """
        case .inUse(let directory, let process):
            "\(directory) is in use by another `relais serve` (process \(process)). Stop that one, or give this one a directory of its own."
        case .notEmpty(let directory):
            "\(directory) holds other things and no cluster of Relais. Give the name of an empty or a new directory."
        case .unreachable(let directory, let owner):
            """
            PostgreSQL does not run as root, and the user \(owner), which it then runs as, cannot get into \(directory). \
            Give a directory that everybody may pass through, /var/lib/relais for instance, or start Relais as an ordinary user.
            """
        case .noUnprivilegedUser:
            "PostgreSQL does not run as root, and this system has neither a user postgres nor a user nobody. Start Relais as an ordinary user."
        case .unusable(let path, let why):
            "\(path) cannot be used: \(why)."
        case .programFailed(let program, let output):
            "\(program) failed: \(output.split(separator: "\n").suffix(12).joined(separator: "\n"))"
        case .doesNotStart(let log):
            "PostgreSQL does not start. The end of its log:\n\(log)"
        }
    }
}
