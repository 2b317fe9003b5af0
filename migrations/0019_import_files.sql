-- Imports by the API: the file that waits to be read, how far an import is, and its report row by row.

ALTER TABLE imports
    -- Of the records that name none.
    ADD COLUMN source text,
    -- Records of the file; NULL until it has been looked over.
    ADD COLUMN total integer,
    -- What its undoing has done so far, why that could not be done, and who asked for it.
    ADD COLUMN undoing jsonb,
    ADD COLUMN undoer_role text,
    ADD COLUMN undoer uuid;
-- undoing: asked for, and not done yet.
ALTER TABLE imports DROP CONSTRAINT import_status_known;
ALTER TABLE imports ADD CONSTRAINT import_status_known
    CHECK (status IN ('waiting', 'running', 'done', 'failed', 'undoing', 'undone'));

-- What was sent, in pieces as they came in, until the import is over: any node may be the one that reads them. No foreign key: the file comes in before
-- there is an import, which there is when all of it is here. Pieces of which there never was one go after a day.
CREATE TABLE import_files (
    import_id uuid NOT NULL,
    -- Bytes of the file before these.
    start     integer NOT NULL,
    bytes     bytea NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (import_id, start)
);

-- The report row by row, written in the transaction of what it tells of: so an import that was interrupted goes on with a report that is whole.
CREATE TABLE import_notes (
    import_id uuid NOT NULL REFERENCES imports,
    position  bigint GENERATED ALWAYS AS IDENTITY,
    kind      text NOT NULL,
    -- As ImportReport has it. Quotes the file, so it goes into no log.
    note      jsonb NOT NULL,
    PRIMARY KEY (import_id, position),
    CONSTRAINT import_note_kind_known CHECK (kind IN ('rejected', 'warning', 'change'))
);
CREATE INDEX import_notes_by_kind ON import_notes (import_id, kind, position);
