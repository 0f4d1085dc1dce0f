"""Exports for detectors: CPU seconds, beside those of reading the dataset and writing its pictures.

    python benchmarks/export.py [--rows 3040] [--set FOLDER]

The dataset has pictures of 480 x 640 with attributes, masks and keypoints; ``--set`` names one that exists.
Each layout is exported in this process; the best of three runs counts, since other work on the machine can
only slow a run down. Peak memory is that of a process of its own for each layout.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from datagen import make
from datagen.dataset.export.source import Export, save_picture
from datagen.dataset.export.writing import write_export
from datagen.dataset.folder import open_folder

RUNS = 3
LAYOUTS = ("coco", "coco --polygons", "yolo", "webdataset")
PEAK = """
import resource, sys
from datagen.dataset.export.writing import write_export
write_export(sys.argv[1], sys.argv[2], sys.argv[3], polygons=sys.argv[4:] == ["--polygons"])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def pictures_alone(folder: Path, out: Path) -> None:
    """What every layout of loose pictures does: read the rows, check the shards, write the pictures."""
    out.mkdir()
    source = Export(open_folder(folder), lambda rows: None)
    for split in source.folder.manifest.splits or (None,):
        source.split = split
        for row in source.rows():
            save_picture(row[str(source.image)], out)


def in_layout(layout: str) -> Callable[[Path, Path], None]:
    """What exports in a layout, with its option."""
    name, _, option = layout.partition(" ")

    def export(folder: Path, out: Path) -> None:
        write_export(folder, name, out, polygons=bool(option))

    return export


def seconds(export: Callable[[Path, Path], None], folder: Path, out: Path) -> float:
    """CPU seconds of the best run."""
    best = float("inf")
    for _ in range(RUNS):
        start = time.process_time()
        export(folder, out)
        best = min(best, time.process_time() - start)
        shutil.rmtree(out)
    return best


def main() -> None:
    """Print one line of figures for each layout."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3040)
    parser.add_argument("--set", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = options.set
        if folder is None:
            asked = {"attributes": True, "masks": True, "keypoints": True}
            folder = make(options.rows, Path(place) / "set", **asked).path
        rows, out = open_folder(folder).manifest.rows, Path(place) / "out"
        alone = seconds(pictures_alone, folder, out)
        print(f"export: {rows:,} rows, {alone:.2f} CPU s to read them and write their pictures")
        for layout in LAYOUTS:
            spent = seconds(in_layout(layout), folder, out)
            command = [
                sys.executable,
                "-c",
                PEAK,
                str(folder),
                layout.split()[0],
                str(out),
                *layout.split()[1:],
            ]
            peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
            annotations = sum(
                path.stat().st_size
                for path in out.rglob("*")
                if path.is_file() and path.suffix not in (".jpg", ".tar")
            )
            shutil.rmtree(out)
            print(
                f"export: {layout}: {spent:.2f} CPU s, {spent - alone:.2f} beside the pictures; "
                f"{annotations / 1e6:.1f} MB of annotations; peak memory {peak} MB"
            )


if __name__ == "__main__":
    main()
