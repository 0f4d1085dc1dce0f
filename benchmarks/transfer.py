"""From synthetic pictures to real ones: coarse classes of real photos, learned with and without them.

    python benchmarks/transfer.py [--rows 3040] [--seeds 3] [--steps 500] [--workers N]
                                  [--arms "synthetic" "other shop: both" ...] [--silhouettes]

Reads ../shared/data/burberry and ../shared/data/luma, which are not part of the project, and reports if they
are missing. The small network of train/study/cnn.py is trained from nothing, equally long, in three arms: on
drawn products of the built-in profile, on real photos, and on both. "Same shop": the real photos are the
other half of the tested shop's and all of the other shop's, halves swapped; recolours of one photo (Luma's
skus) stay together. "Other shop": they are the other shop's alone. The synthetic arm has seen no photo. The
interval is one standard error over seeds and photos together; "halves" are the shares that are right of
each half, "classes" the mean of the shares of the classes, which follow. ``--silhouettes`` draws what is worn
from silhouettes alone, as before it was composed from geometry.
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from datagen.generation.engines import all_cores
from datagen.product.product import House
from datagen.product.profile import load_profile
from datagen.product.sampler import Sampler
from datagen.product.vocabulary import OUTERWEAR
from datagen.render.composed import wardrobe
from datagen.render.scene import draw
from datagen.train.study.cnn import Examples, fit, pixels_of, predict

SHARED = Path(__file__).parents[2] / "shared" / "data"
Labels = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]

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
ARMS = ("synthetic", "other shop: real", "other shop: both", "same shop: real", "same shop: both")
SHOPS = {"burberry": (BURBERRY, ("category3", "category2")), "luma": (LUMA, ("category3",))}


@dataclass(frozen=True)
class Photos:
    """Photos of a shop with their classes, and the half (0 or 1) that each belongs to."""

    examples: Examples
    halves: Labels


def real(shop: str) -> Photos | None:
    """The photos of a shop; None if they are missing."""
    folder, (table, keys) = SHARED / shop, SHOPS[shop]
    if not (folder / "photos.csv").exists():
        return None
    found: list[tuple[Path, int]] = []
    halves: list[int] = []
    seen: dict[str, int] = {}
    with (folder / "photos.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            label = next((table[row[key]] for key in keys if row[key] in table), None)
            if label is not None:
                group = f"{label}/{row.get('sku') or row['image_file']}"
                # The groups of a class go to the two halves alternately.
                seen.setdefault(group, sum(other.startswith(f"{label}/") for other in seen))
                found.append((folder / row["image_file"], NAMES.index(label)))
                halves.append(seen[group] % 2)
    return Photos(
        _examples([Image.open(path) for path, _ in found], [label for _, label in found]), np.array(halves)
    )


def synthetic(rows: int, seed: int = 1) -> Examples:
    """Drawn products of the built-in profile that are of one of the classes."""
    profile = load_profile("burberry")
    sampler = Sampler(profile, seed)
    house = House(profile.house.name, profile.house.letters)
    pictures: list[Image.Image] = []
    labels: list[int] = []
    for product in sampler.each(sampler.products(0, rows)):
        label = next((at for at, name in enumerate(NAMES) if product.kind in CLASSES[name]), -1)
        if label >= 0:
            pictures.append(draw(product, house, (180, 240)))
            labels.append(label)
    return _examples(pictures, labels)


def _examples(pictures: list[Image.Image], labels: list[int]) -> Examples:
    return Examples(pixels_of(pictures), np.array(labels), np.full(len(labels), np.nan))


@dataclass(frozen=True)
class Fit:
    """One network to train: what it learns from, and which photos of which shops it is then asked about."""

    arm: str
    seed: int
    training: Examples
    asked: dict[str, Labels]


@dataclass(frozen=True)
class Answered:
    """Whether a network is right about the photos it was asked about, and what it cost in processor time."""

    fit: Fit
    right: dict[str, Marks]
    seconds: float


def fits(photos: dict[str, Photos], drawn: Examples, seed: int) -> Iterator[Fit]:
    """Every network of one seed."""
    whole = {shop: np.arange(len(each.halves)) for shop, each in photos.items()}
    yield Fit("synthetic", seed, drawn, whole)
    for shop, mine in photos.items():
        (other,) = (each.examples for name, each in photos.items() if name != shop)
        yield Fit("other shop: real", seed, other, {shop: whole[shop]})
        yield Fit("other shop: both", seed, drawn.with_others(other), {shop: whole[shop]})
        for half in (0, 1):
            asked = {shop: np.flatnonzero(mine.halves == half)}
            known = mine.examples.take(np.flatnonzero(mine.halves != half)).with_others(other)
            yield Fit("same shop: real", seed, known, asked)
            yield Fit("same shop: both", seed, drawn.with_others(known), asked)


_photos: dict[str, Photos] = {}
"""What :func:`answered` asks about, in each process."""


def answered(job: tuple[Fit, int]) -> Answered:
    """Train a network in so many steps, and ask it."""
    torch.set_num_threads(1)
    began = time.process_time()
    learned = fit(job[0].training, len(NAMES), seed=job[0].seed, steps=job[1])
    right = {}
    for shop, rows in job[0].asked.items():
        asked = _photos[shop].examples.take(rows)
        right[shop] = predict(learned, asked.pixels).categories == asked.categories
    return Answered(job[0], right, time.process_time() - began)


def all_answers(
    photos: dict[str, Photos], drawn: Examples, arms: list[str], seeds: int, steps: int, workers: int
) -> dict[tuple[str, str], npt.NDArray[np.float64]]:
    """(shop, arm) -> which photos are right, (seeds, photos). Prints a line after every network."""
    _photos.update(photos)
    every = (each for seed in range(seeds) for each in fits(photos, drawn, seed))
    jobs = [(each, steps) for each in every if each.arm in arms]
    found: dict[tuple[str, str], npt.NDArray[np.float64]] = {}
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        for number, done in enumerate(pool.imap(answered, jobs), start=1):
            for shop, right in done.right.items():
                grid = found.setdefault((shop, done.fit.arm), np.zeros((seeds, len(photos[shop].halves))))
                grid[done.fit.seed, done.fit.asked[shop]] = right
            shares = ", ".join(f"{shop} {right.mean():.3f}" for shop, right in done.right.items())
            what = f"{number}/{len(jobs)} seed {done.fit.seed}, {done.fit.arm} ({len(done.fit.training):,})"
            print(f"{what}: {shares}, {done.seconds:.0f} CPU s", flush=True)
    return found


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3040)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS))
    parser.add_argument("--workers", type=int, default=all_cores())
    parser.add_argument("--silhouettes", action="store_true")
    options = parser.parse_args()
    if options.silhouettes:
        wardrobe.is_composed = lambda product: False
    photos = {shop: found for shop in SHOPS if (found := real(shop)) is not None}
    if len(photos) < len(SHOPS):
        print("transfer: skipped, ../shared/data/burberry and ../shared/data/luma are missing")
        return
    began = time.perf_counter()
    drawn = synthetic(options.rows)
    answers = all_answers(photos, drawn, options.arms, options.seeds, options.steps, options.workers)
    print(
        f"transfer: {len(drawn):,} drawn pictures, {options.seeds} seeds, {options.steps} steps, "
        f"{time.perf_counter() - began:.0f} s in {options.workers} processes"
    )
    for shop, mine in photos.items():
        most = np.bincount(mine.examples.categories).max() / len(mine.halves)
        print(f"  {shop}: {len(mine.halves)} photos, always the most frequent class {most:.3f}")
        for arm in options.arms:
            grid = answers[shop, arm]
            error = np.hypot(
                grid.mean(1).std(ddof=1) / len(grid) ** 0.5 if len(grid) > 1 else 0,
                grid.mean(0).std() / grid.shape[1] ** 0.5,
            )
            halves = ", ".join(f"{grid[:, mine.halves == half].mean():.3f}" for half in (0, 1))
            labels = mine.examples.categories
            told = {NAMES[each]: float(grid[:, labels == each].mean()) for each in np.unique(labels)}
            classes = sum(told.values()) / len(told)
            print(f"    {arm:18} {grid.mean():.3f} +- {error:.3f}, halves {halves}, classes {classes:.3f}")
            print(f"    {'':18} {', '.join(f'{name} {share:.2f}' for name, share in told.items())}")


if __name__ == "__main__":
    main()
