-- How mediators are found by words: their names, what they tell of themselves, and the names of their skills.

ALTER TABLE mediators
    ADD COLUMN presentation text,
    ADD CONSTRAINT mediator_presentation_length CHECK (length(presentation) <= 2000),
    -- What is looked for when whole words do not do: without accents and case.
    ADD COLUMN name_key text GENERATED ALWAYS AS (search_key(name)) STORED,
    -- The words of the mediator itself. Those of its skills stand with the skills (skills.words) and are put beside these when somebody searches,
    -- so that a skill that is renamed is found at once under its new name.
    ADD COLUMN own_words tsvector GENERATED ALWAYS AS (
        setweight(search_words(name), 'A') || setweight(search_words(coalesce(presentation, '')), 'D')) STORED;

-- Words put one after the other.
CREATE AGGREGATE words_of(tsvector) (SFUNC = tsvector_concat, STYPE = tsvector, INITCOND = '');

-- What is derived is no part of what a version keeps.
CREATE OR REPLACE FUNCTION mediator_as_told(m mediators) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT to_jsonb(m) - '{known_at,name_key,own_words}'::text[] || jsonb_build_object(
        'places', ARRAY(SELECT place_id FROM mediator_places WHERE mediator_id = m.id ORDER BY place_id),
        'skills', ARRAY(SELECT skill FROM mediator_skills WHERE mediator_id = m.id ORDER BY skill),
        'levels', ARRAY(SELECT level FROM mediator_skills WHERE mediator_id = m.id ORDER BY skill),
        'capacity', (SELECT jsonb_build_object('agreed_open', agreed_open, 'agreed_weekly', agreed_weekly, 'declared_open', declared_open,
                            'declared_weekly', declared_weekly, 'valid_until', valid_until)
                       FROM mediator_capacities WHERE mediator_id = m.id))
$$;
UPDATE row_versions SET row = row - 'known_at' WHERE kind = 'mediator';
