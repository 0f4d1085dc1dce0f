"""Streams are keyed, pinned, and independent of each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.schemas.keyed import MAX_SEED, further, mix, scramble, uniforms, unit, words


def test_the_values_of_the_streams_are_pinned() -> None:
    # A change of any of these changes every dataset ever made: it needs a new major version.
    assert words(0, "shelf", 0, 3).tolist() == PINNED["shelf 0"]
    assert words(7, "cut", 5, 2).tolist() == PINNED["cut 5"]
    assert scramble(1) == PINNED["scramble"]


PINNED = {
    "shelf 0": [16150324736638645736, 17660630325473601707, 14703542073422768675],
    "cut 5": [6905776110190087347, 7795706541326524957],
    "scramble": 6238072747940578789,
}


@given(st.integers(0, MAX_SEED), st.integers(0, 2**40), st.integers(1, 50))
def test_a_longer_draw_starts_like_a_shorter_one(seed: int, block: int, count: int) -> None:
    assert words(seed, "a", block, count).tolist() == words(seed, "a", block, count + 7)[:count].tolist()


def test_seed_purpose_and_block_each_give_another_stream() -> None:
    streams = {
        tuple(words(seed, purpose, block, 4).tolist())
        for seed in (0, 1, MAX_SEED)
        for purpose in ("a", "b")
        for block in (0, 1, 2)
    }
    assert len(streams) == 18


def test_uniforms_are_uniform_and_below_one() -> None:
    u = uniforms(3, "u", 0, 200_000)
    assert u.min() >= 0
    assert u.max() < 1
    counts = np.histogram(u, bins=20, range=(0, 1))[0]
    chi_square = ((counts - 10_000) ** 2 / 10_000).sum()
    assert chi_square < 50  # 19 degrees of freedom: above 50 in 1 of 10,000 streams


def test_the_largest_word_stays_below_one() -> None:
    assert unit(np.array([MAX_SEED], dtype=np.uint64))[0] < 1


@given(st.lists(st.integers(0, MAX_SEED), min_size=2, max_size=50, unique=True))
def test_mix_is_a_bijection(values: list[int]) -> None:
    assert len(set(mix(np.array(values, dtype=np.uint64)).tolist())) == len(values)


@pytest.mark.parametrize("value", [-1, 2**64, 2**70 + 3])
def test_scramble_takes_any_integer_modulo_two_to_the_64(value: int) -> None:
    assert scramble(value) == scramble(value % 2**64)


@given(st.integers(0, MAX_SEED))
def test_scramble_of_one_integer_is_mix(value: int) -> None:
    assert scramble(value) == mix(np.array([value], dtype=np.uint64))[0]


def test_further_words_are_those_of_splitmix64() -> None:
    # The first numbers of SplitMix64 seeded with 0 and 1234567, as its reference implementation gives them.
    seeds = np.array([0, 1234567], dtype=np.uint64)
    assert further(seeds, 1).tolist() == [16294208416658607535, 6457827717110365317]
    assert further(seeds, 2).tolist() == [7960286522194355700, 3203168211198807973]
    steps = np.arange(1, 4, dtype=np.uint64)
    assert further(seeds[:, None], steps).shape == (2, 3)
