-- Whoever asks for a commune asks for its arrondissements, its delegated and associated communes, too: found by the commune that they belong to.
CREATE INDEX communes_by_parent ON communes (parent) WHERE parent IS NOT NULL;

-- Files that list arrondissements leave out Paris, Lyon and Marseille, by whose codes zones, EPCI and searches know them: they are made of their
-- arrondissements, by later imports (CommuneImport.swift), and of those that are here already.
INSERT INTO communes (insee_code, name, name_key, postcodes, latitude, longitude, population, department, kind)
SELECT parent, substring(min(name) FROM '^[^0-9]*[^0-9 ]'), lower(substring(min(name) FROM '^[^0-9]*[^0-9 ]')),
       ARRAY(SELECT DISTINCT code FROM communes part, unnest(part.postcodes) AS code WHERE part.kind = 'ARM' AND part.parent = communes.parent ORDER BY code),
       sum(latitude * population) / nullif(sum(population) FILTER (WHERE latitude IS NOT NULL), 0),
       sum(longitude * population) / nullif(sum(population) FILTER (WHERE latitude IS NOT NULL), 0), sum(population), min(department), 'COM'
  FROM communes WHERE kind = 'ARM' AND parent IS NOT NULL GROUP BY parent
ON CONFLICT DO NOTHING;
