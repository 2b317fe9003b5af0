import Foundation
import Hummingbird
import Postgres
import Relais

/// What every kind of entry with a history has beside its own routes: `…/{id}/history`, undo and restore, many changes at once, and its past.
struct HistoryRoutes<Desk: HistoryDesk> {
    typealias ID = Desk.Past.ID

    let database: Database
    let writing: Writing
    let desk: Desk
    /// The name of the path's parameter, which is that of the kind's own routes.
    let parameter: String
    let id: @Sendable (String) -> ID?
    let write: Action
    /// Lets only those through who may read the entry's history, and says which members they may not see.
    let hidden: @Sendable (ID, AppContext) async throws -> Set<String>
    let seen: @Sendable (Desk.Entry, Caller) -> Desk.Entry

    var endpoints: RouteCollection<AppContext> {
        RouteCollection(context: AppContext.self)
            .patch(use: changeMany)
            .get(":\(parameter)/history", use: history)
            .post(":\(parameter)/history/:version/undo", use: undo)
            .post(":\(parameter)/restore", use: restore)
    }

    @Sendable func history(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readHistory)
        let id = try path(context)
        var query = QueryReader(request)
        let paging = query.paging(order: "history", parts: [.number])
        try query.finish()
        let hidden = try await hidden(id, context)
        let page = try await database.history(of: Desk.Past.self, id, paging)
        return context.answer(page.map { $0.without(hidden) }, to: request)
    }

    @Sendable func undo(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(write)
        try request.refuseQuery()
        let id = try path(context)
        guard let version = context.parameters.get("version").flatMap({ Int32($0) }), version > 0 else { throw Problem.notFound }
        let precondition = try request.preconditionIfAny
        _ = try context.body.json(optional: true).read { _ in true }
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) -> Desk.Entry in
            let entry = try await desk.undo(Int(version), of: id, if: precondition, by: context.caller, in: tx)
            return seen(entry, context.caller)
        }
    }

    @Sendable func restore(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(write)
        try request.refuseQuery()
        let id = try path(context)
        let precondition = try request.preconditionIfAny
        _ = try context.body.json(optional: true).read { _ in true }
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) -> Desk.Entry in
            let entry = try await desk.restore(id, if: precondition, by: context.caller, in: tx)
            return seen(entry, context.caller)
        }
    }

    @Sendable func changeMany(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(write)
        var query = QueryReader(request)
        let atomic = query.flag("atomic") ?? false
        try query.finish()
        let items = try BulkItem<Desk.Past>.read(context.body.mergePatch(), id: id)
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            BulkReport(try await desk.bulk(items, atomic: atomic, by: context.caller, in: tx))
        }
    }

    private func path(_ context: AppContext) throws(Problem) -> ID {
        guard let id = id(try context.code(parameter)) else { throw .notFound }
        return id
    }
}

extension HistoryRoutes {
    /// The entry as it was at `?as_of=`; `nil` when the present one is asked for. What was taken back since is not for everybody: who may read
    /// the history may.
    func past(_ request: Request, _ context: AppContext) async throws -> Desk.Past? {
        var query = QueryReader(request)
        let instant = query.instant("as_of")
        try query.finish()
        guard let instant else { return nil }
        return try await past(asOf: instant, context)
    }

    /// The entry as it was at an instant, for who may read its history.
    func past(asOf instant: Date, _ context: AppContext) async throws -> Desk.Past {
        try context.require(.readHistory)
        let id = try path(context)
        _ = try await hidden(id, context)
        guard let past = try await database.entry(Desk.Past.self, id, asOf: instant) else {
            throw Problem(.notFound, "Nothing is known of it at that time: it was not there yet, or its history began later.")
        }
        return past
    }
}

extension HistoryRoutes where Desk == PlaceDesk {
    init(_ parts: WebParts, _ desk: PlaceDesk) {
        let database = parts.database
        self.init(
            database: database, writing: parts.writing, desk: desk, parameter: "id", id: { Place.ID($0) }, write: .writePlaces,
            hidden: { id, context in
                if let place = try await database.place(id) {
                    try context.require(.readHistory, of: place.structure)
                } else {
                    // What an import made and its undoing took away has a history still, for staff.
                    guard context.caller.isStaff, try await database.isKept(PastPlace.self, id) else { throw Problem.notFound }
                }
                return []
            }, seen: { place, _ in place })
    }
}

extension HistoryRoutes where Desk == StructureDesk {
    init(_ parts: WebParts, _ desk: StructureDesk) {
        let database = parts.database
        self.init(
            database: database, writing: parts.writing, desk: desk, parameter: "id", id: { Structure.ID($0) }, write: .writeStructures,
            hidden: { id, context in
                guard let structure = try await database.structure(id) else { throw Problem.notFound }
                try context.require(.readHistory, of: id)
                return structure.isOpen(to: context.caller) ? [] : ["contacts"]
            }, seen: { $0.seen(by: $1) })
    }
}

extension HistoryRoutes where Desk == MediatorDesk {
    init(_ parts: WebParts, _ desk: MediatorDesk) {
        let (database, generators) = (parts.database, parts.generators)
        self.init(
            database: database, writing: parts.writing, desk: desk, parameter: "id", id: { Mediator.ID($0) }, write: .writeMediators,
            hidden: { id, context in
                guard let mediator = try await database.mediator(id, at: generators.now()) else { throw Problem.notFound }
                try context.require(.readHistory, of: mediator.structure, mediator: id)
                return mediator.isOpen(to: context.caller) ? [] : Mediator.contact
            }, seen: { $0.seen(by: $1) })
    }
}

extension HistoryRoutes where Desk == SkillDesk {
    init(_ parts: WebParts, _ desk: SkillDesk) {
        let database = parts.database
        self.init(
            database: database, writing: parts.writing, desk: desk, parameter: "code", id: { Form.skill.matches($0) ? $0 : nil },
            write: .writeSkills,
            hidden: { id, context in
                guard try await database.skill(id) != nil else { throw Problem.notFound }
                try context.require(.readHistory, of: nil)
                return []
            }, seen: { skill, _ in skill })
    }
}

extension HistoryRoutes {
    init<Draft: EntryDraft>(_ parts: WebParts, _ desk: EntryDesk<Draft>) where Desk == EntryDesk<Draft> {
        let database = parts.database
        self.init(
            database: database, writing: parts.writing, desk: desk, parameter: "id", id: { Identifier<Draft>($0) }, write: .writeSkills,
            hidden: { id, context in
                guard try await database.entry(id) != nil else { throw Problem.notFound }
                try context.require(.readHistory, of: nil)
                return []
            }, seen: { entry, _ in entry })
    }
}
