-- An undone merge puts back what a source had said, and brings nothing back that somebody took away meanwhile; a pivot that is no number earns nothing.

-- The row of place_sources as it moved: an import that comes while the merge stands writes what its record says into the survivor. The place that comes
-- back never heard it, and would be taken for corrected by a person if its source seemed to have said it. NULL for other rows, which may tell of people.
ALTER TABLE place_merge_moves ADD COLUMN former jsonb;

CREATE OR REPLACE FUNCTION move_place_references(merge uuid, loser uuid, survivor uuid) RETURNS void LANGUAGE plpgsql AS $$
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
                INSERT INTO place_merge_moves (merge_id, relation, column_name, key, former)
                    SELECT merge, reference.relation::text, reference.column_name, jsonb_object_agg(k, moved -> k),
                           CASE reference.relation WHEN 'place_sources'::regclass THEN found.whole END
                      FROM unnest(reference.key) AS k;
            EXCEPTION WHEN unique_violation OR exclusion_violation THEN
                EXECUTE format('DELETE FROM %s WHERE ctid = $1', reference.relation) USING found.place_in_table;
                INSERT INTO place_merge_moves (merge_id, relation, column_name, key, dropped)
                    VALUES (merge, reference.relation::text, reference.column_name, '{}', found.whole);
            END;
        END LOOP;
    END LOOP;
END $$;

-- The way back. A row that somebody gave another place since, or deleted, stays as it is; so does one that the survivor had too, and has no more.
CREATE OR REPLACE FUNCTION return_place_references(merge uuid, loser uuid, survivor uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    reference record;
    has_counterpart text;
BEGIN
    FOR reference IN SELECT * FROM place_references LOOP
        EXECUTE format(
            'UPDATE %1$s AS t SET %2$I = $1 FROM place_merge_moves AS m
              WHERE m.merge_id = $2 AND m.relation = $3 AND m.column_name = $4 AND m.dropped IS NULL
                AND t.%2$I = $5 AND jsonb_build_object(%3$s) = m.key',
            reference.relation, reference.column_name, (SELECT string_agg(format('%L, t.%I', k, k), ', ') FROM unnest(reference.key) AS k))
            USING loser, merge, reference.relation::text, reference.column_name::text, survivor;
        -- What the survivor had too is the row with the same key but for the place. Where the place is no part of the key, nothing says which row it was.
        has_counterpart := 'true';
        IF reference.column_name = ANY (reference.key) THEN
            has_counterpart := format(
                'EXISTS (SELECT FROM %1$s AS t WHERE t.%2$I = $4 AND m.dropped @> jsonb_build_object(%3$s))', reference.relation, reference.column_name,
                (SELECT string_agg(format('%L, t.%I', k, k), ', ') FROM unnest(reference.key) AS k WHERE k <> reference.column_name));
        END IF;
        EXECUTE format(
            'INSERT INTO %1$s OVERRIDING SYSTEM VALUE
             SELECT r.* FROM place_merge_moves AS m, jsonb_populate_record(NULL::%1$s, m.dropped) AS r
              WHERE m.merge_id = $1 AND m.relation = $2 AND m.column_name = $3 AND m.dropped IS NOT NULL AND $4 IS NOT NULL AND %2$s
             ON CONFLICT DO NOTHING', reference.relation, has_counterpart)
            USING merge, reference.relation::text, reference.column_name::text, survivor;
    END LOOP;
    UPDATE place_sources AS s SET (values, said_at) = (f.values, f.said_at)
      FROM place_merge_moves AS m, jsonb_populate_record(NULL::place_sources, m.former) AS f
     WHERE m.merge_id = merge AND m.former IS NOT NULL AND s.source = f.source AND s.source_id = f.source_id AND s.place_id = loser;
    -- A record of the loser's that was heard for the first time meanwhile: the next import finds the loser by what it names itself.
    DELETE FROM place_sources AS s USING places AS l, places AS k
     WHERE l.id = loser AND k.id = survivor AND s.place_id = k.id AND s.source_id = l.source_id AND s.source = coalesce(l.source, '')
       AND (k.source_id, coalesce(k.source, '')) IS DISTINCT FROM (s.source_id, s.source);
END $$;

-- Of merges that stand already: what the source had said before the first import that spoke to the survivor; where none did, what it said last.
UPDATE place_merge_moves AS m
   SET former = coalesce((
           SELECT c.former_source FROM import_changes AS c JOIN imports AS i ON i.id = c.import_id
            WHERE c.source = s.source AND c.source_id = s.source_id AND c.place_id = g.survivor_id AND i.created_at >= g.merged_at
              AND c.former_source IS NOT NULL
            ORDER BY c.position LIMIT 1), to_jsonb(s))
  FROM place_merges AS g, place_sources AS s
 WHERE m.merge_id = g.id AND g.undone_at IS NULL AND m.relation = 'place_sources' AND m.former IS NULL AND m.dropped IS NULL
   AND s.source = m.key ->> 'source' AND s.source_id = m.key ->> 'source_id';

-- As in 0009_quality.sql, but for the first part: the standard's pattern is nine to fourteen letters or digits, and nothing but zeros names nobody.
CREATE OR REPLACE FUNCTION place_quality_points(
    pivot text, structure_id uuid, commune text, latitude double precision, phone text, emails text[], websites text[], opening_hours text,
    services text[], summary text, description text, publics text[], fees text[], access_modes text[]
) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY[
    CASE WHEN pivot ~ '^[a-zA-Z0-9]{9,14}$' AND pivot !~ '^0+$' THEN 5 ELSE 0 END,
    CASE WHEN structure_id IS NOT NULL THEN 5 ELSE 0 END,
    CASE WHEN commune IS NOT NULL THEN 10 ELSE 0 END,
    CASE WHEN latitude IS NOT NULL THEN 15 ELSE 0 END,
    CASE WHEN phone IS NOT NULL THEN 8 ELSE 0 END + CASE WHEN cardinality(emails) + cardinality(websites) > 0 THEN 7 ELSE 0 END,
    -- Words that hold no hour ("sur rendez-vous") help a reader a little, and no program.
    CASE WHEN opening_hours ~ '[0-9]{1,2}:[0-9]{2}|24/7' THEN 15 WHEN opening_hours IS NOT NULL THEN 5 ELSE 0 END,
    CASE WHEN cardinality(services) > 0 THEN 10 ELSE 0 END,
    CASE WHEN summary IS NOT NULL THEN 5 ELSE 0 END + CASE WHEN description IS NOT NULL THEN 5 ELSE 0 END,
    CASE WHEN cardinality(publics) > 0 THEN 5 ELSE 0 END,
    CASE WHEN cardinality(fees) > 0 THEN 5 ELSE 0 END,
    CASE WHEN cardinality(access_modes) > 0 THEN 5 ELSE 0 END
]::integer[];
-- What is stored is computed anew.
UPDATE places SET pivot = pivot WHERE pivot !~ '^[a-zA-Z0-9]{9,14}$';

-- With the bodies as text, which every later PostgreSQL reads: a database may hold them as they were first made, parsed, with the row types of then.
CREATE OR REPLACE FUNCTION quality_points(place places) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT place_quality_points(
    place.pivot, place.structure_id, place.commune, place.latitude, place.phone, place.emails, place.websites, place.opening_hours,
    place.services, place.summary, place.description, place.publics, place.fees, place.access_modes)
$$;
CREATE OR REPLACE FUNCTION quality_points(structure structures) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT structure_quality_points(
    structure.siret, structure.rna, structure.typologies, structure.phone, structure.email, structure.website, structure.networks)
$$;
CREATE OR REPLACE FUNCTION quality_points(mediator mediators, skills bigint, places bigint) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY[
    CASE WHEN skills > 0 THEN 35 ELSE 0 END,
    CASE WHEN cardinality(mediator.modes) > 0 THEN 20 ELSE 0 END,
    CASE WHEN places > 0 OR mediator.travel_radius_m > 0 OR mediator.modes && '{remote}' THEN 20 ELSE 0 END,
    CASE WHEN mediator.phone IS NOT NULL OR mediator.email IS NOT NULL THEN 25 ELSE 0 END
]::integer[]
$$;
CREATE OR REPLACE FUNCTION derived_of(structure structures) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
    'known_at', coalesce(structure.confirmed_at, structure.created_at), 'quality', points_total(quality_points(structure)))
$$;
CREATE OR REPLACE FUNCTION derived_of(place places) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
    'known_at', coalesce(greatest(place.confirmed_at, CASE WHEN place.updated_on IS NOT NULL THEN
        least(place.updated_on::timestamp AT TIME ZONE 'Europe/Paris', place.updated_at) END), place.created_at),
    'quality', points_total(quality_points(place)))
$$;
