"""Tables of fidelity: what one counts in real and in synthetic rows, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from datagen.report.figures import Table
from datagen.report.sets.rows import Rows
from datagen.report.sets.words import document_counts, pairs, words
from datagen.schemas.keyed import F64
from datagen.schemas.schema import Code, ConvertedPrice, Drawn, Image, Link, Other, PictureLink

SIDES = ("", "real", "synthetic")
MOST_SHELVES = 15
"""Categories that prices are shown of: those with the most real rows."""
FEWEST_PRICES = 10
"""Of real rows of a category, for quantiles to say something."""
FEWEST_FOR_TAIL = 500
MOST_WORDS = 20

Row = tuple[str | float | None, ...]


def title_table(real: Rows, synthetic: Rows) -> Table | None:
    """Lengths, words, word pairs, repeated and new titles; None without titles on both sides."""
    if real.titles is None or synthetic.titles is None:
        return None
    sides = [_of_titles(rows.titles) for rows in (real, synthetic) if rows.titles is not None]
    rows: list[Row] = [(name, *(side[name] for side in sides)) for name in sides[0]]
    distinct = [sorted(set(titles)) for titles in (real.titles, synthetic.titles)]
    parts = [[words(title) for title in titles] for titles in distinct]
    rows.append(("distinct titles that real rows lack, %", None, _share_new(*distinct)))
    rows.append(("words that real titles lack, %", None, _share_new(*(document_counts(p) for p in parts))))
    of_pairs = [document_counts(pairs(title) for title in side) for side in parts]
    rows.append(("word pairs that real titles lack, %", None, _share_new(*of_pairs)))
    about = "As many rows are compared on both sides; in larger sets, titles repeat more often."
    return Table("Titles", SIDES, tuple(rows), about)


def _of_titles(titles: Sequence[str]) -> dict[str, float]:
    lengths = np.array([len(title) for title in titles], dtype=np.float64)
    often = Counter(titles)
    parts = {title: words(title) for title in often}
    counts = np.array([len(parts[title]) for title in titles], dtype=np.float64)
    of_words = document_counts(parts.values())
    of_pairs = document_counts(pairs(title) for title in parts.values())
    low, middle, high = np.quantile(lengths, [0.05, 0.5, 0.95])
    return {
        "rows": len(titles),
        "rows without a title": often[""],
        "characters, 5 % of the titles have at most": float(low),
        "characters, median": float(middle),
        "characters, 95 % of the titles have at most": float(high),
        "characters, most": float(lengths.max()),
        "words, mean": _rounded(counts.mean()),
        "words, most": float(counts.max()),
        "distinct titles, %": _percent(len(often), len(titles)),
        "rows whose title another row has, %": _percent(
            sum(times for times in often.values() if times > 1), len(titles)
        ),
        "distinct words": len(of_words),
        "distinct word pairs": len(of_pairs),
        "words of one title only, %": _percent(sum(times == 1 for times in of_words.values()), len(of_words)),
    }


def word_table(real: Rows, synthetic: Rows) -> Table | None:
    """The words whose share among the distinct titles differs most, in standard errors."""
    if real.titles is None or synthetic.titles is None:
        return None
    sides = [set(real.titles), set(synthetic.titles)]
    counts = [document_counts(words(title) for title in titles) for titles in sides]
    many = [len(titles) for titles in sides]
    found = []
    for word in set(counts[0]) | set(counts[1]):
        shares = [count[word] / number for count, number in zip(counts, many, strict=True)]
        pooled = (counts[0][word] + counts[1][word]) / sum(many)
        error = np.sqrt(pooled * (1 - pooled) * (1 / many[0] + 1 / many[1]))
        if error > 0:
            found.append((-abs(shares[0] - shares[1]) / error, str(word), *shares))
    rows = [
        (word, *(_rounded(1000 * share) for share in shares))
        for _, word, *shares in sorted(found)[:MOST_WORDS]
    ]
    return Table("Words that are too rare or too frequent, per 1,000 distinct titles", SIDES, tuple(rows))


def price_table(real: Rows, synthetic: Rows) -> Table | None:
    """Quantiles of the prices, of all rows and by category."""
    if real.prices is None or synthetic.prices is None:
        return None
    rows: list[Row] = [("all rows", *_prices(real.prices), *_prices(synthetic.prices))]
    if real.shelves is not None and synthetic.shelves is not None:
        sides = [
            (np.array(side.shelves, dtype=object), side.prices)
            for side in (real, synthetic)
            if side.prices is not None
        ]
        counted = Counter(real.shelves)
        often = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:MOST_SHELVES]
        for shelf, times in often:
            if times >= FEWEST_PRICES:
                found = [_prices(prices[shelves == shelf]) for shelves, prices in sides]
                rows.append((shelf or "no category", *found[0], *found[1]))
    names = ("rows", "p10", "p50", "p90", "p99")
    columns = ("", *(f"{side} {name}" for side in SIDES[1:] for name in names))
    return Table("Prices by category", columns, tuple(rows), "Of the categories with the most real rows.")


def _prices(values: F64) -> Row:
    known = values[~np.isnan(values)]
    if not len(known):
        return (len(values), None, None, None, None)
    low, middle, high, top = (float(f"{at:.6g}") for at in np.quantile(known, [0.1, 0.5, 0.9, 0.99]))
    # Of few rows, the 99 % quantile is the price of one product.
    return (len(values), low, middle, high, top if len(known) >= FEWEST_FOR_TAIL else None)


def category_tables(real: Rows, synthetic: Rows) -> list[Table]:
    """The values of each category column whose shares differ most."""
    found = []
    for name, values in real.categories.items():
        counts = [Counter(values), Counter(synthetic.categories[name])]
        many = [len(real), len(synthetic)]
        every = sorted(set(counts[0]) | set(counts[1]))
        shares = {
            value: [count[value] / number for count, number in zip(counts, many, strict=True)]
            for value in every
        }
        distance = sum(abs(one - other) for one, other in shares.values()) / 2
        first = sorted(every, key=lambda value: (-abs(shares[value][0] - shares[value][1]), value))[:10]
        rows: list[Row] = [
            (value or "missing", *(_rounded(100 * share) for share in shares[value])) for value in first
        ]
        about = (
            f"{distance:.1%} of the rows would have to move for the shares to be equal "
            "(total variation distance)."
        )
        found.append(Table(f"Shares of {name}, % of the rows", SIDES, tuple(rows), about))
    return found


def repeat_table(real: Rows, synthetic: Rows) -> Table:
    """Rows that repeat others, wholly or in part."""
    return Table(
        "Repeats",
        SIDES,
        tuple(
            (name, one, other)
            for (name, one), (_, other) in zip(_repeats(real), _repeats(synthetic), strict=True)
        ),
    )


def _repeats(rows: Rows) -> list[tuple[str, float | None]]:
    found: list[tuple[str, float | None]] = []
    named = [column.name for column in rows.schema.columns if not isinstance(column, Image)]
    ids = [column.name for role in (Code, Link, PictureLink) for column in rows.schema.of(role)]
    for label, names in (
        ("rows equal to another in all columns, %", named),
        ("rows equal to another but for codes and links, %", [name for name in named if name not in ids]),
        ("rows whose code another row has, %", [column.name for column in rows.schema.of(Code)]),
    ):
        found.append(
            (label, _repeated(zip(*(rows.texts(name) for name in names), strict=True)) if names else None)
        )
    found.append(("repeated titles with several prices, %", _several_prices(rows)))
    return found


def _repeated(rows: Iterable[tuple[str, ...]]) -> float:
    often = Counter(rows)
    return _percent(sum(times for times in often.values() if times > 1), sum(often.values()))


def _several_prices(rows: Rows) -> float | None:
    if rows.titles is None or rows.prices is None:
        return None
    often = Counter(rows.titles)
    prices = np.nan_to_num(rows.prices).tolist()
    different = Counter(title for title, _ in set(zip(rows.titles, prices, strict=True)))
    repeated = [title for title, times in often.items() if times > 1]
    return _percent(sum(different[title] > 1 for title in repeated), len(repeated)) if repeated else None


def number_table(real: Rows, synthetic: Rows) -> Table | None:
    """Quantiles of the other columns of numbers."""
    rows: list[Row] = []
    for column in real.schema.columns:
        if isinstance(column, Drawn | Other | ConvertedPrice) and column.dtype in ("int64", "float64"):
            sides = [_prices(side.floats(column.name)) for side in (real, synthetic)]
            rows.append((column.name, *sides[0][1:], *sides[1][1:]))
    names = ("p10", "p50", "p90", "p99")
    columns = ("", *(f"{side} {name}" for side in SIDES[1:] for name in names))
    return Table("Other numbers", columns, tuple(rows)) if rows else None


def _share_new(known: Iterable[object], made: Iterable[object]) -> float:
    every, old = set(made), set(known)
    return _percent(len(every - old), len(every))


def _percent(part: float, whole: float) -> float:
    return _rounded(100 * part / whole) if whole else 0.0


def _rounded(value: float) -> float:
    return round(float(value), 2)
