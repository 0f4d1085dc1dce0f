"""Every word of a title changes the picture: a test here fails if the renderer ignores one."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.hog import features
from datagen.product.product import Colourway, House, Product
from datagen.product.profile import load_profile
from datagen.product.sampler import Sampler
from datagen.product.vocabulary import FITS, MATERIALS, PATTERNS
from datagen.render import paint, scene
from datagen.render.patterns import PLACED
from datagen.render.random_stream import RandomStream, salt
from datagen.render.truth import SUBJECT, truth

HOUSE = House("Aldermere", "AM")
HONEY = Colourway("honey", (196, 164, 120), (60, 48, 40), (236, 230, 216), (176, 52, 48))
SHIRT = Product(0, "shirt", "man", "regular", "none", "solid", "cotton", HONEY, 40, 23)
SIZE = (240, 320)


def seen(product: Product) -> npt.NDArray[np.float64]:
    return np.asarray(scene.draw(product, HOUSE, SIZE), dtype=float)


def difference(one: Product, other: Product) -> float:
    """Mean difference of two pictures inside the subject of the first, in steps of 255."""
    mask = truth(one, SIZE).mask == SUBJECT
    return float(np.abs(seen(one) - seen(other))[mask].mean())


@pytest.mark.parametrize("kind", ["shirt", "tote", "scarf", "sneakers"])
def test_every_pattern_changes_the_picture(kind: str) -> None:
    pictures = {name: replace(SHIRT, kind=kind, pattern=name) for name in PATTERNS}
    mask = truth(pictures["solid"], SIZE).mask == SUBJECT
    drawn = {name: seen(product)[mask] for name, product in pictures.items()}
    for one, other in combinations(drawn, 2):
        # A placed motif covers little of a long sleeve or a scarf.
        limit = 0.2 if {one, other} <= {"solid", *PLACED} else 1.5
        assert np.abs(drawn[one] - drawn[other]).mean() > limit, (one, other)


def test_every_colourway_changes_the_picture() -> None:
    sampler = Sampler(load_profile("burberry"), 0)
    colours = sampler._colourways
    mask = truth(SHIRT, SIZE).mask == SUBJECT
    means = {each.name: seen(replace(SHIRT, colourway=each))[mask].mean(axis=0) for each in colours}
    for one, other in combinations(colours, 2):
        apart = np.abs(np.array(one.ground) - np.array(other.ground)).max()
        if apart > 24:
            assert np.abs(means[one.name] - means[other.name]).max() > apart * 0.4, (one.name, other.name)


def test_the_muted_ground_colour_survives_the_lighting() -> None:
    for each in ((240, 238, 232), (30, 30, 32), (180, 40, 44), (44, 52, 84)):
        product = replace(SHIRT, colourway=HONEY._replace(ground=each))
        inside = seen(product)[truth(product, SIZE).mask == SUBJECT]
        assert np.abs(np.median(inside, axis=0) - paint.muted(each)).max() < 30, each


@pytest.mark.usefixtures("silhouettes")
@pytest.mark.parametrize("kind", ["car_coat", "t_shirt", "skirt", "dress"])
def test_size_words_change_garments_on_a_figure(kind: str) -> None:
    def extent(size: str) -> tuple[float, float]:
        """Width of the subject's lower half, which no raised arm widens, and its height in cm."""
        product = replace(SHIRT, kind=kind, wearer="woman", size=size)
        known, unit = truth(product, SIZE), scene.compose(product, SIZE).stencil.unit
        _, top, _, bottom = known.box
        rows = known.mask[(top + bottom) // 2 : bottom] == SUBJECT
        wide = [np.ptp(np.flatnonzero(row)) for row in rows if row.any()]
        return float(np.median(wide)) / unit, (bottom - top) / unit

    (slim, _), (wide, _) = extent("slim"), extent("oversized")
    assert wide > slim * 1.1
    (_, short), (_, regular), (_, long) = extent("mini"), extent("regular"), extent("long")
    assert long > regular * 1.05
    assert regular > short * 1.15


@pytest.mark.usefixtures("silhouettes")
def test_every_size_word_changes_what_is_drawn() -> None:
    regular = replace(SHIRT, kind="trousers", worn=False)
    for size, fit in FITS.items():
        if fit not in (FITS["regular"], FITS["mid_length"]):
            assert difference(regular, replace(regular, size=size)) > 1.0, size


def test_materials_change_the_picture() -> None:
    mask = truth(SHIRT, SIZE).mask == SUBJECT
    drawn = {name: seen(replace(SHIRT, material=name))[mask] for name in MATERIALS}
    alike = sum(np.abs(drawn[one] - drawn[other]).mean() < 0.5 for one, other in combinations(drawn, 2))
    assert alike <= 12


@pytest.mark.slow
def test_kinds_are_recognised_in_unseen_pictures() -> None:
    kinds = (
        "trench_coat",
        "puffer_jacket",
        "t_shirt",
        "shirt",
        "hoodie",
        "dress",
        "skirt",
        "jeans",
        "shorts",
    )
    kinds += ("tote", "crossbody_bag", "backpack", "sneakers", "pumps", "cap", "scarf", "belt", "wallet")
    profile = load_profile("burberry")
    colours = Sampler(profile, 0)._colourways
    patterns, materials = ("solid", "check", "stripe", "monogram"), ("cotton", "leather", "wool", "nylon")

    def some(kind: str, number: int, seed: int) -> Product:
        rng = RandomStream(salt(kind), number, seed)
        wearer = rng.choice(("woman", "man"))
        words = rng.choice(patterns), rng.choice(materials), rng.choice(colours)
        keys = rng.integer(0, 10**12), rng.integer(0, 10**12)
        return Product(number, kind, wearer, "regular", "none", *words, *keys)

    def table(count: int, seed: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
        rows = [(at, some(kind, number, seed)) for at, kind in enumerate(kinds) for number in range(count)]
        found = [features(scene.draw(product, HOUSE, (120, 160))) for _, product in rows]
        return np.stack(found).astype(float), np.array([at for at, _ in rows])

    known, labels = table(24, 1)
    fresh, right = table(8, 2)
    middle, spread = known.mean(axis=0), known.std(axis=0) + 0.05
    known, fresh = (known - middle) / spread, (fresh - middle) / spread
    wanted = np.eye(len(kinds))[labels] - 1 / len(kinds)
    # Ridge regression on the classes, in its dual form.
    weights = np.linalg.solve(known @ known.T + 300 * np.eye(len(known)), wanted)
    answers = (fresh @ known.T @ weights).argmax(axis=1)
    assert (answers == right).mean() > 0.85
