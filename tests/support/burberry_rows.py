"""Rows of the built-in profile on several seeds, with the words and kinds that they were made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache

import pyarrow as pa

from datagen.columns.rows import RowMaker
from datagen.product.product import Products
from datagen.product.profile import Profile, Word, load_profile
from datagen.product.sampler import Sampler
from datagen.schemas import load_schema

SEEDS = (0, 7, 20231117)
ROWS = 3_040  # of the real set
MANY = 60_000
BEAUTY = {"lipstick", "foundation", "fragrance"}


@cache
def profile() -> Profile:
    return load_profile("burberry")


@cache
def made(seed: int, rows: int) -> tuple[Sampler, Products, pa.Table]:
    sampler = Sampler(profile(), seed)
    products = sampler.products(0, rows)
    return sampler, products, RowMaker(load_schema("burberry"), sampler).table(products)


def words_of(slot: str) -> Mapping[str, Word]:
    return profile().words.get(slot, {})


def titles_and_kinds(seed: int, rows: int) -> Iterator[tuple[str, str]]:
    _, products, table = made(seed, rows)
    kinds = list(profile().kinds)
    return zip(table["title"].to_pylist(), (kinds[kind] for kind in products.kind), strict=True)


def drawn_words(seed: int, rows: int) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each title and the (slot, word name) pairs that it was made from."""
    sampler, products, table = made(seed, rows)
    for at, title in enumerate(table["title"].to_pylist()):
        ids = {slot: products.phrases[slot][at] for slot in sampler.titles.slots}
        yield title, [(slot, sampler.titles.slots[slot].names[at]) for slot, at in ids.items() if at]


def per_cent(counts: Counter[int]) -> dict[int, float]:
    return {value: 100 * count / counts.total() for value, count in counts.items()}
