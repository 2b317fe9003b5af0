import Foundation
import Matching

/// One request of the demo network, and what becomes of it.
struct DemoRequest: Sendable {
    enum Asker: Sendable {
        /// Without an account.
        case person
        /// For somebody; index of the structure.
        case prescriber(Int)
        /// For itself.
        case structure(Int), authority(Int)
    }

    /// What is done to the request or to its open referral, how many hours after it was filed.
    struct Step: Sendable {
        enum Deed: Sendable {
            case propose
            case decline(ReferralLifecycle.DeclineReason)
            /// Nobody answers until the deadline.
            case expire
            case accept
            /// An appointment, so many days later.
            case schedule(days: Int)
            case complete(ReferralLifecycle.Outcome)
            case noShow
            case park(days: Int)
            case giveUp
            case cancel
        }

        let hours: Int
        let deed: Deed
    }

    let asker: Asker
    let draft: RequestDraft
    let person: Person?
    let hoursAgo: Int
    let steps: [Step]
    /// Its deadline, in days from when it was filed.
    let deadlineDays: Int?

    init(hosts: [Int], authorities: [Int], _ random: inout SeededGenerator) {
        let asker: Asker = random.one(weighed: [
            (55, .person), (25, .prescriber(random.one(of: hosts))), (12, .structure(random.one(of: hosts))),
            (8, .authority(random.one(of: authorities))),
        ])
        let commune = Self.commune(&random)
        var draft = RequestDraft()
        draft.commune = commune.id
        let need: DemoNeed
        switch asker {
        case .person, .prescriber:
            need = random.one(of: DemoNeed.ofPeople)
            draft.modes = random.one(weighed: [(70, [.place]), (20, [.place, .remote]), (6, [.home]), (4, [.remote])])
            // Who lives far from the towns goes further.
            draft.reach = (commune.population ?? 0) < 3000 ? 25_000 : 12_000
            draft.publics = random.chance(30) ? need.publics : []
            draft.ageBand = random.one(of: Request.AgeBand.allCases)
            draft.languages = random.chance(12) ? random.some(1, of: ["ar", "en", "es", "pt", "tr"]) : []
            draft.freeOnly = random.chance(30)
            person = Self.person(&random)
        case .structure, .authority:
            if case .structure = asker {
                need = random.one(of: DemoNeed.ofStructures)
            } else {
                need = random.one(of: DemoNeed.ofAuthorities)
            }
            draft.modes = [.onSite]
            draft.reach = 0
            draft.askedBy = if case .structure = asker { .structure } else { .localAuthority }
            draft.objectives = Request.Objectives(publics: need.publics, messages: need.messages, tools: need.tools, leaving: need.leaving)
            draft.groupSize = 5 * random.int(1...16)
            person = nil
        }
        draft.objective = need.objective
        // Some do not say what they need in terms of skills: staff does.
        draft.needs = random.chance(7) ? [] : need.needs.map { Request.Need($0.skill, level: $0.level) }
        deadlineDays = need.isUrgent && random.chance(60) ? random.int(4...30) : nil
        self.asker = asker
        self.draft = draft
        let story = Self.story(&random)
        hoursAgo = story.hoursAgo
        steps = story.steps
    }

    /// More requests where more people live, but not in proportion: else the demo would be Saint-Étienne's alone.
    private static func commune(_ random: inout SeededGenerator) -> Commune {
        random.one(
            weighed: LoireCommunes.all.map { commune in (weight: max(1, Int(Double(commune.population ?? 0).squareRoot())), value: commune)
            })
    }

    private static func person(_ random: inout SeededGenerator) -> Person {
        let (given, family) = (random.one(of: DemoWords.givenNames), random.one(of: DemoWords.familyNames))
        // Some have no e-mail, a few have nothing: they come back to the desk.
        let phone = random.chance(85) ? DemoWords.phone(&random, mobile: true) : nil
        let email = random.chance(55) ? "\(DemoWords.slug(given)).\(DemoWords.slug(family))@courriel.example" : nil
        return Person(givenName: given, familyName: family, email: email, phone: phone, address: nil, notes: nil)
    }

    private typealias Story = (hoursAgo: Int, steps: [Step])

    /// What happens, in office hours as they fall. Stories that are still going on are recent, those that are over are older.
    private static func story(_ random: inout SeededGenerator) -> Story {
        let (short, long) = (random.int(2...40), random.int(24 * 12...24 * 75))
        var steps: [Step] = []
        var hours = random.int(1...20)
        func wait(_ range: ClosedRange<Int>) { hours += random.int(range) }
        func then(_ deed: Step.Deed) { steps.append(Step(hours: hours, deed: deed)) }

        // Before somebody takes it, one in five is declined, and one in twelve waits for an answer that does not come.
        let refused = random.chance(20)
        let forgotten = random.chance(8)
        let end = random.int(1...100)
        switch end {
        case 1...10:  // nobody has got to it
            return (short, [])
        case 11...16:
            then(.park(days: random.int(5...25)))
            return (random.int(30...100), steps)
        case 17...20:
            hours += 100
            then(.giveUp)
            return (long, steps)
        case 21...24:
            then(.cancel)
            return (long, steps)
        case 25...38:  // waits for an answer
            then(.propose)
            return (hours + random.int(1...30), steps)
        default: break
        }
        if refused {
            then(.propose)
            wait(2...40)
            then(.decline(random.one(of: [.full, .absent, .tooFar, .wrongSkill, .notOurPublic])))
            wait(1...20)
        }
        if forgotten {
            then(.propose)
            wait(24 * 6...24 * 7)
            then(.expire)
            wait(1...10)
        }
        then(.propose)
        wait(1...45)
        then(.accept)
        wait(1...30)
        switch end {
        case 39...48:  // taken, not yet helped
            return (hours + random.int(1...60), steps)
        case 49...56:
            then(.schedule(days: random.int(2...12)))
            return (hours + random.int(1...24), steps)
        case 57...60:
            wait(24...96)
            then(.noShow)
            return (hours + random.int(1...48), steps)
        default:
            wait(24...240)
            then(
                .complete(
                    random.one(weighed: [(70, .resolved), (14, .partlyResolved), (8, .redirected), (4, .abandoned), (4, .unreachable)])))
            return (max(hours + 1, long), steps)
        }
    }
}
