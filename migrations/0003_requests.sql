-- What is asked, and by whom.

-- The only table that says who the person helped is. Everything else refers to it by id, so that it can be guarded, audited and emptied alone.
CREATE TABLE people (
    id          uuid PRIMARY KEY,
    given_name  text,
    family_name text,
    email       text,
    phone       text,
    address     text,
    notes       text,
    created_at  timestamptz NOT NULL
);

-- Every reading of a person by somebody: who, when, for which request.
CREATE TABLE person_reads (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id  uuid NOT NULL,
    request_id uuid NOT NULL,
    -- The token that read, as events name it; no foreign key, for the log outlives what it speaks of.
    reader     uuid,
    reader_role text NOT NULL,
    at         timestamptz NOT NULL
);
CREATE INDEX person_reads_by_person ON person_reads (person_id, at);

CREATE TABLE requests (
    id                 uuid PRIMARY KEY,
    status             text NOT NULL,
    asked_by           text NOT NULL,
    -- In the words of who asks.
    objective          text NOT NULL,
    -- Of a structure or local authority: {publics, messages, tools, leaving}, in that order of importance.
    objectives         jsonb,
    group_size         integer,
    wished_dates       date[] NOT NULL DEFAULT '{}',
    commune            text REFERENCES communes,
    latitude           double precision,
    longitude          double precision,
    modes              text[] NOT NULL,
    reach_m            integer NOT NULL,
    languages          text[] NOT NULL DEFAULT '{}',
    publics            text[] NOT NULL DEFAULT '{}',
    special_care       text[] NOT NULL DEFAULT '{}',
    free_only          boolean NOT NULL DEFAULT false,
    age_band           text,
    earliest           date,
    deadline           date,
    -- [{weekdays, start, end}]: when the person can come.
    times              jsonb NOT NULL DEFAULT '[]',
    priority           smallint NOT NULL,
    priority_reason    text,
    -- The structure that files for somebody, or that asks for itself.
    prescriber         uuid REFERENCES structures,
    person_id          uuid REFERENCES people,
    filed_by           uuid,
    -- SHA-256 of the secret link and of the short code, which are derived from the server's key and stored nowhere.
    link_hash          bytea NOT NULL,
    code_hash          bytea NOT NULL,
    -- Why staff should look at it.
    needs_attention    text,
    -- Mediators that staff ticked to be asked next, in this order, should the one asked decline.
    next_mediators     uuid[] NOT NULL DEFAULT '{}',
    -- Proposals declined or expired so far, and appointments missed.
    refusals           integer NOT NULL DEFAULT 0,
    no_shows           integer NOT NULL DEFAULT 0,
    -- Came back after a refusal or a cancelled referral: first in the queue.
    returned_at        timestamptz,
    retry_at           timestamptz,
    outcome            text,
    end_reason         text,
    ended_at           timestamptz,
    version            integer NOT NULL DEFAULT 1,
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL,
    CONSTRAINT request_status_known
        CHECK (status IN ('received', 'qualified', 'waiting', 'referred', 'in_progress', 'closed', 'unserved', 'cancelled')),
    CONSTRAINT request_ended_when_over CHECK ((status IN ('closed', 'unserved', 'cancelled')) = (ended_at IS NOT NULL)),
    CONSTRAINT request_outcome_when_closed CHECK ((status = 'closed') = (outcome IS NOT NULL)),
    CONSTRAINT request_asked_by_known CHECK (asked_by IN ('individual', 'structure', 'local_authority')),
    CONSTRAINT request_coordinates_together CHECK ((latitude IS NULL) = (longitude IS NULL)),
    CONSTRAINT request_reach_range CHECK (reach_m BETWEEN 0 AND 500000),
    CONSTRAINT request_priority_range CHECK (priority BETWEEN 1 AND 3),
    CONSTRAINT request_link_once UNIQUE (link_hash),
    CONSTRAINT request_code_once UNIQUE (code_hash)
);
CREATE INDEX requests_by_status ON requests (status, id);
CREATE INDEX requests_waiting ON requests (retry_at) WHERE status = 'waiting';
CREATE INDEX requests_by_prescriber ON requests (prescriber, id) WHERE prescriber IS NOT NULL;

CREATE TABLE request_needs (
    request_id uuid NOT NULL REFERENCES requests,
    -- The order in which they were asked.
    position   smallint NOT NULL,
    skill      text NOT NULL REFERENCES skills,
    level      smallint NOT NULL,
    PRIMARY KEY (request_id, skill),
    CONSTRAINT request_need_level_range CHECK (level BETWEEN 1 AND 3)
);
