import Postgres

/// A skill that somebody's words ask for.
public struct FoundNeed: Sendable, Equatable, Encodable, RowDecodable {
    public let skill: Skill.ID
    public let name: String
    /// Above 0; only good for comparing the skills of one search.
    public let score: Double
    /// What is known that came nearest: a synonym, a skill's name, or a service to leave.
    public let phrase: String

    public static let columns: SQL = "skill, name, score, phrase"

    public init(row: borrowing Row) throws(PostgresError) {
        skill = try row["skill"]
        name = try row["name"]
        score = try row["score"]
        phrase = try row["phrase"]
    }
}

extension Database {
    /// The skills that `words` ask for, best first; none when not a word of it is known.
    ///
    /// Known are the synonyms, the names of the skills, and "quitter" with each service that people leave. What counts is how rare a word is among
    /// them: "mon", "je veux" and "internet" say little, "pronote" says all. Neither `ts_rank` nor `word_similarity` knows that.
    ///   1. Words as stems without accents (`said`, `search_words`); one that is nowhere known stands for the stems like it by trigrams: "pass" for "passe".
    ///      Not one of three letters or less: abbreviations look like other abbreviations.
    ///   2. Each phrase by the cosine of rarities, plus half the trigram likeness of the whole, which sees order and what the stemmer broke.
    ///   3. Each skill by its best phrase, plus half the share of the words' rarity that all its phrases together know.
    /// It reads every phrase: 1,500 of them take some 10 ms.
    public func needs(in words: String, limit: Int) async throws(PostgresError) -> [FoundNeed] {
        let words = String(words.prefix(1000))
        return try await query(
            """
            WITH idle AS MATERIALIZED (
                -- Words of asking, which say nothing of what is asked. (They are rare among the phrases, so that rarity alone would make much of them.)
                SELECT search_words('a ai avoir jai va aller veux veut vouloir voulons voudrais voudrait aimerais aimerait peux peut pouvoir dois doit devoir faut
                    falloir besoin arrive arrive pas sais savoir comment pourquoi quand quoi ça cest chose tout toute tous toujours déjà jamais depuis
                    très trop bien maintenant temps quelqu un quelque autre gens dit dire parle fait faire mettre
                    bonjour bjr svp stp merci cmt pr fr tro g ya ke ki koi pk 1 2') AS words
            ),
            documents AS MATERIALIZED (
                SELECT row_number() OVER () AS id, skill, phrase, key, words
                  FROM (SELECT skill, phrase, phrase_key AS key, words FROM skill_synonyms WHERE archived_at IS NULL
                        UNION ALL
                        SELECT code, name, search_key(name), words FROM skills WHERE archived_at IS NULL
                        UNION ALL
                        SELECT skill, 'quitter ' || name, search_key('quitter ' || name), search_words('quitter ' || name)
                          FROM proprietary_services WHERE archived_at IS NULL) AS known
            ),
            terms AS MATERIALIZED (
                SELECT id, skill, lexeme FROM documents, unnest(tsvector_to_array(words)) AS lexeme
                 WHERE lexeme <> ALL (SELECT unnest(tsvector_to_array(words)) FROM idle)
            ),
            rarities AS MATERIALIZED (
                SELECT lexeme, ln(1 + (SELECT count(*) FROM documents)::float8 / count(*)) AS rarity FROM terms GROUP BY lexeme
            ),
            asked AS MATERIALIZED (
                -- At most 40 words: an objective may be long, and each unknown word is compared with every known one.
                SELECT a.lexeme, coalesce(r.rarity, (SELECT max(rarity) FROM rarities)) AS rarity, r.lexeme IS NOT NULL AS known
                  FROM (SELECT lexeme FROM unnest(search_words(said(left(\(words), 1000))))
                         WHERE lexeme <> ALL (SELECT unnest(tsvector_to_array(words)) FROM idle)
                         ORDER BY positions[1] LIMIT 40) AS a
                  LEFT JOIN rarities r USING (lexeme)
            ),
            meant AS MATERIALIZED (
                SELECT lexeme AS asked, lexeme, rarity, 1::float8 AS likeness FROM asked WHERE known
                UNION ALL
                SELECT a.lexeme, r.lexeme, r.rarity, similarity(a.lexeme, r.lexeme)
                  FROM asked a JOIN rarities r ON similarity(a.lexeme, r.lexeme) >= 0.4
                 WHERE NOT a.known AND length(a.lexeme) > 3
            ),
            norms AS (
                SELECT id, sqrt(sum(rarity * rarity)) AS norm FROM terms JOIN rarities USING (lexeme) GROUP BY id
            ),
            phrases AS (
                SELECT d.skill, d.phrase,
                       sum(m.rarity * m.rarity * m.likeness) / (n.norm * (SELECT sqrt(sum(rarity * rarity)) FROM asked))
                       + 0.5 * similarity(d.key, search_key(said(left(\(words), 1000)))) AS score
                  FROM meant m JOIN terms t USING (lexeme) JOIN norms n USING (id) JOIN documents d USING (id)
                 GROUP BY d.id, d.skill, d.phrase, d.key, n.norm
            ),
            best AS (
                SELECT DISTINCT ON (skill) skill, phrase, score FROM phrases ORDER BY skill, score DESC, phrase
            ),
            covered AS (
                SELECT skill, sum(rarity) / (SELECT sum(rarity) FROM asked) AS share
                  FROM (SELECT t.skill, m.asked, max(m.rarity * m.likeness) AS rarity FROM meant m JOIN terms t USING (lexeme) GROUP BY t.skill, m.asked) AS each
                 GROUP BY skill
            )
            SELECT b.skill, s.name, round((b.score + 0.5 * c.share)::numeric, 3) AS score, b.phrase
              FROM best b JOIN covered c USING (skill) JOIN skills s ON s.code = b.skill
             WHERE s.archived_at IS NULL
             ORDER BY score DESC, b.skill
             LIMIT \(limit)
            """, as: FoundNeed.self)
    }
}
