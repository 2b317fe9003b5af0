-- Whoever asks for a commune asks for its arrondissements, its delegated and associated communes, too: found by the commune that they belong to.
CREATE INDEX communes_by_parent ON communes (parent) WHERE parent IS NOT NULL;
