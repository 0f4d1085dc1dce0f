"""Copies: what synthetic rows have in common with real ones, cell by cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np

from datagen.report.figures import Figure, Table
from datagen.report.sets.rows import Comparison, Rows, resample, shuffled
from datagen.report.statistics.intervals import share_interval
from datagen.report.thresholds import judged
from datagen.schemas.keyed import F64
from datagen.schemas.schema import Code, Column, Constant, Link, PictureLink

_DIGITS = frozenset("0123456789")

Cells = Callable[[Rows], list[tuple[str, ...]]]
"""The cells that are looked for, of each row; rows where one is missing have an empty tuple."""


def copy_figures(sets: Comparison) -> tuple[tuple[Figure, ...], Table]:
    """Copied rows, titles, codes and links among the synthetic rows, and a table that counts them."""
    known, schema = sets.halves[0] if sets.holdout else sets.real, sets.real.schema
    figures: list[Figure] = []
    ids = [column for role in (Code, Link, PictureLink) for column in schema.of(role)]
    whole: list[Column] = [column for column in schema.columns if not isinstance(column, Constant)]
    looked_for: list[tuple[str, list[Column], str]] = []
    if len(whole) > 1:
        looked_for.append(("copied rows", whole, "Synthetic rows that equal a real one in every column."))
    if schema.of(Code):
        looked_for.append(
            ("copied codes", list(schema.of(Code)), "Synthetic rows with the code of a real one.")
        )
    links = [*schema.of(Link), *schema.of(PictureLink)]
    if links:
        looked_for.append(("copied links", list(links), "Synthetic rows with a link of a real one."))
    rows: list[tuple[str | float | None, ...]] = []
    for name, columns, about in looked_for:
        any_of = name == "copied links"
        is_copy = _copied(known, sets.synthetic, columns, any_of)
        references = _references(sets, known, columns, any_of)
        share, low, high = share_interval(is_copy, sets.synthetic.family, sets.seed, name)
        if name == "copied rows" and not ids:
            # Without codes, equal rows are two products that look the same in these columns.
            about += (
                " The sets have neither codes nor links: two products may be equal in all columns by chance."
            )
            natural = _natural(known, columns)
            figures.append(judged(name, share, low, high, references, about, at_least=natural))
        elif name == "copied codes":
            chance = _codes_by_chance(known, sets.synthetic, columns[0], is_copy)
            if chance:
                about += (
                    f" Codes beside those of the synthetic rows, with another digit, are real ones in "
                    f"{chance:.1%}: so many codes meet by chance, since few numbers are possible."
                )
            figures.append(judged(name, share, low, high, references, about, at_least=chance))
        else:
            figures.append(judged(name, share, low, high, references, about))
        rows.append((name, int(is_copy.sum()), len(is_copy)))
    if known.titles is not None and sets.synthetic.titles is not None:
        figures.append(_titles(sets, known))
        plain: list[Column] = [column for column in whole if column not in ids]
        is_copy = _copied(known, sets.synthetic, plain, False)
        rows.append(("rows equal to a real one but for codes and links", int(is_copy.sum()), len(is_copy)))
    return tuple(figures), Table("Copies", ("", "synthetic rows", "of"), tuple(rows))


def _cells(rows: Rows, columns: Iterable[Column]) -> list[tuple[str, ...]]:
    return list(zip(*(rows.texts(column.name) for column in columns), strict=True))


def _copied(known: Rows, made: Rows, columns: list[Column], any_of: bool) -> F64:
    """1 where a row has the cells of a known one: all of them, or with ``any_of`` any that is not missing."""
    if not any_of:
        known_cells = set(_cells(known, columns))
        return np.array([cells in known_cells for cells in _cells(made, columns)], dtype=np.float64)
    found = np.zeros(len(made))
    for column in columns:
        values = set(known.texts(column.name)) - {""}
        found = np.maximum(found, [value in values for value in made.texts(column.name)])
    return found


def _references(sets: Comparison, known: Rows, columns: list[Column], any_of: bool) -> dict[str, float]:
    first, second = sets.halves
    return {
        "other half": float(_copied(first, second, columns, any_of).mean()),
        "resample": float(_copied(known, resample(known, sets.seed), columns, any_of).mean()),
        "shuffled": float(_copied(known, shuffled(known, sets.seed), columns, any_of).mean()),
    }


def _codes_by_chance(known: Rows, made: Rows, column: Column, is_copy: F64) -> float:
    """The share of synthetic codes that are real ones by chance at most; 0 where rows were copied with them.

    Whoever draws codes hits one of the source as often as its neighbours, which differ from it by one of the
    last two digits that vary; whoever copies hits codes themselves more often. The bound is three standard
    errors above the neighbours' share. Chance brings codes together, not titles: where rows with one code
    have the same title more often than rows do, nothing is put down to chance.
    """
    codes = [code for code in known.texts(column.name) if code]
    drawn = [code for code in made.texts(column.name) if code]
    if not codes or not drawn or (known.titles is not None and _titles_agree(known, made, column, is_copy)):
        return 0.0
    there, hits, tried = set(codes), 0, 0
    length = Counter(map(len, codes)).most_common(1)[0][0]
    alike = [code for code in codes if len(code) == length]
    varying = [at for at in range(length) if len(digits := {c[at] for c in alike}) > 1 and digits <= _DIGITS]
    for code in drawn:
        for at in varying[-2:]:
            if len(code) == length:
                others = [code[:at] + digit + code[at + 1 :] for digit in sorted(_DIGITS - {code[at]})]
                hits += sum(other in there for other in others)
                tried += len(others)
    if not hits:
        return 0.0
    share = hits / tried
    # Neighbours of one code come together where real codes do, so hits count by code, not each alone.
    return float(share + 3 * np.sqrt(share * (1 - share) / len(drawn)))


def _titles_agree(known: Rows, made: Rows, column: Column, is_copy: F64) -> bool:
    """Whether synthetic rows with a real row's code have its title more often than two rows do."""
    if known.titles is None or made.titles is None:
        return False
    title_of = dict(zip(known.texts(column.name), known.titles, strict=True))
    pairs = zip(made.texts(column.name), made.titles, is_copy, strict=True)
    same = [title == title_of.get(code) for code, title, copied in pairs if copied]
    often, again = Counter(known.titles), Counter(made.titles)
    by_chance = sum(often[title] * times for title, times in again.items()) / len(known) / max(1, len(made))
    expected = by_chance * len(same)
    return bool(sum(same) > expected + 3 * np.sqrt(expected) + 1)


def _natural(rows: Rows, columns: list[Column]) -> float:
    """The share of rows that equal another row."""
    often = Counter(_cells(rows, columns))
    return sum(times for times in often.values() if times > 1) / max(1, len(rows))


def _titles(sets: Comparison, known: Rows) -> Figure:
    """Synthetic rows with a real title, beside how often another real product has the same title.

    Rows with one title and one price are one product in several colourways. The share of products whose title
    another product has estimates how often the title of one more product is known (Good, Biometrika 40,
    1953).
    """
    titles, made = known.titles or [], sets.synthetic.titles or []
    there = set(titles) - {""}
    is_copy = np.array([title in there for title in made], dtype=np.float64)
    share, low, high = share_interval(is_copy, sets.synthetic.family, sets.seed, "copied titles")
    prices = [0.0] * len(known) if known.prices is None else np.nan_to_num(known.prices).tolist()
    products = set(zip(titles, prices, strict=True))
    of_title = Counter(title for title, _ in products)
    natural = sum(times for times in of_title.values() if times > 1) / max(1, len(products))
    references = {"resample": 1.0, "shuffled": 1.0}
    if known.prices is not None:
        references = {"other half": round(natural, 4), **references}
    return Figure(
        "copied titles",
        round(share, 4),
        round(low, 4),
        round(high, 4),
        references,
        about=(
            "Synthetic rows whose title a real row has. The best attainable is how often another real "
            "product, one with another price, has the same title. Not judged: short titles of a trade come "
            "again by themselves."
        ),
    )
