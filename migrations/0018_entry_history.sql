-- The versions of synonyms, proprietary services and alternatives are kept, too; and no version keeps what follows from the rest of it.

-- Kept after their names are those that are left out (0008_history.sql): words and keys for searching, and how far an entry can be relied on.
DROP TRIGGER structure_version_made ON structures;
DROP TRIGGER structure_version_changed ON structures;
CREATE TRIGGER structure_version_made AFTER INSERT ON structures
    FOR EACH ROW EXECUTE FUNCTION keep_row_version('structure', 'id', 'known_at', 'quality');
CREATE TRIGGER structure_version_changed AFTER UPDATE ON structures
    FOR EACH ROW WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION keep_row_version('structure', 'id', 'known_at', 'quality');
DROP TRIGGER place_version_made ON places;
DROP TRIGGER place_version_changed ON places;
CREATE TRIGGER place_version_made AFTER INSERT ON places
    FOR EACH ROW EXECUTE FUNCTION keep_row_version('place', 'id', 'spot', 'name_key', 'words', 'known_at', 'quality');
CREATE TRIGGER place_version_changed AFTER UPDATE ON places
    FOR EACH ROW WHEN (OLD.version <> NEW.version)
    EXECUTE FUNCTION keep_row_version('place', 'id', 'spot', 'name_key', 'words', 'known_at', 'quality');
DROP TRIGGER skill_version_made ON skills;
DROP TRIGGER skill_version_changed ON skills;
CREATE TRIGGER skill_version_made AFTER INSERT ON skills
    FOR EACH ROW EXECUTE FUNCTION keep_row_version('skill', 'code', 'words');
CREATE TRIGGER skill_version_changed AFTER UPDATE ON skills
    FOR EACH ROW WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION keep_row_version('skill', 'code', 'words');

CREATE TRIGGER synonym_version_made AFTER INSERT ON skill_synonyms
    FOR EACH ROW EXECUTE FUNCTION keep_row_version('synonym', 'id', 'phrase_key', 'words');
CREATE TRIGGER synonym_version_changed AFTER UPDATE ON skill_synonyms
    FOR EACH ROW WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION keep_row_version('synonym', 'id', 'phrase_key', 'words');
CREATE TRIGGER proprietary_service_version_made AFTER INSERT ON proprietary_services
    FOR EACH ROW EXECUTE FUNCTION keep_row_version('proprietary_service', 'id', 'words');
CREATE TRIGGER proprietary_service_version_changed AFTER UPDATE ON proprietary_services
    FOR EACH ROW WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION keep_row_version('proprietary_service', 'id', 'words');
CREATE TRIGGER alternative_version_made AFTER INSERT ON alternatives
    FOR EACH ROW EXECUTE FUNCTION keep_row_version('alternative', 'id');
CREATE TRIGGER alternative_version_changed AFTER UPDATE ON alternatives
    FOR EACH ROW WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION keep_row_version('alternative', 'id');

-- What was there before: its present version is the first that is known.
INSERT INTO row_versions (kind, subject, version, at, row)
    SELECT 'synonym', id, version, updated_at, to_jsonb(s) - '{phrase_key,words}'::text[] FROM skill_synonyms s ORDER BY id;
INSERT INTO row_versions (kind, subject, version, at, row)
    SELECT 'proprietary_service', id, version, updated_at, to_jsonb(s) - '{words}'::text[] FROM proprietary_services s ORDER BY id;
INSERT INTO row_versions (kind, subject, version, at, row)
    SELECT 'alternative', id, version, updated_at, to_jsonb(a) FROM alternatives a ORDER BY id;

-- What follows from the rest of a version, for those who read it as it was: the same as the generated columns of 0009_quality.sql.
CREATE FUNCTION derived_of(structure structures) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
    'known_at', coalesce(structure.confirmed_at, structure.created_at), 'quality', points_total(quality_points(structure)))
$$;
CREATE FUNCTION derived_of(place places) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
    'known_at', coalesce(greatest(place.confirmed_at, CASE WHEN place.updated_on IS NOT NULL THEN
        least(place.updated_on::timestamp AT TIME ZONE 'Europe/Paris', place.updated_at) END), place.created_at),
    'quality', points_total(quality_points(place)))
$$;
