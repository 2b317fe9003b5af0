-- The registry: who there is. Identifiers are UUIDv7 made by the program, so that they sort by age and can be given before the INSERT.
-- Nothing here is ever deleted: archived_at takes a row out of the lists. version counts the changes of a row and is its ETag.

CREATE TABLE communes (
    insee_code  text PRIMARY KEY,
    name        text NOT NULL,
    -- The name as it is looked up: no case, accents, hyphens; "st" and "ste" written out. Computed by the program (CommuneName).
    name_key    text NOT NULL,
    postcodes   text[] NOT NULL,
    latitude    double precision,
    longitude   double precision,
    population  integer,
    department  text NOT NULL,
    -- COM, or ARM (arrondissement), COMD and COMA (delegated and associated communes) with their parent.
    kind        text NOT NULL,
    parent      text,
    CONSTRAINT commune_coordinates_together CHECK ((latitude IS NULL) = (longitude IS NULL))
);
CREATE INDEX communes_by_name ON communes (name_key);
CREATE INDEX communes_by_postcode ON communes USING gin (postcodes);

-- A skill is known by its code everywhere: in URLs, in requests, in the standard's own vocabulary.
CREATE TABLE skills (
    code        text PRIMARY KEY,
    name        text NOT NULL,
    parent      text REFERENCES skills,
    archived_at timestamptz,
    version     integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT skill_code_form CHECK (code ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(code) <= 80),
    CONSTRAINT skill_not_its_own_parent CHECK (parent <> code)
);

INSERT INTO skills (code, name) VALUES
    ('demarches-administratives', 'Aide aux démarches administratives'),
    ('outils-du-quotidien', 'Maîtrise des outils numériques du quotidien'),
    ('insertion-professionnelle', 'Insertion professionnelle via le numérique'),
    ('usage-securise', 'Utilisation sécurisée du numérique'),
    ('parentalite-education', 'Parentalité et éducation avec le numérique'),
    ('loisirs-creations', 'Loisirs et créations numériques'),
    ('comprehension-du-numerique', 'Compréhension du monde numérique'),
    ('acces-internet-materiel', 'Accès internet et matériel informatique'),
    ('materiel-prix-solidaire', 'Acquisition de matériel informatique à prix solidaire'),
    ('transition-libre', 'Quitter un service propriétaire pour un service libre'),
    ('strategie-communication', 'Stratégie et communication numériques'),
    ('sensibilisation', 'Sensibilisation : conférences, projections, débats');

CREATE TABLE structures (
    id          uuid PRIMARY KEY,
    name        text NOT NULL,
    siret       text,
    rna         text,
    typologies  text[] NOT NULL DEFAULT '{}',
    networks    text[] NOT NULL DEFAULT '{}',
    parent_id   uuid REFERENCES structures,
    phone       text,
    email       text,
    website     text,
    archived_at timestamptz,
    version     integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    CONSTRAINT structure_not_its_own_parent CHECK (parent_id <> id)
);
CREATE UNIQUE INDEX structure_siret_once ON structures (siret) WHERE archived_at IS NULL;
CREATE UNIQUE INDEX structure_rna_once ON structures (rna) WHERE archived_at IS NULL;
CREATE INDEX structures_by_parent ON structures (parent_id) WHERE parent_id IS NOT NULL;

-- A place may have no structure: files of places name none.
CREATE TABLE places (
    id                uuid PRIMARY KEY,
    structure_id      uuid REFERENCES structures,
    name              text NOT NULL,
    -- SIRET, RNA, RIDET or the placeholder of zeros, as it was read: never a key.
    pivot             text,
    address           text NOT NULL,
    address_extra     text,
    postcode          text NOT NULL,
    -- The commune's name as it was read, and the commune that it was found to be.
    commune_name      text NOT NULL,
    commune           text REFERENCES communes,
    latitude          double precision,
    longitude         double precision,
    typologies        text[] NOT NULL DEFAULT '{}',
    phone             text,
    emails            text[] NOT NULL DEFAULT '{}',
    websites          text[] NOT NULL DEFAULT '{}',
    opening_hours     text,
    summary           text,
    description       text,
    itinerance        text[] NOT NULL DEFAULT '{}',
    parent_structure  text,
    services          text[] NOT NULL DEFAULT '{}',
    publics           text[] NOT NULL DEFAULT '{}',
    special_care      text[] NOT NULL DEFAULT '{}',
    fees              text[] NOT NULL DEFAULT '{}',
    programmes        text[] NOT NULL DEFAULT '{}',
    labels            text[] NOT NULL DEFAULT '{}',
    other_labels      text[] NOT NULL DEFAULT '{}',
    access_modes      text[] NOT NULL DEFAULT '{}',
    support_modes     text[] NOT NULL DEFAULT '{}',
    accessibility_url text,
    booking_url       text,
    -- When the record was last changed at its source (date_maj of the standard); a day, as the standard gives it.
    updated_on        date,
    -- Where the record comes from and what it is called there; both are absent from a place that was created here.
    source            text,
    source_id         text,
    archived_at       timestamptz,
    version           integer NOT NULL DEFAULT 1,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    CONSTRAINT place_coordinates_together CHECK ((latitude IS NULL) = (longitude IS NULL)),
    CONSTRAINT place_latitude_range CHECK (latitude BETWEEN -90 AND 90),
    CONSTRAINT place_longitude_range CHECK (longitude BETWEEN -180 AND 180)
);
CREATE UNIQUE INDEX place_source_once ON places (coalesce(source, ''), source_id) WHERE source_id IS NOT NULL;
CREATE INDEX places_by_structure ON places (structure_id) WHERE structure_id IS NOT NULL;
CREATE INDEX places_by_commune ON places (commune);

CREATE TABLE mediators (
    id               uuid PRIMARY KEY,
    structure_id     uuid NOT NULL REFERENCES structures,
    name             text NOT NULL,
    email            text,
    phone            text,
    modes            text[] NOT NULL DEFAULT '{}',
    languages        text[] NOT NULL DEFAULT '{fr}',
    travel_radius_m  integer NOT NULL DEFAULT 0,
    -- Takes nothing new for now, whatever the capacity says.
    paused           boolean NOT NULL DEFAULT false,
    archived_at      timestamptz,
    version          integer NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    CONSTRAINT mediator_travel_radius_range CHECK (travel_radius_m BETWEEN 0 AND 500000)
);
CREATE INDEX mediators_by_structure ON mediators (structure_id);

CREATE TABLE mediator_places (
    mediator_id uuid NOT NULL REFERENCES mediators,
    place_id    uuid NOT NULL REFERENCES places,
    PRIMARY KEY (mediator_id, place_id)
);
CREATE INDEX mediator_places_by_place ON mediator_places (place_id);

CREATE TABLE mediator_skills (
    mediator_id uuid NOT NULL REFERENCES mediators,
    skill       text NOT NULL REFERENCES skills,
    level       smallint NOT NULL,
    PRIMARY KEY (mediator_id, skill),
    CONSTRAINT mediator_skill_level_range CHECK (level BETWEEN 1 AND 3)
);
CREATE INDEX mediator_skills_by_skill ON mediator_skills (skill);
