"""The dataset card: README.md of a dataset folder, with the YAML that the Hub reads."""

from __future__ import annotations

import shlex
from bisect import bisect_left
from collections import Counter
from itertools import accumulate
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml

from datagen.folder import Manifest
from datagen.recipe import Recipe
from datagen.shards import features
from schemas import Schema
from schemas.schema import Category, Image

LICENSE = "cc0-1.0"
_SIZES = {
    10**3: "n<1K",
    10**4: "1K<n<10K",
    10**5: "10K<n<100K",
    10**6: "100K<n<1M",
    10**7: "1M<n<10M",
}


def write_card(recipe: Recipe, manifest: Manifest, folder: Path) -> str:
    """The card of a folder whose shards are whole."""
    front = yaml.safe_dump(
        _front_matter(recipe, manifest, folder), sort_keys=False, allow_unicode=True, width=100
    )
    return f"---\n{front}---\n\n{_body(recipe, manifest, folder)}"


def command(recipe: Recipe) -> str:
    """The command that makes this dataset, given its own schema.yaml and profile.yaml."""
    words = ["datagen", "make", "--rows", str(recipe.rows), "--seed", str(recipe.seed)]
    words += ["--schema", "schema.yaml", "--profile", "profile.yaml"]
    if recipe.image_size:
        words += ["--image-size", f"{recipe.image_size[0]}x{recipe.image_size[1]}"]
        words += ["--jpeg-quality", str(recipe.jpeg_quality)]
    else:
        words.append("--no-images")
    return shlex.join([*words, "--shard-rows", str(recipe.shard_rows)])


def _front_matter(recipe: Recipe, manifest: Manifest, folder: Path) -> dict[str, Any]:
    images = bool(recipe.image_size)
    sizes = [pq.read_metadata(folder / shard.path) for shard in manifest.shards]
    uncompressed = sum(
        meta.row_group(at).total_byte_size for meta in sizes for at in range(meta.num_row_groups)
    )
    columns = [
        {"name": name, "dtype": "image" if kind["_type"] == "Image" else kind["dtype"]}
        for name, kind in features(recipe.schema, images).items()
    ]
    return {
        "license": LICENSE,
        "language": ["en"],
        "pretty_name": f"Synthetic {recipe.schema.title or recipe.schema.name}",
        "annotations_creators": ["machine-generated"],
        "source_datasets": ["original"],
        "size_categories": [_size_category(manifest.rows)],
        "task_categories": ["image-to-text", "image-classification"] if images else ["tabular-regression"],
        "tags": [
            "synthetic",
            "datagen",
            "product-catalogue",
            "prices",
            *(["image"] if images else ["tabular"]),
        ],
        "configs": [
            {"config_name": "default", "data_files": [{"split": "train", "path": "data/train-*.parquet"}]}
        ],
        "dataset_info": {
            "features": columns,
            "splits": [{"name": "train", "num_bytes": uncompressed, "num_examples": manifest.rows}],
            "download_size": sum(shard.bytes for shard in manifest.shards),
            "dataset_size": uncompressed,
        },
    }


def _size_category(rows: int) -> str:
    return next((name for most, name in _SIZES.items() if rows < most), "10M<n<100M")


def _body(recipe: Recipe, manifest: Manifest, folder: Path) -> str:
    schema = recipe.schema
    pictures = ""
    if recipe.image_size:
        width, height = recipe.image_size
        pictures = f", each with a rendered picture of {width} x {height} pixels"
    parts = [
        f"# Synthetic {schema.title or schema.name}",
        f"{manifest.rows:,} made-up products{pictures}, in the columns of a real catalogue. "
        "**Everything here is synthetic**: no row, photo or logo of a real catalogue is in it, links lead "
        "nowhere, and names, codes, prices and pictures are invented. It is not affiliated with any brand.",
        "## Columns",
        _column_table(schema, images=bool(recipe.image_size)),
        "## In figures",
        _statistics(schema, manifest, folder),
        "## How it was made",
        f"By datagen {manifest.versions.get('datagen', '')}, seed {recipe.seed}, profile "
        f"`{recipe.profile.name}` (SHA-256 `{recipe.profile.digest()[:16]}`, kept here as `profile.yaml`). "
        "The same versions and this command, given in this folder, make the same bytes:",
        f"```\n{command(recipe)} --out again\n```",
        "Each product is sampled once, and title, price, categories and picture are computed from it: what "
        "the title says can be seen, and the price follows from it. `manifest.json` holds a checksum for "
        "each shard; `datagen verify .` checks them and every rule between columns.",
        "## How to load it",
        "```python\nfrom datasets import load_dataset\n\n"
        'rows = load_dataset("path/to/this/folder", split="train")\n```',
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _column_table(schema: Schema, images: bool) -> str:
    lines = ["| column | type | what it is | rule |", "|---|---|---|---|"]
    for column in schema.columns:
        if images or not isinstance(column, Image):
            rule = column.rule.replace("|", "\\|")
            lines.append(f"| `{column.name}` | {column.dtype} | {column.about} | {rule} |")
    return "\n".join(lines)


def _statistics(schema: Schema, manifest: Manifest, folder: Path) -> str:
    """A small table of figures, counted shard by shard from the columns that are written."""
    rows = [("rows", f"{manifest.rows:,}"), ("products, colourways not counted", f"{manifest.families:,}")]
    for category in schema.of(Category)[:2]:
        counts = _counts(manifest, folder, category.name)
        most = sorted(counts, key=lambda value: (-counts[value], value))
        shown = [f"{value} {100 * counts[value] / manifest.rows:.1f} %" for value in most[:6]]
        rest = len(most) - len(shown)
        rows.append((f"`{category.name}`", ", ".join(shown) + (f", {rest} more" if rest > 0 else "")))
    price = schema.price("full")
    if price is not None:
        counts = _counts(manifest, folder, price.name)
        values = _quantiles(counts, (0, 5, 25, 50, 75, 95, 100))
        rows.append(
            (f"`{price.name}`: min, 5, 25, 50, 75, 95 %, max", ", ".join(f"{value:,.0f}" for value in values))
        )
    return "\n".join(["| figure | value |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def _counts(manifest: Manifest, folder: Path, column: str) -> dict[Any, int]:
    """How often each value stands in a column that has few of them."""
    total: Counter[Any] = Counter()
    for shard in manifest.shards:
        for pair in pq.read_table(folder / shard.path, columns=[column])[column].value_counts().to_pylist():
            total[pair["values"]] += pair["counts"]
    return total


def _quantiles(counts: dict[Any, int], percents: tuple[int, ...]) -> list[float]:
    """The lowest values with at least these percents of all rows at or below them."""
    values = sorted(counts)
    upto = list(accumulate(counts[value] for value in values))
    return [float(values[bisect_left(upto, max(1, percent / 100 * upto[-1]))]) for percent in percents]
