-- What people say as they say it: initials, abbreviations of text messages, slips, and more phrases.

-- What somebody says, made ready for search_words() and search_key(); only /needs asks in this way, so nothing that is stored depends on it.
--   1. Initials are one word: "C.A.F." and "A.N.T.S" are "CAF" and "ANTS".
--   2. "Son" as what is heard, not as whose: the stemmer leaves neither, so that "pas de son" would be no word at all. The synonyms for it say "audio", too.
--   3. "Envoyé" for "envoyer", as it sounds: the stemmer makes "envoi" of the infinitive and "envoy" of the participle.
--   4. Who wants an alternative to something, or to do without it, wants it replaced: "remplacer" stands in many synonyms, the other words in few, and would
--      lead every service to these few. "Sortir" and "partir" mean that of the names that follow them here alone.
CREATE FUNCTION said(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace(regexp_replace(regexp_replace(regexp_replace(words,
        '(?<=\m[[:alpha:]])\.(?=[[:alpha:]]\M)', '', 'g'),
        '^\s*son\s*$|\m(?:le|du|un|aucun|sans|ni)\s+son\M'
        '|\mde\s+son(?=\s*[.,;:!?]|\s*$|\s+(?:sur|dans|avec|en|à|a|au|aux|quand|pendant|depuis|et|mais|du)\M)',
        '\& audio', 'gi'),
        '(?<=[[:alpha:]]{2}y)(?:ée?s?|ez|e)\M', 'er', 'gi'),
        '\m(?:alternatives?\s+(?:à|a|au|aux)\M|en\s+finir\s+avec\M|se\s+passer\s+d(?:e\M|u\M|es\M|[''’])'
        '|(?:sortir|partir|(?:me|nous)\s+passer)\s+d(?:e|u|es)(?:\s+chez)?'
        '(?=\s+(?:google|gmail|gafam|microsoft|windows|apple|facebook|instagram|whatsapp)\M))',
        'remplacer ', 'gi');

-- Places in this list go on from 300: those of 0030_said_words.sql end below. What a base has already stays as it is, archived or not.
INSERT INTO skill_synonyms (id, phrase, skill)
SELECT ('01990000-0000-7000-8001-' || lpad(to_hex(place), 8, '0') || lpad(to_hex(number), 4, '0'))::uuid, each.phrase, list.skill
  FROM (VALUES
    (300, 'demarches-administratives', ARRAY['m''inscrire sur les listes électorales', 's''inscrire pour voter', 'ma carte d''électeur',
        'une procuration', 'demander une procuration de vote', 'la msa', 'mon compte msa', 'une succession', 'régler une succession']),
    (301, 'transition-libre', ARRAY['remplacer les gafam', 'quitter microsoft']),
    (302, 'caf', ARRAY['faire un recours contre la caf', 'contester une décision de la caf', 'un trop-perçu de la caf']),
    (303, 'impots', ARRAY['la taxe d''habitation', 'le trésor public', 'la dgfip', 'le centre des impôts']),
    (304, 'ameli', ARRAY['mon code ameli oublié', 'me connecter à ameli']),
    (305, 'papiers-identite', ARRAY['ants passeport', 'ants carte d''identité']),
    (306, 'titre-de-sejour', ARRAY['l''ofpra', 'dossier ofpra']),
    (307, 'etat-civil', ARRAY['ma mère est morte', 'mon père est mort', 'mon mari est décédé', 'déclarer un décès', 'les démarches après un décès']),
    (308, 'amendes-justice', ARRAY['porter plainte', 'déposer une plainte', 'un divorce', 'divorcer']),
    (309, 'smartphone', ARRAY['mon i phone', 'code puk', 'le puk', 'mon tel', 'trop de pub sur mon tel', 'des publicités sur mon téléphone',
        'pas de son sur mon téléphone (audio)']),
    (310, 'email', ARRAY['un email', 'mes emails', 'envoyer un email', 'des spams', 'trop de spam']),
    (311, 'email-creation', ARRAY['avoir une adresse mail', 'il me faut une adresse mail', 'avoir un email']),
    (312, 'email-pieces-jointes', ARRAY['envoyer une pj', 'ouvrir une pj']),
    (313, 'photos', ARRAY['envoyer une photo à ma fille', 'apprendre à envoyer des photos', 'envoyer une foto']),
    (314, 'visioconference', ARRAY['facetime', 'face time', 'voir mon petit-fils à l''étranger', 'écrire à ma famille au Canada et la voir']),
    (315, 'reseaux-sociaux', ARRAY['tik tok', 'fb', 'mon compte fb', 'insta']),
    (316, 'banque-en-ligne', ARRAY['ma carte bleue', 'faire opposition sur ma carte bleue', 'opposition carte bancaire', 'un iban', 'on me demande un iban',
        'télécharger l''appli de ma banque', 'ma banque me dit de télécharger l''appli', 'regarder mes comptes en banque']),
    (317, 'france-travail', ARRAY['poleemploi', 'francetravail']),
    (318, 'arnaques', ARRAY['on m''a volé ma carte bleue sur internet', 'carte bleue volée', 'un achat que je n''ai pas fait avec ma carte bleue',
        'quelqu''un m''a appelé pour mon compte cpf', 'un monsieur m''a appelé pour mon compte']),
    (319, 'mots-de-passe', ARRAY['mdp', 'mdp oublié', 'j''ai perdu mon mdp', 'changer de mdp']),
    (320, 'cyberharcelement', ARRAY['harcelée sur snapchat', 'harcelé sur instagram']),
    (321, 'ecrans-en-famille', ARRAY['mon gamin joue trop aux jeux vidéo', 'mes enfants jouent trop à la console']),
    (322, 'intelligence-artificielle', ARRAY['l''ia', 'c''est quoi l''ia', 'une ia']),
    (323, 'connexion-wifi', ARRAY['j''ai plus internet à la maison', 'plus internet chez moi', 'ouifi', 'ça ne capte pas', 'mon téléphone ne capte pas']),
    (324, 'depannage-reparation', ARRAY['écran noir', 'mon ordinateur a un écran noir', 'pas de son (audio)', 'pas de son sur mon ordinateur (audio)']),
    (325, 'materiel-reconditionne', ARRAY['un ordinateur gratuit', 'je veux un ordinateur gratuit', 'un téléphone gratuit']),
    (326, 'libre-bureautique', ARRAY['remplacer word', 'quitter word']),
    (327, 'piratage', ARRAY['on m''a volé mon compte', 'on m''a volé mon compte facebook']),
    (328, 'libre-gestion-association', ARRAY['faire une facture pour mon association', 'les factures de l''association'])
  ) AS list (place, skill, phrases), unnest(phrases) WITH ORDINALITY AS each (phrase, number)
 WHERE EXISTS (SELECT FROM skills WHERE code = list.skill)
   AND NOT EXISTS (SELECT FROM skill_synonyms known WHERE known.phrase_key = search_key(each.phrase) AND known.skill = list.skill)
ON CONFLICT DO NOTHING;
