"""The built-in profile has the shelves, families and codes that public pages show, on any seed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

import pytest
from support.burberry_rows import BEAUTY, MANY, ROWS, SEEDS, drawn_words, made, profile, words_of
from support.burberry_statistics import (
    CAPACITY,
    CODE_BOUNDS,
    DEPARTMENTS,
    LEVEL_THREE_LENGTHS,
    LEVEL_TWO_VALUES,
    NAMED_PATHS,
    REPEATED_ROWS,
)

from datagen.product.profile import SLOTS
from datagen.product.section import Section

# ---- The menu


def test_the_menu_has_the_departments_and_as_many_shelves_as_the_viewer_counts() -> None:
    total = sum(shelf.share for shelf in profile().shelves)
    for department, share in DEPARTMENTS.items():
        its_own = sum(shelf.share for shelf in profile().shelves if shelf.path[0] == department)
        assert its_own / total == pytest.approx(share, abs=0.02)
    assert len({shelf.path[1] for shelf in profile().shelves}) == LEVEL_TWO_VALUES


def test_the_third_level_has_the_lengths_of_the_viewer_and_is_upper_case() -> None:
    values = {shelf.path[2] for shelf in profile().shelves}
    assert (min(map(len, values)), max(map(len, values))) == LEVEL_THREE_LENGTHS
    assert "N.A." in values
    for shelf in profile().shelves:
        assert all(value == value.upper() == value.strip() for value in shelf.path)


@pytest.mark.parametrize("path", NAMED_PATHS, ids=" / ".join)
def test_shelves_that_the_viewer_shows_are_there(path: tuple[str, str, str]) -> None:
    assert path in {shelf.path for shelf in profile().shelves}


def test_every_kind_stands_on_a_shelf() -> None:
    assert {kind for shelf in profile().shelves for kind in shelf.kinds} == set(profile().kinds)


def test_every_word_is_said_of_some_kind() -> None:
    for slot in SLOTS:
        chances = [item for kind in profile().kinds.values() for item in kind.slot(slot).items()]
        assert {word for word, chance in chances if chance} == set(words_of(slot))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_catalogue_of_the_real_size_has_nearly_all_shelves(seed: int) -> None:
    _, _, table = made(seed, ROWS)
    assert len(set(table["category2_code"].to_pylist())) >= LEVEL_TWO_VALUES - 1


# ---- Sources


def test_every_section_says_where_its_numbers_come_from() -> None:
    silent = [where for where, section in _sections(profile(), "profile") if not section.source.strip()]
    assert silent == []


def _sections(value: object, where: str) -> Iterator[tuple[str, Section]]:
    parts: Iterable[tuple[object, object]] = ()
    if isinstance(value, Section):
        yield where, value
        parts = ((name, getattr(value, name)) for name in type(value).model_fields)
    elif isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, tuple):
        parts = enumerate(value)
    for name, part in parts:
        yield from _sections(part, f"{where}.{name}")


def test_the_house_is_not_the_real_one() -> None:
    assert "BURBERRY" not in profile().house.name
    assert profile().house.letters not in {"TB", "BB"}


# ---- What the renderer must understand


def test_every_drawn_word_is_in_the_renderers_vocabulary() -> None:
    vocabulary = pytest.importorskip("datagen.product.vocabulary")
    known = {
        "size": vocabulary.SIZES,
        "detail": vocabulary.DETAILS,
        "pattern": vocabulary.PATTERNS,
        "material": vocabulary.MATERIALS,
    }
    drawn = {(str(what), word) for kind in profile().kinds.values() for what, word in kind.plain.items()}
    for slot in SLOTS:
        for name, word in words_of(slot).items():
            drawn |= {(str(what), drawing) for what, drawing in word.draw.items()} or {(slot, name)}
    assert not {(what, word) for what, word in drawn if what in known and word not in known[what]}
    drawings = {
        kind.drawings.get(noun) or kind.drawing or name
        for name, kind in profile().kinds.items()
        for noun in kind.nouns
    }
    assert drawings == set(vocabulary.KINDS)
    wearers = {shelf.wearer or profile().wearers[shelf.path[0]] for shelf in profile().shelves}
    assert wearers <= set(vocabulary.WEARERS)


def test_a_kind_says_how_it_looks_when_its_title_is_silent() -> None:
    for name, kind in profile().kinds.items():
        assert set(kind.plain) == {"size", "detail", "pattern", "material"}, name


def test_nothing_that_a_title_says_is_painted_over_by_another_word() -> None:
    for title, said in drawn_words(SEEDS[0], 20_000):
        drawn = [what for slot, name in said for what in words_of(slot)[name].draw or (slot,)]
        fixed = [what for what in drawn if what != "line"]
        assert len(fixed) == len(set(fixed)), title


# ---- Families


@pytest.mark.parametrize("seed", SEEDS)
def test_rows_repeat_a_title_and_price_as_often_as_the_real_ones(seed: int) -> None:
    _, _, table = made(seed, ROWS)
    counts = Counter(zip(table["title"].to_pylist(), table["full_price"].to_pylist(), strict=True))
    repeated = sum(count for count in counts.values() if count > 1) / ROWS
    assert REPEATED_ROWS[0] <= repeated <= REPEATED_ROWS[1]


def test_colourways_differ() -> None:
    colourways = profile().colourways
    assert 26 <= len(colourways) <= 34
    assert len({colours.ground for colours in colourways.values()}) == len(colourways)
    worn = {name for palette in profile().palettes.values() for name, weight in palette.items() if weight}
    assert worn == set(colourways)


# ---- Codes and pictures


def test_codes_are_within_the_bounds_of_the_real_ones_to_the_last_row() -> None:
    sampler, _, table = made(SEEDS[0], MANY)
    capacity = sampler.codes.capacity
    assert capacity >= CAPACITY
    last = sampler.products(capacity - 1_000, capacity)
    codes = table["product_code"].to_pylist()
    codes += [int(code) for code in sampler.codes.text(last.number).to_pylist()]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"\d{7}1", str(code)) for code in codes)
    assert min(codes) >= CODE_BOUNDS[0]
    assert max(codes) <= CODE_BOUNDS[1]


def test_beauty_and_eyewear_have_the_codes_of_their_line() -> None:
    _, products, table = made(SEEDS[0], ROWS)
    kinds = list(profile().kinds)
    for code, kind in zip(table["product_code"].to_pylist(), products.kind, strict=True):
        assert (kinds[kind] in BEAUTY | {"sunglasses"}) == (40_000_000 <= code < 41_000_000)


def test_most_pictures_have_a_guid_and_a_few_are_missing() -> None:
    _, _, table = made(SEEDS[1], MANY)
    ids = [link.rsplit("/", 1)[-1] for link in table["imageurl"].to_pylist()]
    lengths = Counter(map(len, ids))
    missing = lengths.pop(len("N.A."))
    assert set(lengths) == {36, 40}
    assert lengths[36] > lengths[40]
    assert missing / MANY == pytest.approx(0.003, abs=0.001)
