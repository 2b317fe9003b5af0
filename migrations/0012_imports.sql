-- Imports for years: what was brought in when, what each source says of its places, and what each import did, so that it can be undone.

CREATE TABLE imports (
    id          uuid PRIMARY KEY,
    -- The file's name, as it was given: for people.
    file        text,
    status      text NOT NULL,
    dry_run     boolean NOT NULL,
    -- The file holds a part of its sources only: what is not in it has not vanished.
    partial     boolean NOT NULL,
    -- Records that have been looked at so far.
    records     integer NOT NULL DEFAULT 0,
    -- What came of it; a report quotes the file, so it goes into no log.
    report      jsonb,
    -- Why it failed, in words for people.
    failure     text,
    actor_role  text NOT NULL,
    actor       uuid,
    created_at  timestamptz NOT NULL,
    finished_at timestamptz,
    undone_at   timestamptz,
    CONSTRAINT import_status_known CHECK (status IN ('waiting', 'running', 'done', 'failed', 'undone')),
    CONSTRAINT import_undone_when_undone CHECK ((status = 'undone') = (undone_at IS NOT NULL))
);

-- What a source said last of each of its records: the base of the three-way merge by which a person's correction outlives the next import. Who said
-- what a member holds is read off it: the source, where both are alike.
CREATE TABLE place_sources (
    -- '' for files that name no source.
    source      text NOT NULL,
    source_id   text NOT NULL,
    place_id    uuid NOT NULL REFERENCES places,
    -- The columns of places, by their names.
    values      jsonb NOT NULL,
    -- When the source last said something new.
    said_at     timestamptz NOT NULL,
    -- Since when the source no longer has the record. The place stays.
    vanished_at timestamptz,
    PRIMARY KEY (source, source_id)
);
CREATE INDEX place_sources_by_place ON place_sources (place_id);
CREATE INDEX place_sources_vanished ON place_sources (place_id) WHERE vanished_at IS NOT NULL;

-- What an import did to a place, and what was there before. Rows without a place of their own: an undone import leaves none.
CREATE TABLE import_changes (
    import_id     uuid NOT NULL REFERENCES imports,
    position      bigint GENERATED ALWAYS AS IDENTITY,
    place_id      uuid NOT NULL,
    kind          text NOT NULL,
    source        text NOT NULL,
    source_id     text,
    -- The columns that took another value.
    changed       text[] NOT NULL,
    -- The version that the place had afterwards.
    version       integer NOT NULL,
    -- The place's columns before, of those that were changed.
    former        jsonb,
    -- The row of place_sources before; NULL when there was none.
    former_source jsonb,
    PRIMARY KEY (import_id, position),
    -- said: the place stayed as it was, and what the source says did not.
    CONSTRAINT import_change_kind_known CHECK (kind IN ('created', 'changed', 'said', 'vanished')),
    CONSTRAINT import_change_former_when_changed CHECK ((kind = 'changed') = (former IS NOT NULL))
);
CREATE INDEX import_changes_by_place ON import_changes (place_id, position);
