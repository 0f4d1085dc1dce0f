"""What maps of normals and depth cost: the whole command with and without them, and their bytes.

    python benchmarks/maps.py [--rows 1000] [--size 480x640] [--rounds 3]

Both commands run in turn, so that other work on the machine slows down both; the ratio of the totals counts.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from datagen.dataset.folder import open_folder
from datagen.schemas.folder import MAPS

ASKED = ["--normals", "--depth"]


def make(out: Path, rows: int, size: str, *options: str) -> float:
    """Seconds of the command as a user types it."""
    datagen = shutil.which("datagen", path=Path(sys.executable).parent) or "datagen"
    command = [datagen, "make", "--rows", str(rows), "--image-size", size, "--out", str(out), *options]
    began = time.perf_counter()
    subprocess.run([*command, "--overwrite", "--quiet"], check=True)
    return time.perf_counter() - began


def sizes(folder: Path) -> str:
    """The mean bytes of a picture and of each of its maps, and the share of rows without maps."""
    known = open_folder(folder)
    image = next(column.name for column in known.schema.columns if column.dtype == "image")
    tables = [pq.read_table(path, columns=[image, *MAPS]) for path in known.shard_paths()]
    shown = []
    for name in (image, *MAPS):
        cells = [table[name].combine_chunks().drop_null() for table in tables]
        lengths = [pc.binary_length(pc.struct_field(each, "bytes")) for each in cells]
        total, count = sum(pc.sum(each).as_py() or 0 for each in lengths), sum(map(len, lengths))
        shown.append(f"{name} {total / max(count, 1) / 1000:.1f} kB")
    rows = sum(len(table) for table in tables)
    missing = sum(table[MAPS[0]].null_count for table in tables)
    return f"{', '.join(shown)} a row; {missing} of {rows:,} rows without maps"


def main() -> None:
    """Print two lines of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--size", default="480x640")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        plain, told = Path(place) / "plain", Path(place) / "told"
        spent = [0.0, 0.0]
        for _ in range(options.rounds):
            spent[0] += make(plain, options.rows, options.size)
            spent[1] += make(told, options.rows, options.size, *ASKED)
        without, with_maps = (seconds / options.rounds for seconds in spent)
        print(
            f"maps: {options.rows:,} rows of {options.size}: {without:.1f} s without, {with_maps:.1f} s with "
            f"--normals --depth, {with_maps / without:.2f} times as long"
        )
        print(f"maps: {sizes(told)}")


if __name__ == "__main__":
    main()
