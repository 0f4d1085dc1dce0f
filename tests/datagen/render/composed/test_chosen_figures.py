"""A profile's shares of bodies, ages, poses and origins are those of its pictures."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.product.looks import Figures, Looks
from datagen.product.product import Product
from datagen.product.profile import load_profile
from datagen.product.sampler import Sampler
from datagen.product.vocabulary import AGES, BODIES, ORIGINS, POSES
from datagen.render.baked import layers
from datagen.render.composed import wardrobe
from datagen.render.composed.chosen_figures import TOLD, shares, spread
from datagen.render.scene import is_worn


def told(figure: str) -> dict[str, str]:
    """What the index says of a figure, by the names of a profile."""
    fields = layers.index().figures[figure][0]
    return {name: str(fields[key]) for name, key in TOLD.items()}


def of_all(looks: dict[str, dict[str, float]], rows: int = 1500) -> list[Product]:
    """The products that composed figures wear, under the built-in profile with some looks."""
    profile = load_profile("burberry")
    sampler = Sampler(profile.model_copy(update={"looks": Looks.model_validate(looks)}), 3)
    every = sampler.each(sampler.products(0, rows))
    return [one for one in every if is_worn(one) and wardrobe.is_composed(one)]


def test_a_profile_and_the_baked_figures_know_the_same_words() -> None:
    every = [told(figure) for figure in layers.index().figures]
    for name, known in (("bodies", BODIES), ("ages", AGES), ("poses", POSES), ("origins", ORIGINS)):
        assert {words[name] for words in every} == set(known)


def test_without_weights_everybody_wears_what_they_wore() -> None:
    for one in of_all({})[:200]:
        assert wardrobe.outfit_of(one) == wardrobe.outfit_of(replace(one, figures=Figures()))


@pytest.mark.parametrize(
    ("name", "weights", "wearers"),
    [
        ("bodies", {"full": 3, "slim": 1}, ("woman", "man")),
        ("ages", {"older": 1, "adult": 1}, ("woman", "man")),
        ("ages", {"7": 1, "12": 3}, ("child",)),
        ("origins", {"african": 2, "european": 1, "asian": 1}, ("woman", "man")),
        ("poses", {"contrapposto": 1}, ("woman", "man", "child")),
    ],
)
def test_shares_are_those_of_the_profile(name: str, weights: dict[str, float], wearers: tuple[str]) -> None:
    # Only products that figures of all the words can wear.
    found: Counter[str] = Counter()
    for one in of_all({name: weights}):
        figures = {figure for figure, _ in wardrobe.choices_of(one)}
        if one.wearer in wearers and {told(figure)[name] for figure in figures} >= set(weights):
            found[told(wardrobe.outfit_of(one).figure)[name]] += 1
    total = sum(found.values())
    assert total > 30
    for word, weight in weights.items():
        assert abs(found[word] / total - weight / sum(weights.values())) < 0.13, found
    assert set(found) <= set(weights)


def test_what_nobody_of_the_profile_can_wear_others_wear() -> None:
    worn = of_all({"poses": {"walking": 1}}, 600)
    poses = {
        wearer: {told(wardrobe.outfit_of(one).figure)["poses"] for one in worn if one.wearer == wearer}
        for wearer in ("woman", "man")
    }
    assert "walking" in poses["woman"]
    assert len(poses["man"]) > 3


FIGURES = sorted(layers.index().figures)
WEIGHTS = st.floats(0, 100).filter(lambda weight: weight == 0 or weight > 0.01)


@given(
    st.lists(st.sampled_from(FIGURES), min_size=1, max_size=12),
    st.fixed_dictionaries({}, optional=dict.fromkeys(BODIES, WEIGHTS)),
    st.fixed_dictionaries({}, optional=dict.fromkeys(ORIGINS, WEIGHTS)),
    st.integers(0, 2**64 - 1),
)
def test_shares_add_up_and_forbid_what_has_no_weight(
    names: list[str], bodies: dict[str, float], origins: dict[str, float], start: int
) -> None:
    choices = tuple((name, f"cut {at}") for at, name in enumerate(names))
    wanted = Figures(bodies=tuple(bodies.items()), origins=tuple(origins.items()))
    found = shares(choices, wanted)
    assert abs(sum(found) - 1) < 1e-6
    assert min(found) >= 0
    allowed = any(bodies.get(told(name)["bodies"], 0) for name in names)
    both = any(
        bodies.get(told(name)["bodies"], 0) and origins.get(told(name)["origins"], 0) for name in names
    )
    for (name, _), share in zip(choices, found, strict=True):
        if allowed and (both or not any(origins.values())) and not bodies.get(told(name)["bodies"], 0):
            assert share == 0
    for chosen in spread(found, start, 8, choices):
        assert found[choices.index(chosen)] > 0
