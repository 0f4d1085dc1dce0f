"""The sets of the studies in docs/study.md, which has the commands that are run on them.

    python benchmarks/study.py FOLDER [--rows 3040] [--seed 1]

FOLDER/real and FOLDER/made: real photos and drawn products in the same coarse classes, those of transfer.py,
with prices in dollars. The photos are those of ../shared/data/burberry and ../shared/data/luma, which are not
part of the project; if they are missing, so are these sets. FOLDER/fitted and FOLDER/repriced: made with the
prices of the real rows that ``datagen study --test-share 0.4`` trains on, which are in FOLDER/training.csv;
no test row is among them. The first is what ``datagen make --like`` learns of them; the second is FOLDER/made
with other prices, those of the real rows of the same class. FOLDER/shifted and FOLDER/built-in: both made
by datagen, the first photographed otherwise than the built-in profile says.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from transfer import CLASSES, SHARED, SHOPS

from datagen import make
from datagen.schemas.yaml_file import read_yaml
from datagen.train.config import load_config
from datagen.train.study.data import open_study

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
TEST_SHARE = 0.4
"""Of the real rows: the commands of docs/study.md say the same."""
LEAST_PRODUCTS = 2
"""--min-count of the fit: with the default of 5, so few rows leave three kinds, and all others are tops."""
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


def training_rows(folder: Path) -> list[dict[str, Any]]:
    """The real rows that a study trains on, without their pictures: no title family of them is tested."""
    flags = {"data.real": str(folder / "real"), "data.synthetic": str(folder / "made")}
    data = open_study(load_config(None, flags).data, TEST_SHARE, lambda stage, done, total: None)
    names = {field: column for field, column in data.real.source.columns.items() if column != "image"}
    return [
        {column: data.real.fields[row][field] for field, column in names.items()}
        for row in data.pool.tolist()
    ]


def make_fitted(folder: Path, known: list[dict[str, Any]], rows: int, seed: int) -> str:
    """Make rows like the known ones, as a user does; returns what they are in words."""
    with (folder / "training.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, ["title", "category", "price"])
        table.writeheader()
        table.writerows(known)
    like = ["--like", str(folder / "training.csv"), f"--min-count={LEAST_PRODUCTS}", f"--rows={rows}"]
    more = ["--image-size=180x240", f"--seed={seed}", f"--out={folder / 'fitted'}", "--quiet"]
    subprocess.run([sys.executable, "-m", "datagen", "make", *like, *more], check=True)
    return f"{rows:,} rows fitted to {len(known)} real ones in {folder / 'fitted'}"


def repriced(made: list[dict[str, Any]], known: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Made rows, the cheapest of a class with the least price of the known rows of that class, and so on.

    A class that has no known row has the prices of all.
    """
    every = [row["price"] for row in known]
    for name in sorted({row["category"] for row in made}):
        rows = sorted((row for row in made if row["category"] == name), key=lambda row: float(row["price"]))
        prices = [row["price"] for row in known if row["category"] == name] or every
        places = (np.arange(len(rows)) + 0.5) / len(rows)
        others = np.quantile(prices, places, method="inverted_cdf").tolist()
        yield from ({**row, "price": price} for row, price in zip(rows, others, strict=True))


def _row(title: str, category: str, price: float, image: bytes) -> dict[str, Any]:
    return {"title": title, "category": category, "price": price, "image": {"bytes": image, "path": None}}


def write(known: list[dict[str, Any]], folder: Path) -> str:
    """Write rows as a set that datagen study reads; returns what it is in words."""
    folder.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(known), folder / "train.parquet")
    (folder / "schema.yaml").write_text(SCHEMA, encoding="utf-8")
    titles, classes = {row["title"] for row in known}, {row["category"] for row in known}
    return f"{len(known):,} rows of {len(titles):,} titles and {len(classes)} classes in {folder}"


def main() -> None:
    """Write the sets."""
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
    made = list(made_rows(options.rows, options.seed))
    print(
        f"study: {write(list(real_rows()), options.folder / 'real')}; {write(made, options.folder / 'made')}"
    )
    known = training_rows(options.folder)
    other = write(list(repriced(made, known)), options.folder / "repriced")
    print(f"study: {make_fitted(options.folder, known, len(made), options.seed)}; {other}")


if __name__ == "__main__":
    main()
