"""The same dataset on this machine, on Ray and on Spark: its bytes, kills, memory, and what an engine costs.

    python benchmarks/engines.py [--only bytes,kills,spark_kills,memory,driver,overhead,large,scaling]
                                 [--kills 20] [--seed 0]

bytes      SHA-256 of every file: local with 1 and 2 workers, Ray on a cluster of two nodes, Spark local[2]
kills      a driver, a worker or a node of Ray, killed at a random moment; started again, nothing differs and
           no shard that was whole is made again
spark_kills  the same for a driver, the Java process or a worker of Spark
memory     the peak memory of the driver at 10 and at 1,000 shards
driver     processor seconds of what only the driver does, for rows without pictures
overhead   seconds for the first shard and for each of 39 more, on Ray and on Spark, and their ratio to local
large      rows without pictures, a tenth of --large and all of it, by local and Ray: processor seconds of all
           processes, and the driver's peak memory
scaling    processor seconds of 1 and of 2 processes for pictures: their ratio is the efficiency that two
           idle cores give; the ratio of wall-clock times depends on what else runs

One line of figures for each. Needs the extras ray and spark, and Java. Exit code 1 where bytes differ.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from engine_parts.kills import kills, spark_kills
from engine_parts.runs import ROOT, digests, made, two_nodes


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


def large(workspace: Path, rows: int) -> None:
    """Rows without pictures, more than the built-in profile has codes for, by local and by Ray."""
    schema, profile = longer_codes(workspace)
    shown = []
    for engine in ("local", "ray"):
        runs = []
        for number in (rows // 10, rows):
            out = workspace / f"large-{engine}"
            options: dict[str, Any] = {"image_size": None, "workers": 2, "engine": engine}
            runs.append(made(number, out, schema=str(schema), profile=str(profile), **options))
            subprocess.run(["rm", "-rf", str(out)], check=True)
        few, all_rows = runs
        each = (all_rows.cpu - few.cpu) / (rows - rows // 10)
        shown.append(
            f"{engine} {all_rows.cpu:.0f} processor seconds in {all_rows.seconds:.0f} s, {1e6 * each:.2f} "
            f"microseconds a row beyond the first tenth, driver {few.peak / 1e6:.0f} MB and "
            f"{all_rows.peak / 1e6:.0f} MB (x {all_rows.peak / few.peak:.2f})"
        )
        print(f"  {shown[-1]}", file=sys.stderr, flush=True)
    print(
        f"large: {rows:,} rows without pictures, two processes, at a load of {os.getloadavg()[0]:.1f} on "
        f"{os.cpu_count()} cores: {'; '.join(shown)}"
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
    parser.add_argument("--only", default="bytes,kills,spark_kills,memory,driver,overhead,large,scaling")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--rows", type=int, default=400_000, help="rows of the part overhead")
    parser.add_argument("--large", type=int, default=10_000_000, help="rows of the part large")
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
        if "spark_kills" in only:
            sound &= spark_kills(workspace, asked.kills, asked.seed)
        if "memory" in only:
            memory(workspace)
        if "driver" in only:
            driver(workspace, asked.rows)
        if "overhead" in only:
            overhead(workspace, asked.rows)
        if "large" in only:
            large(workspace, asked.large)
        if "scaling" in only:
            scaling(workspace, asked.pictures)
    sys.exit(0 if sound else 1)


if __name__ == "__main__":
    main()
