#!/usr/bin/env python3
"""An import of 100,000 places, a second one of the same file, its undoing, and what others read meanwhile.

    python3 Benchmarks/imports.py --make ../shared/checks/make_places.py --communes ../shared/data/communes.csv
    … --records 10000      a smaller file
    … --api                by POST /imports, carried out by the server's own job

On a cluster with PostgreSQL's own durability. Prints for each: seconds, the most memory that the program had resident, CPU of the program and of PostgreSQL;
and how many requests for a page of 50 places one client was answered meanwhile, by a server of its own, with the median and the longest. On a shared
machine the seconds say how busy it was, too: the CPU is what is steady. Needs the release build of `relais`.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import network  # noqa: E402
from support.cluster import ROOT, Cluster, Failed, Server, say  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(prog="Benchmarks/imports.py")
    for name in ("make", "communes"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--api", action="store_true")
    parser.add_argument("--relais", default=os.path.join(ROOT, ".build/release/relais"))
    return parser.parse_args()


class Reader(threading.Thread):
    """One client that reads a page of places again and again."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.url = f"http://127.0.0.1:{port}/api/v1/places?limit=50"
        self.took, self.failed, self.stopped = [], 0, False

    def run(self):
        while not self.stopped:
            began = time.monotonic()
            try:
                with urllib.request.urlopen(self.url, timeout=30) as answer:
                    json.load(answer)
                self.took.append(time.monotonic() - began)
            except OSError:
                self.failed += 1
            time.sleep(0.05)


class Work:
    """One thing that is measured, while a client reads."""

    def __init__(self, cluster, server):
        self.cluster, self.server = cluster, server

    def __enter__(self):
        self.reader = Reader(self.server.port)
        self.reader.start()
        self.cpu, self.own, self.began = self.cluster.cpu(), self.server.cpu(), time.monotonic()
        self.peak = 0
        return self

    def __exit__(self, *failure):
        self.seconds = time.monotonic() - self.began
        self.cpu, self.own = self.cluster.cpu() - self.cpu, self.server.cpu() - self.own
        self.reader.stopped = True
        self.reader.join()

    def tell(self, name, outcome, memory, cpu):
        took = sorted(self.reader.took) or [0]
        print(json.dumps({
            "name": name, "seconds": round(self.seconds, 1), "megabytes": round(memory, 1), "cpu_relais": round(cpu, 1), "cpu_postgresql": round(self.cpu, 1),
            "reads": {"count": len(took), "failed": self.reader.failed, "median_ms": round(statistics.median(took) * 1000, 1), "longest_ms": round(took[-1] * 1000, 1)},
            "outcome": {key: value for key, value in outcome.items() if isinstance(value, int)},
        }), flush=True)


def by_command(cluster, server, relais, name, *command):
    with Work(cluster, server) as work:
        with tempfile.TemporaryFile("w+") as out:
            process = subprocess.Popen([relais, *command], env=server.environment, stdout=out)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            outcome = out.read()
    if process.returncode != 0:
        raise Failed(f"relais {' '.join(command)}: exit {process.returncode}")
    outcome = json.loads(outcome)
    work.tell(name, outcome, used.ru_maxrss / 1024, used.ru_utime + used.ru_stime)
    return outcome["id"]


def ask(server, token, method, path, body=None):
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}/api/v1{path}", body, headers, method=method)
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)


def by_api(cluster, server, token, name, path, file=None):
    with Work(cluster, server) as work:
        body = open(file, "rb").read() if file else None
        found = ask(server, token, "POST", path, body)
        while found["status"] not in ("done", "failed", "undone"):
            time.sleep(0.2)
            work.peak = max(work.peak, server.resident_megabytes())
            found = ask(server, token, "GET", f"/imports/{found['id']}")
    if found["status"] == "failed":
        raise Failed(found["failure"])
    work.tell(name, found["undo"] or found["report"], work.peak, work.own)
    return found["id"]


def main():
    options = arguments()
    cluster = Cluster()
    try:
        say(cluster.durability())
        cluster.sql("postgres", "CREATE DATABASE imports")
        server = Server(cluster, "imports", options.relais)
        server.run("migrate", "up")
        server.run("import", "communes", options.communes)
        file = os.path.join(cluster.dir, "places.json")
        with open(file, "wb") as out:
            subprocess.run([sys.executable, options.make, str(options.records)], stdout=out, check=True)
        server.start()
        try:
            if options.api:
                token = network.token(cluster, "imports", "coordinator")
                first = by_api(cluster, server, token, "import", "/imports?mode=apply", file)
                by_api(cluster, server, token, "again", "/imports?mode=apply", file)
                # The second changed nothing, so the first may be undone.
                by_api(cluster, server, token, "undo", f"/imports/{first}/undo")
            else:
                first = by_command(cluster, server, options.relais, "import", "import", "places", file, "--json")
                by_command(cluster, server, options.relais, "again", "import", "places", file, "--json")
                by_command(cluster, server, options.relais, "undo", "import", "undo", first, "--json")
        finally:
            server.stop()
    finally:
        cluster.remove()


if __name__ == "__main__":
    try:
        main()
    except Failed as failure:
        sys.exit(f"Benchmarks/imports.py: {failure}")
