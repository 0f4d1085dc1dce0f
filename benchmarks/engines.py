"""The same dataset on this machine, on Ray and on Spark: its bytes, kills, memory, and what an engine costs.

    python benchmarks/engines.py [--only bytes,kills,memory,driver,overhead,scaling] [--kills 20] [--seed 0]

bytes      SHA-256 of every file: local with 1 and 2 workers, Ray on a cluster of two nodes, Spark local[2]
kills      a driver, a worker or a node of Ray, killed at a random moment; started again, nothing differs and
           no shard that was whole is made again
memory     the peak memory of the driver at 10 and at 1,000 shards
driver     processor seconds of what only the driver does, for rows without pictures
overhead   seconds for the first shard and for each of 39 more, on Ray and on Spark, and their ratio to local
scaling    processor seconds of 1 and of 2 processes for pictures: their ratio is the efficiency that two
           idle cores give; the ratio of wall-clock times depends on what else runs

One line of figures for each. Needs the extras ray and spark, and Java. Exit code 1 where bytes differ.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
LONGEST = 600
SMALL = ("--rows", "120", "--image-size", "64x64", "--shard-rows", "10")
CHILD = """
import json, resource, sys, time
from pathlib import Path
from datagen import make
if __name__ == "__main__":
    rows, out, options = json.loads(sys.argv[1])
    began = time.perf_counter()
    make(rows, out, **options)
    own = resource.getrusage(resource.RUSAGE_SELF)
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps({
        "seconds": time.perf_counter() - began,
        "peak": own.ru_maxrss * 1024,
        "cpu": own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime,
    }))
"""


class Run(NamedTuple):
    """A call of ``make``: seconds, the driver's peak memory in bytes, processor seconds of all processes."""

    seconds: float
    peak: int
    cpu: float


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

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    cluster.add_node(num_cpus=1)
    try:
        yield cluster
    finally:
        cluster.shutdown()


def same_bytes(workspace: Path) -> bool:
    """Every engine, the same bytes."""
    options: dict[str, Any] = {"image_size": (64, 64), "shard_rows": 10, "attributes": True, "masks": True}
    with two_nodes() as cluster:
        ways: dict[str, dict[str, Any]] = {
            "local 1": {"workers": 1},
            "local 2": {"workers": 2},
            "ray on two nodes": {"engine": "ray", "address": cluster.address},
            "spark local[2]": {"engine": "spark", "workers": 2},
        }
        found = {}
        for number, (name, way) in enumerate(ways.items()):
            made(240, workspace / f"way{number}", **options, **way)
            found[name] = digests(workspace / f"way{number}")
    expected = found["local 1"]
    differ = [name for name, files in found.items() if files != expected]
    print(f"bytes: {len(expected)} files with {', '.join(ways)}: {differ if differ else 'equal'}")
    return not differ


def command(out: Path, *more: str) -> subprocess.Popen[bytes]:
    """``datagen make`` of the small dataset in a process group of its own."""
    words = [sys.executable, "-m", "datagen", "make", *SMALL, "--quiet", "--out", str(out), *more]
    with out.with_name("output.txt").open("wb") as output:
        return subprocess.Popen(
            words, env=environment(), stdout=output, stderr=output, start_new_session=True
        )


def whole(out: Path) -> dict[str, tuple[int, int]]:
    """The shards that have their name by now, with inode and time: made again, one would have others."""
    folder = out if out.exists() else out.with_name(out.name + ".partial")
    return {
        path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in folder.glob("data/*.parquet")
    }


def descendants(pid: int) -> dict[int, str]:
    """The processes that a process has started, and theirs, with their command lines."""
    parent, words = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                words[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
    found: dict[int, str] = {}
    for other in parent:
        at = other
        while at in parent and at != pid:
            at = parent[at]
        if at == pid and other != pid:
            found[other] = words[other]
    return found


def kills(workspace: Path, count: int, seed: int) -> bool:
    """Drivers, workers and nodes killed at random moments."""
    rng = random.Random(seed)
    out = workspace / "killed"
    with two_nodes() as cluster:
        if command(out, "--engine", "ray", "--address", cluster.address).wait(LONGEST):
            sys.exit(f"the undisturbed run failed: {out.with_name('output.txt').read_text()[-800:]}")
        expected = digests(out)
        wrong, twice, resumed = 0, 0, 0
        victims = [rng.choice(("driver", "worker", "node")) for _ in range(count)]
        for victim in victims:
            subprocess.run(["rm", "-rf", str(out), f"{out}.partial"], check=True)
            process = command(out, "--engine", "ray", "--address", cluster.address)
            after = rng.randrange(11)  # of its 12 shards
            while process.poll() is None and len(whole(out)) < after:
                time.sleep(0.02)
            time.sleep(rng.uniform(0, 0.2))
            kept = whole(out)
            kill(victim, process, cluster, rng)
            process.wait(LONGEST)
            if not out.exists():
                resumed += 1
                again = command(out, "--engine", "ray", "--address", cluster.address, "--resume")
                if again.wait(LONGEST):
                    wrong += 1
                    print(f"  after the {victim}: {out.with_name('output.txt').read_text()[-400:]}")
            twice += sum(whole(out).get(name) != stamp for name, stamp in kept.items())
            wrong += digests(out) != expected
    told = ", ".join(f"{victims.count(name)} {name}s" for name in sorted(set(victims)))
    print(
        f"kills: {count} ({told}), {resumed} started again; {wrong} outcomes differ, "
        f"{twice} whole shards were made twice"
    )
    return not wrong and not twice


def kill(victim: str, process: subprocess.Popen[bytes], cluster: Any, rng: random.Random) -> None:
    """Kill a driver with its process group, a worker that makes a shard, or the second node."""
    if victim == "driver":
        os.killpg(process.pid, signal.SIGKILL)
    elif victim == "node":
        cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)
        cluster.add_node(num_cpus=1)
    else:
        workers = [pid for pid, words in descendants(os.getpid()).items() if words.startswith("ray::_make")]
        for pid in rng.sample(workers, min(1, len(workers))):
            os.kill(pid, signal.SIGKILL)


def memory(workspace: Path) -> None:
    """The driver's peak memory must not grow with the number of shards."""
    shown = []
    for engine in ("local", "ray"):
        peaks = [
            made(
                shards * 20,
                workspace / f"{engine}{shards}",
                image_size=None,
                shard_rows=20,
                engine=engine,
                workers=2,
            ).peak
            for shards in (10, 1000)
        ]
        shown.append(
            f"{engine} {peaks[0] / 1e6:.0f} MB at 10 shards, {peaks[1] / 1e6:.0f} MB at 1,000 "
            f"(x {peaks[1] / peaks[0]:.2f})"
        )
    print(f"memory of the driver: {'; '.join(shown)}")


def driver(workspace: Path, rows: int) -> None:
    """What the driver does alone: the card, which counts all rows, and the manifest, which lists shards."""
    from datagen.dataset.folder import open_folder
    from datagen.dataset.metadata import write_metadata

    shown = []
    for shards in (10, 400):
        out = workspace / f"driver{shards}"
        made(rows, out, image_size=None, shard_rows=rows // shards, workers=2)
        folder, began = open_folder(out), time.process_time()
        write_metadata(folder)
        took, size = time.process_time() - began, (out / "manifest.json").stat().st_size
        shown.append(f"{took:.2f} s and a manifest of {size:,} bytes at {shards} shards")
    print(f"driver: {rows:,} rows: {'; '.join(shown)}")


def overhead(workspace: Path, rows: int) -> None:
    """Seconds for one shard, which are those of starting, and for each of 39 more."""
    shown, base = [], 0.0
    for engine in ("local", "ray", "spark"):
        options: dict[str, Any] = {
            "image_size": None,
            "shard_rows": rows // 40,
            "workers": 2,
            "engine": engine,
        }
        one = made(rows // 40, workspace / f"one-{engine}", **options).seconds
        every = made(rows, workspace / f"over-{engine}", **options).seconds
        each = (every - one) / 39
        base = base or each
        shown.append(f"{engine} {one:.1f} s, then {each:.2f} s a shard (x {each / base:.2f})")
    print(
        f"overhead: shards of {rows // 40:,} rows, two processes, at a load of {os.getloadavg()[0]:.1f} on "
        f"{os.cpu_count()} cores: the first takes {'; '.join(shown)}"
    )


def scaling(workspace: Path, pictures: int) -> None:
    """Pictures by one process and by two."""
    one, two = (
        made(pictures, workspace / f"scale{workers}", workers=workers, shard_rows=pictures // 4)
        for workers in (1, 2)
    )
    print(
        f"scaling: {pictures} pictures of 480x640: {one.cpu:.1f} processor seconds by one process, "
        f"{two.cpu:.1f} by two, so at most {one.cpu / two.cpu:.0%} of linear; wall clock "
        f"{one.seconds:.1f} s and {two.seconds:.1f} s, {one.seconds / two.seconds / 2:.0%} of linear, at a "
        f"load of {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )


def main() -> None:
    """Run the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", default="bytes,kills,memory,driver,overhead,scaling")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--rows", type=int, default=400_000, help="rows of the part overhead")
    parser.add_argument("--pictures", type=int, default=400, help="pictures of the part scaling")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    only, sound = asked.only.split(","), True
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        if "bytes" in only:
            sound &= same_bytes(workspace)
        if "kills" in only:
            sound &= kills(workspace, asked.kills, asked.seed)
        if "memory" in only:
            memory(workspace)
        if "driver" in only:
            driver(workspace, asked.rows)
        if "overhead" in only:
            overhead(workspace, asked.rows)
        if "scaling" in only:
            scaling(workspace, asked.pictures)
    sys.exit(0 if sound else 1)


if __name__ == "__main__":
    main()
