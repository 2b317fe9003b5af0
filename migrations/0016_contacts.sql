-- Whom to turn to at a structure for what: [{purpose, name, email, phone, public}], in the order in which they were given.
--
-- A member of the structure and not a table of its own: it is read, changed, kept and set back with the structure, and nothing refers to it.
ALTER TABLE structures
    ADD COLUMN contacts jsonb NOT NULL DEFAULT '[]',
    ADD CONSTRAINT structure_contacts_list CHECK (jsonb_typeof(contacts) = 'array' AND jsonb_array_length(contacts) <= 20);
