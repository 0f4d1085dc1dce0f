"""The built-in profile agrees with the public pages about the catalogue, for any seed."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from datagen.columns.rows import RowMaker
from datagen.product.product import Products
from datagen.product.profile import SLOTS, Profile, Word, load_profile
from datagen.product.sampler import Sampler
from datagen.product.section import Section
from datagen.product.titles import FRONT, parse
from datagen.schemas import load_schema

SEEDS = (0, 7, 20231117)
ROWS = 3_040  # of the real set
MANY = 60_000

# The Hub viewer of the real set: statistics of its columns.
DEPARTMENTS = {"WOMAN": 0.55, "MAN": 0.32, "KIDS": 0.13}  # 24, 12 and 3 of 39 visible rows: a weak hint
LEVEL_TWO_VALUES = 26
LEVEL_THREE_LENGTHS = (3, 28)
TITLE_LENGTHS = (8, 71)
PRICE_BOUNDS = (32, 70_000)
CODE_BOUNDS = (26_000_000, 80_900_000)
NAMED_PATHS = [
    ("WOMAN", "BAGS", "CROSSBODY"),
    ("MAN", "SHOES", "SNEAKERS"),
    ("MAN", "ACCESSORIES", "HATS & GLOVES"),
    ("WOMAN", "OUTERWEAR", "QUILTED JACKETS"),
    ("WOMAN", "OUTERWEAR", "PONCHOS & CAPES"),
    ("WOMAN", "BAGS", "SHOULDER"),
    ("WOMAN", "ACCESSORIES", "WALLETS & CARD CASES"),
    ("WOMAN", "CASHMERE SCARVES", "N.A."),
]

# 248 distinct English titles of the house, 2023-25.
TITLE_PERCENTILES = {5: 14, 25: 21, 50: 27, 75: 35, 95: 42}
WORD_COUNTS = {2: 4, 3: 26, 4: 28, 5: 26, 6: 12, 7: 3}  # per cent; 7 stands for 7 and more
WORD_SHARES = {"Check": 27, "Cotton": 28, "EKD": 9, "Print": 8}
WORD_SHARES |= {"Nylon": 13, "Wool": 12, "Silk": 8, "Leather": 6}
WORD_SHARES_NEAR = 7  # points: that sample holds far more outerwear, and fewer bags, than a whole shop
JOINED_BY_AND = 3
ACCENTED = {"Piqué", "Appliqué", "Bouclé"}

# 408 prices read on the US site and at retailers, 2023-25: quartiles by type, for types of 4 prices and more.
QUARTILES = {
    "trench_coat": (2490, 2590, 3250),
    "car_coat": (2150, 2350, 2890),
    "coat": (2125, 3020, 4035),
    "quilted": (1550, 1790, 2035),
    "jacket": (1790, 2100, 2565),
    "t_shirt": (510, 570, 820),
    "sweats": (820, 1350, 1350),
    "knitwear": (1800, 1850, 2170),
    "shirt": (1038, 1550, 1875),
    "trousers": (700, 820, 1170),
    "wallet": (440, 560, 680),
    "bag": (1750, 2090, 2590),
    "sneakers": (750, 770, 782),
    "shoes": (975, 1190, 1290),
    "scarf": (390, 550, 780),
    "eyewear": (282, 310, 322),
}
MEDIANS_OF_THIN_TYPES = {"skirt": 2070, "hat": 530, "jewellery": 370}
ENDINGS_FROM_1000 = {50: 62, 90: 38}  # 36 and 22 of 58
ENDINGS_FROM_2000 = {50: 47, 90: 46, 0: 7}
LEADING_ENDINGS_BELOW_1000 = {20, 80, 50, 60}
MULTIPLES_OF_TEN = 0.98

# 147 outerwear rows of the US site, March 2025: how often a title comes again.
REPEATED_ROWS = (0.25, 0.40)

# Modelled.
CAPACITY = 5_000_000
EXOTIC_PRICE = 20_000
EXOTIC_SHARE = (1 / 4_000, 1 / 600)

COLOUR = re.compile(
    r"\b(black|white|ivory|beige|brown|tan|camel|honey|gr[ea]y|silver|gold|blue|navy|indigo|green|khaki|olive|mint|red|"
    r"burgundy|scarlet|orange|yellow|pink|purple|lilac|plum|violet|turquoise|taupe|stone|sand|coal|charcoal)\b",
    re.IGNORECASE,
)
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


def plain_prices(seed: int) -> dict[str, np.ndarray]:
    """Prices by law, for grown-up wearers and without the words that multiply a price."""
    sampler, products, table = made(seed, MANY)
    price = np.array(table["full_price"])
    laws = np.array([kind.price for kind in profile().kinds.values()])[products.kind]
    wearers = np.array([shelf.wearer or profile().wearers[shelf.path[0]] for shelf in profile().shelves])
    plain = np.isin(wearers[products.shelf], ("woman", "man"))
    for slot, compiled in sampler.titles.slots.items():
        multiplies = np.array([word is not None and word.times != 1 for word in compiled.words])
        plain &= ~multiplies[products.phrases[slot]]
    return {law: price[plain & (laws == law)] for law in profile().prices.laws}


def per_cent(counts: Counter[int]) -> dict[int, float]:
    return {value: 100 * count / counts.total() for value, count in counts.items()}


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
def test_the_shelves_in_the_viewer_exist(path: tuple[str, str, str]) -> None:
    assert path in {shelf.path for shelf in profile().shelves}


def test_every_kind_stands_on_a_shelf() -> None:
    assert {kind for shelf in profile().shelves for kind in shelf.kinds} == set(profile().kinds)


def test_every_word_belongs_to_some_kind() -> None:
    for slot in SLOTS:
        chances = [item for kind in profile().kinds.values() for item in kind.slot(slot).items()]
        assert {word for word, chance in chances if chance} == set(words_of(slot))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_catalogue_of_the_real_size_has_nearly_all_shelves(seed: int) -> None:
    _, _, table = made(seed, ROWS)
    assert len(set(table["category2_code"].to_pylist())) >= LEVEL_TWO_VALUES - 1


# ---- Sources


def test_every_section_names_the_source_of_its_numbers() -> None:
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


def test_every_drawing_word_is_in_the_vocabulary() -> None:
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
    drawings = {kind.drawing or name for name, kind in profile().kinds.items()}
    assert drawings == set(vocabulary.KINDS)
    wearers = {shelf.wearer or profile().wearers[shelf.path[0]] for shelf in profile().shelves}
    assert wearers <= set(vocabulary.WEARERS)


def test_a_kind_has_a_look_for_titles_without_words() -> None:
    for name, kind in profile().kinds.items():
        assert set(kind.plain) == {"size", "detail", "pattern", "material"}, name


def test_nothing_that_a_title_says_is_painted_over_by_another_word() -> None:
    for title, said in drawn_words(SEEDS[0], 20_000):
        drawn = [what for slot, name in said for what in words_of(slot)[name].draw or (slot,)]
        fixed = [what for what in drawn if what != "line"]
        assert len(fixed) == len(set(fixed)), title


# ---- Titles


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
def test_words_are_as_frequent_as_in_the_real_titles(seed: int) -> None:
    titles = set(made(seed, ROWS)[2]["title"].to_pylist())
    for word, share in WORD_SHARES.items():
        said = 100 * sum(word in title for title in titles) / len(titles)
        assert said == pytest.approx(share, abs=WORD_SHARES_NEAR), word
    joined = 100 * sum(" and " in title for title in titles) / len(titles)
    assert joined == pytest.approx(JOINED_BY_AND, abs=2)


def test_no_title_can_be_shorter_or_longer_than_the_real_ones() -> None:
    shortest, longest = TITLE_LENGTHS
    for name in profile().kinds:
        lengths = set(_possible_lengths(name))
        assert min(lengths) >= shortest, name
        assert max(lengths) <= longest, name


def _possible_lengths(name: str) -> Iterator[int]:
    """Lengths of all titles of a kind, with the shortest and the longest text of each word."""
    kind, words = profile().kinds[name], {slot: words_of(slot) for slot in SLOTS}
    options = []
    for slot in SLOTS:
        chances = {word: chance for word, chance in kind.slot(slot).items() if chance}
        options.append([*chances] + ([""] if sum(chances.values()) < 100 else []))
    for said in itertools.product(*options):
        kept = dict(zip(SLOTS, said, strict=True))
        for slot in SLOTS:
            if kept[slot]:
                for other in words[slot][kept[slot]].silences:
                    kept[other] = ""
        texts = [words[slot][word].say for slot, word in kept.items() if word]
        for pick in (min, max):
            parts = [pick(text, key=len) for text in [*texts, kind.nouns]]
            yield sum(map(len, parts)) + len(parts) - 1


def test_no_title_repeats_a_word() -> None:
    for title, _ in titles_and_kinds(SEEDS[0], 20_000):
        words = [word for word in re.split(r"[ \-]", title.lower()) if word not in {"and", "–"}]
        assert len(words) == len(set(words)), title


def test_only_beauty_titles_name_a_colour() -> None:
    for title, kind in titles_and_kinds(SEEDS[1], 20_000):
        name, dash, _ = title.partition(" – ")
        assert not COLOUR.search(name), title
        assert not dash or kind in BEAUTY, title


def test_accents_appear_only_where_the_house_uses_them() -> None:
    for title, _ in titles_and_kinds(SEEDS[2], 20_000):
        for word in title.replace(" – ", " ").split():
            assert word.isascii() or word in ACCENTED, title


@pytest.mark.parametrize("seed", SEEDS)
def test_the_grammar_of_its_kind_parses_every_title(seed: int) -> None:
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


# ---- Prices


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_prices_of_each_type_have_the_quartiles_of_the_real_ones(seed: int) -> None:
    prices = plain_prices(seed)
    for law, (low, middle, high) in QUARTILES.items():
        assert np.median(prices[law]) == pytest.approx(middle, rel=0.10), law
        assert np.percentile(prices[law], 25) == pytest.approx(low, rel=0.15), law
        assert np.percentile(prices[law], 75) == pytest.approx(high, rel=0.15), law
    for law, middle in MEDIANS_OF_THIN_TYPES.items():
        assert np.median(prices[law]) == pytest.approx(middle, rel=0.10), law


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_prices_end_as_the_real_ones_do(seed: int) -> None:
    _, products, table = made(seed, MANY)
    price = np.array(table["full_price"])
    laws = profile().prices.laws
    by_kind = [laws[kind.price].ladder == "default" for kind in profile().kinds.values()]
    default = np.array(by_kind)[products.kind]
    assert (price == np.round(price)).all()
    assert np.mean(price % 10 == 0) == pytest.approx(MULTIPLES_OF_TEN, abs=0.01)
    below = Counter((price[default & (price < 1000)] % 100).astype(int).tolist())
    assert set(below) == set(range(0, 100, 10))
    assert {ending for ending, _ in below.most_common(4)} == LEADING_ENDINGS_BELOW_1000
    for low, high, endings in ((1000, 2000, ENDINGS_FROM_1000), (2000, 10_000, ENDINGS_FROM_2000)):
        within = price[default & (price >= low) & (price < high)]
        shares = per_cent(Counter((within % 100).astype(int).tolist()))
        assert set(shares) == set(endings)
        for ending, share in endings.items():
            assert shares[ending] == pytest.approx(share, abs=5)


def test_prices_reach_the_bounds_of_the_real_ones_and_the_dearest_are_few() -> None:
    price = np.concatenate([np.array(made(seed, MANY)[2]["full_price"]) for seed in SEEDS])
    assert PRICE_BOUNDS[0] <= price.min() <= 36
    assert 60_000 <= price.max() <= PRICE_BOUNDS[1]
    assert EXOTIC_SHARE[0] <= np.mean(price > EXOTIC_PRICE) <= EXOTIC_SHARE[1]


def test_nothing_is_discounted() -> None:
    _, _, table = made(SEEDS[0], ROWS)
    assert table["price"] == table["full_price"]
    assert set(table["flg_discount"].to_pylist()) == {0}


def test_dollars_are_converted_to_euros_at_the_rate_in_the_viewer() -> None:
    rate = profile().rates["EUR"]
    assert round(2490 * rate.rate, rate.decimals) == 2297.04
    assert round(820 * rate.rate, rate.decimals) == 756.45


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
