"""A small network for measuring: written by SQL as the program itself writes it, its capacities with their events."""

import hashlib
import secrets

SKILL = "outils-du-quotidien"


def identifier(kind, number):
    """Identifiers that can be counted up: by this program, by pgbench and by the load generator alike."""
    return f"0000000{kind}-0000-7000-8000-{number:012d}"


def token(cluster, database, role, structure=None, mediator=None, scopes=()):
    """A token as `relais token create` makes it: the text goes to the client, its SHA-256 to the table."""
    text = "relais_" + secrets.token_urlsafe(32)
    bound = lambda value: f"'{value}'" if value else "NULL"
    held = "{" + ",".join(scopes) + "}"
    cluster.sql(
        database,
        f"""INSERT INTO tokens (id, hash, name, role, structure_id, mediator_id, scopes, created_at)
            VALUES (gen_random_uuid(), '\\x{hashlib.sha256(text.encode()).hexdigest()}', 'measures', '{role}', {bound(structure)},
                    {bound(mediator)}, '{held}', now());""",
    )
    return text


def fill_mediators(cluster, database, count, agreed_open, agreed_weekly):
    """One structure and `count` mediators who help remotely: neither distance nor place stands in the way."""
    structure = identifier(1, 1)
    cluster.sql(
        database,
        f"""
        BEGIN;
        INSERT INTO structures (id, name, created_at, updated_at) VALUES ('{structure}', 'Structure mesurée', now(), now());
        CREATE TEMP TABLE numbers AS SELECT n, ('00000003-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid AS id FROM generate_series(1, {count}) n;
        INSERT INTO mediators (id, structure_id, name, modes, created_at, updated_at)
            SELECT id, '{structure}', 'Médiatrice ' || n, '{{remote}}', now(), now() FROM numbers;
        INSERT INTO mediator_skills (mediator_id, skill, level) SELECT id, '{SKILL}', 2 FROM numbers;
        INSERT INTO mediator_capacities (mediator_id) SELECT id FROM numbers ON CONFLICT DO NOTHING;
        UPDATE mediator_capacities SET agreed_open = {agreed_open}, agreed_weekly = {agreed_weekly} WHERE mediator_id IN (SELECT id FROM numbers);
        INSERT INTO events (at, kind, subject, actor_role, data)
            SELECT now(), 'capacity.agreed', id, 'coordinator', '{{"open": {agreed_open}, "weekly": {agreed_weekly}}}' FROM numbers;
        COMMIT;""",
    )
    return structure, [identifier(3, n) for n in range(1, count + 1)]
