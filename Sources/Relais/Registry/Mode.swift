import Postgres

/// How somebody is helped.
public enum Mode: String, Sendable, CaseIterable, Codable, PostgresEncodable, PostgresDecodable {
    /// Where the mediator receives people.
    case place
    /// At the person's home.
    case home
    /// By telephone or video.
    case remote
    /// In a group session.
    case workshop
    /// At the premises of a structure or local authority that asks for it.
    case onSite = "on_site"
}
