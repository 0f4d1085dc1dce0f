"""The sets of the studies in docs/study.md, which has the commands that are run on them.

    python benchmarks/study.py FOLDER [--rows 3040] [--seed 1]

FOLDER/real and FOLDER/made: real photos and drawn products in the same coarse classes, those of transfer.py,
with prices in dollars. The photos are those of ../shared/data/burberry and ../shared/data/luma, which are not
part of the project; if they are missing, so are these two sets. FOLDER/shifted and FOLDER/built-in: both made
by datagen, the first photographed otherwise than the built-in profile says.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from transfer import CLASSES, SHARED, SHOPS

from datagen import make
from datagen.schemas.yaml_file import read_yaml

SCHEMAS = Path(__file__).parents[1] / "schemas"
SCHEMA = """\
name: study
columns:
  - {name: title, role: title}
  - {name: category, role: category, level: 1}
  - {name: price, role: price, which: full}
  - {name: image, role: image}
"""
SHIFTED = {
    "outerwear": 30,
    "clothing": 30,
    "views": {"front": 50, "three_quarter": 30, "back": 15, "detail": 5},
    "backdrops": {"studio": 10, "white": 45, "colour": 45},
    "source": "modelled: another studio than the built-in one",
}
"""How products of the shifted profile are photographed: most of them alone, seldom in the pale studio."""
SHIFTED_ROWS = 600
PRICES = {"burberry": "price_usd_est", "luma": "price"}


def real_rows() -> Iterator[dict[str, Any]]:
    """The photos of both shops that are of one of the classes."""
    for shop, (table, keys) in SHOPS.items():
        with (SHARED / shop / "photos.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                category = next((table[row[key]] for key in keys if row[key] in table), None)
                if category is not None:
                    photo = (SHARED / shop / row["image_file"]).read_bytes()
                    yield _row(row["title"], category, float(row[PRICES[shop]]), photo)


def made_rows(rows: int, seed: int) -> Iterator[dict[str, Any]]:
    """Rows of the built-in profile that are of one of the classes."""
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "made"
        make(rows, folder, seed=seed, image_size=(180, 240), attributes=True)
        for shard in sorted((folder / "data").iterdir()):
            for row in pq.read_table(shard).to_pylist():
                kind = row["attributes"]["kind"]
                category = next((name for name, kinds in CLASSES.items() if kind in kinds), None)
                if category is not None:
                    yield _row(row["title"], category, row["full_price"], row["image"]["bytes"])


def make_shifted(folder: Path, rows: int, seed: int) -> str:
    """Make the two sets of the study of made rows against made rows; returns what they are in words."""
    profile = read_yaml(SCHEMAS / "burberry.profile.yaml")
    profile["looks"] = SHIFTED
    file = folder / "shifted.profile.yaml"
    file.write_text(yaml.safe_dump(profile, sort_keys=False), encoding="utf-8")
    make(SHIFTED_ROWS, folder / "shifted", profile=file, seed=seed + 1, image_size=(180, 240))
    make(rows, folder / "built-in", seed=seed, image_size=(180, 240))
    return f"{SHIFTED_ROWS:,} rows of a shifted profile in {folder / 'shifted'}, {rows:,} of the built-in one"


def _row(title: str, category: str, price: float, image: bytes) -> dict[str, Any]:
    return {"title": title, "category": category, "price": price, "image": {"bytes": image, "path": None}}


def write(rows: Iterator[dict[str, Any]], folder: Path) -> str:
    """Write rows as a set that datagen study reads; returns what it is in words."""
    known = list(rows)
    folder.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(known), folder / "train.parquet")
    (folder / "schema.yaml").write_text(SCHEMA, encoding="utf-8")
    titles, classes = {row["title"] for row in known}, {row["category"] for row in known}
    return f"{len(known):,} rows of {len(titles):,} titles and {len(classes)} classes in {folder}"


def main() -> None:
    """Write both sets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=3040)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    print(f"study: {make_shifted(options.folder, options.rows, options.seed)}")
    if not all((SHARED / shop / "photos.csv").exists() for shop in SHOPS):
        print("study: skipped, ../shared/data/burberry and ../shared/data/luma are missing")
        return
    real = write(real_rows(), options.folder / "real")
    made = write(made_rows(options.rows, options.seed), options.folder / "made")
    print(f"study: {real}; {made}")


if __name__ == "__main__":
    main()
