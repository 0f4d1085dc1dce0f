"""Low-level statistics of real catalogue photos and of synthetic pictures, as a Markdown table.

    python benchmarks/picture_statistics.py [--rows 600]

The real photos are in ../shared/data/burberry/photos, which is not part of the project; without them the
column is left out. All pictures are resized to 480 x 640 first. The subject, including the wearer, is what
differs from the backdrop by a threshold (benchmarks/hog.py), the same for both.
"""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from hog import subject_box, subject_mask
from PIL import Image

from datagen.product.product import House
from datagen.product.profile import load_profile
from datagen.product.sampler import Sampler
from datagen.product.vocabulary import OUTERWEAR
from datagen.render.scene import draw
from datagen.render.silhouettes import TABLE

SHARED = Path(__file__).parents[2] / "shared" / "data" / "burberry"
SIZE = 480, 640
GROUPS = ("outerwear", "clothing", "bags", "shoes", "accessories")
BAGS = "tote crossbody_bag shoulder_bag top_handle_bag backpack belt_bag bucket_bag clutch pouch"
SHOES = "sneakers boots loafers pumps sandals slides"
ACCESSORIES = "scarf square_scarf cap bucket_hat beanie belt wallet card_case"

ROWS = (
    "backdrop at the top corners",
    "backdrop at the bottom corners",
    "backdrop deviation",
    "subject's share of the picture",
    "subject's mean red",
    "subject's mean green",
    "subject's mean blue",
    "edge density in the subject",
    "JPEG bytes per pixel (quality 90)",
)


def group_of(kind: str) -> str:
    """The group (of ``GROUPS``) that a kind belongs to, "" for none."""
    if kind in OUTERWEAR:
        return "outerwear"
    if TABLE[kind].wear:
        return "clothing"
    for name, kinds in (("bags", BAGS), ("shoes", SHOES), ("accessories", ACCESSORIES)):
        if kind in kinds.split():
            return name
    return ""


def real() -> Iterator[tuple[str, Image.Image]]:
    """(group, photo) of every real photo."""
    with (SHARED / "photos.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            group = row["category2"].lower()
            yield (
                group,
                Image.open(SHARED / row["image_file"]).convert("RGB").resize(SIZE, Image.Resampling.LANCZOS),
            )


def synthetic(rows: int) -> Iterator[tuple[str, Image.Image]]:
    """(group, picture) of the first products of a catalogue."""
    profile = load_profile("burberry")
    sampler, house = Sampler(profile, 1), House(profile.house.name, profile.house.letters)
    for product in sampler.each(sampler.products(0, rows)):
        if group_of(product.kind) and product.wearer != "baby":
            yield group_of(product.kind), draw(product, house, SIZE)


def measured(picture: Image.Image) -> tuple[np.ndarray, tuple[float, float, float, float]]:
    """The figures of ``ROWS`` and the subject's box in shares of the picture."""
    pixels = np.asarray(picture, dtype=np.float32)
    grey = pixels.mean(axis=2)
    mask = subject_mask(pixels)
    box = subject_box(mask)
    top = np.concatenate([grey[:24, :24].ravel(), grey[:24, -24:].ravel()])
    bottom = np.concatenate([grey[-24:, :24].ravel(), grey[-24:, -24:].ravel()])
    step = np.abs(np.diff(grey, axis=1))[:-1] + np.abs(np.diff(grey, axis=0))[:, :-1]
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90, subsampling=2)
    inside = mask[:-1, :-1]
    figures = [
        top.mean(),
        bottom.mean(),
        grey[~mask].std(),
        mask.mean(),
        *(pixels[mask].mean(axis=0) if mask.any() else (0, 0, 0)),
        (step[inside] > 24).mean() if inside.any() else 0.0,
        len(file.getvalue()) / (SIZE[0] * SIZE[1]),
    ]
    shares = box[0] / SIZE[0], box[1] / SIZE[1], box[2] / SIZE[0], box[3] / SIZE[1]
    return np.array(figures), shares


def table(columns: dict[str, list[tuple[str, Image.Image]]]) -> str:
    """The Markdown table: medians over pictures, and the median box of each group."""
    found = {name: [(group, *measured(picture)) for group, picture in rows] for name, rows in columns.items()}
    lines = ["| median of | " + " | ".join(f"{name} ({len(rows)})" for name, rows in found.items()) + " |"]
    lines.append("|---|" + "---|" * len(found))
    for at, row in enumerate(ROWS):
        values = [np.median([figures[at] for _, figures, _ in rows]) for rows in found.values()]
        digits = 2 if max(values) < 10 else 0
        lines.append(f"| {row} | " + " | ".join(f"{value:.{digits}f}" for value in values) + " |")
    for group in GROUPS:
        cells = []
        for rows in found.values():
            boxes = [box for own, _, box in rows if own == group]
            middle = np.median(np.array(boxes), axis=0) if boxes else np.zeros(4)
            cells.append(", ".join(f"{value:.2f}" for value in middle) + f" ({len(boxes)})")
        lines.append(f"| subject's box, {group} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=600)
    options = parser.parse_args()
    columns = {"synthetic": list(synthetic(options.rows))}
    if (SHARED / "photos.csv").exists():
        columns = {"real": list(real()), **columns}
    else:
        print("../shared/data/burberry is missing: synthetic pictures only\n")
    print(table(columns))


if __name__ == "__main__":
    main()
