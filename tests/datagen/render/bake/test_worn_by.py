"""What is installed is what the plan says that each figure wears."""

from __future__ import annotations

import pytest

from datagen.product.vocabulary import DETAILS, SIZES
from datagen.render.bake.worn_by import WORN_BY
from datagen.render.baked.layers import index
from datagen.render.composed.kinds import COMPOSED


def _named(figure: str) -> list[tuple[str, str]]:
    entries = [entry.split() for entry in WORN_BY[figure].split(",")]
    return [(kind, cut) for kind, *cuts in entries for cut in cuts]


def test_every_figure_that_is_installed_has_a_plan() -> None:
    assert set(index().figures) == set(WORN_BY)


@pytest.mark.parametrize("figure", WORN_BY)
def test_a_figure_wears_what_its_plan_says_and_nothing_twice(figure: str) -> None:
    worn = [(kind, cut) for kind, cut, name in index().garments if name == figure and kind != "hair"]
    planned = _named(figure)
    assert len(planned) == len(set(planned))
    assert sorted(worn) == sorted(planned)


def test_every_composed_kind_is_worn_without_a_word_by_somebody() -> None:
    plain = {
        kind
        for figure in WORN_BY
        for kind, cut in _named(figure)
        if not {*cut.split("-")} & {*SIZES, *DETAILS}
    }
    usual = {"parka", "swim_shorts", "trench_jacket", "trench_coat", "duffle_coat", "hooded_jacket"}
    assert (
        plain | usual | {"t_shirt", "polo_shirt", "shirt", "shorts", "jeans", "trousers", "top"} >= COMPOSED
    )
