"""A private PostgreSQL cluster and a `relais serve` on it: started, measured and killed by the programs of this folder, by process id alone."""

import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TICK = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """Something the run needs did not work; its words are for whoever started it."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def postgres_programs():
    """The directory of the programs of the newest PostgreSQL of version 15 or later."""
    given = os.environ.get("RELAIS_POSTGRES_BIN")
    found = [given] if given else []
    found += sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]), reverse=True)
    for path in found:
        if os.access(os.path.join(path, "initdb"), os.X_OK) and os.access(os.path.join(path, "postgres"), os.X_OK):
            return path
    raise Failed("PostgreSQL 15 or later is needed: bin/test --install installs it")


def processes():
    """(process, parent, fields of /proc/PID/stat after the name) of everything that runs."""
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as file:
                    fields = file.read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            yield int(entry), int(fields[1]), fields


def cpu_of(fields, reaped=False):
    """Seconds of CPU, user and system; with `reaped`, those of its children that have ended, too."""
    return sum(int(fields[n]) for n in ((11, 12, 13, 14) if reaped else (11, 12))) / TICK


class Cluster:
    """A cluster with PostgreSQL's own settings for durability; only where it listens, how many may connect and its memory are set."""

    def __init__(self, max_connections=200, port=None):
        self.bin = postgres_programs()
        self.port = port or free_port()
        self.dir = tempfile.mkdtemp(prefix="relais-bench.", dir="/tmp")
        self.owner = []
        self.max_connections = max_connections
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            user = pwd.getpwnam("postgres")
            os.chown(self.dir, user.pw_uid, user.pw_gid)
            self.owner = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        self.data = os.path.join(self.dir, "data")
        self.log = os.path.join(self.dir, "log")
        try:
            self.command("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync")
            with open(os.path.join(self.data, "postgresql.auto.conf"), "a") as file:
                file.write(
                    f"listen_addresses = '127.0.0.1'\nport = {self.port}\nunix_socket_directories = '{self.dir}'\n"
                    f"max_connections = {max_connections}\nshared_buffers = '256MB'\ntimezone = 'UTC'\n"
                )
            self.start()
        except BaseException:
            self.remove()
            raise

    def command(self, program, *arguments, check=True):
        done = subprocess.run(
            [*self.owner, os.path.join(self.bin, program), *arguments], cwd=self.dir, capture_output=True, text=True, timeout=120
        )
        if check and done.returncode != 0:
            raise Failed(f"{program} failed: {done.stderr or done.stdout}")
        return done

    def start(self):
        # Its output goes to its log: a pipe that the server inherits would never end.
        done = subprocess.run(
            [*self.owner, os.path.join(self.bin, "pg_ctl"), "-D", self.data, "-l", self.log, "-w", "-s", "-t", "60", "start"],
            cwd=self.dir, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=90,
        )
        if done.returncode != 0:
            with open(self.log) as file:
                raise Failed("PostgreSQL does not start: " + file.read()[-2000:])

    @property
    def postmaster(self):
        with open(os.path.join(self.data, "postmaster.pid")) as file:
            return int(file.readline())

    def kill(self):
        """kill -9 of the postmaster and of everything it started, in that order, so that it cannot react."""
        postmaster = self.postmaster
        os.kill(postmaster, signal.SIGSTOP)
        children = [pid for pid, parent, _ in processes() if parent == postmaster]
        for pid in [postmaster, *children]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        until = time.monotonic() + 20
        while any(pid in (postmaster, *children) and fields[0] != "Z" for pid, _, fields in processes()):
            if time.monotonic() > until:
                raise Failed("PostgreSQL is still there after kill -9")
            time.sleep(0.02)

    def restart(self):
        """Starts after `kill`: what was left in its directory and in shared memory is PostgreSQL's own business."""
        until = time.monotonic() + 60
        while True:
            try:
                return self.start()
            except Failed:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)

    def cpu(self):
        """Seconds of CPU that the whole cluster has used, ended backends included."""
        postmaster = self.postmaster
        return sum(cpu_of(fields, reaped=pid == postmaster) for pid, parent, fields in processes() if postmaster in (pid, parent))

    def url(self, database):
        return f"host={self.dir} port={self.port} user=postgres dbname={database}"

    def sql(self, database, text):
        """Runs SQL; gives rows of texts."""
        done = subprocess.run(
            [os.path.join(self.bin, "psql"), "-X", "-q", "-A", "-t", "-F", "\x1f", "-R", "\x1e", "-v", "ON_ERROR_STOP=1", self.url(database)],
            input=text, capture_output=True, text=True, timeout=600,
        )
        if done.returncode != 0:
            raise Failed(f"psql: {done.stderr}")
        out = done.stdout.rstrip("\n")
        return [row.split("\x1f") for row in out.split("\x1e")] if out else []

    def value(self, database, text):
        return self.sql(database, text)[0][0]

    def durability(self):
        """What PostgreSQL itself says of its durability."""
        names = ("fsync", "synchronous_commit", "full_page_writes")
        return " ".join(f"{name}={self.value('postgres', 'SHOW ' + name)}" for name in names)

    def remove(self):
        if os.path.exists(os.path.join(self.data, "postmaster.pid")):
            self.command("pg_ctl", "-D", self.data, "-m", "immediate", "-s", "stop", check=False)
        shutil.rmtree(self.dir, ignore_errors=True)


class Server:
    """`relais serve` without rate limits, on a port of its own."""

    def __init__(self, cluster, database, relais, connections=16, port=None, log_level="warning"):
        self.cluster = cluster
        self.relais = relais
        self.port = port or free_port()
        self.log = os.path.join(cluster.dir, "relais.log")
        self.process = None
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("RELAIS_")},
            "RELAIS_DATABASE_URL": cluster.url(database),
            "RELAIS_LISTEN": f"127.0.0.1:{self.port}",
            "RELAIS_LOG_LEVEL": log_level,
            "RELAIS_POOL_SIZE": str(connections),
            "RELAIS_RATE_LIMIT": "0",
            "RELAIS_RATE_LIMIT_VISITORS": "0",
            "RELAIS_RATE_LIMIT_REQUESTS": "0",
            "RELAIS_SECRET_KEYS": "a-key-for-measuring-and-nothing-else-0123456789",
        }

    def run(self, *arguments):
        """One command of `relais`; gives its standard output."""
        done = subprocess.run([self.relais, *arguments], env=self.environment, capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise Failed(f"relais {' '.join(arguments[:2])} failed ({done.returncode}): {done.stderr}{done.stdout}")
        return done.stdout.strip()

    def start(self, patience=60):
        """Starts and waits until it is ready.

        Returns seconds from start to ready.
        """
        began = time.monotonic()
        with open(self.log, "a") as log:
            self.process = subprocess.Popen([self.relais, "serve"], env=self.environment, stdout=log, stderr=log)
        while time.monotonic() < began + patience:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=5) as answer:
                    if answer.status == 200:
                        return time.monotonic() - began
            except OSError:
                time.sleep(0.005)
        with open(self.log) as file:
            raise Failed("relais serve does not get ready: " + file.read()[-2000:])

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            return cpu_of(file.read().rsplit(")", 1)[1].split())

    def resident_megabytes(self):
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
