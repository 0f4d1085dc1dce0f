"""Words change a plain cut as they say, alone and together, and leave all else as it is."""

from __future__ import annotations

import pytest

pytest.importorskip("scipy")
pytest.importorskip("numba")
pytest.importorskip("embreex")

from datagen.product.vocabulary import DETAILS, SIZES
from datagen.render.bake.item import Item
from datagen.render.bake.legs import Trousers
from datagen.render.bake.skirts import Dress, Skirt
from datagen.render.bake.tops import Top
from datagen.render.bake.wardrobe import WARDROBE
from datagen.render.bake.worded import DRAWN_UP, PLAIN, sized, worded

WORDED = [item for name, item in WARDROBE.items() if name not in DRAWN_UP]


def _plain(kind: str) -> Item:
    return DRAWN_UP[f"{kind} {PLAIN[kind]}"]


def _parts(item: Item) -> tuple[object, ...]:
    return item.pattern, item.trims, item.belt


@pytest.mark.parametrize("item", WORDED, ids=lambda item: f"{item.kind}-{item.cut}")
def test_each_word_of_a_cut_changes_it(item: Item) -> None:
    words = item.cut.split("-")
    assert {*SIZES, *DETAILS} >= set(words)
    for word in words:
        others = tuple(each for each in words if each != word)
        if word in PLAIN[item.kind]:
            continue
        assert _parts(worded(item.kind, others)) != _parts(item), word


def _length(item: Item) -> float:
    """How long a garment is, growing: in whatever unit its pattern has."""
    pattern = item.pattern
    if isinstance(pattern, Top):
        return -pattern.hem
    if isinstance(pattern, Dress):
        return pattern.skirt.hem
    if isinstance(pattern, Skirt):
        return pattern.hem
    return pattern.length if isinstance(pattern, Trousers) else -pattern.hem


def _width(item: Item) -> float:
    pattern = item.pattern
    if isinstance(pattern, Dress):
        return pattern.bodice.ease
    return 0.0 if not hasattr(pattern, "ease") else pattern.ease


@pytest.mark.parametrize("kind", sorted(set(PLAIN) - {"cape", "poncho", "swimsuit"}))
def test_sizes_are_in_order(kind: str) -> None:
    plain = _plain(kind)
    assert _length(sized(plain, "cropped")) < _length(plain)
    assert _length(sized(plain, "short")) < _length(plain)
    assert _width(sized(plain, "slim")) <= _width(plain) <= _width(sized(plain, "relaxed"))
    assert _width(sized(plain, "relaxed")) <= _width(sized(plain, "oversized"))
    if not isinstance(plain.pattern, Trousers):
        middle, long = (_length(sized(plain, word)) for word in ("mid_length", "long"))
        assert _length(plain) < middle < long


def test_what_every_garment_of_a_kind_has_is_not_added_again() -> None:
    assert worded("hooded_jacket", ("cropped", "hooded")).trims == _plain("hooded_jacket").trims
    assert worded("trench_coat", ("oversized", "belted")).trims == _plain("trench_coat").trims


def test_a_relief_and_a_material_stay() -> None:
    made = worded("puffer_jacket", ("belted", "oversized"))
    plain = _plain("puffer_jacket")
    assert made.relief is plain.relief
    assert made.material is plain.material
    assert made.belt > 1.0 > plain.belt
    assert made.cut == "belted-oversized"


def test_a_word_that_no_pattern_knows_is_refused() -> None:
    with pytest.raises(KeyError):
        worded("sweater", ("micro",))
