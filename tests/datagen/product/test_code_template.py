"""Templates of codes: numbers written as codes and read back."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.product.code_forms import Codes
from datagen.product.code_template import ALPHABETS, LARGEST_SPACE, CodeTemplate, escaped

TEMPLATES = st.text("".join(ALPHABETS) + "AB-9", min_size=1, max_size=40).filter(
    lambda text: any(each in ALPHABETS for each in text)
)


@given(TEMPLATES, st.lists(st.integers(0, LARGEST_SPACE - 1), min_size=1, max_size=20))
def test_a_code_reads_back_as_its_number_and_matches_the_pattern(text: str, numbers: list[int]) -> None:
    template = CodeTemplate(text)
    within = np.array([number % template.space for number in numbers], dtype=np.int64)
    codes = template.texts(within)
    assert template.numbers(codes).tolist() == within.tolist()
    assert all(re.fullmatch(template.pattern, code) for code in codes.to_pylist())
    assert len(set(codes.to_pylist())) == len(set(within.tolist()))


def test_signs_are_the_digits_of_a_number() -> None:
    template = CodeTemplate("AB-?#")
    assert template.space == 260
    assert template.texts(np.array([0, 19, 259])).to_pylist() == ["AB-A0", "AB-B9", "AB-Z9"]
    assert template.pattern == r"AB\-[A-Z][0-9]"


def test_a_code_of_another_form_has_no_number() -> None:
    codes = pa.array(["AB-C1", "AB-CC", "ab-C1", None, "AB-C12"])
    assert CodeTemplate("AB-?#").numbers(codes).tolist() == [21, -1, -1, -1, -1]


def test_more_signs_than_a_number_holds_follow_from_it() -> None:
    template = CodeTemplate("%" * 32)
    assert template.space <= LARGEST_SPACE
    codes = template.texts(np.array([7, 8])).to_pylist()
    assert [len(code) for code in codes] == [32, 32]
    assert codes[0][template.counted :] != codes[1][template.counted :]


def test_literals_keep_their_characters() -> None:
    assert CodeTemplate(escaped("#1?\\") + "#").texts(np.array([5])).to_pylist() == ["#1?\\5"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"template": "ABC"}, "has none of the signs"),
        ({"template": "#\\"}, "ends with a backslash"),
        ({"template": "##", "digits": 3}, "already has prefix, digits and suffix"),
        ({}, "digits is missing"),
        ({"template": "#"}, "is not within the 10 codes of the template"),
    ],
)
def test_codes_without_one_form_are_refused(fields: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Codes.model_validate({**fields, "lines": {"a": {"share": 1, "ranges": [[0, 50]]}}})


def test_codes_of_a_template_are_made() -> None:
    codes = Codes.model_validate({"template": "X?##", "lines": {"a": {"share": 1, "ranges": [[100, 199]]}}})
    assert codes.text(123) == "XB23"
    assert codes.space == 2600
