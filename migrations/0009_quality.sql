-- How much a record says, and since when somebody who knows has not said that it is right.

-- A record counts as stale so many days after it was last known to be right: 183 is six months. In days of 24 hours, so that "stale from" and
-- "stale at this instant" are the same question in every time zone.
ALTER TABLE policies ADD COLUMN stale_after_days integer NOT NULL DEFAULT 183,
    ADD CONSTRAINT policy_stale_after_days_range CHECK (stale_after_days BETWEEN 1 AND 3660);

-- Who said last that the record is right: the token (no foreign key, as in events), and its role. NULL: nobody has yet.
ALTER TABLE structures ADD COLUMN confirmed_at timestamptz, ADD COLUMN confirmed_by uuid, ADD COLUMN confirmed_as text,
    ADD CONSTRAINT structure_confirmed_as_somebody CHECK ((confirmed_at IS NULL) = (confirmed_as IS NULL));
ALTER TABLE places ADD COLUMN confirmed_at timestamptz, ADD COLUMN confirmed_by uuid, ADD COLUMN confirmed_as text,
    ADD CONSTRAINT place_confirmed_as_somebody CHECK ((confirmed_at IS NULL) = (confirmed_as IS NULL));
ALTER TABLE mediators ADD COLUMN confirmed_at timestamptz, ADD COLUMN confirmed_by uuid, ADD COLUMN confirmed_as text,
    ADD CONSTRAINT mediator_confirmed_as_somebody CHECK ((confirmed_at IS NULL) = (confirmed_as IS NULL));

-- When the record was last known to be right: its confirmation, or the day that its source gives if that is later (but no day after its last change
-- here: files hold days of the future); with neither, when it was made. greatest() passes over NULL, and least() would too: hence the CASE.
ALTER TABLE structures ADD COLUMN known_at timestamptz NOT NULL GENERATED ALWAYS AS (coalesce(confirmed_at, created_at)) STORED;
ALTER TABLE places ADD COLUMN known_at timestamptz NOT NULL GENERATED ALWAYS AS
    (coalesce(greatest(confirmed_at, CASE WHEN updated_on IS NOT NULL THEN
        least(updated_on::timestamp AT TIME ZONE 'Europe/Paris', updated_at) END), created_at)) STORED;
ALTER TABLE mediators ADD COLUMN known_at timestamptz NOT NULL GENERATED ALWAYS AS (coalesce(confirmed_at, created_at)) STORED;

-- The points of each part of a place's quality, in the order of Quality.placeParts (which names the parts, their most, and what would raise them):
-- this is the only place that says what a record is worth. 100 in all.
CREATE FUNCTION place_quality_points(
    pivot text, structure_id uuid, commune text, latitude double precision, phone text, emails text[], websites text[], opening_hours text,
    services text[], summary text, description text, publics text[], fees text[], access_modes text[]
) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY[
    CASE WHEN pivot IS NOT NULL AND pivot !~ '^0+$' THEN 5 ELSE 0 END,
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

-- Of a structure, in the order of Quality.structureParts.
CREATE FUNCTION structure_quality_points(siret text, rna text, typologies text[], phone text, email text, website text, networks text[])
    RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY[
    CASE WHEN siret IS NOT NULL OR rna IS NOT NULL THEN 30 ELSE 0 END,
    CASE WHEN cardinality(typologies) > 0 THEN 15 ELSE 0 END,
    CASE WHEN phone IS NOT NULL THEN 20 ELSE 0 END,
    CASE WHEN email IS NOT NULL THEN 15 ELSE 0 END,
    CASE WHEN website IS NOT NULL THEN 10 ELSE 0 END,
    CASE WHEN cardinality(networks) > 0 THEN 10 ELSE 0 END
]::integer[];

-- PL/pgSQL, because a function in SQL that sums is planned anew in each row of a bulk insert.
CREATE FUNCTION points_total(points integer[]) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    total integer := 0;
    part  integer;
BEGIN
    FOREACH part IN ARRAY points LOOP total := total + part; END LOOP;
    RETURN total;
END $$;

-- Stored, so that lists filter and sort by it; generated, so that it is right whoever writes.
ALTER TABLE places ADD COLUMN quality integer NOT NULL GENERATED ALWAYS AS (points_total(place_quality_points(
    pivot, structure_id, commune, latitude, phone, emails, websites, opening_hours, services, summary, description, publics, fees,
    access_modes))) STORED;
ALTER TABLE structures ADD COLUMN quality integer NOT NULL GENERATED ALWAYS AS (points_total(structure_quality_points(
    siret, rna, typologies, phone, email, website, networks))) STORED;

-- The points of a row: SELECT quality_points(places) FROM places.
CREATE FUNCTION quality_points(place places) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT place_quality_points(
    place.pivot, place.structure_id, place.commune, place.latitude, place.phone, place.emails, place.websites, place.opening_hours,
    place.services, place.summary, place.description, place.publics, place.fees, place.access_modes)
$$;
CREATE FUNCTION quality_points(structure structures) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT structure_quality_points(
    structure.siret, structure.rna, structure.typologies, structure.phone, structure.email, structure.website, structure.networks)
$$;

-- A mediator's skills and places stand in tables of their own, so its quality is counted when it is read, in the order of Quality.mediatorParts.
CREATE FUNCTION quality_points(mediator mediators, skills bigint, places bigint) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY[
    CASE WHEN skills > 0 THEN 35 ELSE 0 END,
    CASE WHEN cardinality(mediator.modes) > 0 THEN 20 ELSE 0 END,
    CASE WHEN places > 0 OR mediator.travel_radius_m > 0 OR mediator.modes && '{remote}' THEN 20 ELSE 0 END,
    CASE WHEN mediator.phone IS NOT NULL OR mediator.email IS NOT NULL THEN 25 ELSE 0 END
]::integer[]
$$;

-- Best and freshest first, as lists are sorted.
CREATE INDEX places_by_quality ON places (quality DESC, id) WHERE archived_at IS NULL;
CREATE INDEX structures_by_quality ON structures (quality DESC, id) WHERE archived_at IS NULL;
DROP INDEX places_by_freshness;  -- by updated_at, which any correction moves
CREATE INDEX places_by_freshness ON places (known_at DESC, id) WHERE archived_at IS NULL;
CREATE INDEX structures_by_freshness ON structures (known_at DESC, id) WHERE archived_at IS NULL;
CREATE INDEX mediators_by_freshness ON mediators (known_at DESC, id) WHERE archived_at IS NULL;
