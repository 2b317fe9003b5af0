import Foundation
import Matching
import Postgres

/// One request sent to one mediator (orientation): the unit that is accepted, held and closed.
public struct Referral: Sendable, Equatable, Identifiable {
    public typealias ID = Identifier<Referral>
    public typealias Status = ReferralLifecycle.Status

    public let id: ID
    public let version: Int
    public let request: Request.ID
    public let mediator: Mediator.ID
    public let place: Place.ID?
    public let mode: Mode
    public let status: Status
    public let policyVersion: Int
    /// The instant after which a proposal without an answer expires; three working days after the proposal unless the policy says otherwise.
    public let answerBy: Date
    public let proposedAt: Date
    public let answeredAt: Date?
    public let endedAt: Date?
    /// Why it was declined, withdrawn or cancelled: a code, and words beside it.
    public let reason: String?
    public let reasonText: String?
    public let outcome: ReferralLifecycle.Outcome?
    /// What the matcher knew of this mediator then; the score in millionths.
    public let score: Int?
    public let appointments: [Appointment]
    /// The mediator's structure, and the one that filed the request: who may see and do what depends on them.
    let structure: Structure.ID
    let prescriber: Structure.ID?
}

/// When somebody is received.
public struct Appointment: Sendable, Equatable, Codable {
    public let id: Identifier<Appointment>
    public let start: Date
    public let end: Date
    public let place: Place.ID?
}

extension Referral: RowDecodable {
    public static let columns: SQL = """
        id, version, request_id, mediator_id, place_id, mode, status, policy_version, answer_by, proposed_at, answered_at, ended_at, reason, reason_text,
        outcome, score,
        (SELECT coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'place', a.place_id,
                    'start', extract(epoch FROM a.starts_at), 'end', extract(epoch FROM a.ends_at)) ORDER BY a.starts_at), '[]')
           FROM appointments a WHERE a.referral_id = referrals.id AND a.cancelled_at IS NULL) AS appointments,
        (SELECT m.structure_id FROM mediators m WHERE m.id = referrals.mediator_id) AS structure_id,
        (SELECT q.prescriber FROM requests q WHERE q.id = referrals.request_id) AS prescriber
        """

    public init(row: borrowing Row) throws(PostgresError) {
        id = try row["id"]
        version = try row["version"]
        request = try row["request_id"]
        mediator = try row["mediator_id"]
        place = try row["place_id"]
        mode = try row["mode"]
        status = try row["status"]
        policyVersion = try row["policy_version"]
        answerBy = try row["answer_by"]
        proposedAt = try row["proposed_at"]
        answeredAt = try row["answered_at"]
        endedAt = try row["ended_at"]
        reason = try row["reason"]
        reasonText = try row["reason_text"]
        outcome = try row["outcome"]
        score = try row["score"]
        let appointments: JSON<[StoredAppointment]> = try row["appointments"]
        self.appointments = appointments.value.map(\.appointment)
        structure = try row["structure_id"]
        prescriber = try row["prescriber"]
    }
}

/// An appointment as the database gives it within its referral: instants in seconds since 1970.
private struct StoredAppointment: Codable {
    let id: Identifier<Appointment>
    let start: Double
    let end: Double
    let place: Place.ID?

    var appointment: Appointment {
        Appointment(id: id, start: Date(timeIntervalSince1970: start), end: Date(timeIntervalSince1970: end), place: place)
    }
}

/// A referral with what the caller may do with it now, and until when.
public struct SeenReferral: Sendable, Encodable, Versioned {
    public let referral: Referral
    public let actions: [SeenRequest.Deed]
    public var version: Int { referral.version }

    init(_ referral: Referral, to caller: Caller) {
        self.referral = referral
        actions = ReferralLifecycle.transitions.compactMap { transition in
            guard let action = transition.action, transition.from.contains(referral.status),
                caller.may(action, of: referral.structure, mediator: referral.mediator)
            else { return nil }
            return SeenRequest.Deed(
                verb: transition.verb.rawValue, href: transition.verb.address(of: referral.id.description),
                until: referral.status == .proposed ? referral.answerBy : nil)
        }
    }

    enum CodingKeys: String, CodingKey {
        case id, request, mediator, place, mode, status
        case answerBy = "answer_by"
        case policyVersion = "policy_version"
        case proposedAt = "proposed_at"
        case answeredAt = "answered_at"
        case endedAt = "ended_at"
        case reason
        case reasonText = "reason_text"
        case outcome, score, appointments, actions
    }

    public func encode(to encoder: any Encoder) throws {
        var out = encoder.container(keyedBy: CodingKeys.self)
        try out.encode(referral.id, forKey: .id)
        try out.encode(referral.request, forKey: .request)
        try out.encode(referral.mediator, forKey: .mediator)
        try out.encodeIfPresent(referral.place, forKey: .place)
        try out.encode(referral.mode, forKey: .mode)
        try out.encode(referral.status, forKey: .status)
        try out.encode(referral.answerBy, forKey: .answerBy)
        try out.encode(referral.policyVersion, forKey: .policyVersion)
        try out.encode(referral.proposedAt, forKey: .proposedAt)
        try out.encodeIfPresent(referral.answeredAt, forKey: .answeredAt)
        try out.encodeIfPresent(referral.endedAt, forKey: .endedAt)
        try out.encodeIfPresent(referral.reason, forKey: .reason)
        try out.encodeIfPresent(referral.reasonText, forKey: .reasonText)
        try out.encodeIfPresent(referral.outcome, forKey: .outcome)
        try out.encodeIfPresent(referral.score, forKey: .score)
        try out.encode(referral.appointments, forKey: .appointments)
        try out.encode(actions, forKey: .actions)
    }
}
