"""Low-level statistics of real photos and of synthetic pictures, and how well they tell the two apart.

    python benchmarks/picture_statistics.py [--rows 12000] [--each 8]

The real photos are in ../shared/data, which is not part of the project. The renderer is tuned to every other
photo of one shop; the photos between are held out, and nothing is tuned to the second shop, whose products
stand before white. The statistics are those of a report (datagen/report/pictures/features.py). To each photo
come ``--each`` pictures of the same group of products and wearer, from JPEG bytes as in a dataset. An
AUC is the larger of a and 1 - a: 0.5 tells nothing, 1 everything; the interval is 95 %. "All together" is
cross-validated over all photos of the shop, recolours of one photo in one fold: logistic regression and
kernel ridge regression on all the statistics.
"""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from sklearn.kernel_ridge import KernelRidge  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from datagen.product.product import House, Product
from datagen.product.profile import load_profile
from datagen.product.sampler import Sampler
from datagen.product.vocabulary import OUTERWEAR
from datagen.render.scene import is_worn, jpeg
from datagen.render.silhouettes import TABLE
from datagen.report.pictures.features import STATISTICS, features, pixels_of
from datagen.report.statistics.intervals import Auc, auc

SHARED = Path(__file__).parents[2] / "shared" / "data"
SIZE = 480, 640
FOLDS, ROUNDS = 5, 10
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

LEGS = frozenset("trousers jeans shorts joggers swim_shorts skirt".split())  # noqa: SIM905
BAGS = frozenset(
    "tote crossbody_bag shoulder_bag top_handle_bag backpack belt_bag bucket_bag clutch".split()  # noqa: SIM905
)
SHOES = frozenset("sneakers boots loafers pumps sandals slides".split())  # noqa: SIM905
ACCESSORIES = frozenset("scarf square_scarf cap bucket_hat beanie wallet card_case pouch".split())  # noqa: SIM905

BACKDROP = {"burberry": "studio", "luma": "white"}
TUNED = "burberry"
GROUPS = {
    "OUTERWEAR": "outerwear",
    "BAGS": "bags",
    "SHOES": "shoes",
    "ACCESSORIES": "accessories",
    "TROUSERS & SHORTS": "legs",
    "CLOTHING": "tops",
    "Jackets": "outerwear",
    "Tops": "tops",
    "Bottoms": "legs",
    "Bags": "bags",
}
"""The most specific word of a photo's categories -> the group of its pictures."""


@dataclass(frozen=True)
class Photos:
    """``statistics``: float64 (n, 15). ``groups``: (group, wearer). ``family``: recolours share a number."""

    statistics: F64
    groups: list[tuple[str, str]]
    family: I64


def group_of(product: Product) -> tuple[str, str]:
    """The group that a product's picture belongs to, "" for none, and who wears it, "" if nobody does."""
    worn = product.wearer if is_worn(product) else ""
    if product.kind in OUTERWEAR:
        return "outerwear" if worn else "", worn
    if product.kind in LEGS:
        return "legs" if worn else "", worn
    if TABLE[product.kind].wear:
        return "tops" if worn else "", worn
    for name, kinds in (("bags", BAGS), ("shoes", SHOES), ("accessories", ACCESSORIES)):
        if product.kind in kinds:
            return name, ""
    return "", ""


def real(shop: str) -> Photos:
    """The photos of a shop that are of one of the groups."""
    pictures, groups, families = [], [], dict[str, int]()
    family = []
    with (SHARED / shop / "photos.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            words = [row[f"category{level}"] for level in (3, 2)]
            group = next((GROUPS[word] for word in words if word in GROUPS), "")
            if group:
                worn = row["category1"].lower() if group in ("outerwear", "legs", "tops") else ""
                groups.append((group, worn))
                family.append(families.setdefault(row.get("sku") or row["image_file"], len(families)))
                pictures.append(pixels_of(Image.open(SHARED / shop / row["image_file"])))
    return Photos(features(pictures)[:, : len(STATISTICS)].astype(np.float64), groups, np.array(family))


def synthetic(shop: str, groups: list[tuple[str, str]], rows: int, each: int) -> F64:
    """The statistics of ``each`` pictures for every photo, of its group, among ``rows`` rows."""
    profile = load_profile("burberry")
    sampler, house = Sampler(profile, 1), House(profile.house.name, profile.house.letters)
    wanted = {group: each * groups.count(group) for group in set(groups)}
    pictures = []
    for product in sampler.each(sampler.products(0, rows)):
        group = group_of(product)
        if wanted.get(group, 0) and product.backdrop == "studio" and product.view != "detail":
            wanted[group] -= 1
            drawn = jpeg(replace(product, backdrop=BACKDROP[shop]), house, SIZE)
            pictures.append(pixels_of(Image.open(io.BytesIO(drawn))))
    if missing := {group: count for group, count in wanted.items() if count}:
        print(f"{shop}: {rows} rows are too few for {missing}")
    return features(pictures)[:, : len(STATISTICS)].astype(np.float64)


def separation(photos: F64, drawn: F64, family: I64) -> Auc:
    """The AUC of one score, and its error, whichever side has the higher scores."""
    made = np.arange(len(drawn)) + (family.max() + 1 if len(family) else 0)
    found = auc(
        np.concatenate([photos, drawn]),
        np.arange(len(photos) + len(drawn)) >= len(photos),
        np.concatenate([family, made]),
    )
    return Auc(max(found.value, 1 - found.value), found.error)


def together(photos: Photos, drawn: F64, model: Callable[[F64, I64, F64], F64]) -> tuple[F64, F64]:
    """Scores of the photos and of the pictures, each from models that have not seen it."""
    table = np.concatenate([photos.statistics, drawn])
    is_drawn = (np.arange(len(table)) >= len(photos.statistics)).astype(np.int64)
    family = np.concatenate([photos.family, np.arange(len(drawn)) + photos.family.max() + 1])
    score = np.zeros(len(table))
    for number in range(ROUNDS):
        fold = np.random.default_rng(number).integers(0, FOLDS, family.max() + 1)[family]
        for at in range(FOLDS):
            inside = fold == at
            known = table[~inside]
            middle, spread = np.median(known, axis=0), known.std(axis=0) + 1e-9
            scaled, asked = (np.clip((part - middle) / spread, -4, 4) for part in (known, table[inside]))
            score[inside] += model(scaled, is_drawn[~inside], asked)
    return score[: len(photos.statistics)], score[len(photos.statistics) :]


def logistic(known: F64, is_drawn: I64, asked: F64) -> F64:
    """Log odds of being drawn, by logistic regression; photos and pictures have the same weight."""
    model: Any = LogisticRegression(C=1.0, class_weight="balanced", max_iter=2000).fit(known, is_drawn)
    found: F64 = model.decision_function(asked)
    return found


def kernel(known: F64, is_drawn: I64, asked: F64) -> F64:
    """A score by ridge regression with a Gaussian kernel; photos and pictures have the same weight."""
    weight = np.where(is_drawn, 0.5 / is_drawn.mean(), 0.5 / (1 - is_drawn).mean())
    model: Any = KernelRidge(kernel="rbf", gamma=0.5 / known.shape[1], alpha=0.3)
    model.fit(known, np.where(is_drawn, 1.0, -1.0), sample_weight=weight)
    found: F64 = model.predict(asked)
    return found


MODELS = {"all together, logistic": logistic, "all together, kernel": kernel}


def table(shop: str, photos: Photos, drawn: F64) -> str:
    """The Markdown table of a shop: medians, and the AUC of each part of its photos."""
    every = np.arange(len(photos.statistics))
    parts = {"AUC": every}
    if shop == TUNED:
        parts = {"AUC, worked on": every[::2], "AUC, held out": every[1::2]}
    heads = [f"median of {len(every)} photos", f"of {len(drawn)} pictures"]
    heads += [f"{name} ({len(rows)})" for name, rows in parts.items()]
    lines = [f"| {shop} | " + " | ".join(heads) + " |", "|---|" + "---|" * len(heads)]

    def cells(photo_score: F64, drawn_score: F64) -> list[str]:
        found = [
            separation(photo_score[rows], drawn_score, np.unique(photos.family[rows], return_inverse=True)[1])
            for rows in parts.values()
        ]
        return [f"{each.value:.2f} ({each.low:.2f} to {each.high:.2f})" for each in found]

    for at, name in enumerate(STATISTICS):
        own, made = photos.statistics[:, at], drawn[:, at]
        medians = [f"{np.median(values):.2f}" for values in (own, made)]
        lines.append(f"| {name} | " + " | ".join(medians + cells(own, made)) + " |")
    for name, model in MODELS.items():
        lines.append(f"| {name} | | | " + " | ".join(cells(*together(photos, drawn, model))) + " |")
    return "\n".join(lines)


def main() -> None:
    """Print a table for each shop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=12_000)
    parser.add_argument("--each", type=int, default=8)
    options = parser.parse_args()
    for shop in BACKDROP:
        if not (SHARED / shop / "photos.csv").exists():
            print(f"picture statistics: skipped, ../shared/data/{shop} is missing")
            continue
        photos = real(shop)
        each = options.each if shop == TUNED else max(1, options.each // 4)
        print(table(shop, photos, synthetic(shop, photos.groups, options.rows, each)) + "\n")


if __name__ == "__main__":
    main()
