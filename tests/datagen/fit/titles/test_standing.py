"""A noun that stands behind a mark is made there only, shown on a made-up bookshop."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest
from support.hardware_shop import profile_of

from datagen.fit.products import ProductRows, fit_products
from datagen.fit.titles.classes import NOUN_MARK
from datagen.fit.titles.standing import apart, standing
from datagen.fit.titles.units import COLOUR_MARK
from datagen.product.sampler import Sampler

_SAID = ["Hidden", "Silent", "Broken", "Distant", "Gilded", "Winter", "Hollow", "Amber", "Restless", "Copper"]
_THINGS = ["Orchard", "Lighthouse", "Cartographer", "Garden", "River", "Clockmaker", "Harbour", "Island"]
_PLACES = ["Karsund", "Tolbruck", "Penhallow", "Mirandel", "Vellmar"]
_SUBTITLES = {": A Novel": 9.0, ": A Memoir": 24.0}


def _bookshop(rows: int, seed: int) -> ProductRows:
    """Titles with and without a subtitle, which says most of the price."""
    draw = random.Random(seed)
    titles, prices = [], []
    for _ in range(rows):
        said, thing = draw.choice(_SAID), draw.choice(_THINGS)
        subtitle = draw.choice([": A Novel", ": A Novel", ": A Memoir", "", "", ""])
        place = f" of {draw.choice(_PLACES)}" if draw.random() < 0.4 and not subtitle else ""
        titles.append(f"{said} {thing}{place}" if place else f"The {said} {thing}{subtitle}")
        prices.append(_SUBTITLES.get(subtitle, 15.0) * draw.uniform(0.9, 1.1))
    return ProductRows([], pa.array(titles), np.round(prices) - 0.01)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_noun_behind_a_mark_is_made_nowhere_else(seed: int) -> None:
    fitted = fit_products(_bookshop(600, seed), 5)
    assert {"A Novel", "A Memoir"} <= set(fitted["kinds"])
    sampler = Sampler(profile_of(fitted), 3)
    titles = sampler.titles.compose(sampler.products(0, 2000).phrases).to_pylist()
    subtitled = [title for title in titles if "Novel" in title or "Memoir" in title]
    assert 0.4 < len(subtitled) / len(titles) < 0.6
    assert [title for title in subtitled if not title.endswith((": A Novel", ": A Memoir"))] == []
    assert [title for title in titles if ":" in title and title not in subtitled] == []


def test_what_stands_beside_a_noun() -> None:
    assert standing([NOUN_MARK, ",", "oak"]) == ("", "mark")
    assert standing(["The", COLOUR_MARK, NOUN_MARK, "–", "x"]) == ("word", "mark")
    assert standing([COLOUR_MARK, NOUN_MARK, "M8"]) == ("word", "word")
    assert standing(["Gift", "card"]) == ("", "")


def test_a_kind_is_apart_where_most_others_stand_elsewhere() -> None:
    last, behind = ("word", ""), ("mark", "")
    standings = [last] * 60 + [behind] * 20
    kinds = ["coat"] * 30 + ["shirt"] * 30 + ["novel"] * 20
    assert apart(standings, kinds, range(80), 5) == {"novel"}
    # Too few products of the kind show where its noun stands, so nothing can be told of it.
    assert apart(standings, kinds, [*range(60), *[60, 61] * 10], 5) == set()
    assert apart([last] * 80, kinds, range(80), 5) == set()
    assert apart([last] * 9, ["coat"] * 9, range(9), 5) == set()


def test_where_all_kinds_are_apart_each_has_its_own_titles() -> None:
    names = [f"{thing}{place.lower()}" for thing in _THINGS for place in _PLACES]
    novels, maps = [f"Novel: {name}" for name in names], [f"Map {name}" for name in names]
    prices = np.array([12.0] * len(novels) + [40.0] * len(maps))
    shelves = pa.array(["Read"] * len(novels) + ["Look"] * len(maps))
    fitted = fit_products(ProductRows([shelves], pa.array(novels + maps), prices), 5)
    assert set(fitted["kinds"]) == {"Novel", "Map"}
    (context,) = fitted["grammar"]["patterns"]["contexts"]
    assert {kind: table["share"] for kind, table in context["tables"].items()} == {"Novel": 1.0, "Map": 1.0}
    sampler = Sampler(profile_of(fitted), 3)
    made = sampler.titles.compose(sampler.products(0, 300).phrases).to_pylist()
    assert all(title.startswith(("Novel: ", "Map ")) for title in made)
