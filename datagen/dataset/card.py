"""The dataset card: README.md of a dataset folder or of its repository, with the YAML that the Hub reads.

What this tool writes into the text is between two marks for each table; all other text, and all other
YAML, belongs to the user and is kept (see :mod:`datagen.dataset.card_merge`).
"""

from __future__ import annotations

import shlex
from bisect import bisect_left
from collections import Counter
from itertools import accumulate
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from datagen.columns.ground_truth import ABOUT, LABELS
from datagen.columns.rules import rules
from datagen.dataset.card_merge import Card, mark
from datagen.dataset.collection import DEFAULT_CONFIG, DEFAULT_SPLIT, Part
from datagen.dataset.folder import Folder
from datagen.dataset.shards import features
from datagen.schemas.folder import ATTRIBUTES, MASK, PREVIEW, RecipeRecord
from datagen.schemas.schema import Category, Drawn, Image

LICENSE = "cc0-1.0"
_SIZES = {
    10**3: "n<1K",
    10**4: "1K<n<10K",
    10**5: "10K<n<100K",
    10**6: "100K<n<1M",
    10**7: "1M<n<10M",
}


def card_of(part: Part, source: str) -> Card:
    """The card of one dataset folder; ``source`` is what ``load_dataset`` is given to read it."""
    return Card(_front_matter(part), mark(f"{part.config}/{part.split}", _body(part, source)))


def _command(recipe: RecipeRecord) -> str:
    """The command that makes this dataset, given its own schema.yaml and profile.yaml."""
    words = ["datagen", "make", "--rows", str(recipe.rows), "--seed", str(recipe.seed)]
    words += ["--schema", "schema.yaml", "--profile", "profile.yaml"]
    if recipe.image_size:
        words += [
            "--image-size",
            "{}x{}".format(*recipe.image_size),
            "--jpeg-quality",
            str(recipe.jpeg_quality),
        ]
    else:
        words.append("--no-images")
    words += ["--attributes"] * bool(recipe.attributes) + ["--masks"] * bool(recipe.masks)
    for name, values in (recipe.where or {}).items():
        for value in values:
            words += ["--where", f"{name}={value}"]
    if recipe.balance:
        words += ["--balance", recipe.balance]
    else:
        counts = {part: rows for part, rows in (recipe.parts or {}).items() if ":" in part}
        for part, rows in counts.items():
            words += ["--count", f"{part}={rows}"]
    if recipe.splits:
        words += ["--splits", ",".join(f"{name}={share!r}" for name, share in recipe.splits.items())]
    return shlex.join([*words, "--shard-rows", str(recipe.shard_rows)])


def size_category(rows: int) -> str:
    """The Hub's name for the size of a dataset."""
    return next((name for most, name in _SIZES.items() if rows < most), "10M<n<100M")


def _front_matter(part: Part) -> dict[str, Any]:
    folder, images = part.folder, part.folder.has_pictures
    splits = [
        {
            "name": split,
            "num_bytes": sum(_uncompressed(folder.path / shard.path) for shard in part.shards(split)),
            "num_examples": sum(shard.rows for shard in part.shards(split)),
        }
        for split in part.splits
    ]
    files = [{"split": split, "path": part.pattern(split)} for split in part.splits]
    every = features(folder.schema, images, folder.ground_truth)
    columns = [{"name": name, **_kind(feature)} for name, feature in every.items()]
    made = {
        "license": LICENSE,
        "language": ["en"],
        "pretty_name": _title(folder),
        "annotations_creators": ["machine-generated"],
        "source_datasets": ["original"],
    }
    kind = ["synthetic"] if folder.manifest.recipe else []
    return {
        **(made if folder.manifest.recipe else {"license": "unknown", "pretty_name": _title(folder)}),
        "size_categories": [size_category(folder.manifest.rows)],
        "task_categories": [
            *(["image-to-text", "image-classification"] if images else ["tabular-regression"]),
            *(["image-segmentation"] if MASK in folder.ground_truth else []),
        ],
        "tags": [*kind, "datagen", "product-catalogue", "prices", "image" if images else "tabular"],
        "configs": [
            {"config_name": part.config, "data_files": files},
        ],
        "dataset_info": [
            {
                "config_name": part.config,
                "features": columns,
                "splits": splits,
                "download_size": sum(shard.bytes for shard in folder.manifest.shards),
                "dataset_size": sum(split["num_bytes"] for split in splits),
            }
        ],
    }


def _uncompressed(shard: Path) -> int:
    meta = pq.read_metadata(shard)
    return sum(meta.row_group(at).total_byte_size for at in range(meta.num_row_groups))


def _kind(feature: dict[str, Any]) -> dict[str, Any]:
    """A feature as the YAML of cards writes it."""
    kind = feature.get("_type")
    if kind == "List":
        length = {"length": feature["length"]} if "length" in feature else {}
        return {"list": _kind(feature["feature"])["dtype"], **length}
    if kind is None:
        return {"struct": [{"name": name, **_kind(child)} for name, child in feature.items()]}
    return {"dtype": "image" if kind == "Image" else feature["dtype"]}


def _title(folder: Folder) -> str:
    if folder.manifest.origin:
        return f"Products of {folder.manifest.origin.source}"
    return f"Synthetic {folder.schema.title or folder.schema.name}"


def _body(part: Part, source: str) -> str:
    folder = part.folder
    named = (
        ""
        if (part.config, part.split) == (DEFAULT_CONFIG, DEFAULT_SPLIT)
        else f" ({part.config}, {part.split})"
    )
    made = folder.manifest.recipe is not None
    sections = [
        f"# {_title(folder)}{named}",
        _lead_of_made(folder) if made else _lead_of_pulled(folder),
        f"![Some of the products]({part.in_repository(PREVIEW)})" if folder.has_pictures else "",
        "## How to load it",
        _loading(part, source),
        "## Columns",
        _column_table(folder),
        *_what_pictures_show(folder),
        "## In figures",
        _statistics(folder),
        *(_how_it_was_made(folder) if made else _where_it_is_from(folder)),
    ]
    return "\n\n".join(section for section in sections if section)


def _lead_of_made(folder: Folder) -> str:
    size = folder.manifest.image_size
    pictures = f", each with a rendered picture of {size[0]} x {size[1]} pixels" if size else ""
    return (
        f"{folder.manifest.rows:,} made-up products{pictures}, in the columns of a real catalogue. "
        "**Everything here is synthetic**: no row, photo or logo of a real catalogue is in it, links lead "
        "nowhere, and names, codes, prices and pictures are invented. It is not affiliated with any brand."
    )


def _how_it_was_made(folder: Folder) -> list[str]:
    recipe, profile = folder.manifest.recipe, folder.profile
    if recipe is None or profile is None:
        return []
    version = folder.manifest.versions.get("datagen", "")
    return [
        "## How it was made",
        f"By datagen {version}, seed {recipe.seed}, profile "
        f"`{profile.name}` (SHA-256 `{profile.digest()[:16]}`, kept beside the data as `profile.yaml`). "
        "The same versions and this command, given in the folder of `schema.yaml` and `profile.yaml`, make "
        "the same bytes:",
        f"```\n{_command(recipe)} --out again\n```",
        "Each product is sampled once, and title, price, categories and picture are computed from it: what "
        "the title says can be seen, and the price follows from it. `manifest.json` holds a checksum for "
        "each shard; `datagen verify` checks them and every rule between columns.",
        "## What it is for, and what not",
        "For tests, load, prototypes, analysis exercises, teaching, and as additional training data for "
        "models that read products off pictures. Not for statements about a real market, brand or price: "
        "shares and prices follow published statistics or a model of them, and a pattern found here is a "
        "pattern of the generator. Pictures are drawings; measure on real photos before relying on a model "
        "trained on them.",
        "## Licence and citation",
        "CC0 1.0, no rights reserved, unless the owner of this card says otherwise above. To cite it, name "
        f"datagen {version}, the profile and the seed.",
    ]


def _lead_of_pulled(folder: Folder) -> str:
    pictures = ", each with its picture" if folder.has_pictures else ""
    return (
        f"{folder.manifest.rows:,} real products{pictures}, taken from another catalogue by datagen. "
        "**Nothing here is synthetic**, and the rights to rows and pictures are their owners': look them up "
        "before you publish or share any of it."
    )


def _where_it_is_from(folder: Folder) -> list[str]:
    origin = folder.manifest.origin
    if origin is None:
        return []
    place = [f"commit `{origin.commit}`"] if origin.commit else []
    place += [
        f"{name} `{value}`" for name, value in (("table", origin.config), ("split", origin.split)) if value
    ]
    renamed = [f"`{theirs}` as `{ours}`" for ours, theirs in origin.columns.items() if ours != theirs]
    given = [f"`{name}` is `{value}` in every row" for name, value in origin.given.items()]
    lines = [
        f"From `{origin.source}`"
        + (f" ({', '.join(place)})" if place else "")
        + f": {origin.rows_read:,} rows "
        f"read, {folder.manifest.rows:,} kept, {origin.rejected:,} rejected.",
        f"Columns: {', '.join([*renamed, *given])}." if renamed or given else "",
    ]
    if origin.relaxed:
        lines.append("What these rows do not keep of the schema that was asked for:\n")
        lines[-1] += "".join(f"\n- `{name}`: {how}" for name, how in origin.relaxed.items())
    if origin.reasons:
        why = "".join(f"\n| {reason} | {count:,} |" for reason, count in origin.reasons.items())
        lines.append("Rejected rows by reason:\n\n| reason | rows |\n|---|---|" + why)
    return ["## Where it is from", *(line for line in lines if line)]


def _loading(part: Part, source: str) -> str:
    words = [f'"{source}"']
    if part.config != DEFAULT_CONFIG:
        words.append(f'"{part.config}"')
    if part.folder.manifest.splits:
        rows = "splits"
    else:
        words.append(f'split="{part.split}"')
        rows = "rows"
    code = f"```python\nfrom datasets import load_dataset\n\n{rows} = load_dataset({', '.join(words)})\n```"
    if not part.folder.manifest.splits:
        return code
    return f"{code}\n\nAll products of one title, and all colourways of one product, are in one split."


def _column_table(folder: Folder) -> str:
    schema = folder.schema
    held = {rule.column: rule.text for rule in rules(schema, folder.profile)}
    lines = ["| column | type | what it is | rule |", "|---|---|---|---|"]
    for column in schema.columns:
        if folder.has_pictures or not isinstance(column, Image):
            if folder.manifest.origin:
                rule = held.get(column.name, "")
            else:  # what a drawn column keeps stands in the profile, not in the schema
                rule = held.get(column.name, column.rule) if isinstance(column, Drawn) else column.rule
            shown = rule.replace("|", "\\|")
            lines.append(f"| `{column.name}` | {column.dtype} | {column.about} | {shown} |")
    for name in folder.ground_truth:
        lines.append(
            f"| `{name}` | {'struct' if name == ATTRIBUTES else 'image'} | {ABOUT[name]} | see below |"
        )
    return "\n".join(lines)


def _what_pictures_show(folder: Folder) -> list[str]:
    """What the columns of ground truth hold; empty without any."""
    paragraphs = []
    if ATTRIBUTES in folder.ground_truth:
        paragraphs.append(
            f"`{ATTRIBUTES}` holds what the picture was drawn from, not what somebody saw in it: the `kind` "
            "of product and for whom it is cut (`wearer`); the words `size`, `detail`, `pattern` and "
            "`material`; the `palette`, a name and four colours as #rrggbb (`ground` is that of the product, "
            "the others are those of patterns and trims; in the picture, light falls on them); the `parts` "
            "that can be seen; whether a figure wears it (`worn`); `view` and `backdrop`; and the `box` that "
            "bounds it: x0, y0, x1, y1 in pixels from the upper left corner, x1 and y1 just outside."
        )
    if MASK in folder.ground_truth:
        lines = "".join(f"\n| {label} | {meaning} |" for label, meaning in LABELS.items())
        paragraphs.append(
            f"`{MASK}` is a PNG of the picture's size whose pixels are labels; opened with Pillow, "
            f'`numpy.asarray(row["{MASK}"])` is an array of them. Its palette is only for the eye.\n\n'
            f"| label | what the pixel shows |\n|---|---|{lines}"
        )
    return ["## What the pictures show", *paragraphs] if paragraphs else []


def _statistics(folder: Folder) -> str:
    """A small table of figures, counted shard by shard from the columns on disk."""
    schema, manifest = folder.schema, folder.manifest
    rows = [("rows", f"{manifest.rows:,}")]
    rows += [(f"rows of the split `{name}`", f"{count:,}") for name, count in manifest.rows_by_split.items()]
    if manifest.recipe:
        rows.append(("products, colourways not counted", f"{manifest.families:,}"))
    for category in schema.of(Category)[:2]:
        counts = _counts(folder, category.name)
        most = sorted(counts, key=lambda value: (-counts[value], value))
        shown = [f"{value} {100 * counts[value] / manifest.rows:.1f} %" for value in most[:6]]
        rest = len(most) - len(shown)
        rows.append((f"`{category.name}`", ", ".join(shown) + (f", {rest} more" if rest > 0 else "")))
    price = schema.price("full")
    if price is not None:
        counts = _counts(folder, price.name)
        values = _quantiles(counts, (0, 5, 25, 50, 75, 95, 100))
        rows.append(
            (f"`{price.name}`: min, 5, 25, 50, 75, 95 %, max", ", ".join(f"{value:,.0f}" for value in values))
        )
    return "\n".join(["| figure | value |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def _counts(folder: Folder, column: str) -> dict[Any, int]:
    """How often each value occurs in a column with few distinct values."""
    total: Counter[Any] = Counter()
    for path in folder.shard_paths():
        # Not pq.read_table: it would import pandas.
        with pq.ParquetFile(path) as file:
            counted = file.read(columns=[column])[column].value_counts()
        for pair in counted.to_pylist():
            total[pair["values"]] += pair["counts"]
    return total


def _quantiles(counts: dict[Any, int], percents: tuple[int, ...]) -> list[float]:
    """The lowest values with at least these percents of all rows at or below them."""
    values = sorted(counts)
    upto = list(accumulate(counts[value] for value in values))
    return [float(values[bisect_left(upto, max(1, percent / 100 * upto[-1]))]) for percent in percents]
