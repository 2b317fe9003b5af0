import Postgres

/// The changes of the database, in order: the files of `migrations/`, carried inside the program.
///
/// SwiftPM's `.embedInCode` gives neither a list nor the first digit of a file's name, so both stand here; a test compares this list with the folder.
public let migrations: [Migration] = [
    Migration(number: 1, name: "registry", sql: PackageResources._001_registry_sql),
    Migration(number: 2, name: "accounts", sql: PackageResources._002_accounts_sql),
    Migration(number: 3, name: "requests", sql: PackageResources._003_requests_sql),
    Migration(number: 4, name: "referrals", sql: PackageResources._004_referrals_sql),
    Migration(number: 5, name: "events", sql: PackageResources._005_events_sql),
    Migration(number: 6, name: "skill_tree", sql: PackageResources._006_skill_tree_sql),
    Migration(number: 7, name: "search", sql: PackageResources._007_search_sql),
    Migration(number: 8, name: "history", sql: PackageResources._008_history_sql),
    Migration(
        number: 9, name: "quality", sql: PackageResources._009_quality_sql,
        // PostgreSQL 17 adds no generated column to a table whose row type stands in a function's parsed body.
        formerly: ["5665d731027eff2f27fd8c18135f501394b5690838726de676ce0bf92e36f909"]),
    Migration(number: 10, name: "zones", sql: PackageResources._010_zones_sql),
    Migration(number: 11, name: "stops", sql: PackageResources._011_stops_sql),
    Migration(number: 12, name: "imports", sql: PackageResources._012_imports_sql),
    Migration(number: 13, name: "duplicates", sql: PackageResources._013_duplicates_sql),
    Migration(number: 14, name: "applications", sql: PackageResources._014_applications_sql),
    Migration(number: 15, name: "mediator_search", sql: PackageResources._015_mediator_search_sql),
    Migration(number: 16, name: "contacts", sql: PackageResources._016_contacts_sql),
    Migration(number: 17, name: "policies", sql: PackageResources._017_policies_sql),
    Migration(
        number: 18, name: "entry_history", sql: PackageResources._018_entry_history_sql,
        formerly: ["108e86e8909a6aa3498e8d4f16cd15438434688faa8d0fb3e0c6985cbbe2a698"]),
    Migration(number: 19, name: "import_files", sql: PackageResources._019_import_files_sql),
    Migration(number: 20, name: "counters", sql: PackageResources._020_counters_sql),
    Migration(number: 21, name: "spelling", sql: PackageResources._021_spelling_sql),
    Migration(number: 22, name: "stop_history", sql: PackageResources._022_stop_history_sql),
    Migration(number: 23, name: "communes_search", sql: PackageResources._023_communes_search_sql),
    Migration(number: 24, name: "capacity_rows_and_consent", sql: PackageResources._024_capacity_rows_and_consent_sql),
    Migration(number: 25, name: "merges_and_quality", sql: PackageResources._025_merges_and_quality_sql),
    Migration(number: 26, name: "communes_within", sql: PackageResources._026_communes_within_sql),
    Migration(number: 27, name: "words", sql: PackageResources._027_words_sql),
    Migration(number: 28, name: "structures_alike", sql: PackageResources._028_structures_alike_sql),
    Migration(number: 29, name: "stops_and_quality", sql: PackageResources._029_stops_and_quality_sql),
    Migration(number: 30, name: "said_words", sql: PackageResources._030_said_words_sql),
    Migration(number: 31, name: "as_said", sql: PackageResources._031_as_said_sql),
]

extension Migration {
    fileprivate init(number: Int, name: String, sql bytes: [UInt8], formerly: [String] = []) {
        self.init(number: number, name: name, sql: String(decoding: bytes, as: UTF8.self), formerly: formerly)
    }
}
