"""Titles of the built-in profile read like the real ones, on any seed."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Mapping

import numpy as np
import pytest
from support.burberry_rows import (
    BEAUTY,
    MANY,
    ROWS,
    SEEDS,
    drawn_words,
    made,
    per_cent,
    profile,
    titles_and_kinds,
    words_of,
)
from support.burberry_statistics import (
    ACCENTED,
    JOINED_BY_AND,
    TITLE_LENGTHS,
    TITLE_PERCENTILES,
    WORD_COUNTS,
    WORD_SHARES,
    WORD_SHARES_NEAR,
)

from datagen.product.profile import SLOTS
from datagen.product.titles import FRONT, parse

COLOUR = re.compile(
    r"\b(black|white|ivory|beige|brown|tan|camel|honey|gr[ea]y|silver|gold|blue|navy|indigo|green|khaki|olive|mint|red|"
    r"burgundy|scarlet|orange|yellow|pink|purple|lilac|plum|violet|turquoise|taupe|stone|sand|coal|charcoal)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("seed", SEEDS)
def test_titles_are_as_long_as_the_real_ones(seed: int) -> None:
    lengths = [len(title) for title in set(made(seed, ROWS)[2]["title"].to_pylist())]
    for percentile, length in TITLE_PERCENTILES.items():
        assert np.percentile(lengths, percentile) == pytest.approx(length, abs=3)


def test_titles_have_as_many_words_as_the_real_ones() -> None:
    each = [set(made(seed, ROWS)[2]["title"].to_pylist()) for seed in SEEDS]
    counts = per_cent(Counter(min(7, len(title.split())) for titles in each for title in titles))
    for words, share in WORD_COUNTS.items():
        assert counts[words] == pytest.approx(share, abs=7)
    assert 1 not in counts


@pytest.mark.parametrize("seed", SEEDS)
def test_titles_say_what_the_real_ones_say_as_often(seed: int) -> None:
    titles = set(made(seed, ROWS)[2]["title"].to_pylist())
    for word, share in WORD_SHARES.items():
        said = 100 * sum(word in title for title in titles) / len(titles)
        assert said == pytest.approx(share, abs=WORD_SHARES_NEAR), word
    joined = 100 * sum(" and " in title for title in titles) / len(titles)
    assert joined == pytest.approx(JOINED_BY_AND, abs=2)


def test_no_title_can_be_shorter_than_the_real_ones() -> None:
    """Either the noun alone is long enough, or a slot that always says something is."""
    for name, kind in profile().kinds.items():
        always = [slot for slot in SLOTS if sum(kind.slot(slot).values()) > 100 - 1e-9]
        least = max((_shortest(slot, kind.slot(slot)) for slot in always), default=0)
        nouns = {noun for noun, weight in kind.nouns.items() if weight}
        assert min(map(len, nouns)) + least >= TITLE_LENGTHS[0], name
        assert least or all(" " in noun for noun in nouns), name


def _shortest(slot: str, chances: Mapping[str, float]) -> int:
    """The length of a slot's shortest text, with the blank beside it."""
    return 1 + min(
        len(text) for word, chance in chances.items() if chance for text in words_of(slot)[word].say
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_the_longest_title_is_as_long_as_the_longest_real_one(seed: int) -> None:
    """The real ones show no limit, only the longest of 3,040: a longer one is hardly ever made."""
    lengths = np.array([len(title) for title in made(seed, ROWS)[2]["title"].to_pylist()])
    assert 66 <= lengths.max() <= TITLE_LENGTHS[1]
    many = np.array([len(title) for title in made(seed, MANY)[2]["title"].to_pylist()])
    assert np.mean(many > TITLE_LENGTHS[1]) < 1 / 10_000


def test_no_title_says_a_word_twice() -> None:
    for title, _ in titles_and_kinds(SEEDS[0], 20_000):
        words = [word for word in re.split(r"[ \-]", title.lower()) if word not in {"and", "–"}]
        assert len(words) == len(set(words)), title


def test_no_title_says_a_colour_but_a_shade_of_beauty() -> None:
    for title, kind in titles_and_kinds(SEEDS[1], 20_000):
        name, dash, _ = title.partition(" – ")
        assert not COLOUR.search(name), title
        assert not dash or kind in BEAUTY, title


def test_accents_stand_only_where_the_house_sets_them() -> None:
    for title, _ in titles_and_kinds(SEEDS[2], 20_000):
        for word in title.replace(" – ", " ").split():
            assert word.isascii() or word in ACCENTED, title


@pytest.mark.parametrize("seed", SEEDS)
def test_every_title_is_read_back_by_the_grammar_of_its_kind(seed: int) -> None:
    words = {slot: words_of(slot) for slot in SLOTS}
    for title, kind in set(titles_and_kinds(seed, ROWS)):
        assert parse(title, profile().kinds[kind], words) is not None, (kind, title)


def test_late_words_come_after_those_in_front() -> None:
    for title, said in itertools.islice(drawn_words(SEEDS[2], 20_000), 4_000):
        words = [words_of(slot)[name] for slot, name in said if slot in FRONT]
        ordered = sorted(words, key=lambda word: word.place == "noun")
        at = 0
        for word in ordered:
            found = max(title.find(text, at) for text in word.say)
            assert found >= at, title
            at = found
