-- By what two names of structures are compared: "Association Zoomacom" is Zoomacom, "Centre communal d'action sociale de St-Étienne" the CCAS of Saint-Étienne.

-- Without what a structure is by law, without articles, and with kinds of structures (those of ServiceKind.swift that are legal bodies) in one short writing, so
-- that names differ by what is their own. A name of nothing else stays as it is written.
CREATE FUNCTION structure_key(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    WITH said AS (
        SELECT ' ' || regexp_replace(
            regexp_replace(
                spoken_key(name) || ' ', '\m(association|assoc|asso|loi (du 1er juillet |de )?1901|eurl|sarl|sasu|sas|scic|scop)\M ', '', 'g'),
            '\m(au|aux|d|de|des|du|en|et|l|la|le|les|pour)\M (?=\S)', '', 'g') AS words),
    places AS (
        SELECT regexp_replace(words, '^ (mairie|hotel ville|commune|ville) (?!ville |libre |$)', ' ville ') AS words FROM said),
    kinds AS (
        SELECT replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(words,
            ' c c a s ', ' ccas '), ' m j c ', ' mjc '),
            ' centre communal action sociale ', ' ccas '), ' centre intercommunal action sociale ', ' cias '),
            ' maison jeunes culture ', ' mjc '), ' mission locale ', ' ml '), ' familles rurales ', ' afr '),
            ' centre social culturel ', ' csc '), ' centre socio culturel ', ' csc '), ' centre socioculturel ', ' csc ') AS words FROM places),
    more AS (
        SELECT replace(replace(replace(replace(replace(replace(replace(replace(words,
            ' csc ', ' cs '), ' centre social ', ' cs '), ' espace vie sociale ', ' evs '),
            ' espace public numerique ', ' epn '), ' espace numerique public ', ' epn '), ' point information jeunesse ', ' pij '),
            ' foyer jeunes travailleurs ', ' fjt '), ' pole emploi ', ' france travail ') AS words FROM kinds),
    territories AS (
        SELECT replace(replace(replace(replace(replace(replace(replace(replace(words,
            ' agglomeration ', ' agglo '), ' communaute agglo ', ' agglo '), ' communaute communes ', ' cc '),
            ' conseil departemental ', ' departement '), ' conseil general ', ' departement '), ' conseil regional ', ' region '),
            ' caisse allocations familiales ', ' caf '), ' caisse primaire assurance maladie ', ' cpam ') AS words FROM more)
    SELECT CASE WHEN btrim(words) ~ '^((au|aux|d|de|des|du|en|et|l|la|le|les|pour)\M ?)*$' THEN spoken_key(name) ELSE btrim(words) END FROM territories;
END;

-- Of which kind the name says that it is: the CCAS, the mission locale and the MJC of one town are three, however long the town's name is. Of départements and
-- regions there is one of each name: Loire and Haute-Loire are two. NULL: it does not say.
CREATE FUNCTION structure_kind(key text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN substring(key FROM '^((?:departement|region) .*|(?:ville|ccas|cias|mjc|ml|afr|cs|evs|epn|pij|fjt|agglo|cc|caf|cpam)\M)');

DROP INDEX structures_by_likeness;
CREATE INDEX structures_by_likeness ON structures USING gin (structure_key(name) gin_trgm_ops) WHERE archived_at IS NULL;
