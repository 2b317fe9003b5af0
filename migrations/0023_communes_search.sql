-- The words of communes' names, wherever they stand in them. The space stands before the first word, too, so that each can be asked for from its beginning:
-- ' ' || name_key LIKE '% etien%'. (Names that begin with what is asked are among them; whole names have communes_by_name.)
CREATE INDEX communes_by_words ON communes USING gin ((' ' || name_key) gin_trgm_ops);
