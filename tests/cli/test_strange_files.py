"""Any schema or profile file is a recipe that can be made, or is refused in one sentence."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.drawn import NO_FAKER, drawn_values
from support.sets import GARDEN

from datagen.generation.maker import Maker
from datagen.generation.recipe import write_recipe
from datagen.product.profile import load_profile
from datagen.product.sampler import Sampler
from datagen.schemas import InputError


def _recipe_or_refusal(path: Path, which: str, others: Mapping[str, Path] = GARDEN) -> None:
    """A recipe that can be made, or one sentence: nothing else may come of a file."""
    try:
        if which == "profile":  # what loading accepts can be sampled, whatever the recipe says
            Sampler(load_profile(path), 0).products(0, 3)
        recipe = write_recipe(3, image_size=None, **{**others, which: path})
        Maker(recipe).piece(0, 3)
    except InputError as refused:
        assert "\n" not in str(refused)
        assert len(str(refused)) < 3000


@given(
    content=st.binary(max_size=300) | st.text(max_size=300).map(str.encode),
    which=st.sampled_from(["schema", "profile"]),
)
def test_any_bytes_as_a_file_are_a_recipe_or_a_sentence(
    content: bytes, which: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(content)
    _recipe_or_refusal(path, which)


def _leaves(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [place] if place else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found += _leaves(inner, (*place, key))
    return found


def _at(plain: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        plain = plain[key]
    return plain


FILES = drawn_values(NO_FAKER)
PLACES = [(which, place) for which, plain in FILES.items() for place in _leaves(plain)]
NUMBERS = [
    (which, place)
    for which, place in PLACES
    if isinstance(_at(FILES[which], place), int | float) and which == "profile"
]
STRANGE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(
        [
            0,
            -1,
            1e308,
            10**400,
            10**9,
            [],
            {},
            "",
            "(?=a)",
            r"\d",
            "(",
            "{slug}",
            "{{}}",
            "a\nb",
            "\0",
            "é" * 200,
            [[0, 10**14]],
            {"a": 1},
            {1: 2},
            float("nan"),
        ]
    ),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3),
)


@pytest.mark.slow
@given(where=st.sampled_from(PLACES), value=STRANGE)
@settings(max_examples=120)
def test_any_value_in_any_field_is_a_recipe_or_a_sentence(
    where: tuple[str, tuple[Any, ...]], value: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    _with_value(where, value, tmp_path_factory.getbasetemp())


# A ladder without a price within the bounds once passed the profile's checks and stopped the run.
@pytest.mark.slow
@example(where=("profile", ("prices", "ladders", "whole", 0, "below")), factor=1e-5)
@example(where=("profile", ("prices", "bounds", 1)), factor=1e-3)
@given(
    where=st.sampled_from(NUMBERS),
    factor=st.sampled_from([-1, 0, 1e-5, 1e-3, 0.1, 0.5, 2, 10, 1e3, 1e5, 1e9]),
)
@settings(max_examples=120)
def test_any_number_of_a_profile_of_another_size_is_a_recipe_or_a_sentence(
    where: tuple[str, tuple[Any, ...]], factor: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    number = _at(FILES["profile"], where[1])
    scaled = number * factor
    _with_value(
        where,
        int(scaled) if isinstance(number, int) and scaled % 1 == 0 else scaled,
        tmp_path_factory.getbasetemp(),
    )


def _with_value(where: tuple[str, tuple[Any, ...]], value: object, folder: Path) -> None:
    """One value of a file replaced: it is a recipe, or one sentence."""
    which, (*above, last) = where
    plain = copy.deepcopy(FILES)
    _at(plain[which], tuple(above))[last] = value
    paths = {name: folder / f"strange-{name}.yaml" for name in plain}
    for name, path in paths.items():
        path.write_text(yaml.safe_dump(plain[name], allow_unicode=False, sort_keys=False), encoding="utf-8")
    _recipe_or_refusal(paths[which], which, paths)
