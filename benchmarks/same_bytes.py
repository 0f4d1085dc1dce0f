"""Are the bytes the same with other workers, and the rows and pictures with other shards?

python benchmarks/same_bytes.py [--rows 3040]
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from pathlib import Path

import pyarrow.parquet as pq

from datagen import make


def digest(folder: Path) -> str:
    """SHA-256 over the names and bytes of every file of a folder."""
    whole = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        whole.update(str(path.relative_to(folder)).encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()[:16]


def main() -> None:
    """Print one line of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3040)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        one = make(rows, place / "one", workers=1)
        two = make(rows, place / "two", workers=2)
        other = make(rows, place / "other", workers=2, shard_rows=max(1, rows // 7))
        digests = [digest(made.path) for made in (one, two)]
        tables = [pq.read_table(made.path / "data") for made in (one, other)]
        same = tables[0].equals(tables[1])
    print(
        f"same bytes: {rows:,} rows with pictures, workers 1 and 2: {digests[0]} and {digests[1]} "
        f"({'equal' if digests[0] == digests[1] else 'DIFFERENT'}); {one.shards} and {other.shards} shards: "
        f"rows and pictures {'equal' if same else 'DIFFERENT'}"
    )


if __name__ == "__main__":
    main()
