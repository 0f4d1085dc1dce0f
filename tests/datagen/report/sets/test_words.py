from __future__ import annotations

import pytest

from datagen.report.sets.words import document_counts, pairs, words


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Check T-Shirt, size 8.5", ["check", "t-shirt", "size", "8.5"]),
        ("Bohrmaschine 18-V für l'Œuvre", ["bohrmaschine", "18-v", "für", "l'œuvre"]),
        ("дрель-шуруповёрт 12В", ["дрель-шуруповёрт", "12в"]),
        ("黒い革の靴", ["黒", "い", "革", "の", "靴"]),
        ("靴 Leather", ["靴", "leather"]),
        ("-- !", []),
        ("", []),
    ],
)
def test_words_of_titles_in_any_script(title: str, expected: list[str]) -> None:
    assert words(title) == expected


def test_pairs_know_the_ends_of_the_title() -> None:
    assert pairs(["a", "b"]) == [("", "a"), ("a", "b"), ("b", "")]


def test_a_word_counts_once_a_title() -> None:
    assert document_counts([["a", "a", "b"], ["a"]]) == {"a": 2, "b": 1}
