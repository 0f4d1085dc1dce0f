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


Kill = Callable[[str, subprocess.Popen[bytes], random.Random], bool]
"""Kills a victim of a run, given its driver, and says whether there was one."""

LONGEST_WAIT_FOR_A_VICTIM = 5.0
"""Seconds; between two shards there may be no worker."""


def kills(workspace: Path, count: int, seed: int) -> bool:
    """Drivers, workers and nodes of Ray killed at random moments."""
    with two_nodes() as cluster:

        def kill(victim: str, process: subprocess.Popen[bytes], rng: random.Random) -> bool:
            if victim != "node":
                return end(victim, process, rng, os.getpid(), "ray::_make")
            if process.poll() is not None:
                return False
            cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)
            cluster.add_node(num_cpus=1)
            return True

        way = ("--engine", "ray", "--address", str(cluster.address))
        return campaign("kills on Ray", workspace, count, seed, way, ("driver", "worker", "node"), kill)


def spark_kills(workspace: Path, count: int, seed: int) -> bool:
    """Drivers, Java processes and workers of Spark killed at random moments."""

    def kill(victim: str, process: subprocess.Popen[bytes], rng: random.Random) -> bool:
        return end(victim, process, rng, process.pid, "java" if victim == "Java process" else "pyspark")

    victims = ("driver", "Java process", "worker")
    return campaign(
        "kills on Spark", workspace, count, seed, ("--engine", "spark", "--workers", "2"), victims, kill
    )


def end(victim: str, driver: subprocess.Popen[bytes], rng: random.Random, under: int, called: str) -> bool:
    """Kill a driver with its process group, or one of the processes ``under`` one that are ``called`` so.

    Returns whether there was one before the run ended.
    """
    until = time.monotonic() + LONGEST_WAIT_FOR_A_VICTIM
    while driver.poll() is None and time.monotonic() < until:
        if victim == "driver":
            os.killpg(driver.pid, signal.SIGKILL)
            return True
        found = [pid for pid, words in descendants(under).items() if called in words and pid != driver.pid]
        if found:
            os.kill(rng.choice(found), signal.SIGKILL)
            return True
        time.sleep(0.01)
    return False


def campaign(
    name: str,
    workspace: Path,
    count: int,
    seed: int,
    way: tuple[str, ...],
    kinds: tuple[str, ...],
    kill: Kill,
) -> bool:
    """Kill ``count`` times a victim that is there, start again what did not end by itself, and compare."""
    rng, out = random.Random(seed), workspace / "killed"
    subprocess.run(["rm", "-rf", str(out), f"{out}.partial"], check=True)
    if command(out, *way).wait(LONGEST):
        sys.exit(f"the undisturbed run failed: {out.with_name('output.txt').read_text()[-800:]}")
    expected, wrong, twice, resumed, missed = digests(out), 0, 0, 0, 0
    killed = dict.fromkeys(kinds, 0)
    while sum(killed.values()) < count:
        victim = rng.choice(kinds)
        subprocess.run(["rm", "-rf", str(out), f"{out}.partial"], check=True)
        process = command(out, *way)
        after = rng.randrange(11)  # of its 12 shards
        while process.poll() is None and len(whole(out)) < after:
            time.sleep(0.02)
        time.sleep(rng.uniform(0, 0.2))
        kept = whole(out)
        hit = kill(victim, process, rng)
        killed[victim] += hit
        missed += not hit
        process.wait(LONGEST)
        again = not out.exists()
        if again:
            resumed += 1
            if command(out, *way, "--resume").wait(LONGEST):
                print(f"  after the {victim}: {out.with_name('output.txt').read_text()[-400:]}")
        twice += sum(whole(out).get(shard) != stamp for shard, stamp in kept.items())
        wrong += digests(out) != expected
        print(
            f"  {sum(killed.values())} of {count}: {victim} {'killed' if hit else 'was not there'} with "
            f"{len(kept)} whole shards{', started again' if again else ''}; so far {wrong} differ, "
            f"{twice} twice",
            file=sys.stderr,
            flush=True,
        )
    told = ", ".join(f"{number} x {kind}" for kind, number in killed.items())
    print(
        f"{name}: {count} ({told}), {resumed} started again, and {missed} runs that ended first; "
        f"{wrong} outcomes differ, {twice} whole shards were made twice",
        flush=True,
    )
    return not wrong and not twice
