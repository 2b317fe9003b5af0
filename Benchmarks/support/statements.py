"""The statements that one HTTP request makes the server send, taken from PostgreSQL's own log and turned into a script for pgbench.

So the reference of a measure is always the same work, whatever the program does today: the same statements, in the same transaction, with the same
values; only what must differ each time (ids, keys) is computed by pgbench.
"""

import glob
import json
import os
import re
import time

from .cluster import Failed

PARAMETER = re.compile(r"\$(\d+) = (NULL|'(?:[^']|'')*')")


class Log:
    """PostgreSQL's log of one database, read while requests are made."""

    def __init__(self, cluster, database):
        self.cluster, self.database = cluster, database
        cluster.sql("postgres", f"ALTER DATABASE {database} SET log_statement = 'all'; ALTER SYSTEM SET log_parameter_max_length = -1;")

    def stop(self):
        self.cluster.sql("postgres", f"ALTER DATABASE {self.database} RESET log_statement")

    def entries(self):
        found = []
        for path in sorted(glob.glob(os.path.join(self.cluster.data, "log", "*.json"))):
            with open(path) as file:
                found += [json.loads(line) for line in file if line.endswith("\n")]
        return [entry for entry in found if entry.get("dbname") == self.database]

    def of(self, request, marker):
        """The statements of the connection on which `marker` stands among the values, from BEGIN to COMMIT; without BEGIN, the one statement and the
        settings that travel with it."""
        before = len(self.entries())
        request()
        time.sleep(0.5)
        entries = self.entries()[before:]
        marked = next((e for e in entries if marker in e["message"] or marker in e.get("detail", "")), None)
        if marked is None:
            raise Failed(f"the log has no statement with {marker}")
        mine = [e for e in entries if e["pid"] == marked["pid"]]
        at = mine.index(marked)
        first = max((n for n in range(at + 1) if mine[n]["message"].split(": ", 1)[-1].startswith("BEGIN")), default=at)
        last = next((n for n in range(at, len(mine)) if mine[n]["message"].endswith("COMMIT")), at) if first != at or "BEGIN" in mine[at]["message"] else at
        if first == at and at > 0 and "SELECT set_config(" in mine[at - 1]["message"]:
            first = at - 1
        # What a connection does for its own cache of prepared statements is no part of the work.
        return [found for found in map(statement, mine[first : last + 1]) if not found[0].startswith("DEALLOCATE")]


def statement(entry):
    """(SQL with $n, values as literals)."""
    sql = entry["message"].split(": ", 1)[1]
    values = {int(number): value for number, value in PARAMETER.findall(entry.get("detail", ""))}
    return sql, values


def script(statements, variables):
    """The statements for pgbench.

    variables: what must differ each time: literal as it was captured -> (expression of type uuid, bytea or bigint).
    """
    lines = []
    for sql, values in statements:
        texts = re.search(r"\b(jobs|events)\b", sql) is not None

        def value(match):
            literal = values.get(int(match.group(1)))
            if literal is None:
                raise Failed(f"the log does not give ${match.group(1)} of {sql}")
            expression = variables.get(literal.strip("'"))
            if expression:
                return f"({expression})::text" if texts and expression.endswith("::uuid") else expression
            if "unnest(" in sql and literal.startswith("'{"):
                return literal + ("::int2[]" if re.fullmatch(r"'\{[\d,]*\}'", literal) else "::text[]")
            if re.fullmatch(r"'-?\d+'", literal):
                return literal.strip("'")
            return literal

        text = re.sub(r"\$(\d+)", value, sql).strip()
        text = re.sub(r"--[^\n]*", "", text)
        lines.append(" ".join(text.split()) + ";")
    if len(lines) > 1 and lines[0].startswith("SELECT set_config("):
        # One round trip and one transaction, as the server sends them.
        lines = ["\\startpipeline", *lines, "\\endpipeline"]
    return "\n".join(lines) + "\n"
