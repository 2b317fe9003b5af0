-- Words whose feminine the stemmer does not see without accents; and the words of the labels of all that a place offers, and of what kind of place it is.

-- What the stemmer is given. It knows "partagée" by its accent, which is gone by then (0006_skill_tree.sql), and leaves "partage" of it, but "partag" of
-- "partagé": so an é before the ending is one e, as people who type without accents have it in the masculine, too. "agréé" has two of them, "agréée" three.
-- Nouns change as well ("lycée", "journée"), wherever they stand. Not short words ("née", "idée"), nor "données", which would be found by "don".
CREATE FUNCTION stem_key(key text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace(key, '\m(?!donnees?\M)(\w{3,}?)ee+(s?)\M', '\1e\2', 'g');

CREATE OR REPLACE FUNCTION search_words(words text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN to_tsvector('french_unaccent', stem_key(search_key(words)));
CREATE OR REPLACE FUNCTION spoken_words(words text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN to_tsvector('french_unaccent', stem_key(spoken_key(words)));

-- As in 0021_spelling.sql, but for the words that it asks for: given to the stemmer as those of the texts are.
CREATE OR REPLACE FUNCTION search_query(kind text, asked text) RETURNS tsquery LANGUAGE plpgsql STABLE STRICT PARALLEL RESTRICTED SET enable_seqscan = off AS $$
DECLARE
    part text;
    written tsquery;
    is_known boolean;
    ways text;
    sought text := '';
BEGIN
    FOREACH part IN ARRAY string_to_array(spoken_key(asked), ' ') LOOP
        CONTINUE WHEN ts_lexize('french_stem', part) = '{}' OR part ~ '^[a-z]$' OR part = 'meme';
        written := plainto_tsquery('french_unaccent', stem_key(part));
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
                SELECT concat_ws(' | ', ways, string_agg(DISTINCT nullif(plainto_tsquery('french_unaccent', stem_key(word))::text, ''), ' | ')) INTO ways
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

-- The words of what is offered and of what kind of place it is: those of the code's label (Vocabulary.swift, Typologies.swift) and of the code itself, for
-- people say "CCAS" and "BIB"; codes that are not here are made of their label's words. (A label that changes is changed here, too: by a migration.)
-- PL/pgSQL, because a function in SQL that sums is planned anew in each row of a bulk insert.
CREATE OR REPLACE FUNCTION code_words(codes text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN (SELECT string_agg(coalesce('{
        "demarches-administratives": "aide aux démarches administratives", "outils-du-quotidien": "maîtrise des outils numériques du quotidien",
        "insertion-professionnelle": "insertion professionnelle via le numérique", "usage-securise": "utilisation usage sécurisé du numérique",
        "parentalite-education": "parentalité et éducation avec le numérique", "loisirs-creations": "loisirs et créations numériques",
        "comprehension-du-numerique": "compréhension du monde numérique", "acces-internet-materiel": "accès internet et matériel informatique",
        "materiel-prix-solidaire": "acquisition de matériel informatique à prix solidaire", "langues-anglais": "langues étrangères anglais",
        "langues-autres": "langues étrangères autres",
        "mon-espace-sante": "formé à mon espace santé", "duplex": "formé à duplex illettrisme", "arnia-mednum-bfc": "arnia mednum bfc bourgogne-franche-comté",
        "collectif-reemploi-normandie": "collectif ressources et acteurs réemploi normandie", "etapes-numeriques": "étapes numériques la poste",
        "eclaireurs-du-numerique": "les éclaireurs du numérique drôme", "mes-papiers": "mes papiers métropole de lyon", "sud-labs": "sud labs paca",
        "envoyer-fiche-de-prescription": "envoyer un mail avec une fiche de prescription",
        "ACI": "aci structures porteuses d’ateliers et chantiers d’insertion",
        "ACIPHC": "aciphc siae atelier chantier d’insertion premières heures en chantier",
        "AFPA": "afpa agence nationale pour la formation professionnelle des adultes", "AI": "associations intermédiaires",
        "ASE": "ase aide sociale à l’enfance", "ASSO": "asso association", "ASSO_CHOMEUR": "asso associations de chômeurs",
        "AVIP": "avip crèche à vocation d’insertion professionnelle", "BIB": "bib bibliothèque médiathèque",
        "CAARUD": "caarud centre d’accueil et d’accompagnement à la réduction de risques pour usagers de drogues",
        "CADA": "cada centres d’accueil de demandeurs d’asile", "CAF": "caf caisse d’allocations familiales",
        "CAVA": "cava centres d’adaptation à la vie active", "CC": "cc communauté de communes", "CCAS": "ccas centre communal d’action sociale",
        "CCONS": "ccons chambres consulaires", "CD": "cd conseil départemental", "CDAS": "cdas centre départemental d’action sociale",
        "CFP": "cfp centre des finances publiques", "CHRS": "chrs centres d’hébergement et de réinsertion sociale",
        "CHU": "chu centres d’hébergement d’urgence", "CIAS": "cias centre intercommunal d’action sociale",
        "CIDFF": "cidff centres d’information sur les droits des femmes et des familles", "CITMET": "citmet cité des métiers",
        "CMP": "cmp centre médico psychologique", "CMS": "cms centre médico-social", "CPAM": "cpam caisse primaire d’assurance maladie",
        "CPH": "cph centres provisoires d’hébergement", "CS": "cs centre social",
        "CSAPA": "csapa centre de soins d’accompagnement et de prévention en addictologie", "CSC": "csc centre socioculturel",
        "DEETS": "deets directions de l’économie de l’emploi du travail et des solidarités", "DEPT": "dept services sociaux du département",
        "DIPLP": "diplp délégation interministérielle à la prévention et à la lutte contre la pauvreté", "E2C": "e2c école de la deuxième chance",
        "EA": "ea entreprise adaptée", "EATT": "eatt entreprise adaptée", "EI": "ei entreprises d’insertion",
        "EITI": "eiti entreprises d’insertion par le travail indépendant", "ENM": "enm espace numérique mobile", "EPCI": "epci intercommunalité",
        "EPI": "epi espace public internet", "EPIDE": "epide établissement pour l’insertion dans l’emploi", "EPN": "epn espace public numérique",
        "ES": "es épicerie solidaire", "ESAT": "esat établissements ou services d’aide par le travail",
        "ESS": "ess entreprise de l’économie sociale et solidaire", "ETTI": "etti entreprises de travail temporaire d’insertion",
        "EVS": "evs espace de vie sociale", "FAIS": "fais fédérations d’acteurs de l’insertion et de la solidarité", "FT": "ft france travail",
        "GEIQ": "geiq groupements d’employeurs pour l’insertion et la qualification", "HUDA": "huda hébergement d’urgence pour demandeurs d’asile",
        "MDE": "mde maison de l’emploi", "MDH": "mdh maison des habitants", "MDEF": "mdef maison de l’emploi et de la formation",
        "MDPH": "mdph maison départementale des personnes handicapées", "MDS": "mds maison départementale des solidarités",
        "MJC": "mjc maison des jeunes et de la culture", "ML": "ml mission locale", "MQ": "mq maison de quartier", "MSA": "msa mutualité sociale agricole",
        "MSAP": "msap maison de services au public", "MUNI": "muni municipalité",
        "OACAS": "oacas structures agréées organisme d’accueil communautaire et d’activité solidaire", "ODC": "odc organisation délégataire d’un cd",
        "OF": "of organisme de formation", "OIL": "oil opérateur d’intermédiation locative", "OPCS": "opcs organisation porteuse de la clause sociale",
        "PAD": "pad point d’accès au droit", "PENSION": "pension de famille", "PI": "pi point info",
        "PIJ_BIJ": "pij bij point info bureau information jeunesse", "PIMMS": "pimms point information médiation multi-services",
        "PJJ": "pjj protection judiciaire de la jeunesse", "PLIE": "plie plans locaux pour l’insertion et l’emploi", "PREF": "pref préfecture sous-préfecture",
        "PREVENTION": "service ou club de prévention", "REG": "reg région", "RFS": "rfs réseau france services",
        "RS_FJT": "rs fjt résidence sociale foyer de jeunes travailleurs", "SCP": "scp services et clubs de prévention",
        "SPIP": "spip services pénitentiaires d’insertion et de probation", "TIERS_LIEUX": "tiers-lieux tiers-lieu coworking",
        "UDAF": "udaf union départementale des associations familiales"}'::jsonb ->> code, code), ' ') FROM unnest(codes) AS code);
END $$;

-- Its index goes with the column.
ALTER TABLE places DROP COLUMN words;
ALTER TABLE places
    ADD COLUMN words tsvector GENERATED ALWAYS AS (
        setweight(spoken_words(name), 'A') || setweight(spoken_words(commune_name || ' ' || postcode || ' ' || address), 'B')
        || setweight(spoken_words(coalesce(code_words(typologies || services || publics || special_care || fees || programmes || labels || other_labels),
            '')), 'C')
        -- How one comes and is helped is much the same everywhere: it counts no more than a description does.
        || setweight(spoken_words(coalesce(summary, '') || ' ' || coalesce(left(description, 5000), '') || ' '
            || coalesce(code_words(access_modes || support_modes), '')), 'D')) STORED;
CREATE INDEX places_by_words ON places USING gin (words) WHERE archived_at IS NULL;
-- Nobody else counts what is in a column that was made for rows that were there.
ANALYZE places (words);

-- What is stored is computed anew. No version changes, so none is kept.
UPDATE mediators SET name = name;
UPDATE skills SET name = name;
UPDATE skill_synonyms SET phrase = phrase;
UPDATE proprietary_services SET name = name;

-- As in 0021_spelling.sql, with all that has words now.
CREATE OR REPLACE FUNCTION keep_place_words() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO place_words
    SELECT DISTINCT word FROM (
        SELECT string_to_table(name_key, ' ') FROM written
        UNION ALL
        SELECT string_to_table(search_key(code_words(ARRAY[code])), ' ')
          FROM (SELECT DISTINCT unnest(typologies || services || publics || special_care || fees || programmes || labels || other_labels
                    || access_modes || support_modes) FROM written) AS offered (code)
    ) AS part (word)
     WHERE length(word) BETWEEN 3 AND 40 AND word !~ '[0-9]' AND NOT EXISTS (SELECT FROM place_words kept WHERE kept.word = part.word);
    RETURN NULL;
END $$;
-- The words of places that are there already; those of their names are kept as they are.
INSERT INTO place_words
SELECT DISTINCT word
  FROM (SELECT DISTINCT unnest(typologies || labels || access_modes || support_modes) FROM places) AS offered (code),
       string_to_table(search_key(code_words(ARRAY[code])), ' ') AS part (word)
 WHERE length(word) BETWEEN 3 AND 40 AND word !~ '[0-9]' AND NOT EXISTS (SELECT FROM place_words kept WHERE kept.word = part.word);
