"""What is installed is what the plan says that each figure wears."""

from __future__ import annotations

import pytest

from datagen.product.vocabulary import DETAILS, SIZES
from datagen.render.bake.worn_by import WORN_BY, names_of
from datagen.render.baked.layers import index
from datagen.render.composed.kinds import ALWAYS_USUAL, COMPOSED, PLAIN_SIZES, SHOWN_BY, USUAL


def test_every_figure_that_is_installed_has_a_plan() -> None:
    assert set(index().figures) == set(WORN_BY)


@pytest.mark.parametrize("figure", WORN_BY)
def test_a_figure_wears_what_its_plan_says_and_nothing_twice(figure: str) -> None:
    worn = [f"{kind} {cut}" for kind, cut, name in index().garments if name == figure and kind != "hair"]
    planned = names_of(figure)
    assert len(planned) == len(set(planned))
    assert sorted(worn) == sorted(planned)


def test_every_composed_kind_is_worn_in_a_cut_without_a_word() -> None:
    wearing: dict[str, set[str]] = {kind: set() for kind in COMPOSED}
    for figure in WORN_BY:
        for kind, cut in map(str.split, names_of(figure)):
            words = {SHOWN_BY.get(word, word) for word in cut.split("-")} & {*SIZES, *DETAILS}
            if words <= PLAIN_SIZES | ALWAYS_USUAL | USUAL.get(kind, frozenset()):
                wearing[kind].add(figure)
    assert not [kind for kind, figures in wearing.items() if not figures]
