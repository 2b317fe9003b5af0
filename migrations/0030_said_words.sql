-- More of the words in which people ask, as 0006_skill_tree.sql has them: what they say of cards, calls, letters and screens, abbreviations, and what was written
-- in one word or in two. (The places in the list go on from 200.) Whoever has said the same here already is not told twice.
INSERT INTO skill_synonyms (id, phrase, skill)
SELECT ('01990000-0000-7000-8001-' || lpad(to_hex(place), 8, '0') || lpad(to_hex(number), 4, '0'))::uuid, phrase, skill
  FROM (VALUES
    (200, 'email', ARRAY['email', 'mes emails', 'un email', 'spam', 'trop de spams', 'des spams dans ma boîte']),
    (201, 'mots-de-passe', ARRAY['mdp', 'mdp oublié', 'j''ai perdu mon mdp', 'changer mon mdp']),
    (202, 'ordinateur-entretien', ARRAY['plus aucun bruit ne sort des enceintes', 'les haut-parleurs ne marchent plus']),
    (203, 'caf', ARRAY['faire un recours contre la caf', 'contester une décision de la caf']),
    (204, 'titre-de-sejour', ARRAY['ofpra', 'demande d''asile']),
    (205, 'france-travail', ARRAY['poleemploi', 'francetravail']),
    (206, 'smartphone', ARRAY['i phone', 'code puk', 'puk', 'trop de pub sur mon tel', 'des publicités sur mon téléphone']),
    (207, 'reseaux-sociaux', ARRAY['tik tok', 'fb', 'mon compte fb']),
    (208, 'arnaques', ARRAY['carte bleue volée', 'on m''a volé ma carte bleue sur internet', 'un monsieur m''a appelé pour mon compte cpf', 'on m''a appelé pour me soutirer de l''argent', 'spam reçu par sms']),
    (209, 'banque-en-ligne', ARRAY['faire opposition carte bleue', 'opposition à ma carte bancaire', 'ma banque m''a dit de télécharger l''appli', 'iban', 'rib', 'on me demande un iban']),
    (210, 'amendes-justice', ARRAY['porter plainte', 'porter plainte en ligne', 'divorce', 'un jugement']),
    (211, 'depannage-reparation', ARRAY['écran noir', 'mon ordinateur reste sur un écran noir']),
    (212, 'ameli', ARRAY['code oublié ameli']),
    (213, 'cyberharcelement', ARRAY['ma fille est harcelée', 'mon fils est harcelé', 'harcelée sur snapchat']),
    (214, 'connexion-wifi', ARRAY['j''ai plus internet à la maison', 'plus internet à la maison', 'ouifi', 'ça capte pas', 'le réseau ne capte pas']),
    (215, 'email-creation', ARRAY['avoir une adresse mail']),
    (216, 'intelligence-artificielle', ARRAY['ia', 'l''ia']),
    (217, 'libre-messagerie-instantanee', ARRAY['alternative à whatsapp']),
    (218, 'transition-libre', ARRAY['sortir des gafam', 'quitter les gafam', 'en finir avec google', 'me passer de google']),
    (219, 'libre-bureautique', ARRAY['remplacer word', 'alternative à word', 'alternative à excel']),
    (220, 'libre-stockage', ARRAY['partir de google drive', 'alternative à google drive']),
    (221, 'impots', ARRAY['taxe d''habitation', 'taxe foncière', 'trésor public', 'dgfip', 'finances publiques']),
    (222, 'materiel-reconditionne', ARRAY['un ordinateur gratuit', 'je veux un ordinateur gratuit']),
    (223, 'libre-gestion-association', ARRAY['faire une facture pour mon association', 'la comptabilité de mon association']),
    (224, 'ecrans-en-famille', ARRAY['mon gamin joue trop aux jeux vidéos', 'il joue trop aux jeux vidéo']),
    (225, 'demarches-administratives', ARRAY['s''inscrire sur les listes électorales', 'procuration de vote', 'demander une procuration', 'la msa', 'succession', 'une procuration']),
    (226, 'etat-civil', ARRAY['ma mère est morte', 'mon mari est décédé', 'déclarer un décès']),
    (227, 'photos', ARRAY['apprendre à envoyer des photos', 'envoyer une photo à ma fille']),
    (228, 'email-pieces-jointes', ARRAY['envoyer une pj', 'une pj']),
    (229, 'visioconference', ARRAY['facetime', 'voir mon petit-fils qui habite loin', 'écrire à mon petit-fils à l''étranger et le voir'])
  ) AS lists (place, skill, phrases), unnest(phrases) WITH ORDINALITY AS list (phrase, number)
 WHERE EXISTS (SELECT FROM skills WHERE code = skill)
ON CONFLICT DO NOTHING;
