import Foundation
import Relais
import Testing

@Suite("Who may do what")
struct PermissionsTests {
    /// The whole table as people read it: e = everything, s = own structure, o = own, - = not at all. A tool may with the scope named last.
    static let table = """
        action            admin coordinator manager mediator prescriber visitor system tool
        readRegistry      e     e           e       e        e          e       e      read:registry
        readMediators     e     e           e       e        e          -       e      read:registry
        writeStructures   e     e           s       -        -          -       e      write:registry
        createStructures  e     e           -       -        -          -       e      write:registry
        writePlaces       e     e           s       -        -          -       e      write:registry
        writeMediators    e     e           s       -        -          -       e      write:registry
        writeSkills       e     e           -       -        -          -       e      write:registry
        importPlaces      e     e           -       -        -          -       e      write:registry
        settleDuplicates  e     e           -       -        -          -       e      write:registry
        agreeCapacity     e     e           -       -        -          -       e      -
        declareCapacity   e     e           s       o        -          -       e      write:registry
        confirm           e     e           s       o        -          -       e      write:registry
        apply             e     e           e       e        e          e       e      write:registry
        supervise         e     e           -       -        -          -       e      -
        fileRequest       e     e           e       -        e          e       e      write:requests
        readRequests      e     e           s       o        s          -       e      read:requests
        readPerson        e     e           s       o        s          -       e      -
        qualifyRequest    e     e           -       -        -          -       e      write:requests
        cancelRequest     e     e           s       -        s          -       e      write:requests
        readCandidates    e     e           -       -        -          -       e      read:requests
        propose           e     e           -       -        -          -       e      write:referrals
        withdraw          e     e           -       -        -          -       e      write:referrals
        readReferrals     e     e           s       o        s          -       e      read:requests
        answerReferral    e     e           s       o        -          -       e      write:referrals
        handOver          e     e           -       -        -          -       e      write:referrals
        readHistory       e     e           s       o        -          -       e      read:registry
        readEvents        e     e           -       -        -          -       e      read:registry
        readPolicies      e     e           e       e        e          -       e      read:requests
        writePolicies     e     -           -       -        -          -       e      -
        manageTokens      e     -           -       -        -          -       e      -
        """

    static let lines: [[String]] = table.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }

    @Test func theTableIsWhole() {
        #expect(Set(Self.lines.dropFirst().map { $0[0] }) == Set(Action.allCases.map(\.rawValue)))
        #expect(Set(Self.lines[0].dropFirst()) == Set(Caller.Role.allCases.map(\.rawValue)))
    }

    @Test(arguments: lines.dropFirst()) func everyRoleReachesWhatTheTableSays(line: [String]) throws {
        let action = try #require(Action(rawValue: line[0]))
        for (role, letter) in zip(Self.lines[0].dropFirst().dropLast(), line.dropFirst().dropLast()) {
            let expected: Reach? = ["e": .everything, "s": .ownStructure, "o": .own][letter]
            let caller = Caller(try #require(Caller.Role(rawValue: role)))
            #expect(caller.reach(for: action) == expected, "\(role) \(action.rawValue)")
        }
        // A tool: with all scopes but the one that is needed it may not, with that one alone it may.
        let scope = Scope(rawValue: line[8])
        #expect(Caller(.tool, scopes: Set(Scope.allCases).subtracting([scope].compactMap { $0 })).reach(for: action) == nil)
        if let scope { #expect(Caller(.tool, scopes: [scope]).reach(for: action) == .everything) }
    }

    @Test func whatIsAnothersStaysAnothers() {
        let mine = Structure.ID(UUID())
        let other = Structure.ID(UUID())
        let me = Mediator.ID(UUID())
        let manager = Caller(.manager, structure: mine)
        #expect(manager.may(.writePlaces, of: mine))
        #expect(!manager.may(.writePlaces, of: other))
        #expect(!manager.may(.writePlaces, of: nil))
        let mediator = Caller(.mediator, mediator: me)
        #expect(mediator.may(.answerReferral, of: mine, mediator: me))
        #expect(!mediator.may(.answerReferral, of: mine, mediator: Mediator.ID(UUID())))
        #expect(!mediator.may(.answerReferral, of: mine))
        #expect(!Caller.visitor.may(.readRequests, of: nil))
        #expect(Caller(.coordinator).may(.writePlaces, of: nil))
    }
}
