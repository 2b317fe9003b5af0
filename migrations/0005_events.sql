-- What happened, and what is still to be done: one log, one table of jobs. Both are written in the transaction of what they speak of.

CREATE TABLE events (
    position    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Positions are given before COMMIT, so a reader that follows them alone can pass over a slow writer.
    -- Who reads in order stops below the oldest transaction that is still open.
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at          timestamptz NOT NULL,
    -- 'referral.accepted': what it happened to, and what happened.
    kind        text NOT NULL,
    subject     text NOT NULL,
    -- Role and token of who did it; the program itself is 'system'.
    actor_role  text NOT NULL,
    actor       uuid,
    -- Identifiers, numbers and codes only: never what a person wrote, nor who a person is.
    data        jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX events_by_subject ON events (subject, position);

CREATE TABLE jobs (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       text NOT NULL,
    -- What the job is about: one such job waits at a time.
    subject    text NOT NULL,
    run_at     timestamptz NOT NULL,
    attempts   integer NOT NULL DEFAULT 0,
    -- Set when every attempt has failed: kept for a person to read.
    dead_at    timestamptz,
    last_error text,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX job_waits_once ON jobs (kind, subject) WHERE dead_at IS NULL;
CREATE INDEX jobs_due ON jobs (run_at) WHERE dead_at IS NULL;
