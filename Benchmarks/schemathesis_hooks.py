"""Counts what every operation was answered; Benchmarks/fuzz adds the roles up."""

import atexit
import collections
import json
import os
import threading

import schemathesis

counts = collections.Counter()
lock = threading.Lock()


@schemathesis.hook
def after_call(context, case, response):
    with lock:
        counts[f"{case.operation.label} {response.status_code}"] += 1


@atexit.register
def write():
    with open(os.environ["RELAIS_FUZZ_COUNTS"], "w") as file:
        json.dump(counts, file)
