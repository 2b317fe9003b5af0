-- Who may talk to the program, and what has already been answered.

CREATE TABLE tokens (
    id           uuid PRIMARY KEY,
    -- SHA-256 of the token. The token itself is 256 random bits, so a plain hash cannot be turned round.
    hash         bytea NOT NULL,
    name         text NOT NULL,
    role         text NOT NULL,
    structure_id uuid REFERENCES structures,
    mediator_id  uuid REFERENCES mediators,
    scopes       text[] NOT NULL DEFAULT '{}',
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_at timestamptz,
    created_at   timestamptz NOT NULL,
    CONSTRAINT token_hash_once UNIQUE (hash),
    CONSTRAINT token_role_known CHECK (role IN ('admin', 'coordinator', 'manager', 'mediator', 'prescriber', 'tool')),
    CONSTRAINT token_structure_of_role CHECK ((role IN ('manager', 'prescriber')) = (structure_id IS NOT NULL)),
    CONSTRAINT token_mediator_of_role CHECK ((role = 'mediator') = (mediator_id IS NOT NULL)),
    CONSTRAINT token_scopes_of_role CHECK ((role = 'tool') = (cardinality(scopes) > 0))
);

-- One row per Idempotency-Key and caller, written in the transaction of its effect and kept for 24 hours.
-- The answer is sealed under the client's key, of which only a hash stands here: this table alone tells nothing about anybody.
CREATE TABLE idempotency_keys (
    caller       text NOT NULL,
    key_hash     bytea NOT NULL,
    request_hash bytea NOT NULL,
    status       smallint NOT NULL,
    answer       bytea NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (caller, key_hash)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Takes a key for the rest of the transaction and says what stands under it since the given instant; held is false while another transaction has it.
-- One round trip, and yet two snapshots: each statement of a volatile function sees what was committed before it, so an answer that was committed
-- just before the lock was let go is found. A single SELECT of both would miss it, and do the work twice.
CREATE FUNCTION claim_idempotency_key(p_caller text, p_key_hash bytea, p_lock bigint, p_since timestamptz)
    RETURNS TABLE (held boolean, request_hash bytea, status smallint, answer bytea) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    held := pg_try_advisory_xact_lock(p_lock);
    IF held THEN
        SELECT k.request_hash, k.status, k.answer INTO request_hash, status, answer
          FROM idempotency_keys k WHERE k.caller = p_caller AND k.key_hash = p_key_hash AND k.created_at >= p_since;
    END IF;
    RETURN NEXT;
END
$$;

-- The key from which links and codes are derived, made at the first start when the operator gave none (RELAIS_SECRET_KEYS).
CREATE TABLE instance_secrets (
    id         smallint PRIMARY KEY DEFAULT 1,
    key        bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT instance_secret_alone CHECK (id = 1)
);
