"""Calls of ``make`` in processes of their own, and a cluster to make them on."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

STARTS = 5
"""How often a cluster is started that does not come up."""

ROOT = Path(__file__).parents[2]
LONGEST = 3600
CHILD = """
import json, os, re, sys, threading, time
from pathlib import Path
from datagen import make

def seconds_of(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

def peak(pid):  # not ru_maxrss, which begins with the peak of the process that started this one
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", Path(f"/proc/{pid}/status").read_text())[1])

def children(pid):
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            yield child
            yield from children(child)

def watch():  # Ray's processes do not wait for their children, so the system does not add their times up
    while True:
        try:
            for pid in children("self"):
                spent[pid] = seconds_of(pid)
                if Path(f"/proc/{pid}/comm").read_text().strip() == "java":
                    java[0] = max(java[0], peak(pid))
        except (OSError, TypeError):  # one has ended meanwhile, or is about to and has no memory any more
            pass
        time.sleep(0.1)

if __name__ == "__main__":
    rows, out, options = json.loads(sys.argv[1])
    spent, java = {}, [0]
    threading.Thread(target=watch, daemon=True).start()
    began = time.perf_counter()
    make(rows, out, **options)
    print(json.dumps({
        "seconds": time.perf_counter() - began,
        "peak": peak("self"),
        "java": java[0],
        "cpu": time.process_time() + sum(spent.values()),
    }))
"""


class Run(NamedTuple):
    """A call of ``make``: seconds, the driver's peak memory in bytes, processor seconds of all processes.

    A process is looked at ten times a second, so what it does in its last tenth is not counted. ``java``: the
    peak memory of Spark's Java process, 0 without.
    """

    seconds: float
    peak: int
    cpu: float
    java: int


def environment() -> dict[str, str]:
    """This checkout, one thread in each process, and no messages of Ray's own."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


def made(rows: int, out: Path, **options: Any) -> Run:
    """Call ``make`` in a process of its own."""
    script = out.with_name("make_it.py")
    script.write_text(CHILD)
    command = [sys.executable, str(script), json.dumps([rows, str(out), options])]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=LONGEST)
    if done.returncode:
        sys.exit(f"make failed: {done.stderr[-1500:]}")
    return Run(**json.loads(done.stdout.splitlines()[-1]))


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a dataset, by its path."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@contextmanager
def two_nodes() -> Iterator[Any]:
    """A Ray cluster of two nodes on this machine, one processor each."""
    from ray.cluster_utils import Cluster

    for attempt in range(STARTS):
        try:
            cluster = Cluster(
                initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False}
            )
            break
        except Exception:  # Ray's own: it waits half a minute for a node, which a busy machine may exceed
            if attempt == STARTS - 1:
                raise
    cluster.add_node(num_cpus=1)
    try:
        yield cluster
    finally:
        cluster.shutdown()
