"""What Benchmarks/run runs, once everything is built: rounds of measures, each ours and its reference in turns, and their ratios."""

import argparse
import hashlib
import json
import os
import re
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import network, statements  # noqa: E402
from support.cluster import ROOT, Cluster, Failed, Server, say  # noqa: E402
from support.http import Client  # noqa: E402

# What was promised: names and goals. Changing one is changing a promise, and the run fails until this table says the same as the measures below.
PROMISED = {
    "point_query": 0.5, "place_by_id": 0.6, "post_request": 0.5, "propose_accept": 0.5, "candidates": None, "list_places": None,
}
DATABASE = "measured"
MEDIATORS = 60
PLACES = 10_000
POINT = "SELECT id, name, address, postcode, commune_name, latitude, longitude FROM places WHERE id = "


class Sample:
    """One load: how many a second, and CPU a piece (milliseconds) of whoever served it and of PostgreSQL."""

    def __init__(self, rate, server=0.0, postgres=0.0):
        self.rate, self.server, self.postgres = rate, server, postgres


class Bench:
    def __init__(self, options, cluster, server):
        self.options, self.cluster, self.server = options, cluster, server
        self.folder = tempfile.mkdtemp(dir=cluster.dir)
        os.chmod(self.folder, 0o755)
        self.next_request = 1
        self.scripts = {}

    # --- loads

    def pgbench(self, name, define=None, per=1):
        """The server stands still meanwhile, and its jobs are out of the way."""
        self.quiet()
        os.kill(self.server.process.pid, signal.SIGSTOP)
        try:
            before = self.cluster.cpu()
            done = subprocess.run(
                [os.path.join(self.cluster.bin, "pgbench"), "-n", "-M", "prepared", "-c", str(self.options.clients), "-j", "2",
                 "-T", str(max(1, round(self.options.seconds))), "-f", self.scripts[name],
                 *[f"-D{key}={value}" for key, value in (define or {}).items()], self.cluster.url(DATABASE)],
                capture_output=True, text=True, timeout=self.options.seconds + 60,
            )
            after = self.cluster.cpu()
        finally:
            self.cluster.sql(DATABASE, "DELETE FROM jobs")
            os.kill(self.server.process.pid, signal.SIGCONT)
        rate = re.search(r"tps = ([\d.]+)", done.stdout)
        count = re.search(r"actually processed: (\d+)", done.stdout)
        failed = re.search(r"failed transactions: (\d+)", done.stdout)
        if done.returncode != 0 or not rate or (failed and int(failed.group(1))):
            raise Failed(f"pgbench {name}: {done.stderr[:1500]}")
        return Sample(float(rate.group(1)), 0.0, (after - before) * 1000 / int(count.group(1)))

    def quiet(self):
        """No job is left, and nothing is under way."""
        for _ in range(200):
            self.cluster.sql(DATABASE, "DELETE FROM jobs")
            busy = self.cluster.value(
                "postgres", f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{DATABASE}' AND state <> 'idle' AND backend_type = 'client backend'")
            if busy == "0":
                return
            time.sleep(0.02)
        raise Failed("the database does not come to rest")

    def load(self, *arguments, warm=False):
        done = subprocess.run(
            [self.options.loads, *arguments, "--clients", str(self.options.clients), "--seconds", str(0.5 if warm else self.options.seconds)],
            capture_output=True, text=True, timeout=self.options.seconds + 90,
        )
        if done.returncode != 0:
            raise Failed(f"relais-benchmarks {' '.join(arguments[:2])}: {done.stderr[-1500:]}")
        tally = json.loads(done.stdout)
        if tally["failed"] or not tally["done"]:
            raise Failed(f"{' '.join(arguments[:2])}: {tally['failed']} failed, {tally['done']} done; the first: {tally['first_failure']}")
        return tally

    def http(self, kind, **options):
        """Each load of the server: with the CPU of its process and of PostgreSQL."""
        self.quiet()
        arguments = ["http", kind, "--port", str(self.server.port), "--token", self.token]
        for name, value in options.items():
            arguments += [f"--{name}", str(value)]
        server, postgres = self.server.cpu(), self.cluster.cpu()
        tally = self.load(*arguments)
        server, postgres = self.server.cpu() - server, self.cluster.cpu() - postgres
        return Sample(tally["done"] / tally["seconds"], server * 1000 / tally["done"], postgres * 1000 / tally["done"])

    def point_query(self):
        self.quiet()
        own, postgres = children(), self.cluster.cpu()
        tally = self.load("point-query", self.cluster.url(DATABASE), self.place)
        own, postgres = children() - own, self.cluster.cpu() - postgres
        return Sample(tally["done"] / tally["seconds"], own * 1000 / tally["done"], postgres * 1000 / tally["done"])

    # --- what there is

    def fill(self):
        structure, mediators = network.fill_mediators(self.cluster, DATABASE, MEDIATORS, 1_000_000, 1_000_000)
        self.cluster.sql(DATABASE, f"""
            INSERT INTO places (id, structure_id, name, address, postcode, commune_name, latitude, longitude, typologies, services, opening_hours,
                                created_at, updated_at)
                SELECT ('00000002-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, '{structure}', 'Espace public numérique ' || n,
                       n || ' rue de la République', '42000', 'Saint-Étienne', 45.3 + (n % 100) / 200.0, 3.9 + (n / 100 % 100) / 200.0,
                       '{{ASSO}}', '{{Utiliser le numérique}}', 'Mo-Fr 09:00-12:00,14:00-17:00', now(), now()
                  FROM generate_series(1, {PLACES}) n;
            INSERT INTO mediator_places (mediator_id, place_id)
                SELECT id, ('00000002-0000-7000-8000-' || lpad((row_number() OVER (ORDER BY id) * 97)::text, 12, '0'))::uuid FROM mediators;
            UPDATE mediators SET modes = '{{place,remote}}';""")
        self.mediators = mediators
        self.place = network.identifier(2, 4321)
        self.token = network.token(self.cluster, DATABASE, "coordinator")
        self.requests(1)
        self.cluster.sql(DATABASE, "VACUUM ANALYZE")

    def requests(self, count):
        """So many qualified requests that nobody has been asked to take; gives the number of the first."""
        first = self.next_request
        self.next_request += count
        self.cluster.sql(DATABASE, f"""
            WITH numbers AS (
                SELECT n, ('00000004-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid AS id FROM generate_series({first}, {first + count - 1}) n
            ), asked AS (
                INSERT INTO requests (id, status, asked_by, objective, latitude, longitude, modes, reach_m, priority, link_hash, code_hash, created_at, updated_at)
                    SELECT id, 'qualified', 'individual', 'Remplir une déclaration', 45.43, 4.39, '{{place,remote}}', 10000, 1,
                           sha256(('l' || n)::bytea), sha256(('c' || n)::bytea), now(), now() FROM numbers
            )
            INSERT INTO request_needs (request_id, position, skill, level) SELECT id, 1, '{network.SKILL}', 1 FROM numbers""")
        return first

    def write(self, name, text):
        self.scripts[name] = os.path.join(self.folder, name + ".sql")
        with open(self.scripts[name], "w") as file:
            file.write(text)

    def learn(self):
        """Takes the statements of one request of each kind from the log."""
        self.write("point_query", POINT + ":id;\n")
        log = statements.Log(self.cluster, DATABASE)
        self.server.stop()
        self.server.start()  # its connections begin anew, and are logged
        client = Client(self.server.port, self.token)
        caller = self.cluster.value(DATABASE, "SELECT id FROM tokens")

        def done(method, path, body=None, key=None, status=200):
            answer = client.send(method, path, body, key)
            if answer.status != status:
                raise Failed(f"{method} {path}: {answer.status} {answer.text[:500]}")
            return answer.json

        def key_of(text, variable):
            """What is derived from an Idempotency-Key, and differs each time."""
            lock = int.from_bytes(hashlib.sha256(f"{caller}\0{text}".encode()).digest()[:8], "big", signed=True)
            return {
                "\\x" + hashlib.sha256(text.encode()).hexdigest(): f"decode(lpad(to_hex((:{variable})::bigint), 64, '0'), 'hex')",
                str(lock): f"(:{variable})::bigint",
            }

        unique = lambda variable: f"lpad(to_hex((:{variable})::bigint), 32, '0')::uuid"
        numbered = lambda kind, variable: f"('0000000{kind}-0000-7000-8000-' || lpad((:{variable})::text, 12, '0'))::uuid"
        draw = "".join(f"\\set {name} random(1, 9000000000000000000)\n" for name in ("a", "b", "c", "d"))

        answers = []
        body = {"objective": "Remplir une déclaration en ligne", "needs": [{"skill": network.SKILL, "level": 1}], "modes": ["remote"],
                "person": {"given_name": "Zoé", "family_name": "Martin", "email": "zoe@exemple.fr"}}
        done("POST", "/api/v1/requests", body, "warm", 201)
        posted = log.of(lambda: answers.append(done("POST", "/api/v1/requests", body, "learn", 201)), hashlib.sha256(b"learn").hexdigest())
        request = answers[-1]["id"]
        variables = {request: unique("a"), **key_of("learn", "b")}
        secrets = [v.strip("'") for sql, values in posted if "INSERT INTO requests" in sql for v in values.values() if v.startswith("'\\x")]
        people = [values[1].strip("'") for sql, values in posted if "INSERT INTO people" in sql]
        if len(secrets) != 2 or len(people) != 1:
            raise Failed("POST /requests does not store what this program knows")
        variables |= {secrets[0]: "decode(lpad(to_hex((:c)::bigint), 64, '0'), 'hex')", secrets[1]: "decode(lpad(to_hex((:d)::bigint), 64, '0'), 'hex')"}
        variables[people[0]] = unique("d")
        self.write("post_request", draw + statements.script(posted, variables))

        request, mediator = network.identifier(4, 1), self.mediators[0]
        propose = lambda: answers.append(done("POST", f"/api/v1/requests/{request}/referrals", {"mediator": mediator}, "propose", 201))
        proposed = log.of(propose, hashlib.sha256(b"propose").hexdigest())
        referral = answers[-1]["id"]
        accepted = log.of(lambda: done("POST", f"/api/v1/referrals/{referral}/accept", {}, "accept"), hashlib.sha256(b"accept").hexdigest())
        variables = {request: numbered(4, "r"), mediator: numbered(3, "m"), referral: unique("a"), **key_of("propose", "b"), **key_of("accept", "c")}
        turn = f"\\set n :n + 1\n\\set r :first + (:n - 1) * {self.options.clients} + :client_id\n\\set m 1 + (:r % {MEDIATORS})\n"
        self.write("propose_accept", draw + turn + statements.script(proposed, variables) + statements.script(accepted, variables))

        self.asked = network.identifier(4, self.requests(1))
        found = log.of(lambda: done("GET", f"/api/v1/requests/{self.asked}/candidates"), self.asked)
        self.write("candidates", statements.script(found, {}))
        listed = log.of(lambda: done("GET", "/api/v1/places?limit=50"), "FROM places")
        self.write("list_places", statements.script(listed, {}))
        client.close()
        log.stop()
        self.server.stop()
        self.statements = {name: open(path).read().count(";\n") for name, path in self.scripts.items()}

    # --- rounds

    def round(self):
        """Name -> (ratio, our sample, reference sample)."""
        result = {}
        pgbench = self.pgbench("point_query", {"id": self.place})
        ours = self.point_query()
        result["point_query"] = (ours.rate / pgbench.rate, ours, pgbench)
        fixed = self.http("get", path="/health/live")
        place = self.http("get", path=f"/api/v1/places/{self.place}")
        result["place_by_id"] = (place.rate / series(pgbench, fixed), place, pgbench)
        pgbench = self.pgbench("post_request")
        posted = self.http("post")
        result["post_request"] = (posted.rate / series(pgbench, fixed), posted, pgbench)
        room = int(self.options.seconds * 3000)
        pgbench = self.pgbench("propose_accept", {"n": 0, "first": self.requests(room)})
        first = self.requests(room)
        pairs = self.http("propose", first=first, count=room, mediators=MEDIATORS)
        result["propose_accept"] = (pairs.rate / series(pgbench, fixed, requests=2), pairs, pgbench)
        pgbench = self.pgbench("candidates")
        found = self.http("get", path=f"/api/v1/requests/{self.asked}/candidates")
        result["candidates"] = (found.rate / series(pgbench, fixed), found, pgbench)
        pgbench = self.pgbench("list_places")
        listed = self.http("get", path="/api/v1/places?limit=50")
        result["list_places"] = (listed.rate / series(pgbench, fixed), listed, pgbench)
        result["fixed"] = (1, fixed, fixed)
        return result


def series(pgbench, fixed, requests=1):
    """The rate of a server that does what pgbench does, and after it what a fixed answer takes, for each of its requests."""
    return 1 / (1 / pgbench.rate + requests / fixed.rate)


def children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


MEASURES = [
    ("point_query", 0.5, "pgbench -M prepared, the same statement and clients"),
    ("place_by_id", 0.6, "series limit of pgbench (point query) and a fixed answer"),
    ("post_request", 0.5, "series limit of pgbench (the same statements in one transaction) and a fixed answer"),
    ("propose_accept", 0.5, "series limit of pgbench (the same statements in two transactions) and two fixed answers"),
    ("candidates", None, "series limit of pgbench (the same statements) and a fixed answer"),
    ("list_places", None, "series limit of pgbench (the same statement) and a fixed answer"),
]


def broken_promises(report):
    """What differs from what was promised: names that are missing or new, goals that were moved."""
    measured = {entry["name"]: entry["goal"] for entry in report}
    return [f"{name}: promised {PROMISED.get(name, 'nothing')}, measured {measured.get(name, 'nothing')}"
            for name in sorted({*PROMISED, *measured}) if name not in PROMISED or name not in measured or PROMISED[name] != measured[name]]


def spread(values):
    return {"min": round(min(values), 3), "median": round(statistics.median(values), 3), "max": round(max(values), 3)}


def report_of(rounds):
    report = []
    for name, goal, reference in MEASURES:
        found = [one[name] for one in rounds]
        median = lambda values: round(statistics.median(values), 4)
        report.append({
            "name": name, "ratio": spread([ratio for ratio, _, _ in found]), "reference": reference, "goal": goal,
            "cpu_ms": {"server": median([ours.server for _, ours, _ in found]), "postgres": median([ours.postgres for _, ours, _ in found])},
            "reference_cpu_ms": {"postgres": median([theirs.postgres for _, _, theirs in found])},
            "per_second": {"ours": round(statistics.median([ours.rate for _, ours, _ in found])),
                           "reference": round(statistics.median([theirs.rate for _, _, theirs in found]))},
        })
    return report


def memory(bench, seconds):
    """Resident memory after a load of reading, filing and listing."""
    began = bench.server.resident_megabytes()
    bench.options.seconds = 5
    until, most = time.monotonic() + seconds, began
    while time.monotonic() < until:
        bench.http("get", path=f"/api/v1/places/{bench.place}")
        bench.http("post")
        bench.http("get", path="/api/v1/places?limit=50")
        bench.http("get", path=f"/api/v1/requests/{bench.asked}/candidates")
        most = max(most, bench.server.resident_megabytes())
    return {"at_start_mb": round(began, 1), "most_mb": round(most, 1), "after_mb": round(bench.server.resident_megabytes(), 1), "seconds": seconds}


def arguments():
    parser = argparse.ArgumentParser(prog="Benchmarks/run", description="Measures what is claimed about speed, ours and its reference in turns.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="how long each load lasts")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--memory", type=float, nargs="?", const=300, metavar="SECONDS", help="resident memory after so many seconds of load (300)")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--relais", default=os.path.join(ROOT, ".build/release/relais"), help=argparse.SUPPRESS)
    parser.add_argument("--loads", default=os.path.join(ROOT, ".build/release/relais-benchmarks"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.rounds < 1 or options.seconds < 1 or options.clients < 1:
        parser.error("rounds, seconds and clients are 1 or more")
    return options


def run(options, cluster, server):
    with open(os.path.join(cluster.data, "postgresql.auto.conf"), "a") as file:
        file.write("logging_collector = on\nlog_destination = 'jsonlog'\n")
    cluster.command("pg_ctl", "-D", cluster.data, "-m", "fast", "-s", "-w", "stop")
    cluster.start()
    cluster.sql("postgres", f"CREATE DATABASE {DATABASE}")
    server.run("migrate", "up")
    bench = Bench(options, cluster, server)
    bench.fill()
    ready = [server.start()]
    bench.learn()
    ready += [server.start()]
    for _ in range(3):
        server.stop()
        ready.append(server.start())
    say(f"statements of each reference: {bench.statements}")
    for path in ("/health/live", f"/api/v1/places/{bench.place}"):
        bench.load("http", "get", "--port", str(server.port), "--token", bench.token, "--path", path, warm=True)
    rounds = []
    for number in range(options.rounds):
        rounds.append(bench.round())
        say(f"round {number + 1}: " + ", ".join(f"{name} {ratio:.2f}" for name, (ratio, _, _) in rounds[-1].items() if name != "fixed"))
    report = report_of(rounds)
    extra = {"ready_s": spread(ready), "fixed_per_second": round(statistics.median([one["fixed"][1].rate for one in rounds])),
             "fixed_cpu_ms": round(statistics.median([one["fixed"][1].server for one in rounds]), 4)}
    if options.memory:
        extra["memory"] = memory(bench, options.memory)
    if options.json:
        print(json.dumps(report, indent=1))
        say(json.dumps(extra))
    else:
        print(f"{'':15} {'min':>6} {'median':>7} {'max':>6}  goal          a second / reference   CPU ms: server  PostgreSQL (reference)")
        for entry in report:
            ratio, goal = entry["ratio"], entry["goal"]
            verdict = "—" if goal is None else f"{goal} " + ("reached" if ratio["median"] >= goal else "NOT reached")
            print(f"{entry['name']:15} {ratio['min']:6.2f} {ratio['median']:7.2f} {ratio['max']:6.2f}  {verdict:15} "
                  f"{entry['per_second']['ours']:8} / {entry['per_second']['reference']:8}      {entry['cpu_ms']['server']:8.3f}  "
                  f"{entry['cpu_ms']['postgres']:8.3f} ({entry['reference_cpu_ms']['postgres']:.3f})")
        print(json.dumps(extra))
    broken = broken_promises(report)
    for text in broken:
        say(f"Benchmarks/run: {text}")
    return 1 if broken else 0


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options = arguments()
    cluster = server = None
    try:
        cluster = Cluster()
        say(cluster.durability())
        # With its standard level of logging: each request leaves a line, as in production.
        server = Server(cluster, DATABASE, options.relais, connections=options.clients, log_level="info")
        return run(options, cluster, server)
    except Failed as failed:
        say(f"Benchmarks/run: {failed}")
        return 1
    finally:
        if server and server.process:
            try:
                os.kill(server.process.pid, signal.SIGCONT)
            except ProcessLookupError:
                pass
            server.stop()
        if cluster:
            cluster.remove()


if __name__ == "__main__":
    sys.exit(main())
