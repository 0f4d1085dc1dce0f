"""Text for a person: no control character is left, nothing else is changed, counts are words."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.schemas.text import count, json_printable, printable

any_text = st.text(st.characters(), max_size=30)


@given(any_text)
def test_no_control_character_is_left(text: str) -> None:
    shown = printable(text)
    assert not {unicodedata.category(letter) for letter in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert not {unicodedata.bidirectional(letter) for letter in shown} & {
        "LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI",
    }  # fmt: skip
    assert printable(shown) == shown


@pytest.mark.parametrize("text", ["Piqué, 3,040 rows: ½ €", "日本語 עברית", "\N{WOMAN}\u200d\N{ROCKET}", ""])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


@given(
    st.recursive(
        any_text, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3)
    )
)
def test_json_reads_back_as_the_same_value(value: object) -> None:
    text = json_printable(json.dumps(value, ensure_ascii=False, indent=1))
    assert json.loads(text) == value
    assert printable(text.replace("\n", "")) == text.replace("\n", "")


def test_counts_are_words() -> None:
    assert [count(number, "shard") for number in (0, 1, 2, 1234)] == [
        "0 shards",
        "1 shard",
        "2 shards",
        "1,234 shards",
    ]
    assert count(2, "title family") == "2 title families"
    assert [count(2, thing) for thing in ("process", "key")] == ["2 processes", "2 keys"]
