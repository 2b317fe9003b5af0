-- What a place with stops says of where and when it is open is said by its stops; hours that no program reads are worth little; and a source's day that is
-- still to come says nothing of what is known.

-- How many stops it has, kept by the stops themselves: no version of its own, for the version that a change of the stops makes comes with it.
ALTER TABLE places ADD COLUMN stop_count integer NOT NULL DEFAULT 0;
CREATE FUNCTION count_stops() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE places SET stop_count = counted.stops
      FROM (SELECT p.id, (SELECT count(*) FROM stops s WHERE s.place_id = p.id AND s.archived_at IS NULL) AS stops
              FROM places p WHERE p.id IN (NEW.place_id, OLD.place_id)) AS counted
     WHERE places.id = counted.id AND places.stop_count <> counted.stops;
    RETURN NULL;
END $$;
CREATE TRIGGER count_stops AFTER INSERT OR UPDATE OF place_id, archived_at OR DELETE ON stops FOR EACH ROW EXECUTE FUNCTION count_stops();
UPDATE places SET stop_count = counted.stops
  FROM (SELECT place_id, count(*) AS stops FROM stops WHERE archived_at IS NULL GROUP BY place_id) AS counted WHERE places.id = counted.place_id;

-- Whether it looks like the language of opening_hours and tells of some time: its words, numbers and signs, comments in quotes aside. Files hold "lundi au
-- vendredi" and "sur rendez-vous", which help a reader and no program. Near enough: whether it can be read is told by the program alone.
CREATE FUNCTION tells_hours(opening_hours text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT said ~* '^(?:[\s;,:+/()|.\[\]-]|[0-9]+|\m(?:mo|tu|we|th|fr|sa|su|ph|sh|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|week|easter|sunrise|sunset|dawn|dusk|open|off|closed|unknown|days?)\M)*$'
       AND said ~* '[0-9]{1,2}:[0-9]{2}\s*[-+]|24/7|\m(?:mo|tu|we|th|fr|sa|su|ph|sh|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sunrise|sunset|dawn|dusk)\M'
       -- Times that no day has, and hours without minutes.
       AND said !~* '\m(?:4[89]|[5-9][0-9]|[0-9]{3,}):[0-9]{2}|[0-9]:[6-9][0-9]|\m(?:mo|tu|we|th|fr|sa|su|ph|sh)\s+[0-9]{1,2}\s*-\s*[0-9]{1,2}\M(?!:)|^\s*[];|)+/:,]'
      FROM (SELECT regexp_replace(opening_hours, '"[^"]*"', '', 'g') AS said) AS without_comments;
END;

-- As in 0025_merges_and_quality.sql, with the stops.
CREATE FUNCTION place_quality_points(
    pivot text, structure_id uuid, commune text, latitude double precision, phone text, emails text[], websites text[], opening_hours text,
    services text[], summary text, description text, publics text[], fees text[], access_modes text[], itinerance text[], stop_count integer
) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY[
    CASE WHEN pivot ~ '^[a-zA-Z0-9]{9,14}$' AND pivot !~ '^0+$' THEN 5 ELSE 0 END,
    CASE WHEN structure_id IS NOT NULL THEN 5 ELSE 0 END,
    CASE WHEN commune IS NOT NULL THEN 10 ELSE 0 END,
    CASE WHEN latitude IS NOT NULL OR 'itinerant' = ANY (itinerance) AND stop_count > 0 THEN 15 ELSE 0 END,
    CASE WHEN phone IS NOT NULL THEN 8 ELSE 0 END + CASE WHEN cardinality(emails) + cardinality(websites) > 0 THEN 7 ELSE 0 END,
    CASE WHEN tells_hours(opening_hours) OR 'itinerant' = ANY (itinerance) AND stop_count > 0 THEN 15
         WHEN opening_hours IS NOT NULL THEN 5 ELSE 0 END,
    CASE WHEN cardinality(services) > 0 THEN 10 ELSE 0 END,
    CASE WHEN summary IS NOT NULL THEN 5 ELSE 0 END + CASE WHEN description IS NOT NULL THEN 5 ELSE 0 END,
    CASE WHEN cardinality(publics) > 0 THEN 5 ELSE 0 END,
    CASE WHEN cardinality(fees) > 0 THEN 5 ELSE 0 END,
    CASE WHEN cardinality(access_modes) > 0 THEN 5 ELSE 0 END
]::integer[];

-- Their indexes go with the columns. A day of the source that was still to come when the place was last written is none on which it was known to be right: it
-- counted as that writing, so that any correction made such a place fresh again. greatest() passes over NULL.
ALTER TABLE places DROP COLUMN quality, DROP COLUMN known_at;
ALTER TABLE places
    ADD COLUMN quality integer NOT NULL GENERATED ALWAYS AS (points_total(place_quality_points(
        pivot, structure_id, commune, latitude, phone, emails, websites, opening_hours, services, summary, description, publics, fees, access_modes,
        itinerance, stop_count))) STORED,
    ADD COLUMN known_at timestamptz NOT NULL GENERATED ALWAYS AS (coalesce(
        greatest(confirmed_at, CASE WHEN updated_on::timestamp AT TIME ZONE 'Europe/Paris' <= updated_at
            THEN updated_on::timestamp AT TIME ZONE 'Europe/Paris' END), created_at)) STORED;
CREATE INDEX places_by_quality ON places (quality DESC, id) WHERE archived_at IS NULL;
CREATE INDEX places_by_freshness ON places (known_at DESC, id) WHERE archived_at IS NULL;
ANALYZE places (quality, known_at);

CREATE OR REPLACE FUNCTION quality_points(place places) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT place_quality_points(
    place.pivot, place.structure_id, place.commune, place.latitude, place.phone, place.emails, place.websites, place.opening_hours,
    place.services, place.summary, place.description, place.publics, place.fees, place.access_modes, place.itinerance, place.stop_count)
$$;
CREATE OR REPLACE FUNCTION derived_of(place places) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
    'known_at', coalesce(greatest(place.confirmed_at, CASE WHEN place.updated_on::timestamp AT TIME ZONE 'Europe/Paris' <= place.updated_at
        THEN place.updated_on::timestamp AT TIME ZONE 'Europe/Paris' END), place.created_at),
    'quality', points_total(quality_points(place)))
$$;
DROP FUNCTION place_quality_points(text, uuid, text, double precision, text, text[], text[], text, text[], text, text, text[], text[], text[]);
