"""Made titles are as long as those of the rows, in words and in letters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from datagen.fit.titles.lengths import fit_lengths, length, lengths_of
from datagen.fit.titles.pseudonyms import Pseudonyms, forms_of

titles = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 30)), min_size=1)


@given(titles, st.integers(2, 6))
def test_every_length_is_that_of_enough_products(rows: list[tuple[int, int]], least: int) -> None:
    patterns = [" ".join(["word"] * long) for long, _ in rows]
    found = lengths_of(patterns, [product for _, product in rows], least)
    for long, many in found.items():
        its = {product for its_length, product in rows if its_length >= long}
        assert len(its) >= least
        assert many % least == 0


def test_what_tables_make_too_short_is_made_longer_by_what_holds_everywhere() -> None:
    patterns = ["a noun"] * 60 + ["a a noun"] * 40
    drawn = {
        "contexts": [
            {"by": ["kind"], "tables": {"coat": {"share": 0.5, "weights": {"a noun": 50.0}}}},
        ],
        "weights": {"a noun": 90.0, "a a noun": 10.0},
    }
    fit_lengths(drawn, patterns, {"kind": ["coat"] * 100}, list(range(100)), 5)
    weights = drawn["weights"]
    assert isinstance(weights, dict)
    long = sum(weight for pattern, weight in weights.items() if length(pattern) == 3)
    assert abs(0.5 * long / sum(weights.values()) - 0.4) < 0.01


def test_made_up_words_are_as_long_as_frequent_ones() -> None:
    words = ["leather", "cotton", "denim", "wool", "silk", "linen", "velvet", "corduroy", "suede", "mesh"]
    pseudonyms = Pseudonyms(dict.fromkeys(words, 20) | {"waterproofing": 5}, [])
    made = [len(pseudonyms.of("aa")) for _ in range(60)]
    assert 4.5 < sum(made) / len(made) < 7
    assert sum(long > 9 for long in made) < 6


def test_units_of_several_rare_words_are_several_made_up_words() -> None:
    rare = [(f"Baby {word}", at) for at, word in enumerate(["Milo", "X1", "LA", "de-Luxe", "Blue", "M"])]
    assert sum(count for form, count in forms_of(rare, 5).items() if " " in form) >= 5
