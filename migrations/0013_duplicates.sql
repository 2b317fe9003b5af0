-- Duplicates: which places may be one, which are known to be two, and which were made one.

-- A place that was found to be another is archived, and its id answers that one from then on (surviving_place).
ALTER TABLE places ADD COLUMN merged_into uuid REFERENCES places;
ALTER TABLE places ADD CONSTRAINT place_not_merged_into_itself CHECK (merged_into <> id);
ALTER TABLE places ADD CONSTRAINT place_merged_is_archived CHECK (merged_into IS NULL OR archived_at IS NOT NULL);
CREATE INDEX places_by_survivor ON places (merged_into) WHERE merged_into IS NOT NULL;

-- The last nine digits of a telephone number: `+33 4 77 33 78 12` and `04.77.33.78.12` end alike.
CREATE FUNCTION phone_end(phone text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN right(regexp_replace(phone, '[^0-9]', '', 'g'), 9);

-- What a new place is looked up by, beside its spot (0007), so that nobody looks at all of them.
CREATE INDEX places_by_postcode ON places (postcode) WHERE archived_at IS NULL;
CREATE INDEX places_by_pivot ON places (upper(pivot)) WHERE archived_at IS NULL AND pivot IS NOT NULL;
CREATE INDEX places_by_phone_end ON places (phone_end(phone)) WHERE archived_at IS NULL AND phone IS NOT NULL;

-- The place that `place` has become: itself, unless it was merged. A survivor may have been merged in its turn; a circle cannot arise, because
-- whatever a place is merged into is in the lists then.
CREATE FUNCTION surviving_place(place uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
    WITH RECURSIVE line AS (
        SELECT id, merged_into FROM places WHERE id = place
        UNION ALL
        SELECT p.id, p.merged_into FROM line JOIN places AS p ON p.id = line.merged_into
    )
    SELECT id FROM line WHERE merged_into IS NULL
$$;

-- The pairs that the last search found, and those of places that were made although they may be others. first_id is the smaller one.
CREATE TABLE duplicate_pairs (
    first_id  uuid NOT NULL REFERENCES places,
    second_id uuid NOT NULL REFERENCES places,
    -- In thousandths.
    score     integer NOT NULL,
    -- [{"reason", "value", "weight"}], the weightiest first.
    reasons   jsonb NOT NULL,
    found_at  timestamptz NOT NULL,
    PRIMARY KEY (first_id, second_id),
    CONSTRAINT duplicate_pair_in_order CHECK (first_id < second_id),
    CONSTRAINT duplicate_pair_score_range CHECK (score BETWEEN 0 AND 1000)
);
CREATE INDEX duplicate_pairs_by_score ON duplicate_pairs (score, first_id, second_id);
CREATE INDEX duplicate_pairs_by_second ON duplicate_pairs (second_id);

-- Pairs of which somebody said that they are two places: remembered for good, or until somebody takes it back.
CREATE TABLE not_duplicates (
    first_id     uuid NOT NULL REFERENCES places,
    second_id    uuid NOT NULL REFERENCES places,
    dismissed_at timestamptz NOT NULL,
    dismissed_by uuid,
    PRIMARY KEY (first_id, second_id),
    CONSTRAINT not_duplicate_pair_in_order CHECK (first_id < second_id)
);
CREATE INDEX not_duplicates_by_second ON not_duplicates (second_id);

CREATE TABLE place_merges (
    id          uuid PRIMARY KEY,
    survivor_id uuid NOT NULL REFERENCES places,
    loser_id    uuid NOT NULL REFERENCES places,
    merged_at   timestamptz NOT NULL,
    merged_by   uuid,
    undone_at   timestamptz,
    undone_by   uuid,
    CONSTRAINT place_merge_of_two CHECK (survivor_id <> loser_id)
);
CREATE UNIQUE INDEX place_merged_once ON place_merges (loser_id) WHERE undone_at IS NULL;
CREATE INDEX place_merges_by_survivor ON place_merges (survivor_id);

-- What a merge moved, so that it can be undone: each row that referred to the loser.
CREATE TABLE place_merge_moves (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    merge_id    uuid NOT NULL REFERENCES place_merges,
    relation    text NOT NULL,
    column_name text NOT NULL,
    -- The row's primary key after it moved.
    key         jsonb NOT NULL,
    -- The whole row, when it could not move because the survivor has such a row already.
    dropped     jsonb
);
CREATE INDEX place_merge_moves_by_merge ON place_merge_moves (merge_id);

CREATE INDEX referrals_by_place ON referrals (place_id) WHERE place_id IS NOT NULL;
CREATE INDEX appointments_by_place ON appointments (place_id) WHERE place_id IS NOT NULL;

-- Every column that refers to places, but those that speak of the merge itself. Read from the catalogue, so that a table that comes later is moved, too.
CREATE VIEW place_references AS
    SELECT c.conrelid::regclass AS relation, a.attname AS column_name, ARRAY(
               SELECT k.attname FROM pg_index AS i JOIN pg_attribute AS k ON k.attrelid = i.indrelid AND k.attnum = ANY (i.indkey)
                WHERE i.indrelid = c.conrelid AND i.indisprimary ORDER BY k.attnum) AS key
      FROM pg_constraint AS c JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
     WHERE c.contype = 'f' AND c.confrelid = 'places'::regclass AND cardinality(c.conkey) = 1
       AND c.conrelid NOT IN ('places'::regclass, 'duplicate_pairs'::regclass, 'not_duplicates'::regclass, 'place_merges'::regclass);

-- Lets whatever refers to the loser refer to the survivor, and notes each row.
CREATE FUNCTION move_place_references(merge uuid, loser uuid, survivor uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    reference record;
    found record;
    moved jsonb;
BEGIN
    FOR reference IN SELECT * FROM place_references ORDER BY relation::text, column_name LOOP
        FOR found IN EXECUTE format(
                'SELECT t.ctid AS place_in_table, to_jsonb(t) AS whole FROM %s AS t WHERE %I = $1 FOR UPDATE',
                reference.relation, reference.column_name) USING loser LOOP
            BEGIN
                EXECUTE format('UPDATE %s AS t SET %I = $1 WHERE ctid = $2 RETURNING to_jsonb(t)', reference.relation, reference.column_name)
                    INTO moved USING survivor, found.place_in_table;
                INSERT INTO place_merge_moves (merge_id, relation, column_name, key)
                    SELECT merge, reference.relation::text, reference.column_name, jsonb_object_agg(k, moved -> k)
                      FROM unnest(reference.key) AS k;
            EXCEPTION WHEN unique_violation OR exclusion_violation THEN
                EXECUTE format('DELETE FROM %s WHERE ctid = $1', reference.relation) USING found.place_in_table;
                INSERT INTO place_merge_moves (merge_id, relation, column_name, key, dropped)
                    VALUES (merge, reference.relation::text, reference.column_name, '{}', found.whole);
            END;
        END LOOP;
    END LOOP;
END $$;

-- The way back. A row that somebody gave another place since, or deleted, stays as it is.
CREATE FUNCTION return_place_references(merge uuid, loser uuid, survivor uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    reference record;
BEGIN
    FOR reference IN SELECT * FROM place_references LOOP
        EXECUTE format(
            'UPDATE %1$s AS t SET %2$I = $1 FROM place_merge_moves AS m
              WHERE m.merge_id = $2 AND m.relation = $3 AND m.column_name = $4 AND m.dropped IS NULL
                AND t.%2$I = $5 AND jsonb_build_object(%3$s) = m.key',
            reference.relation, reference.column_name, (SELECT string_agg(format('%L, t.%I', k, k), ', ') FROM unnest(reference.key) AS k))
            USING loser, merge, reference.relation::text, reference.column_name::text, survivor;
        EXECUTE format(
            'INSERT INTO %1$s OVERRIDING SYSTEM VALUE
             SELECT r.* FROM place_merge_moves AS m, jsonb_populate_record(NULL::%1$s, m.dropped) AS r
              WHERE m.merge_id = $1 AND m.relation = $2 AND m.column_name = $3 AND m.dropped IS NOT NULL
             ON CONFLICT DO NOTHING', reference.relation)
            USING merge, reference.relation::text, reference.column_name::text;
    END LOOP;
END $$;
