"""Rows without pictures: rows/s on one core for a whole dataset on disk, and peak memory against its size.

    python benchmarks/rows.py [--rows 1000000] [--few 10000]

Each size is made in a separate process, pinned to one core; the best of three runs counts, since
other work on the machine can only slow a run down.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

RUNS = 3


def one(rows: int) -> None:
    """Make ``rows`` rows in this process; print seconds and peak memory in MB."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    from datagen import make

    with tempfile.TemporaryDirectory() as folder:
        made = make(rows, Path(folder) / "rows", image_size=None)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(made.seconds, peak, made.bytes)


def measured(rows: int) -> tuple[float, float, float]:
    """Best seconds, peak memory in MB and bytes on disk of a few runs, each in a separate process."""
    command = [sys.executable, __file__, "--one", str(rows)]
    runs = [
        tuple(map(float, subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()))
        for _ in range(RUNS)
    ]
    return min(run[0] for run in runs), min(run[1] for run in runs), runs[0][2]


def main() -> None:
    """Print one line of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(options.one)
        return
    seconds, memory, size = measured(options.rows)
    _, few_memory, _ = measured(options.few)
    print(
        f"rows: {options.rows:,} rows in {seconds:.2f} s on one core = {options.rows / seconds:,.0f} rows/s, "
        f"{size / 1e6:.0f} MB on disk; peak memory {memory:.0f} MB, {memory / few_memory:.2f} x that of "
        f"{options.few:,} rows ({few_memory:.0f} MB)"
    )


if __name__ == "__main__":
    main()
