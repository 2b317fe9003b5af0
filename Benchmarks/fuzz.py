"""What Benchmarks/fuzz runs once all is built: schemathesis over the API's own description, once for each role, on a base of its own each time."""

import argparse
import concurrent.futures
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import network  # noqa: E402
from support.cluster import ROOT, Cluster, Failed, Server, free_port, say  # noqa: E402
from support.http import Client  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SCOPES = ("read:registry", "write:registry", "read:requests", "write:requests", "write:referrals")
STRUCTURE, MEDIATOR = network.identifier(1, 1), network.identifier(3, 1)
ROLES = {
    "admin": {}, "coordinator": {}, "manager": {"structure": STRUCTURE}, "mediator": {"mediator": MEDIATOR},
    "prescriber": {"structure": STRUCTURE}, "tool": {"scopes": SCOPES}, "nobody": None,
}
COMMUNES = {"42218": "Saint-Étienne", "42187": "Roanne", "42147": "Montbrison", "42095": "Firminy", "42207": "Saint-Chamond"}
PATHS = {"services": "proprietary-services"}
FACTS = {"synonyms": "skill_synonyms", "services": "proprietary_services", "alternatives": "alternatives"}
DOOMED_FACTS = {"synonyms": "a", "services": "b", "alternatives": "c"}
EACH = 250  # of whatever an operation uses up
SOME = 100  # of whatever takes more than a row of SQL to be there
# Number of a kind -> the first of those that were changed, and of those that were archived; SOME of each.
PAST = {"structures": (1, 271, 371), "places": (2, 301, 401), "mediators": (3, 161, 261)}
MERGES, BUSES = 501, 801  # the first of places for what is done to two of them, and of itinerant ones
# List of requests -> their state; list of referrals -> their state. What an operation changes is in a list of its own, so that it is there to be changed.
REQUESTS = {"requests": "qualified", "received": "received", "qualified": "qualified", "to_park": "qualified", "to_cancel": "qualified",
            "to_give_up": "qualified", "ended": "unserved"}
REFERRALS = {"referrals": "proposed", "to_accept": "proposed", "to_decline": "proposed", "to_withdraw": "proposed", "to_schedule": "accepted",
             "to_reschedule": "scheduled", "to_unschedule": "scheduled", "to_complete": "accepted", "to_miss": "accepted", "to_end": "accepted",
             "to_hand_over": "accepted"}


def seed(cluster, database, folder):
    """A base in which every operation has something to work on; gives the token of each role."""
    network.fill_mediators(cluster, database, 360, 1000, 1000)

    def write(name, values):
        with open(os.path.join(folder, name + ".txt"), "w") as file:
            file.write("".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values))

    def ids(kind, first, last):
        return [network.identifier(kind, n) for n in range(first, last + 1)]

    write("mediators", ids(3, 1, 60))
    write("doomed_mediators", ids(3, 61, 160))
    write("structures", ids(1, 1, 20))
    write("doomed_structures", ids(1, 21, 20 + EACH))
    write("places", ids(2, 1, 50))
    write("doomed_places", ids(2, 51, 50 + EACH))
    write("doomed_skills", [f"perdue-{n}" for n in range(1, EACH + 1)])
    write("skills", [row[0] for row in cluster.sql(database, "SELECT code FROM skills")])
    for name, (kind, changed, archived) in PAST.items():
        write("changed_" + name, ids(kind, changed, changed + SOME - 1))
        write("archived_" + name, ids(kind, archived, archived + SOME - 1))
    write("changed_skills", [f"changee-{n}" for n in range(1, SOME + 1)])
    write("archived_skills", [f"rangee-{n}" for n in range(1, SOME + 1)])
    write("to_merge", ids(2, MERGES, MERGES + SOME - 1))
    write("merged", ids(2, MERGES + SOME, MERGES + 2 * SOME - 1))
    write("dismissed", ids(2, MERGES + 2 * SOME, MERGES + 3 * SOME - 1))
    write("first_place", ids(2, 1, 1))
    write("buses", ids(2, BUSES, BUSES + 9))
    write("reviews", ids(9, 1, SOME))
    write("epci", ["200000001", "200000002"])
    write("communes", COMMUNES)
    # The facts beside the skills are seeded by the migrations; those that are archived are made here.
    for name, kind in DOOMED_FACTS.items():
        write("changed_" + name, ids(kind, EACH + 1, EACH + SOME))
        write("archived_" + name, ids(kind, EACH + SOME + 1, EACH + 2 * SOME))
    for name, table in FACTS.items():
        write(name, [row[0] for row in cluster.sql(database, f"SELECT id FROM {table} ORDER BY id LIMIT 60")])
        write("doomed_" + name, ids(DOOMED_FACTS[name], 1, EACH))
    write("slots", [f"2031-{month:02}-{day:02}T{hour:02}:00:00Z" for month in range(1, 13) for day in range(1, 29) for hour in (8, 10, 14)])
    write("tokens", ids(6, 1, 20))
    write("doomed_tokens", ids(6, 21, 20 + EACH))
    made = lambda kind: f"('0000000{kind}-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid"
    asked = "('00000003-0000-7000-8000-' || lpad((1 + n % 60)::text, 12, '0'))::uuid"
    communes = ", ".join(f"('{code}', '{name}', lower('{name}'), '{{42000}}', 45.4, 4.4, 1000, '42', 'COM')" for code, name in COMMUNES.items())
    text = f"""
        BEGIN;
        INSERT INTO communes (insee_code, name, name_key, postcodes, latitude, longitude, population, department, kind) VALUES {communes};
        INSERT INTO epci (siren, name) VALUES ('200000001', 'Métropole inventée'), ('200000002', 'Plaine inventée');
        INSERT INTO epci_communes (commune, epci) SELECT insee_code, '20000000' || 1 + position % 2
            FROM unnest('{{{",".join(COMMUNES)}}}'::text[]) WITH ORDINALITY AS c (insee_code, position);
        INSERT INTO skills (code, name) SELECT 'perdue-' || n, 'Perdue ' || n FROM generate_series(1, {EACH}) n;
        INSERT INTO skills (code, name) SELECT name || '-' || n, name || ' ' || n FROM generate_series(1, {SOME}) n, unnest('{{changee,rangee}}'::text[]) name;
        INSERT INTO skill_synonyms (id, phrase, skill) SELECT {made("a")}, 'phrase perdue ' || n, 'impots' FROM generate_series(1, {EACH + 2 * SOME}) n;
        INSERT INTO proprietary_services (id, name, publisher, kind, skill)
            SELECT {made("b")}, 'Service perdu ' || n, 'Perdu', 'hosted', 'libre-messagerie' FROM generate_series(1, {EACH + 2 * SOME}) n;
        INSERT INTO alternatives (id, service_id, name, kind, website, licence, note)
            SELECT {made("c")}, ('0000000b-0000-7000-8000-' || lpad(({EACH + 1} + n % {SOME})::text, 12, '0'))::uuid, 'Perdue ' || n, 'hosted', 'https://exemple.fr', 'MIT', 'Rien.' FROM generate_series(1, {EACH + 2 * SOME}) n;
        INSERT INTO structures (id, name, created_at, updated_at)
            SELECT {made(1)}, 'Structure ' || n, now(), now() FROM generate_series(2, {PAST["structures"][2] + SOME}) n;
        INSERT INTO places (id, structure_id, name, address, postcode, commune_name, commune, latitude, longitude, itinerance, created_at, updated_at)
            SELECT {made(2)}, '{STRUCTURE}', 'Lieu ' || n, n || ' rue du Lieu', '42000', 'Saint-Étienne', '42218', 45.4, 4.4,
                   CASE WHEN n >= {BUSES} THEN '{{itinerant}}'::text[] ELSE '{{}}' END, now(), now()
              FROM generate_series(1, {BUSES + 10}) n;
        INSERT INTO reviews (id, kind, subject, members, changed_at)
            SELECT {made(9)}, 'place', {made(2)}, '{{place.address}}', now() FROM generate_series(1, {SOME}) n;
        INSERT INTO mediator_places (mediator_id, place_id) SELECT id, '{network.identifier(2, 1)}' FROM mediators;
        UPDATE mediators SET modes = '{{place,remote,home}}', travel_radius_m = 20000;
        INSERT INTO mediator_skills (mediator_id, skill, level) SELECT id, code, 3 FROM mediators, (SELECT code FROM skills WHERE code !~ '^(perdue|changee|rangee)-' ORDER BY code LIMIT 90) AS held
            ON CONFLICT DO NOTHING;
        INSERT INTO tokens (id, hash, name, role, created_at)
            SELECT {made(6)}, sha256(('t' || n)::bytea), 'Jeton ' || n, 'coordinator', now() FROM generate_series(1, {20 + EACH}) n;
        INSERT INTO people (id, given_name, email, created_at) SELECT {made(7)}, 'Zoé', 'zoe@exemple.fr', now() FROM generate_series(1, 10000) n;"""
    first = 1

    def requests(status, count):
        nonlocal first, text
        numbers = (first, first + count - 1)
        first += count
        ended = "now(), 'Personne à proximité.'" if status == "unserved" else "NULL, NULL"
        text += f"""
        INSERT INTO requests (id, status, asked_by, objective, commune, modes, reach_m, priority, prescriber, person_id, link_hash, code_hash,
                              ended_at, end_reason, created_at, updated_at)
            SELECT {made(4)}, '{status}', 'individual', 'Remplir une déclaration', '42218', '{{place,remote}}', 10000, 1, '{STRUCTURE}', {made(7)},
                   sha256(('l' || n)::bytea), sha256(('c' || n)::bytea), {ended}, now(), now() FROM generate_series({numbers[0]}, {numbers[1]}) n;
        INSERT INTO request_needs (request_id, position, skill, level)
            SELECT {made(4)}, 1, '{network.SKILL}', 1 FROM generate_series({numbers[0]}, {numbers[1]}) n;"""
        return numbers

    for name, status in REQUESTS.items():
        write(name, ids(4, *requests(status, EACH)))
    for name, status in REFERRALS.items():
        numbers = requests("referred" if status == "proposed" else "in_progress", EACH)
        write(name, ids(5, *numbers))
        text += f"""
        INSERT INTO referrals (id, request_id, mediator_id, mode, status, policy_version, proposed_at, answer_by, updated_at)
            SELECT {made(5)}, {made(4)}, {asked}, 'remote', 'proposed', 1, now(), now() + interval '3 days', now()
              FROM generate_series({numbers[0]}, {numbers[1]}) n;"""
        if status != "proposed":
            text += f"UPDATE referrals SET status = 'accepted', answered_at = now() WHERE id BETWEEN '{ids(5, *numbers)[0]}' AND '{ids(5, *numbers)[-1]}';"
        if status == "scheduled":
            text += f"""
        UPDATE referrals SET status = 'scheduled' WHERE id BETWEEN '{ids(5, *numbers)[0]}' AND '{ids(5, *numbers)[-1]}';
        INSERT INTO appointments (id, referral_id, mediator_id, starts_at, ends_at)
            SELECT {made(8)}, {made(5)}, {asked}, timestamptz '2040-01-01' + n * interval '1 hour', timestamptz '2040-01-01' + n * interval '1 hour'
                   + interval '30 minutes' FROM generate_series({numbers[0]}, {numbers[1]}) n;"""
    cluster.sql(database, text + "COMMIT;")
    return {role: None if bound is None else network.token(cluster, database, role, **bound) for role, bound in ROLES.items()}


def ask(server, path, body=None):
    headers = {"Content-Type": "application/json"} if body else {}
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", json.dumps(body).encode() if body else None, headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def file_requests(server, count):
    """Requests by the public; gives the secrets by which they are followed."""
    body = {"objective": "Remplir une déclaration", "consent": True, "person": {"given_name": "Zoé", "email": "zoe@exemple.fr"}}
    return [ask(server, "/api/v1/requests", body)["link"].rsplit("/", 1)[1] for _ in range(count)]


def live(server, token, folder):
    """What only the program itself can have done: changes, ends, merges, applications."""
    client = Client(server.port, token)
    lists = lambda name: [json.loads(line) for line in open(os.path.join(folder, name + ".txt"))]

    def done(method, path, body=None):
        answer = client.send(method, "/api/v1" + path, body)
        if answer.status >= 300:
            raise Failed(f"{method} {path}: {answer.status} {answer.text[:900]}")
        return answer.json

    patches = {"synonyms": "phrase", "alternatives": "note"}
    for kind in [*PAST, "skills", *FACTS]:
        changes = [{"id": one, "etag": "*", "patch": {patches.get(kind, "name"): f"Renommé {n}"}} for n, one in enumerate(lists("changed_" + kind))]
        ends = [{"id": one, "etag": "*", "action": "archive"} for one in lists("archived_" + kind)]
        # Alternatives before their services.
        done("PATCH", f"/{PATHS.get(kind, kind)}?atomic=true", changes + ends)
    for one in lists("merged"):
        done("POST", f"/places/{network.identifier(2, 50)}/merge", {"loser": one})
    for one in lists("dismissed"):
        done("POST", "/duplicates/dismiss", {"first": network.identifier(2, 1), "second": one})

    imports = []
    for n in range(SOME):
        record = {"id": str(n), "nom": f"Lieu apporté {n}", "commune": "Roanne", "code_postal": "42300", "adresse": f"{n} rue", "source": f"S{n}"}
        imports.append(done("POST", "/imports?mode=apply", [record])["id"])
    for one in imports:
        while done("GET", f"/imports/{one}")["status"] in ("waiting", "running"):
            time.sleep(0.1)
    for name, values in (("imports", imports[:10]), ("to_undo", imports[10:])):
        with open(os.path.join(folder, name + ".txt"), "w") as file:
            file.write("".join(json.dumps(value) + "\n" for value in values))

    contact = {"name": "Claire", "email": "claire@exemple.fr"}
    links = {"applications": 20, "to_validate": SOME, "to_ask": SOME, "to_refuse": SOME, "to_follow": 20, "to_resubmit": SOME}
    ids = {}
    for name, count in links.items():
        secrets = [done("POST", "/applications", {"contact": contact, "structure": {"name": f"{name} {n}"}})["link"].rsplit("/", 1)[1] for n in range(count)]
        ids[name] = secrets
    by_name = {}
    cursor = ""
    while cursor is not None:
        page = done("GET", f"/applications?limit=200{cursor}")
        by_name.update({one["structure"]["name"]: one["id"] for one in page["items"]})
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    for name, secrets in ids.items():
        values = secrets if name in ("to_follow", "to_resubmit") else [by_name[f"{name} {n}"] for n in range(len(secrets))]
        with open(os.path.join(folder, name + ".txt"), "w") as file:
            file.write("".join(json.dumps(value) + "\n" for value in values))
    client.close()


def try_role(options, cluster, folder, role, token):
    """One run of schemathesis; gives its exit status, seconds, and what each operation was answered."""
    database = f"fuzz_{role}"
    cluster.sql("postgres", f"CREATE DATABASE {database} TEMPLATE fuzz")
    server = Server(cluster, database, options.relais, port=free_port())
    server.log = os.path.join(options.out, f"{role}.server.log")
    server.start()
    counts = os.path.join(options.out, f"{role}.counts.json")
    command = [
        options.schemathesis, "--config-file", os.path.join(folder, "schemathesis.toml"), "run",
        os.path.join(folder, "openapi.json"), "--url", f"http://127.0.0.1:{server.port}", "--seed", str(options.seed),
        "--max-examples", str(options.examples), "--workers", "1", *options.arguments,
    ]
    if token:
        command += ["--header", f"Authorization: Bearer {token}"]
    began = time.monotonic()
    with open(os.path.join(options.out, f"{role}.txt"), "w") as log:
        done = subprocess.run(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT, env={**os.environ, "RELAIS_FUZZ_COUNTS": counts, "NO_COLOR": "1"})
    server.stop()
    if not os.path.exists(counts):
        raise Failed(f"schemathesis did not begin: see {os.path.join(options.out, role)}.txt")
    with open(counts) as file:
        found = json.load(file)
    seconds = time.monotonic() - began
    say(f"{role}: exit {done.returncode}, {sum(found.values())} requests in {seconds:.0f} s ({os.path.join(options.out, role)}.txt)")
    return done.returncode, found


def arguments():
    parser = argparse.ArgumentParser(prog="Benchmarks/fuzz", description="Tries the API with what its own description allows and forbids.")
    parser.add_argument("--examples", type=int, default=200, help="examples of each operation and role")
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--role", action="append", choices=list(ROLES), help="only these")
    parser.add_argument("--at-once", type=int, default=2, help="roles that are tried at the same time")
    parser.add_argument("--out", default=os.path.join(ROOT, ".build/fuzz"), help="where the reports go")
    parser.add_argument("--relais", default=os.path.join(ROOT, ".build/release/relais"), help=argparse.SUPPRESS)
    parser.add_argument("--schemathesis", default=os.path.join(ROOT, ".build/schemathesis/bin/schemathesis"), help=argparse.SUPPRESS)
    parser.add_argument("arguments", nargs="*", help="for schemathesis, after --: -- --include-path /api/v1/tokens")
    return parser.parse_args()


def run(options, cluster):
    folder = os.path.join(options.out, "configuration")
    shutil.rmtree(options.out, ignore_errors=True)
    os.makedirs(folder)
    for name in ("schemathesis.toml", "schemathesis_hooks.py"):
        shutil.copy(os.path.join(HERE, name), folder)
    cluster.sql("postgres", "CREATE DATABASE fuzz")
    server = Server(cluster, "fuzz", options.relais)
    server.run("migrate", "up")
    tokens = seed(cluster, "fuzz", folder)
    server.start()
    try:
        names = [item["name"] if isinstance(item, dict) else item for item in ask(server, "/api/v1/vocabularies")["items"]]
        for name, values in (("vocabularies", names), ("secrets", file_requests(server, 20))):
            with open(os.path.join(folder, name + ".txt"), "w") as file:
                file.write("".join(json.dumps(value) + "\n" for value in values))
        live(server, tokens["admin"], folder)
        described = ask(server, "/api/openapi.json")
        # From a file: loaded from its own address, that address was not always among what was tried.
        with open(os.path.join(folder, "openapi.json"), "w") as file:
            json.dump(described, file)
        described = described["paths"]
    finally:
        server.stop()
    say(f"seed {options.seed}, {options.examples} examples of each operation and role; reports in {options.out}")

    roles = options.role or list(ROLES)
    results = {}
    with concurrent.futures.ThreadPoolExecutor(options.at_once) as pool:
        runs = {role: pool.submit(try_role, options, cluster, folder, role, tokens[role]) for role in roles}
        for role, future in runs.items():
            results[role] = future.result()
    operations = {}
    for status, found in results.values():
        for key, count in found.items():
            label, code = key.rsplit(" ", 1)
            kinds = operations.setdefault(label, {})
            kinds[code[0] + "xx"] = kinds.get(code[0] + "xx", 0) + count
    wrong = [f"{role}: schemathesis exit {status}" for role, (status, _) in results.items() if status != 0]
    print(f"{'operation':58} {'hits':>7} {'2xx':>7} {'4xx':>7} {'5xx':>5}")
    for label, kinds in sorted(operations.items()):
        hits = sum(kinds.values())
        print(f"{label:58} {hits:7} {kinds.get('2xx', 0):7} {kinds.get('4xx', 0):7} {kinds.get('5xx', 0):5}")
        if not kinds.get("2xx"):
            wrong.append(f"{label}: never answered 2xx for any role")
        if kinds.get("5xx"):
            wrong.append(f"{label}: {kinds['5xx']} answers 5xx")
        method, path = label.split(" ", 1)
        operation = described[path][method.lower()]
        # One that takes nothing has no more than a few ways of being asked.
        if (operation.get("parameters") or described[path].get("parameters") or operation.get("requestBody")) and hits < options.examples:
            wrong.append(f"{label}: only {hits} requests")
    for path, operation in described.items():
        wrong += [f"{method.upper()} {path}: never tried" for method in operation
                  if method in ("get", "post", "patch", "put", "delete") and f"{method.upper()} {path}" not in operations]
    for text in wrong:
        print(f"WRONG: {text}")
    print(f"seed {options.seed}, {len(operations)} operations, {sum(sum(k.values()) for k in operations.values())} requests, {len(wrong)} wrong")
    return 1 if wrong else 0


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options = arguments()
    cluster = None
    try:
        cluster = Cluster()
        return run(options, cluster)
    except Failed as failed:
        say(f"Benchmarks/fuzz: {failed}")
        return 1
    finally:
        if cluster:
            cluster.remove()


if __name__ == "__main__":
    sys.exit(main())
