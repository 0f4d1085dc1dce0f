"""The same dataset on this machine, on Ray and on Spark: its bytes, kills, memory, and what an engine costs.

    python benchmarks/engines.py [--only PART,PART...] [--kills 20] [--seed 0] [--rounds 3]

bytes      SHA-256 of every file: local with 1 and 2 workers, Ray on a cluster of two nodes, Spark local[2]
kills      a driver, a worker or a node of Ray, killed at a random moment; started again, nothing differs and
           no shard that was whole is made again
spark_kills  the same for a driver, the Java process or a worker of Spark
memory     the peak memory of the driver at 10 and at 1,000 shards; Spark's Java process apart
driver     processor seconds of what only the driver does, for rows without pictures
overhead   40 shards by local, Ray and Spark in turn: seconds for the first and each more, ratios to local
large      rows without pictures by local, Ray and Spark in turn, a tenth of --large and all of it: the rate,
           processor seconds of all processes, and the driver's peak memory
scaling    pictures by 1 and by 2 processes in turn, where the clock depends on what else runs; and what each
           of the 2 draws, one after the other, whose processor seconds give the efficiency of idle cores
alone      processor time of a picture in shards of several sizes that are made one by one, as on a cluster
commits    seconds of the driver for a repository on the Hub (on loopback) of 100 and 1,000 shards
model      a hundred machines on paper, from these figures (engine_parts/model.py): the table of docs/scale.md

One line of figures for each. Needs the extras ray and spark, and Java. Exit code 1 where bytes differ.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from engine_parts.commits import commits
from engine_parts.kills import kills, spark_kills
from engine_parts.model import model
from engine_parts.rates import alone, large, memory, overhead, scaling
from engine_parts.runs import digests, made, two_nodes

PARTS = "bytes,kills,spark_kills,memory,driver,overhead,large,scaling,alone,commits,model"


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


def main() -> None:
    """Run the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", default=PARTS, help=PARTS)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--rows", type=int, default=400_000, help="rows of the part overhead")
    parser.add_argument("--large", type=int, default=10_000_000, help="rows of the part large")
    parser.add_argument("--pictures", type=int, default=2000, help="pictures of the part scaling")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of overhead, large and scaling")
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
            overhead(workspace, asked.rows, asked.rounds)
        if "large" in only:
            large(workspace, asked.large, asked.rounds)
        if "scaling" in only:
            scaling(workspace, asked.pictures, asked.rounds)
        if "alone" in only:
            alone()
        if "commits" in only:
            commits()
        if "model" in only:
            model()
    sys.exit(0 if sound else 1)


if __name__ == "__main__":
    main()
