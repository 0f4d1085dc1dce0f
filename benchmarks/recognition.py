"""Can kind, pattern and price be predicted from the pictures? A small network is trained to do it.

    python benchmarks/recognition.py [--rows 12000] [--fresh 3000] [--epochs 7] [--size 96x128]
                                     [--each] [--silhouettes]

It is trained from scratch on the pictures of one seed and tested on those of another: the kind (of 76),
the pattern (of 20), and the price, by its rank among the new products. ``--each`` prints how often every
kind and every pattern is recognised, on a figure and without one, and what they are mistaken for.
``--silhouettes`` draws everything from silhouettes, as before pictures were composed from geometry. Needs
torch.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from datagen.product.product import House
from datagen.product.profile import load_profile
from datagen.product.sampler import Sampler
from datagen.product.vocabulary import KINDS, PATTERNS
from datagen.render.composed import packshots, wardrobe
from datagen.render.scene import draw, is_worn

Floats = npt.NDArray[np.float64]
BATCH = 64


class Pictures:
    """Drawn products as tensors: pictures (n, 3, height, width) in bytes, kinds, patterns, log prices.

    ``worn``: which are on a figure; ``composed``: which of these are composed from geometry.
    """

    def __init__(self, seed: int, rows: int, size: tuple[int, int]) -> None:
        profile = load_profile("burberry")
        sampler = Sampler(profile, seed)
        house = House(profile.house.name, profile.house.letters)
        products = sampler.products(0, rows)
        kinds, patterns = list(KINDS), list(PATTERNS)
        pixels = np.empty((rows, 3, size[1], size[0]), dtype=np.uint8)
        labels = np.empty((rows, 2), dtype=np.int64)
        worn, composed = np.empty((2, rows), dtype=np.bool_)
        for at, product in enumerate(sampler.each(products)):
            # Drawn larger and reduced, as a photo would be.
            picture = draw(product, house, (size[0] * 2, size[1] * 2)).reduce(2)
            pixels[at] = np.asarray(picture).transpose(2, 0, 1)
            labels[at] = kinds.index(product.kind), patterns.index(product.pattern)
            worn[at] = is_worn(product)
            composed[at] = worn[at] and wardrobe.is_composed(product)
        self.pixels = torch.from_numpy(pixels)
        self.kinds, self.patterns = torch.from_numpy(labels[:, 0]), torch.from_numpy(labels[:, 1])
        self.worn, self.composed = torch.from_numpy(worn), torch.from_numpy(composed)
        self.prices = torch.from_numpy(np.log(products.full).astype(np.float32))

    def __len__(self) -> int:
        return len(self.kinds)


class Reader(nn.Module):
    """A plain convolutional network with three outputs."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 3
        for wide, stride in ((24, 2), (48, 2), (64, 1), (96, 2), (128, 1), (160, 2), (192, 1)):
            layers += [nn.Conv2d(before, wide, 3, stride, 1, bias=False), nn.BatchNorm2d(wide), nn.ReLU()]
            before = wide
        self.trunk = nn.Sequential(*layers)
        self.squeeze = nn.Sequential(nn.AdaptiveAvgPool2d((4, 3)), nn.Flatten(), nn.Dropout(0.2))
        self.kind = nn.Linear(before * 12, len(KINDS))
        self.pattern = nn.Linear(before * 12, len(PATTERNS))
        self.price = nn.Linear(before * 12, 1)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits of kinds and patterns, and the log price minus its mean, from pictures in bytes."""
        seen = self.squeeze(self.trunk(pixels.float() / 128 - 1))
        return self.kind(seen), self.pattern(seen), self.price(seen)[:, 0]


def train(reader: Reader, pictures: Pictures, epochs: int, mean: float) -> None:
    """Train for some epochs; the learning rate rises once and falls to zero."""
    steps = epochs * (len(pictures) // BATCH)
    optimiser = torch.optim.AdamW(reader.parameters(), lr=2e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps)
    order = torch.Generator().manual_seed(1)
    reader.train()
    for _ in range(epochs):
        mixed = torch.randperm(len(pictures), generator=order)
        for start in range(0, len(pictures) - BATCH + 1, BATCH):
            some = mixed[start : start + BATCH]
            kind, pattern, price = reader(pictures.pixels[some])
            loss = nn.functional.cross_entropy(kind, pictures.kinds[some])
            loss = loss + nn.functional.cross_entropy(pattern, pictures.patterns[some])
            loss = loss + nn.functional.mse_loss(price, pictures.prices[some] - mean)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()


@torch.no_grad()
def read(reader: Reader, pictures: Pictures) -> tuple[Tensor, Tensor, Tensor]:
    """Predicted kinds, patterns and prices of all pictures."""
    reader.eval()
    parts = [reader(pictures.pixels[at : at + 256]) for at in range(0, len(pictures), 256)]
    kind, pattern, price = (torch.cat(part) for part in zip(*parts, strict=True))
    return kind.argmax(1), pattern.argmax(1), price


def rank_correlation(a: Floats, b: Floats) -> float:
    """Spearman's rank correlation; ties get their mean rank."""

    def ranks(values: Floats) -> Floats:
        _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
        ends = np.cumsum(counts)
        return (ends - (counts - 1) / 2)[where]

    return float(np.corrcoef(ranks(a), ranks(b))[0, 1])


def confusions(names: list[str], true: Tensor, found: Tensor, most: int = 8) -> str:
    """The most frequent mistakes, as "true class for predicted class, count"."""
    wrong: dict[tuple[str, str], int] = {}
    for a, b in zip(true.tolist(), found.tolist(), strict=True):
        if a != b:
            wrong[names[a], names[b]] = wrong.get((names[a], names[b]), 0) + 1
    worst = sorted(wrong.items(), key=lambda item: -item[1])[:most]
    return ", ".join(f"{a} for {b} {count}" for (a, b), count in worst)


def each_class(names: list[str], true: Tensor, found: Tensor, worn: Tensor) -> str:
    """A line for each class: how often it is recognised, on a figure and without one, and its mistakes."""
    lines = []
    for number in sorted(set(true.tolist()), key=lambda number: names[number]):
        parts = []
        for word, where in (("worn", worn), ("not worn", ~worn)):
            own = where & (true == number)
            if own.any():
                parts.append(f"{word} {(found[own] == number).float().mean():.0%} of {int(own.sum())}")
        own = true == number
        lines.append(f"  {names[number]}: {', '.join(parts)}; {confusions(names, true[own], found[own], 4)}")
    return "\n".join(lines)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=12_000)
    parser.add_argument("--fresh", type=int, default=3_000)
    parser.add_argument("--epochs", type=int, default=7)
    parser.add_argument("--size", default="96x128")
    parser.add_argument("--each", action="store_true")
    parser.add_argument("--silhouettes", action="store_true")
    options: Any = parser.parse_args()
    if options.silhouettes:
        for composed in (wardrobe, packshots):
            composed.is_composed = lambda product: False  # type: ignore[attr-defined]
    width, height = map(int, options.size.split("x"))
    began = time.perf_counter()
    torch.manual_seed(1)
    known = Pictures(1, options.rows, (width, height))
    fresh = Pictures(2, options.fresh, (width, height))
    drawn = time.perf_counter()
    reader, mean = Reader(), float(known.prices.mean())
    train(reader, known, options.epochs, mean)
    kind, pattern, price = read(reader, fresh)
    rank = rank_correlation(price.double().numpy(), fresh.prices.double().numpy())
    each = [float((kind[fresh.kinds == k] == k).float().mean()) for k in sorted(set(fresh.kinds.tolist()))]
    print(
        f"recognition: {options.rows:,} pictures of {options.size} to learn from, {options.fresh:,} fresh: "
        f"kind {(kind == fresh.kinds).float().mean():.1%} (mean over kinds {np.mean(each):.1%}), "
        f"pattern {(pattern == fresh.patterns).float().mean():.1%} "
        f"(most frequent {fresh.patterns.bincount().max() / len(fresh):.1%}), "
        f"rank correlation of log prices {rank:.3f}; "
        f"{drawn - began:.0f} s drawing, {time.perf_counter() - drawn:.0f} s learning"
    )
    print("kinds mistaken:", confusions(list(KINDS), fresh.kinds, kind))
    print("patterns mistaken:", confusions(list(PATTERNS), fresh.patterns, pattern))
    if options.each:
        groups = {
            "worn, composed": fresh.composed,
            "worn, from silhouettes": fresh.worn & ~fresh.composed,
            "not worn": ~fresh.worn,
        }
        for name, own in groups.items():
            right = (kind == fresh.kinds)[own].float().mean(), (pattern == fresh.patterns)[own].float().mean()
            print(f"{name}: {int(own.sum()):,} pictures, kind {right[0]:.1%}, pattern {right[1]:.1%}")
        print(each_class(list(KINDS), fresh.kinds, kind, fresh.worn))
        print(each_class(list(PATTERNS), fresh.patterns, pattern, fresh.worn))


if __name__ == "__main__":
    main()
