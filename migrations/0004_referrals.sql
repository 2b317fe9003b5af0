-- What is proposed to whom, and how much each may hold. Here the database holds the invariants itself (docs: domain, invariants 1 to 3):
-- they stand whoever writes, from however many connections and at any isolation level.

CREATE EXTENSION IF NOT EXISTS btree_gist;

-- Weights and limits of the matcher. A version is never changed: referrals keep the one that made them.
CREATE TABLE policies (
    version           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Offers go to several mediators at once, first to accept.
    offers_to_several boolean NOT NULL DEFAULT false,
    settings          jsonb NOT NULL,
    created_at        timestamptz NOT NULL DEFAULT now()
);
INSERT INTO policies (settings) VALUES ('{
    "weights": {"skill_fit": 3, "proximity": 3, "balance": 2},
    "half_distance_m": 8000,
    "answer_working_days": 3,
    "refusals_before_attention": 3
}');

-- A mediator's capacity. Apart from the mediators, because every proposal locks and counts here.
CREATE TABLE mediator_capacities (
    mediator_id     uuid PRIMARY KEY REFERENCES mediators,
    agreed_open     integer,
    agreed_weekly   integer,
    declared_open   integer,
    declared_weekly integer,
    stated_at       timestamptz,
    stated_by       uuid,
    valid_until     timestamptz,
    -- Referrals that are open now. Kept by the trigger below.
    held            integer NOT NULL DEFAULT 0,
    CONSTRAINT capacity_agreed_together CHECK ((agreed_open IS NULL) = (agreed_weekly IS NULL)),
    CONSTRAINT capacity_not_negative
        CHECK (agreed_open >= 0 AND agreed_weekly >= 0 AND declared_open >= 0 AND declared_weekly >= 0 AND held >= 0)
) WITH (fillfactor = 50);

-- How many referrals that were proposed in an ISO week count in it. week: its Monday, in the network's time zone.
CREATE TABLE mediator_weeks (
    mediator_id uuid NOT NULL REFERENCES mediators,
    week        date NOT NULL,
    proposed    integer NOT NULL,
    PRIMARY KEY (mediator_id, week),
    CONSTRAINT mediator_week_not_negative CHECK (proposed >= 0)
) WITH (fillfactor = 50);

CREATE TABLE referrals (
    id             uuid PRIMARY KEY,
    request_id     uuid NOT NULL REFERENCES requests,
    mediator_id    uuid NOT NULL REFERENCES mediators,
    place_id       uuid REFERENCES places,
    mode           text NOT NULL,
    status         text NOT NULL,
    policy_version integer NOT NULL REFERENCES policies,
    -- Copied from the policy by the trigger, so that the index below can see it.
    offered_to_several boolean NOT NULL DEFAULT false,
    proposed_at    timestamptz NOT NULL,
    proposed_by    uuid,
    answer_by      timestamptz NOT NULL,
    answered_at    timestamptz,
    ended_at       timestamptz,
    reason         text,
    reason_text    text,
    outcome        text,
    -- What the matcher knew: score in millionths, terms, values, weights.
    score          integer,
    explanation    jsonb,
    version        integer NOT NULL DEFAULT 1,
    updated_at     timestamptz NOT NULL,
    CONSTRAINT referral_status_known CHECK (status IN
        ('proposed', 'accepted', 'scheduled', 'declined', 'expired', 'withdrawn', 'completed', 'no_show', 'cancelled')),
    CONSTRAINT referral_mode_known CHECK (mode IN ('place', 'home', 'remote', 'on_site')),
    CONSTRAINT referral_answered_once_answered CHECK ((status IN ('proposed', 'expired', 'withdrawn')) = (answered_at IS NULL)),
    CONSTRAINT referral_ended_when_over CHECK ((status IN ('proposed', 'accepted', 'scheduled')) = (ended_at IS NULL)),
    CONSTRAINT referral_outcome_when_completed CHECK ((status = 'completed') = (outcome IS NOT NULL))
);
-- Ended referrals stay, and a policy may offer to several at once, so uniqueness is of the one that took the request…
CREATE UNIQUE INDEX referral_taken_once_per_request ON referrals (request_id) WHERE status IN ('accepted', 'scheduled');
-- … and of the one that is asked, unless several are.
CREATE UNIQUE INDEX referral_proposed_once_per_request ON referrals (request_id) WHERE status = 'proposed' AND NOT offered_to_several;
CREATE INDEX referrals_by_request ON referrals (request_id, id);
CREATE INDEX referrals_by_mediator ON referrals (mediator_id, id);
CREATE INDEX referrals_open_by_mediator ON referrals (mediator_id) WHERE status IN ('proposed', 'accepted', 'scheduled');

CREATE TABLE appointments (
    id          uuid PRIMARY KEY,
    referral_id uuid NOT NULL REFERENCES referrals,
    mediator_id uuid NOT NULL REFERENCES mediators,
    starts_at   timestamptz NOT NULL,
    ends_at     timestamptz NOT NULL,
    place_id    uuid REFERENCES places,
    cancelled_at timestamptz,
    CONSTRAINT appointment_ends_after_start CHECK (ends_at > starts_at),
    CONSTRAINT mediator_booked_once
        EXCLUDE USING gist (mediator_id WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (cancelled_at IS NULL)
);
CREATE INDEX appointments_by_referral ON appointments (referral_id);

CREATE FUNCTION week_of(instant timestamptz) RETURNS date LANGUAGE sql STABLE
    RETURN date_trunc('week', instant AT TIME ZONE 'Europe/Paris')::date;

-- The limits in force: the lower of what was agreed and what the partner declares; a stale declaration counts as the agreed one. NULL: never agreed.
-- (least() passes over NULL.)
CREATE FUNCTION open_limit(capacity mediator_capacities, instant timestamptz) RETURNS integer LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN capacity.agreed_open IS NOT NULL THEN least(capacity.agreed_open,
        CASE WHEN capacity.valid_until IS NULL OR capacity.valid_until > instant THEN capacity.declared_open END) END;
CREATE FUNCTION weekly_limit(capacity mediator_capacities, instant timestamptz) RETURNS integer LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN capacity.agreed_weekly IS NOT NULL THEN least(capacity.agreed_weekly,
        CASE WHEN capacity.valid_until IS NULL OR capacity.valid_until > instant THEN capacity.declared_weekly END) END;

-- Takes a place with the mediator, or refuses. The UPDATE comes first: its row lock puts all openings of a mediator in a line, each sees what the
-- one before it left, and under REPEATABLE READ the second fails with 40001 instead of counting on an old snapshot.
CREATE FUNCTION hold_capacity(referral referrals) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    capacity mediator_capacities;
    counted  integer;
BEGIN
    UPDATE mediator_capacities SET held = held + 1 WHERE mediator_id = referral.mediator_id RETURNING * INTO capacity;
    IF EXISTS (SELECT FROM mediators WHERE id = referral.mediator_id AND archived_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the mediator is archived' USING ERRCODE = 'check_violation', CONSTRAINT = 'mediator_archived';
    END IF;
    IF capacity.agreed_open IS NULL THEN
        RAISE EXCEPTION 'no capacity was ever agreed for this mediator' USING ERRCODE = 'check_violation', CONSTRAINT = 'mediator_capacity_unset';
    END IF;
    IF capacity.held > open_limit(capacity, referral.proposed_at) THEN
        RAISE EXCEPTION 'the mediator holds all the referrals that may be open' USING ERRCODE = 'check_violation', CONSTRAINT = 'mediator_open_limit';
    END IF;
    INSERT INTO mediator_weeks AS w (mediator_id, week, proposed) VALUES (referral.mediator_id, week_of(referral.proposed_at), 1)
        ON CONFLICT (mediator_id, week) DO UPDATE SET proposed = w.proposed + 1 RETURNING proposed INTO counted;
    IF counted > weekly_limit(capacity, referral.proposed_at) THEN
        RAISE EXCEPTION 'the mediator was proposed all that a week may bring' USING ERRCODE = 'check_violation', CONSTRAINT = 'mediator_weekly_limit';
    END IF;
END $$;

-- Gives the place back; the week's too when the proposal came to nothing within its own week.
CREATE FUNCTION release_capacity(referral referrals) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE mediator_capacities SET held = held - 1 WHERE mediator_id = referral.mediator_id;
    IF referral.status IN ('declined', 'expired', 'withdrawn', 'proposed') AND
            week_of(coalesce(referral.ended_at, referral.proposed_at)) = week_of(referral.proposed_at) THEN
        UPDATE mediator_weeks SET proposed = proposed - 1
            WHERE mediator_id = referral.mediator_id AND week = week_of(referral.proposed_at);
    END IF;
END $$;

CREATE FUNCTION guard_referral() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    opened constant text[] := '{proposed,accepted,scheduled}';
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT offers_to_several INTO NEW.offered_to_several FROM policies WHERE version = NEW.policy_version;
        -- The request's row lets its proposals pass one at a time, also those that the unique index does not see. Written, not only locked, so that
        -- under REPEATABLE READ the second one fails with 40001 instead of looking at an old snapshot.
        UPDATE requests SET version = version WHERE id = NEW.request_id;
        IF NEW.status = 'proposed' AND EXISTS (
                SELECT FROM referrals WHERE request_id = NEW.request_id AND status = 'proposed'
                   AND NOT (offered_to_several AND NEW.offered_to_several)) THEN
            RAISE EXCEPTION 'the request is already proposed to somebody'
                USING ERRCODE = 'unique_violation', CONSTRAINT = 'referral_proposed_once_per_request';
        END IF;
        IF NEW.status = ANY (opened) THEN PERFORM hold_capacity(NEW); END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF OLD.status = ANY (opened) THEN PERFORM release_capacity(OLD); END IF;
        RETURN OLD;
    END IF;
    IF (NEW.id, NEW.request_id, NEW.mediator_id, NEW.proposed_at, NEW.policy_version, NEW.offered_to_several)
            IS DISTINCT FROM (OLD.id, OLD.request_id, OLD.mediator_id, OLD.proposed_at, OLD.policy_version, OLD.offered_to_several) THEN
        RAISE EXCEPTION 'who was asked for what, when and under which policy does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'referral_identity_fixed';
    END IF;
    IF OLD.status = ANY (opened) AND NOT NEW.status = ANY (opened) THEN
        PERFORM release_capacity(NEW);
    ELSIF NEW.status = 'proposed' AND OLD.status <> 'proposed' OR NOT OLD.status = ANY (opened) AND NEW.status IS DISTINCT FROM OLD.status THEN
        RAISE EXCEPTION 'a referral that was answered is not proposed again, and one that ended stays as it ended'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'referral_moves_forward';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER referral_guard BEFORE INSERT OR UPDATE OR DELETE ON referrals FOR EACH ROW EXECUTE FUNCTION guard_referral();
