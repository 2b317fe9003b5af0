import Foundation
import Matching
import Postgres
import Support
import Testing

@testable import Relais

/// Undoing an import after its places were found to be others, merged, exported, or told more of.
extension ImportForYearsTests {
    func count(_ table: SQL) async throws -> Int? {
        try await registry.database.value("SELECT count(*) FROM \(table)", as: Int.self)
    }

    func merge(_ loser: Place.ID, into survivor: Place.ID) async throws {
        _ = try await registry.write { tx throws(RegistryError) in
            try await DuplicateDesk(registry.generators).merge(loser, into: survivor, by: OwnRegistry.staff, in: tx)
        }
    }

    /// The record 1 of source X, made by staff before any import spoke of it.
    func madeHere() async throws -> Place {
        var draft = PlaceDraft(name: "A", address: "1 rue", postcode: "42000", communeName: "Saint-Étienne")
        (draft.source, draft.sourceID) = ("X", "1")
        return try await registry.write { [draft] tx throws(RegistryError) in
            try await registry.places.create(draft, by: OwnRegistry.staff, in: tx)
        }
    }

    func unmerge(_ loser: Place.ID) async throws {
        _ = try await registry.write { tx throws(RegistryError) in
            try await DuplicateDesk(registry.generators).unmerge(loser, by: OwnRegistry.staff, in: tx)
        }
    }

    @Test func thePairsOfWhatIsGoneGoWithIt() async throws {
        try await registry.communes()
        let name = "Médiathèque Jean Ferrat"
        _ = try await run([Self.row("1", name)])
        let before = (places: try await hash(), sources: try await hash("place_sources"))
        let report = try await run([Self.row("2", name, source: "Y"), Self.row("3", name, source: "Z")])
        let desk = DuplicateDesk(registry.generators)
        let found = try await registry.write { tx throws(RegistryError) in try await desk.search(by: .system, in: tx) }
        #expect(found.pairs.count == 3)
        let pair = try #require(found.pairs.first)
        _ = try await registry.write { tx throws(RegistryError) in
            try await desk.dismiss(PlacePair(pair.first.id, pair.second.id), by: OwnRegistry.staff, in: tx)
        }
        let undone = try await imports.undo(try #require(report.id), by: .system)
        #expect(undone.removed == 2 && undone.kept == 0)
        #expect(try await hash() == before.places)
        #expect(try await hash("place_sources") == before.sources)
        #expect(try await count("duplicate_pairs") == 0)
        #expect(try await count("not_duplicates") == 0)
    }

    /// Who confirms a place confirms what the import had written: an undo does not put other words under that.
    @Test func whatSomebodyConfirmedSinceStays() async throws {
        try await registry.communes()
        _ = try await run([Self.row("1", "A")])
        let place = try #require(try await places().first)
        registry.clock.advance(by: 60)
        let report = try await run([Self.row("1", "B")])
        registry.clock.advance(by: 60)
        _ = try await registry.write { tx throws(RegistryError) in
            try await registry.places.confirm(place.id, if: .any, by: OwnRegistry.staff, in: tx)
        }
        let undone = try await imports.undo(try #require(report.id), by: .system)
        #expect(undone.restored == 0 && undone.kept == 1)
        #expect(try await places().map(\.name) == ["B"])
    }

    @Test func whatSomebodyHadInHandStaysAndWhatIsGoneHasItsHistory() async throws {
        try await registry.communes()
        let report = try await run([Self.row("1"), Self.row("2")])
        let (handled, gone) = (try await places()[0].id, try await places()[1].id)
        try await registry.write { tx throws(RegistryError) in try await registry.places.archive(handled, by: OwnRegistry.staff, in: tx) }
        _ = try await registry.write { tx throws(RegistryError) in try await registry.places.restore(handled, by: OwnRegistry.staff, in: tx)
        }
        let id = try #require(report.id)
        let undone = try await imports.undo(id, by: .system)
        #expect(undone.removed == 1 && undone.kept == 1)
        #expect(try await places().map(\.id) == [handled])

        let history = try await registry.database.history(of: PastPlace.self, gone, Paging()).items
        #expect(history.map(\.event) == ["place.removed", "place.created"])
        #expect(history.map(\.undoneImport) == [id, nil] && history.map(\.importing) == [nil, id])
        #expect(history[1].changes.contains { $0.member == "name" })
        #expect(try await registry.database.isKept(PastPlace.self, gone))
        #expect(try await !registry.database.isKept(PastPlace.self, Place.ID(UUID())))
    }

    /// One place in the middle of many that somebody refers to.
    @Test func whatIsReferredToStaysAndAllOthersGo() async throws {
        try await registry.communes()
        let report = try await run((1...40).map { Self.row("\($0)") })
        let used = try await places()[17].id
        let structure = try await registry.structure()
        _ = try await registry.write { tx throws(RegistryError) in
            try await registry.mediators.create(
                MediatorDraft(structure: structure.id, name: "Camille", places: [used], skills: [], modes: [.place]), by: OwnRegistry.staff,
                in: tx)
        }
        let undone = try await imports.undo(try #require(report.id), by: .system)
        #expect(undone.removed == 39 && undone.kept == 1)
        #expect(try await places().map(\.id) == [used])
    }

    @Test func theZoneThatSomebodyToldKeepsAPlace() async throws {
        try await registry.communes()
        let report = try await run([Self.row("1"), Self.row("2")])
        let place = try #require(try await places().first)
        try await correct(place.id, ["zone": ["communes": ["42218"]]])
        let undone = try await imports.undo(try #require(report.id), by: .system)
        #expect(undone.removed == 1 && undone.kept == 1)
        #expect(try await places().map(\.id) == [place.id])
    }

    @Test func whatWasMadeHereExportedAndBroughtBackIsPutBackToo() async throws {
        try await registry.communes()
        let place = try await registry.place()
        let before = try await hash()
        let rows = [Self.row("\(place.id)", "B", source: "")]
        let report = try await run(rows)
        #expect(report.updated == 1 && report.created == 0)
        let undone = try await imports.undo(try #require(report.id), by: .system)
        #expect(undone.restored == 1 && undone.kept == 0)
        #expect(try await hash() == before)
        // What was corrected since stays here, too.
        let again = try await run(rows)
        try await correct(place.id, ["phone": "+33477999999"])
        let half = try await imports.undo(try #require(again.id), by: .system)
        #expect(half.restored == 1 && half.kept == 1)
        let now = try #require(try await registry.database.place(place.id))
        #expect(now.name == place.name && now.address == place.address && now.phone == "+33477999999")
    }

    @Test func aRecordStaysWithThePlaceThatItWasMergedInto() async throws {
        try await registry.communes()
        _ = try await run([Self.row("1")])
        let lost = try #require(try await places().first)
        let second = try await run([Self.row("1", "B")])
        let kept = try await registry.place(nil, "C")
        try await merge(lost.id, into: kept.id)
        let merged = (places: try await hash(), sources: try await hash("place_sources"))
        let third = try await run([Self.row("1", "D")])
        #expect(third.updated == 1)
        // Another place than the second import's, and the same record.
        let early = await failure { () throws(RegistryError) in try await imports.undo(second.id ?? .init(UUID()), by: .system) }
        #expect(early == .conflict(.importOvertaken))
        _ = try await imports.undo(try #require(third.id), by: .system)
        #expect(try await hash() == merged.places)
        #expect(try await hash("place_sources") == merged.sources)
        let undone = try await imports.undo(try #require(second.id), by: .system)
        #expect(undone.restored == 0 && undone.kept == 1)
        #expect(try await hash() == merged.places)
        let said = try await registry.database.values(
            "SELECT s.place_id || ' ' || (s.values->>'name') FROM place_sources s", as: String.self)
        #expect(said == ["\(kept.id) A"])
        let next = try await run([Self.row("1", "B")])
        #expect(next.updated == 1 && !next.warnings.contains { $0.code == "archived" })
    }

    /// Its source is heard for the first time by the import that is undone.
    @Test func aRecordThatWasNewThenStaysWithTheSurvivorToo() async throws {
        try await registry.communes()
        let lost = try await madeHere()
        let report = try await run([Self.row("1")])
        let kept = try await registry.place(nil, "C")
        try await merge(lost.id, into: kept.id)
        let undone = try await imports.undo(try #require(report.id), by: .system)
        #expect(undone.restored == 0 && undone.kept == 1)
        #expect(try await registry.database.values("SELECT place_id FROM place_sources", as: Place.ID.self) == [kept.id])
    }

    @Test func whatWasMergedBeforeItsSourceWasHeardIsSpokenOfUnderTheSurvivor() async throws {
        try await registry.communes()
        let lost = try await madeHere()
        let kept = try await registry.place(nil, "C")
        try await merge(lost.id, into: kept.id)
        let report = try await run([Self.row("1", phone: "+33477000009")])
        #expect(report.updated == 1 && !report.warnings.contains { $0.code == "archived" })
        let now = try #require(try await registry.database.place(kept.id))
        // What the source says anew; the name is what it was when the place was made, so it is no news.
        #expect(now.phone == "+33477000009" && now.name == "C")
        #expect(try await registry.database.values("SELECT place_id FROM place_sources", as: Place.ID.self) == [kept.id])
    }

    /// The survivor hears it, the place that comes back did not.
    @Test func whatASourceSaidWhileAMergeStoodIsNewsToThePlaceThatComesBack() async throws {
        try await registry.communes()
        _ = try await run([Self.row("1")])
        let lost = try #require(try await places().first)
        let kept = try await registry.place(nil, "C")
        try await merge(lost.id, into: kept.id)
        let sources = try await hash("(SELECT source, source_id, values, said_at FROM place_sources)")
        let second = try await run([Self.row("1", "B", phone: "+33477000009")])
        let third = try await run([Self.row("1", "D", phone: "+33477000009")])
        #expect(second.updated == 1 && third.updated == 1)
        try await unmerge(lost.id)
        #expect(try await hash("(SELECT source, source_id, values, said_at FROM place_sources)") == sources)
        // What is undone now was said of the survivor.
        _ = try await imports.undo(try #require(third.id), by: .system)
        #expect(try await hash("(SELECT source, source_id, values, said_at FROM place_sources)") == sources)
        let next = try await run([Self.row("1", "B", phone: "+33477000009")])
        #expect(next.updated == 1)
        let now = try #require(try await registry.database.place(lost.id))
        #expect(now.name == "B" && now.phone == "+33477000009")
    }

    @Test func aRecordThatWasHeardFirstWhileAMergeStoodIsOfThePlaceThatNamesIt() async throws {
        try await registry.communes()
        let lost = try await madeHere()
        let kept = try await registry.place(nil, "C")
        try await merge(lost.id, into: kept.id)
        _ = try await run([Self.row("1", phone: "+33477000009")])
        try await unmerge(lost.id)
        let next = try await run([Self.row("1", phone: "+33477000009")])
        #expect(next.updated == 1)
        #expect(try await registry.database.place(lost.id)?.phone == "+33477000009")
        #expect(try await registry.database.values("SELECT place_id FROM place_sources", as: Place.ID.self) == [lost.id])
    }
}
