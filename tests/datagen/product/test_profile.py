"""A profile reads back as it was, and one that contradicts itself is refused by name."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.product.profile import Profile, load_profile
from datagen.product.sampler import Sampler
from datagen.schemas import InputError
from datagen.schemas.yaml_file import parse_yaml, to_yaml, validate

GARDEN: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[2] / "data" / "garden.profile.yaml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", ["burberry", "garden"])
def test_a_profile_written_as_yaml_reads_back_equal(name: str, garden_profile: Profile) -> None:
    profile = garden_profile if name == "garden" else load_profile(name)
    again = validate(Profile, parse_yaml(to_yaml(profile), "f"), "f")
    assert again == profile
    assert again.digest() == profile.digest()


def test_any_change_changes_the_digest(garden_profile: Profile) -> None:
    changed = copy.deepcopy(GARDEN)
    changed["shelves"][0]["share"] += 0.001
    assert validate(Profile, changed, "f").digest() != garden_profile.digest()
    turned = copy.deepcopy(GARDEN)
    turned["kinds"] = dict(reversed(list(turned["kinds"].items())))
    assert validate(Profile, turned, "f").digest() != garden_profile.digest()


def test_only_keeps_the_shelves_that_are_asked_for(garden_profile: Profile) -> None:
    kept = garden_profile.only({1: {"Wear"}, 2: {"Hats", "Coats"}})
    assert [shelf.path for shelf in kept.shelves] == [("Wear", "Hats"), ("Wear", "Coats")]


def test_only_some_kinds_and_wearers_keep_their_shares(garden_profile: Profile) -> None:
    hats = garden_profile.only({}, kinds={"cap", "tote"}, wearers={"woman", "man"})
    assert [(shelf.path[1], dict(shelf.kinds)) for shelf in hats.shelves] == [
        ("Hats", {"cap": 3}),
        ("Bags", {"tote": 2}),
    ]
    assert [shelf.share for shelf in hats.shelves] == pytest.approx([30 * 3 / 4, 30 * 2 / 3])
    again = hats.only({}, kinds={"cap", "tote"}, wearers={"woman", "man"})
    assert again.digest() == hats.digest()


def test_only_some_colourways_leave_palettes_that_hold_for_themselves(garden_profile: Profile) -> None:
    black = garden_profile.in_colourways({"black", "navy"})
    assert {name for palette in black.palettes.values() for name in palette} == {"black", "navy"}
    assert not any(kind.families for kind in black.kinds.values())
    assert Profile.model_validate(black.model_dump(by_alias=True)) == black
    assert garden_profile.in_colourways({"red"}).palettes == garden_profile.palettes


def test_only_says_what_nothing_matches(garden_profile: Profile) -> None:
    with pytest.raises(InputError, match="has no product that matches Carry and Hats"):
        garden_profile.only({1: {"Carry"}, 2: {"Hats"}})


def _set(*path: Any, value: Any) -> Any:
    def change(profile: Any) -> None:
        for key in path[:-1]:
            profile = profile[key]
        profile[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_set("extra", value=1), "extra"),
        (_set("house", "name", value="lower case"), "house.name"),
        (_set("rates", "USD", "rate", value=-1), "rates.USD.rate"),
        (_set("shelves", 0, "kinds", value={"cape": 1}), "did you mean 'cap'"),
        (_set("shelves", 0, "kinds", value={"cap": 0}), "shelves.0.kinds"),
        (_set("shelves", 0, "path", value=["Wear"]), "levels"),
        (_set("shelves", 1, "path", value=["Wear", "Hats"]), "appears twice"),
        (_set("shelves", 0, "path", value=["Read", "Hats"]), "wearer"),
        (_set("kinds", "cap", "size", value={"huge": 1}), "'huge'"),
        (_set("kinds", "cap", "pattern", value={"check": 101}), "kinds.cap.pattern.check"),
        (_set("kinds", "cap", "material", value={"pique": 60, "cotton": 60}), "kinds.cap"),
        (_set("kinds", "cap", "price", value="gold"), "'gold'"),
        (_set("kinds", "cap", "palette", value="none"), "'none'"),
        (_set("kinds", "cap", "nouns", value={}), "kinds.cap.nouns"),
        (_set("kinds", "cap", "drawings", value={"Hood": "beanie"}), "drawings names 'Hood'"),
        (_set("palettes", "all", value={"honey": 1, "black": 1}), "fewer than the largest family"),
        (_set("palettes", "all", value={"pink": 1}), "'pink'"),
        (_set("colourways", "honey", "ground", value="red"), "colourways.honey.ground"),
        (_set("words", "material", "cotton", "silences", value=["material"]), "silences its own slot"),
        (_set("words", "shade", "light", "draw", value={"colourway": "pink"}), "'pink'"),
        (_set("prices", "bounds", value=[10, 5]), "prices"),
        (_set("prices", "laws", "hat", "quantiles", value={0: 20, 50: 10, 100: 90}), "must not decrease"),
        (_set("prices", "laws", "hat", "quantiles", value={10: 20, 100: 90}), "0 to 100"),
        (_set("prices", "laws", "hat", "ladder", value="rope"), "'rope'"),
        (_set("prices", "ladders", "whole", value=[]), "whole"),
        (_set("prices", "ladders", "whole", 0, "endings", value={3: 1}), "ending 3"),
        (
            _set("prices", "ladders", "whole", 0, "below", value=4),
            "whole has no price within the bounds 5 to",
        ),
        (_set("prices", "bounds", value=[6, 8]), "default has no price within the bounds 6 to 8"),
        (_set("prices", "discounts", "share", value=2), "prices.discounts.share"),
        (_set("prices", "discounts", "cuts", value={}), "at least one cut"),
        (_set("prices", "discounts", "cuts", value={0.5: 0}), "at least one cut"),
        (_set("codes", "lines", "b", "ranges", value=[[4000, 6000]]), "overlap"),
        (_set("codes", "lines", "b", "ranges", value=[[9, 1]]), "lower end first"),
        (_set("codes", "digits", value=3), "3 digits"),
        (_set("codes", "lines", "paint", "kinds", value=["pen"]), "'pen'"),
        (_set("families", "sizes", value={0: 1}), "families.sizes"),
        (_set("families", "sizes", value={2: 0}), "families"),
        (_set("pictures", "forms", value={"png": 1}), "pictures.forms"),
    ],
)
def test_a_profile_that_contradicts_itself_is_refused_by_name(change: Any, named: str) -> None:
    value = copy.deepcopy(GARDEN)
    change(value)
    with pytest.raises(InputError) as refused:
        validate(Profile, value, "garden")
    assert named in str(refused.value)
    assert "\n" not in str(refused.value)


_SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6), st.just([]), st.just({})
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_profile_with_any_value_replaced_makes_rows_or_is_refused(data: st.DataObject) -> None:
    value = copy.deepcopy(GARDEN)
    target: Any = value
    while True:
        keys = list(target) if isinstance(target, dict) else list(range(len(target)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(target[key], dict | list) or not target[key]:
            target[key] = data.draw(_SCALARS)
            break
        target = target[key]
    try:
        profile = validate(Profile, parse_yaml(json.dumps(value), "f"), "f")
        Sampler(profile, 0).products(0, 10)
    except InputError as error:
        assert "\n" not in str(error)
