-- Slips of the pen in what people look for, "St" for "Saint", and the postcode as a word of a place.

-- Trusted: the database's owner may create it.
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;

-- A text as it is looked up, with its saints written out.
CREATE FUNCTION spoken_key(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace(regexp_replace(search_key(words), '\mst\M', 'saint', 'g'), '\mste\M', 'sainte', 'g');

CREATE FUNCTION spoken_words(words text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN to_tsvector('french_unaccent', spoken_key(words));

-- The words of what is offered: a code of the standard is found by its label, too (standard-mediation-num 1.0.2); others are made of their label's words.
CREATE FUNCTION code_words(codes text[]) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT string_agg(coalesce('{
        "demarches-administratives": "aide aux démarches administratives", "outils-du-quotidien": "maîtrise des outils numériques du quotidien",
        "insertion-professionnelle": "insertion professionnelle via le numérique", "usage-securise": "utilisation usage sécurisé du numérique",
        "parentalite-education": "parentalité et éducation avec le numérique", "loisirs-creations": "loisirs et créations numériques",
        "comprehension-du-numerique": "compréhension du monde numérique", "acces-internet-materiel": "accès internet et matériel informatique",
        "materiel-prix-solidaire": "acquisition de matériel informatique à prix solidaire", "langues-anglais": "langues étrangères anglais",
        "langues-autres": "langues étrangères autres"}'::jsonb ->> code, code), ' ') FROM unnest(codes) AS code
$$;

-- Their indexes go with the columns. places_by_likeness does not come back: nothing looks for names by trigrams any more.
ALTER TABLE places DROP COLUMN name_key, DROP COLUMN words;
ALTER TABLE places
    ADD COLUMN name_key text GENERATED ALWAYS AS (spoken_key(name || ' ' || commune_name)) STORED,
    ADD COLUMN words tsvector GENERATED ALWAYS AS (
        setweight(spoken_words(name), 'A') || setweight(spoken_words(commune_name || ' ' || postcode || ' ' || address), 'B')
        || setweight(search_words(coalesce(code_words(services || publics || special_care || fees || programmes || labels || other_labels), '')), 'C')
        || setweight(spoken_words(coalesce(summary, '') || ' ' || coalesce(left(description, 5000), '')), 'D')) STORED;
CREATE INDEX places_by_words ON places USING gin (words) WHERE archived_at IS NULL;
CREATE INDEX places_by_name ON places (name_key, id) WHERE archived_at IS NULL;

ALTER TABLE mediators DROP COLUMN name_key, DROP COLUMN own_words;
ALTER TABLE mediators
    ADD COLUMN name_key text GENERATED ALWAYS AS (spoken_key(name)) STORED,
    ADD COLUMN own_words tsvector GENERATED ALWAYS AS (
        setweight(spoken_words(name), 'A') || setweight(spoken_words(coalesce(presentation, '')), 'D')) STORED;

-- The words of what places are called and what they offer, each once: who asks for one of them with a slip means it. They are only ever added, and
-- nothing forbids that two transactions add the same at once, for then the second would wait for the first: a word that no place has any more, or that
-- stands here twice, does no harm. (Mediators are some thousands: the words of theirs are read when somebody asks, and none is kept of who left.)
CREATE TABLE place_words (word text NOT NULL);
CREATE INDEX place_words_by_word ON place_words (word);

-- (Without sequential scans: the plan is kept, and was made while there were few words. It took 0.3 s for each 500 places of an import, and more with each.)
CREATE FUNCTION keep_place_words() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO place_words
    SELECT DISTINCT word FROM (
        SELECT string_to_table(name_key, ' ') FROM written
        UNION ALL
        SELECT string_to_table(search_key(code_words(ARRAY[code])), ' ')
          FROM (SELECT DISTINCT unnest(services || publics || special_care || fees || programmes || labels || other_labels) FROM written) AS offered (code)
    ) AS part (word)
     WHERE length(word) BETWEEN 3 AND 40 AND word !~ '[0-9]' AND NOT EXISTS (SELECT FROM place_words kept WHERE kept.word = part.word);
    RETURN NULL;
END $$;
CREATE TRIGGER place_words_made AFTER INSERT ON places REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION keep_place_words();
CREATE TRIGGER place_words_changed AFTER UPDATE ON places REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION keep_place_words();
-- Those that are there already pass by the trigger as they are.
UPDATE places SET name = name;

CREATE VIEW known_words AS
    SELECT 'place' AS kind, word FROM place_words
    UNION ALL
    SELECT 'mediator', word FROM mediators, string_to_table(name_key, ' ') AS word WHERE archived_at IS NULL AND length(word) BETWEEN 3 AND 40
    UNION ALL
    SELECT 'mediator', word FROM skills, string_to_table(search_key(name), ' ') AS word WHERE archived_at IS NULL AND length(word) BETWEEN 3 AND 40;

-- In how many places two words differ: letters that lack, are too many or others, and neighbours that changed places (which Levenshtein counts twice).
CREATE FUNCTION slips(asked text, word text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE
        WHEN word = ANY (ARRAY(SELECT overlay(asked PLACING reverse(substr(asked, at, 2)) FROM at FOR 2) FROM generate_series(1, length(asked) - 1) AS at))
        THEN 1 ELSE levenshtein(asked, word) END
$$;

-- What somebody writes in a search box, as what is looked for among places or mediators: each word by its stem. For a word that none of them has, the
-- words of names and offers that are nearest to it do, too: with one slip, with two from eight letters on. Shorter words than four letters, and numbers, are
-- meant. Words that say nothing ("de la") are passed over, and single letters as well: "à" is one without its accent. Nothing else is NULL, and finds nothing.
-- (Without sequential scans: one would look fast to the planner, which takes a word for frequent that no row has.)
CREATE FUNCTION search_query(kind text, asked text) RETURNS tsquery LANGUAGE plpgsql STABLE STRICT PARALLEL RESTRICTED SET enable_seqscan = off AS $$
DECLARE
    part text;
    written tsquery;
    is_known boolean;
    ways text;
    sought text := '';
BEGIN
    FOREACH part IN ARRAY string_to_array(spoken_key(asked), ' ') LOOP
        CONTINUE WHEN ts_lexize('french_stem', part) = '{}' OR part ~ '^[a-z]$' OR part = 'meme';
        written := plainto_tsquery('french_unaccent', part);
        CONTINUE WHEN numnode(written) = 0;
        ways := written::text;
        IF length(part) BETWEEN 4 AND 40 AND part !~ '[0-9]' THEN
            IF kind = 'place' THEN
                is_known := EXISTS (SELECT FROM places WHERE words @@ written AND archived_at IS NULL);
            ELSE
                is_known := EXISTS (SELECT FROM mediators WHERE own_words @@ written AND archived_at IS NULL)
                    OR EXISTS (SELECT FROM skills WHERE words @@ written AND archived_at IS NULL);
            END IF;
            IF NOT is_known THEN
                SELECT concat_ws(' | ', ways, string_agg(DISTINCT nullif(plainto_tsquery('french_unaccent', word)::text, ''), ' | ')) INTO ways
                  FROM (SELECT word FROM known_words AS known
                         WHERE known.kind = search_query.kind AND length(word) BETWEEN length(part) - 2 AND length(part) + 2
                           AND levenshtein_less_equal(word, part, 2) <= 2 AND slips(part, word) <= CASE WHEN length(part) < 8 THEN 1 ELSE 2 END
                         ORDER BY slips(part, word) FETCH FIRST ROW WITH TIES) AS nearest;
            END IF;
        END IF;
        sought := concat_ws(' & ', nullif(sought, ''), '(' || ways || ')');
    END LOOP;
    RETURN nullif(sought, '')::tsquery;
END $$;
