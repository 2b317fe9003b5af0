-- Structures that ask to be in the registry, and what staff must look at again once they keep their own data.

CREATE TABLE applications (
    id           uuid PRIMARY KEY,
    status       text NOT NULL,
    -- What was sent, as the API reads it: read again when it is validated.
    structure    jsonb NOT NULL,
    places       jsonb NOT NULL,
    -- Who applies: {name, email, phone}. For staff alone.
    contact      jsonb NOT NULL,
    -- What likely duplicates are looked for by.
    siret        text,
    names        text[] NOT NULL,
    communes     text[] NOT NULL,
    -- SHA-256 of the secret link, and the fingerprint of the short code; both are derived from the server's key and stored nowhere.
    link_hash    bytea NOT NULL,
    code_hash    bytea NOT NULL,
    -- What staff wrote last to who applies.
    reason       text,
    -- What it became.
    structure_id uuid REFERENCES structures,
    token_id     uuid REFERENCES tokens,
    decided_at   timestamptz,
    version      integer NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    CONSTRAINT application_status_known CHECK (status IN ('submitted', 'changes_asked', 'validated', 'refused')),
    CONSTRAINT application_decided_when_over CHECK ((status IN ('validated', 'refused')) = (decided_at IS NOT NULL)),
    CONSTRAINT application_registered_when_validated
        CHECK ((status = 'validated') = (structure_id IS NOT NULL) AND (status = 'validated') = (token_id IS NOT NULL)),
    CONSTRAINT application_reason_given CHECK (status NOT IN ('changes_asked', 'refused') OR reason IS NOT NULL),
    CONSTRAINT application_link_once UNIQUE (link_hash),
    CONSTRAINT application_code_once UNIQUE (code_hash)
);
CREATE INDEX applications_by_status ON applications (status, id);
CREATE INDEX structures_by_likeness ON structures USING gin (search_key(name) gin_trgm_ops) WHERE archived_at IS NULL;

-- What staff must see again when a structure's own manager changes it: 'structure.name', 'place.address'; 'place' is a new place.
ALTER TABLE policies ADD COLUMN review_members text[] NOT NULL DEFAULT
    '{structure.name,structure.siret,structure.rna,place,place.name,place.address,place.commune,place.location}';

-- One row for an entry until staff has seen it: what was changed since, and who changed it last.
CREATE TABLE reviews (
    id         uuid PRIMARY KEY,
    kind       text NOT NULL,
    subject    uuid NOT NULL,
    members    text[] NOT NULL,
    changed_by uuid,
    changed_at timestamptz NOT NULL,
    seen_by    uuid,
    seen_at    timestamptz,
    version    integer NOT NULL DEFAULT 1,
    CONSTRAINT review_kind_known CHECK (kind IN ('structure', 'place'))
);
CREATE UNIQUE INDEX review_waits_once ON reviews (kind, subject) WHERE seen_at IS NULL;
CREATE INDEX reviews_waiting ON reviews (id) WHERE seen_at IS NULL;
