"""A large registry for measuring: the places of make_places.py, put in by SQL as an import of the same file leaves them.

The 81 real places that they are copied from are imported by the program itself and give every member but those that the copies draw anew: id, name,
services, commune, coordinates. 100,000 take seconds so.
"""

import json

from .cluster import Failed

# What the services of the form 0.1 are called in 1.0.2, as codes: as Sources/Relais/Registry/Import/PlaceForm.swift has them.
SERVICES = {
    "Accéder à une connexion internet": "acces-internet-materiel",
    "Accéder à du matériel": "acces-internet-materiel",
    "Prendre en main un ordinateur": "outils-du-quotidien",
    "Prendre en main un smartphone ou une tablette": "outils-du-quotidien",
    "Utiliser le numérique au quotidien": "outils-du-quotidien",
    "Devenir autonome dans les démarches administratives": "demarches-administratives",
    "Réaliser des démarches administratives avec un accompagnement": "demarches-administratives",
    "Accompagner les démarches de santé": "demarches-administratives",
    "Approfondir ma culture numérique": "comprehension-du-numerique",
    "Promouvoir la citoyenneté numérique": "comprehension-du-numerique",
    "Favoriser mon insertion professionnelle": "insertion-professionnelle",
    "Soutenir la parentalité et l'éducation avec le numérique": "parentalite-education",
    "Acquérir du matériel informatique à prix solidaire": "materiel-prix-solidaire",
}


def place_id(number):
    """The id of the place that make_places.py calls `made-42-NUMBER`."""
    return f"00000002-0000-7000-8000-{number:012d}"


def plain(text):
    """With one space between words, as it is compared."""
    return " ".join(text.split())


def load(cluster, database, made):
    """Puts the places of `made` in, whose models are in the database already; the models are archived then, so that N places are N."""
    lines = []
    for place in made:
        number = int(place["id"].rsplit("-", 1)[1])
        services = list(dict.fromkeys(SERVICES[label] for label in place["services"].split(";") if label))
        row = {
            "id": place_id(number), "source_id": place["id"], "model": plain(place["nom"].rsplit(" ", 1)[0]), "address": plain(place["adresse"]), "name": place["nom"],
            "services": services, "commune": place["code_insee"], "commune_name": place["commune"], "postcode": place["code_postal"],
            "latitude": place["latitude"], "longitude": place["longitude"],
        }
        lines.append(json.dumps(row, ensure_ascii=False).replace("\\", "\\\\"))
    columns = [name for (name,) in cluster.sql(database, """
        SELECT attname FROM pg_attribute WHERE attrelid = 'places'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum""")]
    drawn = {"id": "::uuid", "source_id": "", "name": "", "commune": "", "commune_name": "", "postcode": "", "latitude": "::float8", "longitude": "::float8"}
    value = lambda name: (
        f"made.row->>'{name}'" if drawn.get(name) == "" else f"(made.row->>'{name}'){drawn[name]}" if name in drawn
        else "ARRAY(SELECT jsonb_array_elements_text(made.row->'services'))" if name == "services" else f"model.{name}")
    cluster.sql(database, "CREATE TABLE made_places (row jsonb)")
    cluster.sql(database, "COPY made_places FROM STDIN;\n" + "\n".join(lines) + "\n\\.\n")
    # The models apart: the table of places would be read again for each row, and grow meanwhile.
    cluster.sql(database, f"""
        CREATE TABLE model_places AS SELECT * FROM places WHERE source_id NOT LIKE 'made-%' ORDER BY id;
        INSERT INTO places ({', '.join(columns)})
            SELECT {', '.join(value(name) for name in columns)}
              FROM made_places made JOIN LATERAL (
                   SELECT * FROM model_places p
                    WHERE regexp_replace(p.name, '\\s+', ' ', 'g') = made.row->>'model' AND regexp_replace(p.address, '\\s+', ' ', 'g') = made.row->>'address'
                    ORDER BY id LIMIT 1) model ON true;
        DROP TABLE made_places; DROP TABLE model_places;
        UPDATE places SET archived_at = now() WHERE source_id NOT LIKE 'made-%';""")
    count = int(cluster.value(database, "SELECT count(*) FROM places WHERE archived_at IS NULL"))
    if count != len(made):
        raise Failed(f"{len(made)} places were to be put in, and {count} are there")
