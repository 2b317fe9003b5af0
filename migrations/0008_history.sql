-- What the registry's entries were: each version of each structure, place, mediator and skill, whoever wrote it, and the order in which readers follow.
--
-- Who did it is not repeated here: it is the event of the same subject in the same transaction (events.transaction).

CREATE TABLE row_versions (
    -- 'structure', 'place', 'mediator' or 'skill'.
    kind        text NOT NULL,
    -- The identifier or code of the entry, as in events.subject.
    subject     text NOT NULL,
    version     integer NOT NULL,
    -- When the version was made: the entry's updated_at.
    at          timestamptz NOT NULL,
    -- Readers follow (transaction, position), and stop below the oldest transaction that is still open (see 0005_events.sql).
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
    position    bigint GENERATED ALWAYS AS IDENTITY,
    -- Every column of the row, also those that are null: a member that is missing here was not yet a column then.
    row         jsonb NOT NULL,
    PRIMARY KEY (kind, subject, version)
);
-- A feed goes on where it stopped.
CREATE INDEX row_versions_in_order ON row_versions (kind, transaction, position);
-- A feed is opened at an instant. Versions come nearly in order of time, which a BRIN keeps in a few pages and at next to no cost.
CREATE INDEX row_versions_by_time ON row_versions USING brin (at) WITH (pages_per_range = 16);
CREATE INDEX events_in_order ON events (transaction, position);

-- Keeps the new version of a row. Its arguments: the kind, the key's column, and after them columns that are left out because they are derived
-- from the others (a later migration that adds such a column makes the trigger anew with its name).
CREATE FUNCTION keep_row_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept jsonb := to_jsonb(NEW);
BEGIN
    IF TG_NARGS > 2 THEN kept := kept - TG_ARGV[2:TG_NARGS - 1]; END IF;
    INSERT INTO row_versions (kind, subject, version, at, row) VALUES (TG_ARGV[0], kept ->> TG_ARGV[1], NEW.version, NEW.updated_at, kept);
    RETURN NULL;
END $$;

-- A write that leaves the version as it is (a score that is computed anew) is no change of what is told of the entry.
CREATE TRIGGER structure_version_made AFTER INSERT ON structures
    FOR EACH ROW EXECUTE FUNCTION keep_row_version('structure', 'id');
CREATE TRIGGER structure_version_changed AFTER UPDATE ON structures
    FOR EACH ROW WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION keep_row_version('structure', 'id');
CREATE TRIGGER place_version_made AFTER INSERT ON places
    FOR EACH ROW EXECUTE FUNCTION keep_row_version('place', 'id', 'spot', 'name_key', 'words');
CREATE TRIGGER place_version_changed AFTER UPDATE ON places
    FOR EACH ROW WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION keep_row_version('place', 'id', 'spot', 'name_key', 'words');
CREATE TRIGGER skill_version_made AFTER INSERT ON skills
    FOR EACH ROW EXECUTE FUNCTION keep_row_version('skill', 'code');
CREATE TRIGGER skill_version_changed AFTER UPDATE ON skills
    FOR EACH ROW WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION keep_row_version('skill', 'code');

-- A mediator is told with its places, skills and limits, which stand in tables of their own. What it holds at the moment is no part of it.
CREATE FUNCTION mediator_as_told(m mediators) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT to_jsonb(m) || jsonb_build_object(
        'places', ARRAY(SELECT place_id FROM mediator_places WHERE mediator_id = m.id ORDER BY place_id),
        'skills', ARRAY(SELECT skill FROM mediator_skills WHERE mediator_id = m.id ORDER BY skill),
        'levels', ARRAY(SELECT level FROM mediator_skills WHERE mediator_id = m.id ORDER BY skill),
        'capacity', (SELECT jsonb_build_object('agreed_open', agreed_open, 'agreed_weekly', agreed_weekly, 'declared_open', declared_open,
                            'declared_weekly', declared_weekly, 'valid_until', valid_until)
                       FROM mediator_capacities WHERE mediator_id = m.id))
$$;

-- Deferred to the end of the transaction, when all of it is written.
CREATE FUNCTION keep_mediator_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO row_versions (kind, subject, version, at, row)
    VALUES ('mediator', NEW.id, NEW.version, NEW.updated_at, mediator_as_told(NEW));
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER mediator_version_made AFTER INSERT ON mediators DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION keep_mediator_version();
CREATE CONSTRAINT TRIGGER mediator_version_changed AFTER UPDATE ON mediators DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION keep_mediator_version();

-- Places and skills that are moved without a new version of the mediator (a merge of two places does so) make one.
CREATE FUNCTION mediator_changes_with_its_links() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    mediator mediators;
    kept     row_versions;
BEGIN
    SELECT * INTO mediator FROM mediators WHERE id = coalesce(NEW.mediator_id, OLD.mediator_id);
    SELECT * INTO kept FROM row_versions WHERE kind = 'mediator' AND subject = mediator.id::text ORDER BY version DESC LIMIT 1;
    -- Kept at the end of this transaction, with its links; or about to be.
    IF kept.transaction = pg_current_xact_id() OR mediator.version > kept.version THEN RETURN NULL; END IF;
    IF mediator_as_told(mediator) <> kept.row THEN
        UPDATE mediators SET version = version + 1, updated_at = now() WHERE id = mediator.id;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER mediator_places_changed AFTER INSERT OR UPDATE OR DELETE ON mediator_places DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION mediator_changes_with_its_links();
CREATE CONSTRAINT TRIGGER mediator_skills_changed AFTER INSERT OR UPDATE OR DELETE ON mediator_skills DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION mediator_changes_with_its_links();

-- A structure stands under another, and never under itself by any way, as for skills (0006_skill_tree.sql): two who move two structures at once queue
-- for the lock, and the second reads what the first committed.
CREATE FUNCTION structure_stands_under_itself_never() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    above uuid := NEW.parent_id;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('structures.parent_id'));
    WHILE above IS NOT NULL LOOP
        IF above = NEW.id THEN
            RAISE EXCEPTION 'the structure would stand under itself' USING ERRCODE = 'check_violation', CONSTRAINT = 'structure_above_itself';
        END IF;
        SELECT parent_id INTO above FROM structures WHERE id = above FOR SHARE;
    END LOOP;
    RETURN NEW;
END $$;
CREATE TRIGGER structure_above_itself BEFORE INSERT OR UPDATE OF parent_id ON structures
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION structure_stands_under_itself_never();

-- What was there before this table: its present version is the first that is known.
INSERT INTO row_versions (kind, subject, version, at, row) SELECT 'structure', id, version, updated_at, to_jsonb(s) FROM structures s ORDER BY id;
INSERT INTO row_versions (kind, subject, version, at, row) SELECT 'place', id, version, updated_at, to_jsonb(p) - '{spot,name_key,words}'::text[] FROM places p ORDER BY id;
INSERT INTO row_versions (kind, subject, version, at, row) SELECT 'mediator', id, version, updated_at, mediator_as_told(m) FROM mediators m ORDER BY id;
INSERT INTO row_versions (kind, subject, version, at, row) SELECT 'skill', code, version, updated_at, to_jsonb(s) FROM skills s ORDER BY code;
