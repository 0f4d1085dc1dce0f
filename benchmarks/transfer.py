"""From synthetic pictures to real ones: coarse classes of real photos, learned without seeing a real photo.

    python benchmarks/transfer.py [--rows 9000]

Reads ../shared/data/burberry and ../shared/data/luma, which are not part of the project, and reports if they
are missing. One classifier (features of benchmarks/hog.py, then logistic regression) is trained
twice: on synthetic pictures alone, and on one half of the real photos; both are tested on the other
half, then the halves are swapped. Luma's photos are split by sku: recolours of one photo stay together.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt
from hog import Floats, features
from PIL import Image
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
from sklearn.pipeline import make_pipeline  # type: ignore[import-untyped]
from sklearn.preprocessing import StandardScaler  # type: ignore[import-untyped]

from datagen.product.looks import Looks
from datagen.product.product import House
from datagen.product.profile import load_profile
from datagen.product.sampler import Sampler
from datagen.product.vocabulary import OUTERWEAR
from datagen.render.scene import draw

SHARED = Path(__file__).parents[2] / "shared" / "data"
Labels = npt.NDArray[np.int64]

CLASSES: dict[str, frozenset[str]] = {
    "outerwear": frozenset(OUTERWEAR),
    "tops": frozenset(
        "t_shirt top polo_shirt shirt overshirt blouse hoodie sweatshirt sweater cardigan".split()  # noqa: SIM905
    ),
    "trousers and shorts": frozenset({"trousers", "jeans", "shorts", "joggers", "swim_shorts"}),
    "dresses and skirts": frozenset({"dress", "sweater_dress", "skirt"}),
    "bags": frozenset(
        "tote crossbody_bag shoulder_bag top_handle_bag backpack belt_bag bucket_bag clutch".split()  # noqa: SIM905
    ),
    "shoes": frozenset({"sneakers", "boots", "loafers", "pumps", "sandals", "slides"}),
    "hats": frozenset({"cap", "bucket_hat", "beanie"}),
    "scarves": frozenset({"scarf", "square_scarf"}),
    "small leather": frozenset({"wallet", "card_case", "pouch"}),
}
NAMES = list(CLASSES)

BURBERRY = {
    "OUTERWEAR": "outerwear",
    "BAGS": "bags",
    "SHOES": "shoes",
    "SCARVES": "scarves",
    "HATS & GLOVES": "hats",
    "WALLETS & CARD CASES": "small leather",
    "TROUSERS & SHORTS": "trousers and shorts",
    "CLOTHING": "tops",
}
LUMA = {
    "Jackets": "outerwear",
    "Hoodies & Sweatshirts": "tops",
    "Tees": "tops",
    "Tanks": "tops",
    "Bras & Tanks": "tops",
    "Pants": "trousers and shorts",
    "Shorts": "trousers and shorts",
    "Bags": "bags",
}


def real() -> tuple[Floats, Labels, Labels] | None:
    """Features, classes and halves (0, 1) of the real photos; None if they are missing."""
    found: list[tuple[Path, str, int]] = []
    seen: dict[str, int] = {}
    for name, table, keys in (
        ("burberry", BURBERRY, ("category3", "category2")),
        ("luma", LUMA, ("category3",)),
    ):
        folder = SHARED / name
        if not (folder / "photos.csv").exists():
            return None
        with (folder / "photos.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                label = next((table[row[key]] for key in keys if row[key] in table), None)
                if label is not None:
                    group = f"{label}/{row.get('sku') or row['image_file']}"
                    # The groups of a class go to the two halves alternately.
                    seen.setdefault(group, sum(other.startswith(f"{label}/") for other in seen))
                    found.append((folder / row["image_file"], label, seen[group] % 2))
    return (
        np.stack([features(Image.open(path)) for path, _, _ in found]),
        np.array([NAMES.index(label) for _, label, _ in found]),
        np.array([half for _, _, half in found]),
    )


def synthetic(rows: int, seed: int = 1) -> tuple[Floats, Labels]:
    """Features and classes of drawn products, with more even backdrops and views than in the profile."""
    profile = load_profile("burberry")
    looks = Looks(
        outerwear=95,
        clothing=95,
        views={"front": 8, "three_quarter": 2, "detail": 0.5},
        backdrops={"studio": 4, "white": 5, "colour": 1},
    )
    sampler = Sampler(profile.model_copy(update={"looks": looks}), seed)
    house = House(profile.house.name, profile.house.letters)
    found: list[Floats] = []
    labels: list[int] = []
    most = rows // len(NAMES) * 2
    for product in sampler.each(sampler.products(0, rows)):
        label = next((at for at, name in enumerate(NAMES) if product.kind in CLASSES[name]), -1)
        if label >= 0 and product.wearer != "baby" and labels.count(label) < most:
            found.append(features(draw(product, house, (180, 240))))
            labels.append(label)
    return np.stack(found), np.array(labels)


def predicted(training: Floats, classes: Labels, photos: Floats) -> Labels:
    """The classes that a classifier trained on ``training`` predicts; classes have equal weight."""
    model = make_pipeline(
        StandardScaler(), LogisticRegression(C=0.003, max_iter=300, class_weight="balanced")
    )
    model.fit(training, classes)
    labels: Labels = model.predict(photos)
    return labels


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=9000)
    options = parser.parse_args()
    photos = real()
    if photos is None:
        print("transfer: skipped, ../shared/data/burberry and ../shared/data/luma are missing")
        return
    asked, classes, halves = photos
    known, drawn = synthetic(options.rows)
    scores: dict[str, list[float]] = {"synthetic": [], "real": []}
    by_class = np.zeros((2, len(NAMES)))
    for half in (0, 1):
        test, rest = halves == half, halves != half
        for at, (name, answer) in enumerate(
            (
                ("synthetic", predicted(known, drawn, asked[test])),
                ("real", predicted(asked[rest], classes[rest], asked[test])),
            )
        ):
            right = answer == classes[test]
            scores[name].append(float(right.mean()))
            by_class[at] += np.bincount(classes[test][right], minlength=len(NAMES))
    counts = np.bincount(classes, minlength=len(NAMES))
    ours, theirs = (float(np.mean(scores[name])) for name in ("synthetic", "real"))
    print(
        f"transfer: {len(classes)} real photos of {np.count_nonzero(counts)} classes, "
        f"trained on {len(drawn):,} synthetic pictures {ours:.1%}, on the other half of the real photos "
        f"{theirs:.1%}: {ours / theirs:.0%} of it; "
        f"always the most frequent class {counts.max() / counts.sum():.1%}, at random {1 / len(NAMES):.1%}"
    )
    for at, name in enumerate(NAMES):
        if counts[at]:
            right = f"synthetic {by_class[0, at]:.0f} right, real {by_class[1, at]:.0f}"
            print(f"  {name}: {counts[at]} photos, {right}")


if __name__ == "__main__":
    main()
