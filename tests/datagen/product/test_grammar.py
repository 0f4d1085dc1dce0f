"""Titles of a grammar: drawn by row alone, in contexts, with colours, families, conditions and prices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from datagen.product.conditions import read_where, restrict
from datagen.product.grammar import Grammar
from datagen.product.naming import reader_of
from datagen.product.profile import Profile
from datagen.product.sampler import Sampler
from datagen.product.selection import Selection
from datagen.product.splits import TitleSplits
from datagen.schemas import load_schema

DATA = Path(__file__).parents[2] / "data"

GRAMMAR: dict[str, Any] = {
    "patterns": {
        "weights": {"colour cloth noun": 6, "noun , size": 2, "colour noun": 2},
        "contexts": [{"by": ["kind"], "tables": {"lipstick": {"weights": {"noun , size": 1}}}}],
    },
    "classes": {
        "cloth": {
            "weights": {"Old Linen": 1, "Wool": 1, "Silk": 1},
            "contexts": [
                {"by": ["level 1", "kind"], "tables": {"Wear / cap": {"share": 0.8, "weights": {"Wool": 1}}}},
                {"by": ["level 1"], "tables": {"Carry": {"weights": {"Silk": 1}}}},
            ],
        },
        "size": {"weights": {"30 ml": 1, "50 ml": 3}},
        ",": {"weights": {",": 1}},
    },
    "units": {"Silk": {"effect": 0.5, "draw": {"material": "silk"}}, "50 ml": {"effect": 0.2}},
}

NOUN = {"weights": {"noun": 1}}
CLOTHS = GRAMMAR["classes"]["cloth"]["weights"]


@pytest.fixture(scope="module")
def profile(garden_profile: Profile) -> Profile:
    plain = garden_profile.model_dump(by_alias=True)
    for kind in plain["kinds"].values():
        for slot in ("size", "detail", "line", "pattern", "material", "shade"):
            kind[slot] = {}
    plain["colourways"]["navy"]["say"] = "Navy Blue"
    return Profile.model_validate({**plain, "words": {}, "grammar": GRAMMAR})


def titles_of(sampler: Sampler, start: int, stop: int) -> list[str]:
    titles: list[str] = sampler.titles.compose(sampler.products(start, stop).phrases).to_pylist()
    return titles


def test_a_title_depends_on_its_row_alone(profile: Profile) -> None:
    whole = titles_of(Sampler(profile, 4), 0, 500)
    assert titles_of(Sampler(profile, 4), 211, 260) == whole[211:260]
    assert titles_of(Sampler(profile, 5), 0, 500) != whole


def test_units_come_from_the_table_of_their_context(profile: Profile) -> None:
    sampler = Sampler(profile, 1)
    products = sampler.products(0, 4000)
    titles = np.array(titles_of(sampler, 0, 4000))
    kinds = np.array(list(profile.kinds))[products.kind]
    caps = [
        title
        for title in titles[kinds == "cap"]
        if any(w in title for w in GRAMMAR["classes"]["cloth"]["weights"])
    ]
    # 0.8 of the narrow table and a third of what is left to the weights that hold everywhere
    assert np.mean(["Wool" in title for title in caps]) == pytest.approx(0.8 + 0.2 / 3, abs=0.05)
    assert not any("Wool" in title or "Linen" in title for title in titles[kinds == "tote"])
    assert all(title.endswith(" ml") and ", " in title for title in titles[kinds == "lipstick"])


def test_the_colours_of_a_family_differ_and_the_rest_is_the_same(profile: Profile) -> None:
    sampler = Sampler(profile, 2)
    products = sampler.products(0, 3000)
    titles = titles_of(sampler, 0, 3000)
    says = {name: each.say or name for name, each in profile.colourways.items()}
    names = list(profile.colourways)
    for at in np.flatnonzero(~products.leads):
        leader = int(np.flatnonzero(products.row == products.family[at])[0])
        one, other = (says[names[products.colourway[each]]] for each in (at, leader))
        assert titles[at].removeprefix(one) == titles[leader].removeprefix(other)
        assert products.full[at] == products.full[leader]
    assert any(title.startswith("Navy Blue ") for title in titles)


def test_the_colourways_of_a_product_are_in_one_split(profile: Profile) -> None:
    sampler = Sampler(profile, 2)
    products = sampler.products(0, 2000)
    splits = TitleSplits(profile, {"train": 0.5, "test": 0.5}).of(sampler.titles.compose(products.phrases))
    of_family: dict[int, set[int]] = {}
    for family, split in zip(products.family.tolist(), splits.tolist(), strict=True):
        of_family.setdefault(family, set()).add(split)
    assert all(len(found) == 1 for found in of_family.values())


def test_made_titles_are_read_back_and_others_are_not(profile: Profile) -> None:
    sampler, read = Sampler(profile, 3), reader_of(profile)
    kinds = np.array(list(profile.kinds))[sampler.products(0, 300).kind]
    assert all(any(read(title, kind)) for title, kind in zip(titles_of(sampler, 0, 300), kinds, strict=True))
    assert next(read("Navy Blue Old Linen Tote", "tote")) == {
        "1": "Navy Blue",
        "2": "Old Linen",
        "3": "Tote",
        "noun": "Tote",
    }
    for title in ("", "Tote Silk", "Old Linen Tote", "Navy Blue Silk", "honey Silk Tote ", "Tote , 30 ml"):
        assert not any(read(title, "tote")), title


def test_conditions_hold_for_what_units_draw_and_for_colourways(profile: Profile) -> None:
    schema = load_schema(DATA / "garden.yaml")
    for where in ("material=silk", "colourway=moss", "price>400"):
        wanted = read_where(where, schema, profile)
        sampler = Sampler(restrict(profile, wanted), 0, Selection(wanted))
        products = sampler.products(0, 60)
        titles = sampler.titles.compose(products.phrases).to_pylist()
        if where == "material=silk":
            assert all("Silk" in title for title in titles)
        elif where == "colourway=moss":
            assert {each.colourway.name for each in sampler.each(products)} == {"moss"}
        else:
            assert (np.maximum(products.full, products.paid) > 400).all()


def test_shelves_and_units_move_the_price(profile: Profile) -> None:
    plain = profile.model_dump(by_alias=True)
    plain["shelves"] = [{**shelf, "effect": 2.0 * (shelf["path"][1] == "Hats")} for shelf in plain["shelves"]]
    for law in plain["prices"]["laws"].values():
        law["scores"] = {0: -1, 50: 0, 100: 3}
    dear = Profile.model_validate(plain)
    before, after = (Sampler(each, 0).products(0, 2000) for each in (profile, dear))
    hats = np.array([shelf.path[1] == "Hats" for shelf in dear.shelves])[after.shelf]
    assert np.median(after.full[hats]) > 1.5 * np.median(before.full[hats])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"patterns": {"weights": {"noun hue": 1}}}, "does not exist"),
        ({"patterns": {"weights": {"noun noun": 1}}}, "twice"),
        ({"patterns": {"weights": {"noun": 0}}}, "above 0"),
        ({"classes": {"noun": {"weights": {"x": 1}}}}, "rename"),
        ({"classes": {**GRAMMAR["classes"], "size": {"weights": {" x": 1}}}}, "blank"),
        (
            {"patterns": {"weights": {"noun": 1}, "contexts": [{"by": ["before", "kind"], "tables": {}}]}},
            "before",
        ),
        ({"patterns": {"weights": {"noun": 1}, "contexts": [{"by": ["colour"], "tables": {}}]}}, "draw by"),
    ],
)
def test_a_grammar_that_contradicts_itself_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Grammar.model_validate({**GRAMMAR, **change})
