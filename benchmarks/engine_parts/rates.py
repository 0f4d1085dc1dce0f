"""What engines cost, side by side: one after the other within a round, and the medians of the rounds.

Other work on the machine slows all of them down; engines that take turns share it, so ratios hold.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from engine_parts.runs import ROOT, Run, environment, made

ENGINES = ("local", "ray", "spark")
ALONE = """
import sys, tempfile, time
from pathlib import Path
from datagen.generation.make_shard import make_shard
from datagen.generation.recipe import write_recipe
from datagen.places.folder import FolderPlace

rows, shards = int(sys.argv[1]), int(sys.argv[2])
recipe = write_recipe(1_000_000, shard_rows=rows)
with tempfile.TemporaryDirectory() as folder:
    (Path(folder) / "data").mkdir()
    for number in range(shards):
        began = time.process_time()
        make_shard(recipe, number, FolderPlace(Path(folder)))
        print((time.process_time() - began) / rows)
"""

SHARES = """
import sys, time
from datagen.generation.drawing import batches, groups
from datagen.generation.maker import Maker
from datagen.generation.recipe import write_recipe
from datagen.generation.scheduler import Scheduler
from datagen.generation.shard_rows import stretches

rows, workers, worker = map(int, sys.argv[1:])
recipe = write_recipe(rows)
maker, scheduler, drawn = Maker(recipe), Scheduler(), [0] * workers
for batch in batches(recipe, stretches(recipe, recipe.shards())):
    every = [row for stretch in batch for row in stretch]
    scheduler.add(groups(maker, every))
    while len(scheduler):
        # Whoever has drawn the fewest pictures takes the next group.
        at = drawn.index(min(drawn))
        group = scheduler.next(at)
        drawn[at] += len(group.rows)
        if at == worker:
            maker.pictures(group.rows, among=range(every[0], every[-1] + 1))
print(time.process_time())
"""


def busy() -> str:
    """What else the machine does, for a line of figures."""
    return f"at a load of {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def in_turn(
    workspace: Path, rounds: int, runs: Mapping[str, tuple[int, Mapping[str, Any]]]
) -> dict[str, list[Run]]:
    """Make each dataset (rows and options, by a name) once in every round. What was made is removed."""
    found: dict[str, list[Run]] = {name: [] for name in runs}
    for _ in range(rounds):
        for number, (name, (rows, options)) in enumerate(runs.items()):
            out = workspace / f"turn{number}"
            found[name].append(made(rows, out, workers=options.get("workers", 2), **_others(options)))
            shutil.rmtree(out)
            print(f"  {name}: {found[name][-1]}", file=sys.stderr, flush=True)
    return found


def _others(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name != "workers"}


def middle(runs: Sequence[Run], field: str) -> float:
    """The median of a field."""
    return float(median(getattr(run, field) for run in runs))


def memory(workspace: Path) -> None:
    """The driver's peak memory must not grow with the number of shards."""
    shown = []
    for engine in ENGINES:
        few, many = (
            made(
                shards * 20,
                workspace / f"{engine}{shards}",
                image_size=None,
                shard_rows=20,
                engine=engine,
                workers=2,
            )
            for shards in (10, 1000)
        )
        java = f", its Java {few.java / 1e6:.0f} MB and {many.java / 1e6:.0f} MB" if few.java else ""
        shown.append(
            f"{engine} {few.peak / 1e6:.0f} MB at 10 shards, {many.peak / 1e6:.0f} MB at 1,000 "
            f"(x {many.peak / few.peak:.2f}){java}"
        )
    print(f"memory of the driver: {'; '.join(shown)}", flush=True)


def overhead(workspace: Path, rows: int, rounds: int) -> None:
    """Seconds for one shard, which are those of starting, and for 40; the ratio to local of 40."""
    sizes: dict[str, Any] = {"image_size": None, "shard_rows": rows // 40}
    runs = in_turn(
        workspace,
        rounds,
        {
            f"{engine} {shards}": (shards * rows // 40, {**sizes, "engine": engine})
            for engine in ENGINES
            for shards in (1, 40)
        },
    )
    shown, local = [], runs["local 40"]
    for engine in ENGINES:
        one, every = runs[f"{engine} 1"], runs[f"{engine} 40"]
        first, cpu = middle(one, "seconds"), middle(every, "cpu")
        each = (middle(every, "seconds") - first) / 39
        shown.append(
            f"{engine} {first:.1f} s, {each:.2f} s for each of 39 more, in all x "
            f"{middle(every, 'seconds') / middle(local, 'seconds'):.2f} by the clock and {cpu:.0f} processor "
            f"seconds, x {cpu / middle(local, 'cpu'):.2f}"
        )
    print(
        f"overhead: 40 shards of {rows // 40:,} rows, two processes, {rounds} rounds in turn {busy()}: "
        f"the first takes {'; '.join(shown)}",
        flush=True,
    )


def large(workspace: Path, rows: int, rounds: int) -> None:
    """Rows without pictures, more than the built-in profile has codes for, by each engine in turn."""
    schema, profile = longer_codes(workspace)
    options: dict[str, Any] = {"image_size": None, "schema": str(schema), "profile": str(profile)}
    runs = in_turn(
        workspace,
        rounds,
        {
            f"{engine} {number:,}": (number, {**options, "engine": engine})
            for number in (rows // 10, rows)
            for engine in ENGINES
        },
    )
    shown = []
    for engine in ENGINES:
        few, every, local = (
            runs[f"{engine} {rows // 10:,}"],
            runs[f"{engine} {rows:,}"],
            runs[f"local {rows:,}"],
        )
        rates = [a.seconds / b.seconds for a, b in zip(local, every, strict=True)]
        each = 1e6 * (middle(every, "cpu") - middle(few, "cpu")) / (rows - rows // 10)
        shown.append(
            f"{engine} {middle(every, 'seconds'):.0f} s, so {median(rates):.0%} of local's rate "
            f"({min(rates):.0%} to {max(rates):.0%}); {middle(every, 'cpu'):.0f} processor seconds, "
            f"{each:.2f} microseconds a row beyond the first tenth; driver "
            f"{middle(few, 'peak') / 1e6:.0f} MB for a tenth and {middle(every, 'peak') / 1e6:.0f} MB"
        )
    print(
        f"large: {rows:,} rows without pictures, two processes, {rounds} rounds in turn {busy()}: "
        f"{'; '.join(shown)}",
        flush=True,
    )


def longer_codes(workspace: Path) -> tuple[Path, Path]:
    """The built-in schema and profile with codes of one digit more."""
    schema = (ROOT / "schemas" / "burberry.yaml").read_text(encoding="utf-8")
    profile = (ROOT / "schemas" / "burberry.profile.yaml").read_text(encoding="utf-8")
    profile, ranges = re.subn(r"\[(\d{7}), (\d{7})\]", r"[\g<1>0, \g<2>9]", profile)
    if r"^\d{7}1$" not in schema or "digits: 7" not in profile or not ranges:
        sys.exit("the built-in profile has other codes than this benchmark was written for")
    paths = workspace / "long.yaml", workspace / "long.profile.yaml"
    paths[0].write_text(schema.replace(r"^\d{7}1$", r"^\d{8}1$"), encoding="utf-8")
    paths[1].write_text(profile.replace("digits: 7", "digits: 8"), encoding="utf-8")
    return paths


def scaling(workspace: Path, pictures: int, rounds: int) -> None:
    """Pictures by one process and by two."""
    options = {"shard_rows": pictures // 4}
    runs = in_turn(
        workspace,
        rounds,
        {"one": (pictures, {**options, "workers": 1}), "two": (pictures, {**options, "workers": 2})},
    )
    whole, *shares = (
        float(_printed(SHARES, pictures, workers, worker)[0]) for workers, worker in ((1, 0), (2, 0), (2, 1))
    )
    one, two = runs["one"], runs["two"]
    walls = [a.seconds / b.seconds / 2 for a, b in zip(one, two, strict=True)]
    cpus = [a.cpu / b.cpu for a, b in zip(one, two, strict=True)]
    print(
        f"scaling: {pictures} pictures of 480x640, {rounds} rounds in turn {busy()}: "
        f"{middle(one, 'cpu'):.1f} processor seconds by one process, {middle(two, 'cpu'):.1f} by two, so at "
        f"most {median(cpus):.0%} of linear ({min(cpus):.0%} to {max(cpus):.0%}); by the clock "
        f"{middle(one, 'seconds'):.1f} s and {middle(two, 'seconds'):.1f} s, {median(walls):.0%} of linear "
        f"({min(walls):.0%} to {max(walls):.0%}); the shares of two, drawn one after the other, "
        f"{' and '.join(f'{share:.1f}' for share in shares)} processor seconds with starting, all together "
        f"{whole:.1f}, so {whole / max(shares) / 2:.0%} of linear on cores that do nothing else",
        flush=True,
    )


def _printed(script: str, *arguments: int) -> list[str]:
    """The words that a script prints in a process of its own."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
    return done.stdout.split()


def alone() -> None:
    """Pictures in shards that are made one by one, as on a cluster, each size in a new process."""
    shown = []
    for rows, shards in ((100, 4), (500, 3), (2000, 1)):
        first, *later = [1e3 * float(word) for word in _printed(ALONE, rows, shards)]
        then = f", then {median(later):.1f}" if later else ""
        shown.append(f"{rows} a shard {first:.1f} ms{then}")
    print(
        f"alone: processor time of a picture of 480x640 in the first shard of a process: {'; '.join(shown)}"
    )
