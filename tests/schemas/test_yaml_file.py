"""YAML from anyone gives a value or an error of one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.product.profile import load_profile
from datagen.schemas import InputError, load_schema
from datagen.schemas.yaml_file import MAX_BYTES, nearest, parse_yaml, read_yaml


@given(st.text(max_size=300))
def test_any_text_gives_a_value_or_one_sentence(text: str) -> None:
    try:
        parse_yaml(text, "file")
    except InputError as error:
        assert str(error).startswith("file")
        assert "\n" not in str(error)


@given(st.binary(max_size=300))
def test_any_bytes_give_a_value_or_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("yaml") / "a.yaml"
    path.write_bytes(content)
    for load in (read_yaml, load_schema, load_profile):
        try:
            load(path)
        except InputError as error:
            assert "\n" not in str(error)


def test_a_repeated_key_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="file, line 1: the key 'rows' appears twice"):
        parse_yaml("rows: 1\nrows: 2\n", "file")


def test_aliases_are_refused_so_that_nothing_expands() -> None:
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    with pytest.raises(InputError, match="aliases"):
        parse_yaml(bomb, "file")


def test_python_objects_are_refused() -> None:
    with pytest.raises(InputError):
        parse_yaml("!!python/object/apply:os.system ['true']", "file")


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(InputError):
        parse_yaml("[" * 20_000, "file")


def test_a_file_larger_than_any_schema_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(InputError, match="larger than"):
        read_yaml(path)


@pytest.mark.parametrize("name", ["burbery", "Burberry", "../burberry", "burberry.profile", ""])
def test_an_unknown_name_is_answered_with_the_known_ones(name: str) -> None:
    with pytest.raises(InputError, match="burberry"):
        load_schema(name)


def test_nearest_names_the_closest_word_whatever_its_case() -> None:
    assert "did you mean 'BAGS'" in nearest("bag", {"BAGS", "SHOES"})
    assert nearest("zzz", {"BAGS"}) == "known: BAGS"
    assert nearest("zzz", ()) == "there are none"
