-- What territory a place or a mediator serves, and which communes belong together.

-- An EPCI (établissement public de coopération intercommunale): communes that do things together, known by its SIREN. Brought in by `relais import epci`.
-- None is ever taken away, for zones may name it.
CREATE TABLE epci (
    siren text PRIMARY KEY,
    name  text NOT NULL,
    CONSTRAINT epci_siren_form CHECK (siren ~ '^[0-9]{9}$')
);

-- A commune belongs to one EPCI at most (to one with its own taxation, which is the kind that is meant here); a few islands belong to none.
CREATE TABLE epci_communes (
    commune text PRIMARY KEY REFERENCES communes,
    epci    text NOT NULL REFERENCES epci
);
CREATE INDEX epci_communes_by_epci ON epci_communes (epci);
CREATE INDEX communes_by_department ON communes (department);

-- The territories that a commune lies in, as zones name them: itself, the commune it is an arrondissement or a delegated commune of, its EPCI, its
-- département, and everywhere. NULL when there is no such commune.
CREATE FUNCTION territories_of(asked text) RETURNS text[] LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT array_remove(
               ARRAY['commune:' || c.insee_code, 'commune:' || c.parent, 'epci:' || coalesce(own.epci, above.epci), 'department:' || c.department,
                     'everywhere'], NULL)
      FROM communes c
      LEFT JOIN epci_communes own ON own.commune = c.insee_code
      LEFT JOIN epci_communes above ON above.commune = c.parent
     WHERE c.insee_code = asked;
END;

-- A zone is a list of territories: commune:42218, epci:200000000, department:42, everywhere. It covers a commune when it has one of the commune's
-- territories: zone && territories_of('42218'). NULL: nobody has said.
ALTER TABLE places
    ADD COLUMN zone text[],
    ADD CONSTRAINT place_zone_says_something CHECK (zone <> '{}');
ALTER TABLE mediators
    ADD COLUMN zone text[],
    ADD CONSTRAINT mediator_zone_says_something CHECK (zone <> '{}');

CREATE INDEX places_by_zone ON places USING gin (zone) WHERE archived_at IS NULL AND zone IS NOT NULL;
CREATE INDEX mediators_by_zone ON mediators USING gin (zone) WHERE archived_at IS NULL AND zone IS NOT NULL;
