-- A version of a place holds where it stopped, so that a slip in a round can be seen, read as it was, and undone.

-- The stops of a place as the API tells them, in their order; NULL when it has none.
CREATE FUNCTION stops_as_told(place uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_agg(jsonb_build_object(
               'id', id, 'name', name, 'address', address, 'commune', commune,
               'location', CASE WHEN latitude IS NOT NULL THEN jsonb_build_object('latitude', latitude, 'longitude', longitude) END,
               'hours', hours, 'valid_from', valid_from, 'valid_until', valid_until) ORDER BY position, id)
      FROM stops WHERE place_id = place AND archived_at IS NULL
$$;

-- As in 0008_history.sql; and the stops of a place that has some. Whoever changes stops therefore writes them before the place's new version: nearly
-- no place has stops, and an import that changes a hundred thousand looks once into an index for each and waits for no deferred trigger. A place that
-- is being made has none yet.
CREATE OR REPLACE FUNCTION keep_row_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept jsonb := to_jsonb(NEW);
BEGIN
    IF TG_NARGS > 2 THEN kept := kept - TG_ARGV[2:TG_NARGS - 1]; END IF;
    IF TG_ARGV[0] = 'place' AND TG_OP = 'UPDATE' THEN
        -- An IF of its own: other tables have no such column.
        IF EXISTS (SELECT FROM stops WHERE place_id = NEW.id AND archived_at IS NULL) THEN
            kept := kept || jsonb_build_object('stops', stops_as_told(NEW.id));
        END IF;
    END IF;
    INSERT INTO row_versions (kind, subject, version, at, row) VALUES (TG_ARGV[0], kept ->> TG_ARGV[1], NEW.version, NEW.updated_at, kept);
    RETURN NULL;
END $$;

-- What was there before: nobody knows where a place stopped when its earlier versions were made. They get the stops of today, too, as it is with
-- every member that is younger than a version, so that these count as unchanged: otherwise undoing the last change of a name would take them away.
UPDATE row_versions v SET row = v.row || jsonb_build_object('stops', stops_as_told(place.id))
  FROM (SELECT DISTINCT place_id AS id FROM stops WHERE archived_at IS NULL) AS place
 WHERE v.kind = 'place' AND v.subject = place.id::text;
