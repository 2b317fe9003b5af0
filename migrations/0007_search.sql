-- How places are found: near somewhere, by words, by what they offer.

-- Trusted: the database's owner may create it.
CREATE EXTENSION IF NOT EXISTS cube;

-- A point of the earth on the unit sphere. The straight line between two such points grows with the great circle between them, so an index in the order
-- of the one is in the order of the other, everywhere on earth; a box of degrees is neither round nor right across the 180th meridian.
CREATE FUNCTION on_sphere(latitude double precision, longitude double precision) RETURNS cube LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN cube(ARRAY[cos(radians(latitude)) * cos(radians(longitude)), cos(radians(latitude)) * sin(radians(longitude)), sin(radians(latitude))]);

-- array_to_string is only STABLE, for it takes arrays of anything; of texts it gives the same always.
CREATE FUNCTION immutable_words(items text[]) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN array_to_string(items, ' ');

ALTER TABLE places
    ADD COLUMN spot cube GENERATED ALWAYS AS (on_sphere(latitude, longitude)) STORED,
    -- What is looked for when whole words do not do: without accents and case.
    ADD COLUMN name_key text GENERATED ALWAYS AS (search_key(name || ' ' || commune_name)) STORED,
    -- The words of a place, those of its name first, then where it is and what it offers (a code is made of the words of its label), then what it tells.
    ADD COLUMN words tsvector GENERATED ALWAYS AS (
        setweight(search_words(name), 'A') || setweight(search_words(commune_name || ' ' || address), 'B')
        || setweight(search_words(immutable_words(services || publics || special_care || programmes || labels || other_labels)), 'C')
        || setweight(search_words(coalesce(summary, '') || ' ' || coalesce(left(description, 5000), '')), 'D')) STORED;

CREATE INDEX places_by_spot ON places USING gist (spot) WHERE archived_at IS NULL;
CREATE INDEX places_by_words ON places USING gin (words) WHERE archived_at IS NULL;
CREATE INDEX places_by_likeness ON places USING gin (name_key gin_trgm_ops) WHERE archived_at IS NULL;
CREATE INDEX places_by_services ON places USING gin (services) WHERE archived_at IS NULL;
CREATE INDEX places_by_name ON places (name_key, id) WHERE archived_at IS NULL;
CREATE INDEX places_by_freshness ON places (updated_at DESC, id) WHERE archived_at IS NULL;
