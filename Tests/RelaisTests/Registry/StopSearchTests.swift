import Foundation
import Matching
import Postgres
import Support
import Testing

@testable import Relais

/// Where and when stops are found, and when their places are open.
extension StopTests {
    @Test func aDayIsFoundWithItsStopsNearestFirst() async throws {
        try await registry.communes()
        // The place itself is far from where it stops.
        let bus = try await bus("Bus", at: Location(latitude: 48, longitude: 2))
        try await put(
            [
                (nil, StopDraft(name: "Mardi", commune: "42218", hours: "Tu[1] 14:00-17:00")),
                (nil, StopDraft(name: "Aussi", commune: "42207", hours: "Tu 09:00-10:00,11:00-12:00")),
                (nil, StopDraft(name: "Jadis", commune: "42218", hours: "Tu", validUntil: Day("2026-11-30"))),
                (nil, StopDraft(name: "Un jour", commune: "42005", hours: "2026 Dec 03 09:00-12:00")),
            ], to: bus.id)
        let fixed = try await registry.place()
        #expect(fixed.itinerance.isEmpty)

        func find(
            _ day: String, near: Location? = nil, commune: Commune.ID? = nil, department: String? = nil, distance: Int = 5000
        ) async throws -> FoundPlace? {
            var filter = PlaceFilter()
            filter.itinerantOn = try await registry.database.stopDay(try #require(Day(day)))
            filter.near = near.map { .init(location: $0, distance: distance) }
            (filter.commune, filter.department) = (commune, department)
            return try await registry.database.search(filter, sort: near == nil ? .id : .distance).items.first
        }
        let tuesday = try #require(try await find("2026-12-01", near: centre, distance: 50_000))
        #expect(tuesday.stops?.map(\.stop.name) == ["Mardi", "Aussi"])
        #expect(tuesday.stops?.map { $0.distance ?? -1 } == [0, 10_185] && tuesday.distance == 0)
        let times = try #require(tuesday.stops?.last?.times.map(\.start.timeIntervalSince1970))
        #expect(times == [1_796_112_000, 1_796_119_200])  // 9 h and 11 h in Paris
        #expect(try await find("2026-12-01", near: centre)?.stops?.map(\.stop.name) == ["Mardi"])
        // The second Tuesday of the month; a day before a validity ends; a day of nothing; a date.
        #expect(try await find("2026-12-08", near: centre) == nil)
        #expect(try await find("2026-12-08")?.stops?.map(\.stop.name) == ["Aussi"])
        #expect(try await find("2026-11-24", commune: "42218")?.stops?.map(\.stop.name) == ["Jadis"])
        #expect(try await find("2026-12-02") == nil)
        #expect(try await find("2026-12-03")?.stops?.map(\.stop.name) == ["Un jour"])
        #expect(try await find("2026-12-03", commune: "42218") == nil)
        #expect(try await find("2026-12-03", department: "42")?.stops?.map(\.stop.name) == ["Un jour"])
        #expect(try await find("2026-12-03", department: "69") == nil)
        // By itself it is where its address is.
        var filter = PlaceFilter()
        filter.near = .init(location: centre, distance: 50_000)
        #expect(try await registry.database.search(filter, sort: .distance).items.isEmpty)

        filter.itinerantOn = try await registry.database.stopDay(try #require(Day("2026-12-02")))
        let both = try await registry.database.relaxations(of: filter)
        #expect(both.map(\.parameter) == ["near"] && both.map(\.with) == ["itinerant_on"])
        filter.near = nil
        #expect(try await registry.database.relaxations(of: filter).map(\.parameter) == ["itinerant_on"])
        // A place that travels no more is not found, though its stops are kept.
        try await registry.write { tx throws(RegistryError) in
            _ = try await registry.places.change(bus.id, by: ["itinerance": ["fixe"]], if: .any, by: OwnRegistry.staff, in: tx)
        }
        #expect(try await find("2026-12-01") == nil)
    }

    @Test func aBusIsOpenWhereItStops() async throws {
        try await registry.communes()
        let bus = try await bus()
        _ = try await registry.place()
        let market = StopDraft(
            name: "Marché", address: "Place Jean-Jaurès", commune: "42218", hours: "Tu 14:00-17:00", validUntil: Day("2026-12-08"))
        let hall = StopDraft(name: "Mairie", commune: "42207", hours: "Th 09:00-12:00", validFrom: Day("2026-12-03"))
        var stops = try await put([(nil, market), (nil, hall)], to: bus.id).items

        func instant(_ text: String) throws -> Date { try #require(Date(rfc3339: "2026-\(text):00+01:00")) }
        func opening(_ text: String) async throws -> PlaceOpening {
            let place = try #require(try await registry.database.place(bus.id))
            return try await registry.database.opening(of: place, at: try instant(text))
        }
        func found(_ text: String) async throws -> [Place.ID] {
            var filter = PlaceFilter()
            filter.openAt = try instant(text)
            let places = try await registry.database.search(filter).items.map(\.place.id)
            #expect(try await registry.database.count(of: filter) == places.count)
            return places
        }

        let tuesday = try await opening("12-01T15:00")
        #expect(tuesday.state == "open" && tuesday.nextOpening == nil && tuesday.canonical == nil)
        #expect(try tuesday.nextChange == instant("12-01T17:00"))
        #expect(tuesday.stop?.id == stops[0].id && tuesday.stop?.name == "Marché")
        #expect(tuesday.stop?.address == "Place Jean-Jaurès" && tuesday.stop?.commune == "42218")
        #expect(try await found("12-01T15:00") == [bus.id])
        // Between two stops.
        let between = try await opening("12-01T17:00")
        #expect(between.state == "closed" && between.stop == nil)
        #expect(try between.nextOpening == instant("12-03T09:00") && between.nextChange == between.nextOpening)
        #expect(try await found("12-01T17:00") == [])
        #expect(try await opening("12-03T10:00").stop?.id == stops[1].id)
        #expect(try await found("12-03T10:00") == [bus.id])
        // Before the one holds; on the other's last day; when it holds no more.
        let before = try await opening("11-26T10:00")
        #expect(before.state == "closed")
        #expect(try before.nextOpening == instant("12-01T14:00"))
        #expect(try await found("11-26T10:00") == [])
        #expect(try await opening("12-08T16:59").stop?.id == stops[0].id)
        let after = try await opening("12-15T15:00")
        #expect(after.state == "closed")
        #expect(try after.nextOpening == instant("12-17T09:00"))
        #expect(try await found("12-15T15:00") == [])

        // Hours past midnight belong to the day on which they begin: to the last on which they are in force, too, and not to the eve of the first.
        let night = StopDraft(commune: "42218", hours: "Mo,Tu 22:00-02:00", validFrom: Day("2026-12-08"), validUntil: Day("2026-12-08"))
        try await put([(nil, night)], to: bus.id)
        #expect(try await opening("12-08T01:00").state == "closed")
        #expect(try await opening("12-08T01:00").nextOpening == instant("12-08T22:00"))
        let late = try await opening("12-09T01:00")
        #expect(try late.state == "open" && late.nextChange == instant("12-09T02:00"))
        #expect(try await found("12-09T01:00") == [bus.id])
        #expect(try await opening("12-09T02:00").state == "closed")
        for (day, start, end) in [("12-08", "12-08T22:00", "12-09T00:00"), ("12-09", "12-09T00:00", "12-09T02:00")] {
            let asked = try #require(Day("2026-\(day)"))
            var filter = PlaceFilter()
            filter.itinerantOn = try await registry.database.stopDay(asked)
            let times = try await registry.database.search(filter).items.map { $0.stops?.first?.times ?? [] }
            #expect(try times == [[.init(start: instant(start), end: instant(end))]])
            let stops = try #require(try await registry.database.stops(of: bus.id))
            #expect(try PlaceStopsOnDay(stops, on: asked).items.map(\.times) == [[.init(start: instant(start), end: instant(end))]])
        }
        for day in ["2026-12-07", "2026-12-10"] {
            var filter = PlaceFilter()
            filter.itinerantOn = try await registry.database.stopDay(try #require(Day(day)))
            #expect(try await registry.database.search(filter).items.isEmpty)
        }
        stops = try await put([(nil, market), (nil, hall)], to: bus.id).items

        // Hours of its own beside them: open is what either says, and otherwise unknown.
        try await change(bus.id, ["opening_hours": "Th 11:00-13:00; We 09:00-12:00 unknown \"sur rendez-vous\""])
        let both = try await opening("12-03T11:30")
        #expect(both.stop?.name == "Mairie" && both.canonical != nil)
        #expect(try both.nextChange == instant("12-03T13:00"))
        let own = try await opening("12-03T12:30")
        #expect(own.state == "open" && own.stop == nil)
        #expect(try await found("12-03T12:30") == [bus.id])
        let asked = try await opening("12-02T10:00")
        #expect(asked.state == "unknown" && asked.comment == "sur rendez-vous" && asked.stop == nil)
        #expect(try asked.nextChange == instant("12-02T12:00") && asked.nextOpening == instant("12-03T09:00"))
        #expect(try await found("12-02T10:00") == [])

        // A round that is over; and a place that travels no more.
        try await change(bus.id, ["opening_hours": nil])
        try await put([(stops[0].id, market)], to: bus.id)
        let over = try await opening("12-15T15:00")
        #expect(over.state == "closed" && over.nextChange == nil && over.nextOpening == nil)
        try await change(bus.id, ["itinerance": ["fixe"]])
        #expect(try await opening("12-01T15:00").state == "unknown")
        #expect(try await found("12-01T15:00") == [])
    }

    /// The same hours on one day, in the holidays of one zone and not of the other.
    @Test func eachStopHasTheCalendarOfItsCommune() async throws {
        try await registry.communes()
        let file = try CommuneFile(
            Array("code_insee,nom,codes_postaux,latitude,longitude,departement\n67482,Strasbourg,67000,48.57,7.76,67\n".utf8))
        _ = try await registry.write { tx throws(RegistryError) in try await CommuneImport().run(file, by: .system, in: tx) }
        let bus = try await bus()
        let hours = "Mo-Sa 09:00-12:00; SH off"
        try await put(
            [
                (nil, StopDraft(name: "Loire", commune: "42218", hours: hours)),
                (nil, StopDraft(name: "Alsace", commune: "67482", hours: hours)),
            ], to: bus.id)
        func stops(_ day: String) async throws -> [String?] {
            var filter = PlaceFilter()
            filter.itinerantOn = try await registry.database.stopDay(try #require(Day(day)))
            return try await registry.database.search(filter).items.flatMap { ($0.stops ?? []).map(\.stop.name) }
        }
        #expect(try await stops("2027-02-09") == ["Loire", "Alsace"])
        #expect(try await stops("2027-02-16") == ["Alsace"])
        #expect(try await stops("2027-03-02") == ["Loire"])
        for (day, name) in [("2027-02-16", "Alsace"), ("2027-03-02", "Loire")] {
            let instant = try #require(Date(rfc3339: "\(day)T10:00:00+01:00"))
            #expect(try await registry.database.opening(of: bus, at: instant).stop?.name == name)
        }
    }

    /// Pages of what is found on each day of three weeks, by distance and by id, against a slow look at every stop.
    @Test func pagesAreWholeAndWhatASlowScanFinds() async throws {
        try await registry.communes()
        let days = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
        var stops: [Place.ID: [StopDraft]] = [:]
        for number in 0..<40 {
            let bus = try await bus("Bus \(number)")
            var drafts: [StopDraft] = []
            for index in 0..<(number % 4) {
                let latitude: Double = 45.4 + Double((number * 7 + index * 13) % 40) / 100
                let longitude: Double = 4.39 + Double(number) / 1000
                let weekday: String = index == 2 ? "\(days[number % 7])[1]" : days[(number + index) % 7]
                var draft = StopDraft(commune: "42218", hours: weekday + " 09:00-12:00")
                draft.location = Location(latitude: latitude, longitude: longitude)
                if number % 5 == 0 { draft.validFrom = Day("2026-12-10") }
                drafts.append(draft)
            }
            var list: [(id: Stop.ID?, draft: StopDraft)] = []
            for draft in drafts { list.append((id: nil, draft: draft)) }
            try await put(list, to: bus.id)
            stops[bus.id] = drafts
        }
        var found = 0
        for offset in 0..<21 {
            let day = Day(number: try #require(Day("2026-12-01")).number + offset)
            for near: Location? in [nil, centre] {
                var filter = PlaceFilter()
                filter.itinerantOn = try await registry.database.stopDay(day)
                filter.near = near.map { .init(location: $0, distance: 20_000) }
                var expected: [(distance: Int, id: Place.ID)] = []
                for (id, drafts) in stops {
                    var nearest: Int?
                    for draft in drafts {
                        let times = StopOnDay.times(draft.hours, on: day, in: draft.commune, at: nil, valid: draft.days)
                        guard let location = draft.location, !times.isEmpty else { continue }
                        let distance: Int = near.map { $0.distance(to: location) } ?? 0
                        if distance <= 20_000, distance < nearest ?? .max { nearest = distance }
                    }
                    if let nearest { expected.append((distance: nearest, id: id)) }
                }
                expected.sort { one, other in
                    one.distance != other.distance ? one.distance < other.distance : one.id.description < other.id.description
                }
                var got: [FoundPlace] = []
                var after: Cursor?
                let sort: SearchSort = near == nil ? .id : .distance
                repeat {
                    let page = try await registry.database.search(filter, sort: sort, Paging(limit: 3, order: sort.rawValue, after: after))
                    got += page.items
                    after = page.next
                    #expect(after == nil || page.items.count == 3, "a page is never short")
                } while after != nil
                #expect(got.map(\.place.id) == expected.map(\.id), "\(day)")
                if near != nil { for (one, other) in zip(got, expected) { #expect(abs((one.distance ?? -9) - other.distance) <= 1) } }
                #expect(try await registry.database.count(of: filter) == expected.count)
                let facets = try await registry.database.facets([.itinerance], of: filter)
                let counted: Int = facets.first?.counts.first?.count ?? 0
                #expect(counted == expected.count)
                found += got.count
            }
        }
        #expect(found > 200, "\(found)")
    }

    @Test func daysBeginAndEndWithTheClocksOfTheNetwork() {
        // 25 October 2026 has 25 hours, 29 March 23; what is open past midnight is cut there.
        for (day, hours) in [("2026-10-25", 25.0), ("2026-03-29", 23.0), ("2026-07-14", 24.0)] {
            let times = StopOnDay.times("24/7", on: Day(day) ?? Day(number: 0), in: "42218", at: nil)
            #expect(times.count == 1 && times.first.map { $0.end.timeIntervalSince($0.start) / 3600 } == hours)
        }
        let day = Day("2026-12-01") ?? Day(number: 0)
        #expect(StopOnDay.times("Tu 22:00-26:00", on: day, in: "42218", at: nil).map { $0.end.timeIntervalSince($0.start) / 3600 } == [2])
        #expect(StopOnDay.times("Tu 09:00-12:00 unknown \"sur rendez-vous\"", on: day, in: "42218", at: nil).isEmpty)
        #expect(StopOnDay.times("not hours", on: day, in: "42218", at: nil).isEmpty)
    }
}
