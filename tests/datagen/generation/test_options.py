"""Options of wrong types are refused in one sentence, whichever option and whichever type."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.sets import GARDEN

from datagen import make, stream
from datagen.generation.options import TYPES
from datagen.generation.recipe import RecipeOptions, write_recipe
from datagen.schemas import InputError

ANY_VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 300)
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=3)
    | st.sampled_from(
        [object(), print, Path(), 1j, np.int64(3), np.bool_(True), np.zeros(2), np.float32(64)]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=3), inner)
    ),
    max_leaves=4,
)


@given(st.sampled_from(["rows", *RecipeOptions.__annotations__]), ANY_VALUE)
@example("image_size", 480)
@example("image_size", "64x64")
@example("rows", "10")
@example("seed", 1.5)
@example("seed", True)
@example("where", 5)
@example("where", {"group": 5})
@example("where", {"group": [b"Wear"]})
@example("schema", b"garden")
@example("attributes", "yes")
@settings(max_examples=60)
def test_any_value_of_any_option_is_accepted_or_refused_in_one_sentence(name: str, value: object) -> None:
    options: dict[str, Any] = {"rows": 3, "image_size": None, **GARDEN, name: value}
    try:
        write_recipe(**options)
    except InputError as error:
        assert "\n" not in str(error)
        assert str(error).endswith(".")


def test_every_option_has_its_type() -> None:
    options = {*inspect.signature(make).parameters, *inspect.signature(stream).parameters}
    assert set(TYPES) == options


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"image_size": 480},
            "The option image_size is 480; give (width, height) in pixels, such as (480, 640)",
        ),
        ({"rows": "10"}, "The option rows is '10'; give a whole number."),
        ({"seed": 1.5}, "The option seed is 1.5; give a whole number."),
        ({"where": 5}, "The option where is 5; give conditions, such as"),
        ({"workers": "2"}, "The option workers is '2'; give a whole number."),
        ({"out": 5}, "The option out is 5; give the path of a folder, or an address."),
        ({"progress": 5}, "The option progress is 5; give a function"),
        ({"resume": "no"}, "The option resume is 'no'; give True or False."),
    ],
)
def test_the_sentence_names_the_option_and_what_to_give(
    tmp_path: Path, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError) as refused:
        make(**{"rows": 3, "out": tmp_path / "set", **GARDEN, **options})
    assert str(refused.value).startswith(said)
    assert not list(tmp_path.iterdir())


def test_numbers_of_numpy_are_numbers_and_one_text_is_one_value() -> None:
    plain = write_recipe(30, seed=2, image_size=(64, 80), where={"subgroup": ["Bags"]}, **GARDEN)
    size = np.array([64, 80])
    same = write_recipe(
        np.int64(30),  # type: ignore[arg-type]
        seed=np.uint8(2),  # type: ignore[arg-type]
        image_size=size,  # type: ignore[arg-type]
        where={"subgroup": "Bags"},
        **GARDEN,
    )
    assert same == plain
    assert same.as_json() == plain.as_json()


def test_a_stream_starts_at_a_whole_number() -> None:
    with pytest.raises(InputError, match="The option start is '1'; give a whole number"):
        stream(3, start="1")  # type: ignore[arg-type]
