"""The dataset card: README.md of a dataset folder or of its repository, with the YAML that the Hub reads.

What this tool writes into the text is between two marks for each table; all other text, and all other
YAML, belongs to the user and is kept (see :mod:`datagen.dataset.card_merge`).
"""

from __future__ import annotations

import shlex
from typing import Any

from datagen.dataset.card_figures import figures_of
from datagen.dataset.card_merge import Card, mark
from datagen.dataset.card_report import report_section
from datagen.dataset.card_tables import column_table, constants, samples, statistics, what_pictures_show
from datagen.dataset.collection import DEFAULT_CONFIG, DEFAULT_SPLIT, Part
from datagen.dataset.folder import Folder
from datagen.dataset.shards import features
from datagen.schemas.folder import DEPTH, KEYPOINTS, MASK, PREVIEW, RecipeRecord
from datagen.schemas.markdown import code, escape, table
from datagen.schemas.text import count, printable

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
    return Card(front_matter(part), mark(f"{part.config}/{part.split}", _body(part, source)))


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
    words += ["--keypoints"] * bool(recipe.keypoints)
    words += ["--normals"] * bool(recipe.normals) + ["--depth"] * bool(recipe.depth)
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
    return printable(shlex.join([*words, "--shard-rows", str(recipe.shard_rows)]))


def size_category(rows: int) -> str:
    """The Hub's name for the size of a dataset."""
    return next((name for most, name in _SIZES.items() if rows < most), "10M<n<100M")


def front_matter(part: Part) -> dict[str, Any]:
    """The YAML of the card of one dataset folder."""
    folder, images = part.folder, part.folder.has_pictures
    splits = [
        {
            "name": split,
            "num_bytes": sum(_uncompressed(folder, shard.path) for shard in part.shards(split)),
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
            *(["keypoint-detection"] if KEYPOINTS in folder.ground_truth else []),
            *(["depth-estimation"] if DEPTH in folder.ground_truth else []),
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


def _uncompressed(folder: Folder, name: str) -> int:
    with folder.parquet(name) as shard:
        return sum(shard.metadata.row_group(at).total_byte_size for at in range(shard.num_row_groups))


def _kind(feature: dict[str, Any]) -> dict[str, Any]:
    """A feature as the YAML of cards writes it."""
    kind = feature.get("_type")
    if kind == "List":
        length = {"length": feature["length"]} if "length" in feature else {}
        within = _kind(feature["feature"])
        return {"list": within.get("dtype", within), **length}
    if kind is None:
        return {"struct": [{"name": name, **_kind(child)} for name, child in feature.items()]}
    return {"dtype": "image" if kind == "Image" else feature["dtype"]}


def _title(folder: Folder) -> str:
    if folder.manifest.origin:
        return printable(f"Products of {folder.manifest.origin.source}")
    return printable(f"Synthetic {folder.schema.title or folder.schema.name}")


def _body(part: Part, source: str) -> str:
    folder = part.folder
    named = (
        ""
        if (part.config, part.split) == (DEFAULT_CONFIG, DEFAULT_SPLIT)
        else f" ({part.config}, {part.split})"
    )
    made, figures = folder.manifest.recipe is not None, figures_of(folder)
    sections = [
        f"# {escape(_title(folder))}{named}",
        _lead_of_made(folder) if made else _lead_of_pulled(folder),
        f"![Some of the products]({part.in_repository(PREVIEW)})" if folder.has_pictures else "",
        "## How to load it",
        _loading(part, source),
        "## Columns",
        column_table(folder),
        *constants(figures),
        *(samples(folder) if made else []),
        *what_pictures_show(folder, figures),
        "## In figures",
        *statistics(folder, figures),
        *report_section(part),
        *(_how_it_was_made(folder) if made else _where_it_is_from(folder)),
    ]
    return "\n\n".join(section for section in sections if section)


def _lead_of_made(folder: Folder) -> str:
    size = folder.manifest.image_size
    each = "with" if folder.manifest.rows == 1 else "each with"
    pictures = f", {each} a rendered picture of {size[0]} x {size[1]} pixels" if size else ""
    return (
        f"{count(folder.manifest.rows, 'made-up product')}{pictures}, in the columns of a real catalogue. "
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
        f"{code(profile.name)} (SHA-256 `{profile.digest()[:16]}`, kept beside the data as `profile.yaml`). "
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
    pictures = ", with pictures" if folder.has_pictures else ""
    return (
        f"{count(folder.manifest.rows, 'real product')}{pictures}, taken from another catalogue by datagen. "
        "**Nothing here is synthetic**, and the rights to rows and pictures are their owners': look them up "
        "before you publish or share any of it."
    )


def _where_it_is_from(folder: Folder) -> list[str]:
    origin = folder.manifest.origin
    if origin is None:
        return []
    place = [f"commit {code(origin.commit)}"] if origin.commit else []
    place += [
        f"{name} {code(value)}"
        for name, value in (("table", origin.config), ("split", origin.split))
        if value
    ]
    renamed = [f"{code(theirs)} as {code(ours)}" for ours, theirs in origin.columns.items() if ours != theirs]
    given = [f"{code(name)} is {code(value)} in every row" for name, value in origin.given.items()]
    lines = [
        f"From {code(origin.source)}"
        + (f" ({', '.join(place)})" if place else "")
        + f": {count(origin.rows_read, 'row')} read, {folder.manifest.rows:,} kept, "
        f"{origin.rejected:,} rejected.",
        f"Columns: {', '.join([*renamed, *given])}." if renamed or given else "",
    ]
    if origin.relaxed:
        lines.append("What these rows do not keep of the schema that was asked for:\n")
        lines[-1] += "".join(f"\n- {code(name)}: {escape(how)}" for name, how in origin.relaxed.items())
    if origin.reasons:
        why = [(escape(reason), f"{rows:,}") for reason, rows in origin.reasons.items()]
        lines.append("Rejected rows by reason:\n\n" + table(["reason", "rows"], why, {1}))
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
    block = f"```python\nfrom datasets import load_dataset\n\n{rows} = load_dataset({', '.join(words)})\n```"
    if not part.folder.manifest.splits:
        return block
    return f"{block}\n\nAll products of one title, and all colourways of one product, are in one split."
