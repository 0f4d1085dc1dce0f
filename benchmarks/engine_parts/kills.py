"""Runs of a cluster that are killed at random moments and started again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from engine_parts.runs import LONGEST, digests, environment, two_nodes

SMALL = ("--rows", "120", "--image-size", "64x64", "--shard-rows", "10")


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


Kill = Callable[[str, subprocess.Popen[bytes], random.Random], None]
"""Kills a victim of a run, given its driver."""


def kills(workspace: Path, count: int, seed: int) -> bool:
    """Drivers, workers and nodes of Ray killed at random moments."""
    with two_nodes() as cluster:

        def kill(victim: str, process: subprocess.Popen[bytes], rng: random.Random) -> None:
            if victim == "node":
                cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)
                cluster.add_node(num_cpus=1)
            else:
                end(victim, process, rng, os.getpid(), "ray::_make")

        way = ("--engine", "ray", "--address", str(cluster.address))
        return campaign("kills on Ray", workspace, count, seed, way, ("driver", "worker", "node"), kill)


def spark_kills(workspace: Path, count: int, seed: int) -> bool:
    """Drivers, Java processes and workers of Spark killed at random moments."""

    def kill(victim: str, process: subprocess.Popen[bytes], rng: random.Random) -> None:
        end(victim, process, rng, process.pid, "java" if victim == "Java process" else "pyspark")

    victims = ("driver", "Java process", "worker")
    return campaign(
        "kills on Spark", workspace, count, seed, ("--engine", "spark", "--workers", "2"), victims, kill
    )


def end(victim: str, driver: subprocess.Popen[bytes], rng: random.Random, under: int, called: str) -> None:
    """Kill a driver with its process group, or one of the processes ``under`` one that are ``called`` so."""
    if victim == "driver":
        os.killpg(driver.pid, signal.SIGKILL)
        return
    found = [pid for pid, words in descendants(under).items() if called in words and pid != driver.pid]
    for pid in rng.sample(found, min(1, len(found))):
        os.kill(pid, signal.SIGKILL)


def campaign(
    name: str,
    workspace: Path,
    count: int,
    seed: int,
    way: tuple[str, ...],
    kinds: tuple[str, ...],
    kill: Kill,
) -> bool:
    """Kill ``count`` times, start again what did not end by itself, and compare."""
    rng, out = random.Random(seed), workspace / "killed"
    subprocess.run(["rm", "-rf", str(out), f"{out}.partial"], check=True)
    if command(out, *way).wait(LONGEST):
        sys.exit(f"the undisturbed run failed: {out.with_name('output.txt').read_text()[-800:]}")
    expected, wrong, twice, resumed = digests(out), 0, 0, 0
    victims = [rng.choice(kinds) for _ in range(count)]
    for number, victim in enumerate(victims, 1):
        subprocess.run(["rm", "-rf", str(out), f"{out}.partial"], check=True)
        process = command(out, *way)
        after = rng.randrange(11)  # of its 12 shards
        while process.poll() is None and len(whole(out)) < after:
            time.sleep(0.02)
        time.sleep(rng.uniform(0, 0.2))
        kept = whole(out)
        kill(victim, process, rng)
        process.wait(LONGEST)
        again = not out.exists()
        if again:
            resumed += 1
            if command(out, *way, "--resume").wait(LONGEST):
                print(f"  after the {victim}: {out.with_name('output.txt').read_text()[-400:]}")
        twice += sum(whole(out).get(shard) != stamp for shard, stamp in kept.items())
        wrong += digests(out) != expected
        print(
            f"  {number} of {count}: {victim} with {len(kept)} whole shards"
            f"{', started again' if again else ''}; so far {wrong} differ, {twice} twice",
            file=sys.stderr,
            flush=True,
        )
    told = ", ".join(f"{victims.count(kind)} x {kind}" for kind in kinds if kind in victims)
    print(
        f"{name}: {count} ({told}), {resumed} started again; {wrong} outcomes differ, "
        f"{twice} whole shards were made twice",
        flush=True,
    )
    return not wrong and not twice
