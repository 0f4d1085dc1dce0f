"""A fault in a YAML file is told in plain English, with its line and the nearest right word."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from support.sets import GARDEN

from datagen.product.profile import load_profile
from datagen.schemas import InputError, load_schema
from datagen.schemas.validation_errors import line_of

SCHEMA = GARDEN["schema"].read_text(encoding="utf-8")
PROFILE = GARDEN["profile"].read_text(encoding="utf-8")
RAW = re.compile(
    r"Input|[Ff]ield required|\btag\b|discriminator|valid (string|integer)|pydantic|type=|function-"
)
"""Words of pydantic."""


def _refusal(load: Callable[[Path], Any], path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load(path)
    return str(refused.value)


@pytest.mark.parametrize(
    ("load", "text", "old", "new", "line", "said"),
    [
        (load_schema, SCHEMA, "role: title", "role: titel", 9, "no such role 'titel'; did you mean 'title'?"),
        (load_schema, SCHEMA, ", role: title", "", 9, "columns.3 needs the field 'role'."),
        (load_schema, SCHEMA, "level: 1", "level: one", 10, "level must be a whole number, not 'one'"),
        (load_schema, SCHEMA, "level: 1", "levl: 1", 10, "columns.4.levl: no such field; did you"),
        (load_schema, SCHEMA, ", level: 1", "", 10, "columns.4.level is missing."),
        (load_schema, SCHEMA, "level: 2", "level: 3", 10, "the category levels are [1, 3]; they must be"),
        (load_schema, SCHEMA, "value: Garden", "value: [1]", 6, "columns.0.value must be text or a"),
        (load_schema, SCHEMA, "which: full", "which: ful", 14, "cannot be 'ful'; did you mean 'full'?"),
        (load_schema, SCHEMA, "level: 1", "level: 0", 10, "columns.4.level must be 1 or more, not 0."),
        (load_schema, SCHEMA, "name: label", "name: sku", 9, "two columns are called 'sku'."),
        (load_schema, SCHEMA, "name: garden", "nam: garden", 2, "nam: no such field; did you mean 'name'?"),
        (load_profile, PROFILE, "cap:", "capp:", 9, "the shelf Wear / Hats holds the kind 'capp'"),
    ],
)  # fmt: skip
def test_the_sentence(tmp_path: Path, load: Any, text: str, old: str, new: str, line: int, said: str) -> None:
    assert old in text
    path = tmp_path / "own.yaml"
    told = _refusal(load, path, text.replace(old, new, 1))
    assert told.startswith(f"{path}, line {line}: ")
    assert said in told
    assert not RAW.search(told)


def test_a_file_that_is_no_mapping_is_told_by_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    assert _refusal(load_schema, path, "- 1\n") == f"{path}: expected a mapping of fields, found a list."
    assert _refusal(load_schema, path, "") == f"{path}: expected a mapping of fields, found nothing."
    assert _refusal(load_schema, path, "a: 1\n b: 2").startswith(f"{path}, line 2: ")


def test_the_line_of_a_place_in_a_file_is_that_of_the_nearest_thing_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("a: 1\nb:\n  - c: 2\n  - d: 3\n", encoding="utf-8")
    lines = {
        ("a",): 1,
        ("b",): 2,
        ("b", 0): 3,
        ("b", 1, "d"): 4,
        ("b", 1, "missing"): 4,
        ("z",): None,
        (): None,
    }
    for place, line in lines.items():
        assert line_of(path, place) == line
    assert line_of(tmp_path / "gone.yaml", ("a",)) is None


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-9, 9), st.floats(), st.text("ab:#'\n", max_size=4),
    st.just([]), st.just({}), st.just([1]), st.just({"a": 1}),
)  # fmt: skip


@settings(max_examples=60)
@given(st.data())
def test_any_replaced_value_is_told_without_a_word_of_pydantic(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    load, text = data.draw(st.sampled_from([(load_schema, SCHEMA), (load_profile, PROFILE)]))
    value = yaml.safe_load(text)
    target = value
    while True:
        keys = list(target) if isinstance(target, dict) else list(range(len(target)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(target[key], dict | list) or not target[key] or data.draw(st.integers(0, 4)) == 0:
            target[key] = data.draw(SCALARS)
            break
        target = target[key]
    path = tmp_path_factory.mktemp("yaml") / "own.yaml"
    path.write_text(yaml.safe_dump(value, sort_keys=False), encoding="utf-8")
    try:
        load(path)
    except InputError as error:
        assert str(error).startswith(str(path))
        assert "\n" not in str(error)
        assert not RAW.search(str(error).removeprefix(str(path))), str(error)
