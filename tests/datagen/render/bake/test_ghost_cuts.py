"""Garments as if on an invisible body: what is installed is what the table says."""

from __future__ import annotations

from datagen.product.vocabulary import DETAILS, SIZES, WEARERS
from datagen.render.bake.packshots.ghost_cuts import GHOSTS, cuts_of
from datagen.render.baked.layers import index
from datagen.render.composed.packshot_kinds import GARMENTS


def test_what_is_installed_is_what_the_table_says() -> None:
    installed = {(kind, cut) for kind, cut, _ in index().packshots if kind in GARMENTS}
    assert installed == {(kind, f"{wearers}-{cut}") for kind in GARMENTS for wearers, cut in cuts_of(kind)}


def test_the_table_names_kinds_of_garments_for_wearers_and_nothing_twice() -> None:
    named = [each.split()[0] for kinds in GHOSTS.values() for each in kinds.split(",")]
    assert set(named) <= GARMENTS
    for kind in named:
        cuts = [(wearer, cut) for wearers, cut in cuts_of(kind) for wearer in wearers.split("-")]
        assert len(cuts) == len(set(cuts)), kind
        assert {wearer for wearer, _ in cuts} <= set(WEARERS)


def test_a_name_of_wearers_is_no_word_of_a_title() -> None:
    assert not {word for wearers in GHOSTS for word in wearers.split("-")} & {*SIZES, *DETAILS}
