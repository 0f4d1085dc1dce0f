"""Pulling catalogues without pictures: seconds and memory, for CSV and Parquet, at two sizes.

    python benchmarks/pull.py [--rows 1000000]

The rows are made by ``datagen make``, written as one file, and taken in by ``datagen pull --no-images``, each
size in a process of its own, whose peak memory the system reports.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet as pq

from datagen import make


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        fewer = max(1, rows // 10)
        for kind in ("csv", "parquet"):
            results = {
                count: _pulled(_source(work, count, kind), work / f"out-{kind}-{count}")
                for count in (fewer, rows)
            }
            (seconds, most), (_, least) = results[rows], results[fewer]
            print(
                f"{kind}: {rows:,} rows in {seconds:.1f} s = {rows / seconds:,.0f} rows/s; peak memory "
                f"{most:.0f} MB, {most / least:.2f} x that of {fewer:,} rows"
            )


def _source(work: Path, rows: int, kind: str) -> Path:
    """One file of made rows."""
    made = work / f"made-{rows}"
    if not made.exists():
        make(rows, made, image_size=None)
    file = work / f"rows-{rows}.{kind}"
    shards = sorted((made / "data").iterdir())
    schema = pq.read_schema(shards[0]).remove_metadata()
    if kind == "csv":
        with pyarrow.csv.CSVWriter(file, schema) as csv:
            for shard in shards:
                csv.write_table(pq.read_table(shard).replace_schema_metadata())
    else:
        with pq.ParquetWriter(file, schema) as parquet:
            for shard in shards:
                parquet.write_table(pq.read_table(shard).replace_schema_metadata())
    return file


def _pulled(source: Path, out: Path) -> tuple[float, float]:
    """Seconds and peak memory (MB) of one pull."""
    command = [
        sys.executable,
        "-m",
        "datagen",
        "pull",
        str(source),
        "--out",
        str(out),
        "--no-images",
        "--quiet",
    ]
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=Path(__file__).parents[1])
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return time.perf_counter() - began, usage.ru_maxrss / 1000


if __name__ == "__main__":
    main()
