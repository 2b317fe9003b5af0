-- Where an itinerant service stops, and when: the bus that is in the village on the first Tuesday of the month.
CREATE TABLE stops (
    id          uuid PRIMARY KEY,
    place_id    uuid NOT NULL REFERENCES places,
    -- In which order they were given.
    position    integer NOT NULL,
    name        text,
    address     text,
    commune     text NOT NULL REFERENCES communes,
    latitude    double precision,
    longitude   double precision,
    -- The point on the unit sphere (0007_search): the stop's own, or its commune's centre when it has none.
    spot        cube,
    -- Days and hours as an OSM opening_hours expression, in force on the days from valid_from to valid_until, both included; NULL: without an end.
    hours       text NOT NULL,
    valid_from  date,
    valid_until date,
    -- When it was taken out of the list; nothing is deleted.
    archived_at timestamptz,
    CONSTRAINT stop_coordinates_together CHECK ((latitude IS NULL) = (longitude IS NULL)),
    CONSTRAINT stop_latitude_range CHECK (latitude BETWEEN -90 AND 90),
    CONSTRAINT stop_longitude_range CHECK (longitude BETWEEN -180 AND 180),
    CONSTRAINT stop_valid_in_order CHECK (valid_from <= valid_until)
);
CREATE INDEX stops_by_place ON stops (place_id, position) WHERE archived_at IS NULL;
-- A search on a day first asks which expressions there are, and evaluates each once.
CREATE INDEX stops_by_hours ON stops (hours) WHERE archived_at IS NULL;
CREATE INDEX stops_by_spot ON stops USING gist (spot) WHERE archived_at IS NULL;
