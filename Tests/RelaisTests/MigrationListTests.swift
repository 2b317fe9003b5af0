import Foundation
import Postgres
import Relais
import Testing

@Suite("The migrations that the program carries")
struct MigrationListTests {
    /// SwiftPM gives no list of what it embeds, so ours is held against the folder: a file that is missing from it, or is another one, shows here.
    @Test func areTheFilesOfTheFolder() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../migrations").standardizedFileURL
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".sql") }.sorted()
        #expect(migrations.map { "\(String(repeating: "0", count: 4 - String($0.number).count))\($0.number)_\($0.name).sql" } == names)
        #expect(migrations.map(\.number) == Array(1...names.count))
        for (migration, name) in zip(migrations, names) {
            #expect(migration.sql == (try String(contentsOf: folder.appending(path: name), encoding: .utf8)), "\(name)")
        }
    }
}
