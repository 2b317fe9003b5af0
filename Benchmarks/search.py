#!/usr/bin/env python3
"""Searches of places at 1,000, 10,000 and 100,000 of them: what each takes in CPU, server and PostgreSQL together, beside the same SQL in pgbench.

    python3 Benchmarks/search.py --make ../shared/checks/make_places.py --communes ../shared/data/communes.csv --places ../shared/data/lieux-loire-2022.json
    … --explain            prints EXPLAIN (ANALYZE, BUFFERS) of each query at the largest size
    … --sizes 1000,10000   only these

CPU is read from /proc/PID/stat of the server and of every process of the cluster: on a shared machine it is the steadiest figure. Latencies say how
busy the machine was, too. Needs the release build of `relais` and `relais-benchmarks`.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import network, places, statements  # noqa: E402
from support.cluster import ROOT, Cluster, Failed, Server, say  # noqa: E402
from support.http import Client  # noqa: E402

# CPU in milliseconds a search, server and PostgreSQL together, at each size: (goal, stretch); and by id.
GOALS = {1_000: (0.9, 0.9), 10_000: (1.9, 0.95), 100_000: (4.0, 1.2)}
GOAL_BY_ID = 0.25
REFERENCE_SCRIPTS = 20


def arguments():
    parser = argparse.ArgumentParser(prog="Benchmarks/search.py")
    for name in ("make", "communes", "places"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--sizes", type=lambda text: [int(size) for size in text.split(",")], default=[1_000, 10_000, 100_000])
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--explain", action="store_true")
    parser.add_argument("--relais", default=os.path.join(ROOT, ".build/release/relais"))
    parser.add_argument("--loads", default=os.path.join(ROOT, ".build/release/relais-benchmarks"))
    return parser.parse_args()


class Bench:
    def __init__(self, options, cluster, size):
        self.options, self.cluster, self.size = options, cluster, size
        self.database = f"search_{size}"
        cluster.sql("postgres", f"CREATE DATABASE {self.database}")
        self.server = Server(cluster, self.database, options.relais, connections=options.clients, log_level="info")
        self.server.run("migrate", "up")
        self.server.run("import", "communes", options.communes)
        self.server.run("import", "places", options.places)
        made = lambda *more: json.loads(subprocess.run([sys.executable, options.make, str(size), *more], capture_output=True, check=True).stdout)
        places.load(cluster, self.database, made())
        asked = made("--questions")
        cluster.sql(self.database, "VACUUM ANALYZE")
        self.token = network.token(cluster, self.database, "coordinator")
        searches = [
            {"near": f"{q['latitude']},{q['longitude']}", "distance": q["radius_km"] * 1000, "service": q["service"], "limit": q["limit"]}
            for q in asked["search"]]
        path = lambda question, **more: "/api/v1/places?" + urllib.parse.urlencode({**question, **more}, safe=",:")
        names = ["bibliotheque", "mediatheque saint etienne", "centre social", "espace numerique", "mediateque"]
        self.paths = {
            "search": [path(q) for q in searches],
            "by id": [f"/api/v1/places/{places.place_id(int(one.rsplit('-', 1)[1]))}" for one in asked["ids"]],
            "open now": [path(q, open_at="2026-12-01T10:30:00+01:00") for q in searches],
            "total": [path(q, total="true") for q in searches],
            "facets": [path(q, facets="publics,fees") for q in searches],
            "words": [path({"q": words, "limit": 50}) for words in names],
            "words near": [path({**q, "q": names[n % len(names)]}) for n, q in enumerate(searches)],
        }

    def load(self, name, seconds):
        file = os.path.join(self.cluster.dir, "paths")
        with open(file, "w") as out:
            out.write("\n".join(self.paths[name]))
        before = self.server.cpu(), self.cluster.cpu()
        done = subprocess.run(
            [self.options.loads, "http", "get", "--port", str(self.server.port), "--token", self.token, "--paths", file,
             "--clients", str(self.options.clients), "--seconds", str(seconds)], capture_output=True, text=True, timeout=seconds + 120)
        after = self.server.cpu(), self.cluster.cpu()
        if done.returncode != 0:
            raise Failed(done.stderr[-1500:])
        tally = json.loads(done.stdout)
        if tally["failed"] or not tally["done"]:
            raise Failed(f"{name}: {tally['failed']} failed: {tally['first_failure']}")
        server, postgres = ((after[n] - before[n]) * 1000 / tally["done"] for n in (0, 1))
        return {"server": server, "postgres": postgres, "median": tally["median_ms"], "p99": tally["p99_ms"],
                "rate": tally["done"] / tally["seconds"]}

    def reference(self):
        """The statements of some of the searches, taken from PostgreSQL's log, run by pgbench."""
        log = statements.Log(self.cluster, self.database)
        self.server.stop()
        self.server.start()
        client = Client(self.server.port, self.token)
        scripts, sql = [], None
        for number, path in enumerate(self.paths["search"][:REFERENCE_SCRIPTS]):
            def ask():
                answer = client.send("GET", path)
                if answer.status != 200:
                    raise Failed(f"{path}: {answer.status} {answer.text[:300]}")
            found = log.of(ask, "on_sphere")
            sql = statements.script(found, {})
            scripts.append(os.path.join(self.cluster.dir, f"search{number}.sql"))
            with open(scripts[-1], "w") as out:
                out.write(sql)
        client.close()
        log.stop()
        self.server.stop()
        before = self.cluster.cpu()
        done = subprocess.run(
            [os.path.join(self.cluster.bin, "pgbench"), "-n", "-M", "prepared", "-c", str(self.options.clients), "-j", "2", "-T",
             str(round(self.options.seconds)), *[part for script in scripts for part in ("-f", script)], self.cluster.url(self.database)],
            capture_output=True, text=True, timeout=self.options.seconds + 60)
        count = re.search(r"actually processed: (\d+)", done.stdout)
        if done.returncode != 0 or not count:
            raise Failed(f"pgbench: {done.stderr[:1500]}")
        cpu = (self.cluster.cpu() - before) * 1000 / int(count.group(1))
        self.server.start()
        return cpu

    def explain(self):
        """What PostgreSQL does for the first question of each kind."""
        log = statements.Log(self.cluster, self.database)
        self.server.stop()
        self.server.start()
        client = Client(self.server.port, self.token)
        for name in self.paths:
            before = len(log.entries())
            client.send("GET", self.paths[name][0])
            import time
            time.sleep(0.5)
            for entry in log.entries()[before:]:
                if "FROM places" not in entry["message"]:
                    continue
                sql = statements.script([statements.statement(entry)], {})
                print(f"\n### {name}\n\n{sql}")
                print("\n".join(row[0] for row in self.cluster.sql(self.database, "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) " + sql)))
        client.close()
        log.stop()

    def run(self):
        self.server.start()
        reference = self.reference()
        results = {}
        for name in self.paths:
            self.load(name, 1)
            results[name] = self.load(name, self.options.seconds)
        for name, one in results.items():
            both = one["server"] + one["postgres"]
            goal = {"search": GOALS.get(self.size, (None,))[0], "by id": GOAL_BY_ID}.get(name)
            verdict = "" if goal is None else f"goal {goal} " + ("reached" if both <= goal else "NOT reached")
            more = f"pgbench {reference:.3f}  " if name == "search" else ""
            print(f"{self.size:7} {name:11} CPU {both:7.3f} ms = server {one['server']:.3f} + PostgreSQL {one['postgres']:.3f}   "
                  f"median {one['median']:.1f} p99 {one['p99']:.1f} ms   {one['rate']:.0f}/s  {more}{verdict}", flush=True)


def main():
    options = arguments()
    cluster = bench = None
    try:
        cluster = Cluster()
        with open(os.path.join(cluster.data, "postgresql.auto.conf"), "a") as file:
            file.write("logging_collector = on\nlog_destination = 'jsonlog'\n")
        cluster.command("pg_ctl", "-D", cluster.data, "-m", "fast", "-s", "-w", "stop")
        cluster.start()
        say(cluster.durability())
        for size in options.sizes:
            bench = Bench(options, cluster, size)
            bench.run()
            if options.explain and size == options.sizes[-1]:
                bench.explain()
            bench.server.stop()
        return 0
    except Failed as failed:
        say(f"Benchmarks/search.py: {failed}")
        return 1
    finally:
        if bench and bench.server.process:
            bench.server.stop()
        if cluster:
            cluster.remove()


if __name__ == "__main__":
    sys.exit(main())
