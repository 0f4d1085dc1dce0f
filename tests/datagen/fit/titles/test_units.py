"""Titles cut into units: words, marks, and what quotation marks or brackets enclose."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.hardware_shop import hardware_rows, profile_of, rows_of

from datagen.fit.products import fit_products
from datagen.fit.titles.units import tokens_of
from datagen.product.grammar import joined
from datagen.product.sampler import Sampler

WORDS = ("'The", "Tall", "Ash'", "'07", "Men's", "'Oak'", "(pack", "of", "3)", "40", ",", '"L"', '3/4"')
OPEN, CLOSED = re.compile(r"(?:^|\s)'"), re.compile(r"'(?:[\s,]|$)")


@pytest.mark.parametrize(
    ("title", "tokens"),
    [
        ("Tee 'Men's Best' 2", ["Tee", "'Men's Best'", "2"]),
        ("Low '07 Premium 'Ash' Boots", ["Low", "'07", "Premium", "'Ash'", "Boots"]),
        ('Pipe 3/4" with 1/2" thread', ["Pipe", '3/4"', "with", '1/2"', "thread"]),
        ("“Tall Ash” clogs (2-pack), red", ["“Tall Ash”", "clogs", "(2-pack)", ",", "red"]),
        ("never (closed", ["never", "(closed"]),
        ("'" + "far " * 20 + "apart'", ["'far", *["far"] * 19, "apart'"][:16]),
    ],
)
def test_what_is_enclosed_is_one_token(title: str, tokens: list[str]) -> None:
    assert tokens_of(title)[:16] == tokens[:16]


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8))
def test_joined_again_tokens_are_the_title(words: list[str]) -> None:
    title = joined(words)
    assert joined(tokens_of(title)) == title


def test_made_titles_leave_no_quotation_mark_open() -> None:
    first = "Tall Grey Old The Slow Blue Far High Low Round Wide Long Late Soft Dark".split()  # noqa: SIM905
    second = "Ash Heron Mill Lane Elm Moor Gate Stone Brook Field Hill Ridge Marsh".split()  # noqa: SIM905
    names = [f"'{one} {other}'" for one in first for other in second]
    rows = [
        (department, group, f"{title} {names[number % len(names)]}" if number % 3 else title, price)
        for number, (department, group, title, price) in enumerate(hardware_rows(600))
    ]
    sampler = Sampler(profile_of(fit_products(rows_of(rows), 5)), 1)
    titles = sampler.titles.compose(sampler.products(0, 600).phrases).to_pylist()
    assert sum(bool(OPEN.search(title)) for title in titles) > 200
    assert not [title for title in titles if len(OPEN.findall(title)) != len(CLOSED.findall(title))]
