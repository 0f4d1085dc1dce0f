"""What a classifier sees of rows when it has to tell two sets apart.

Two sets are looked at together: which words are frequent enough to be a feature, and how rare a word is, are
counted over both, without knowing which row is of which set. So nothing but a real difference tells them
apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen.arrow import numbers
from datagen.columns.rules import rules
from datagen.report.fidelity.feature import Column, Feature, Features
from datagen.report.fidelity.relations import relations, row_tokens, word_scores
from datagen.report.sets.rows import Rows
from datagen.report.sets.words import document_counts, pairs, words
from datagen.report.statistics.learners import Vocabulary
from datagen.schemas.keyed import F64, I64
from datagen.schemas.schema import ConvertedPrice, Drawn, Other, Title

MOST_WORDS = 40
"""The most frequent words of both sets' titles, each of which is a feature of its own."""
FEWEST_TITLES = 8
"""In which a word has to occur to be a feature of its own."""
MOST_VALUES = 200
"""Values of a category that are told apart, by frequency; the others are one value."""


def features(first: Rows, second: Rows, fold: I64, folds: int, families: tuple[F64, F64] | None) -> Features:
    """The features of all rows of two sets, those of the first on top.

    ``fold``: the fold of each row. ``families``: what :func:`family_features` says of the rows of each set;
    None leaves that out.
    """
    columns: list[Column] = []
    for name in first.categories:
        columns.append(_values(name, [*first.categories[name], *second.categories[name]]))
    columns += _of_other_columns(first, second)
    if first.titles is not None and second.titles is not None:
        columns += _of_titles([*first.titles, *second.titles])
    columns += _of_prices(first, second)
    columns += _of_rules(first, second)
    columns += relations(first, second, fold, folds)
    if families is not None:
        both = np.concatenate(families)
        columns += [(Feature(name, "number"), both[:, at]) for at, name in enumerate(FAMILY_FEATURES)]
    varied = [(feature, values) for feature, values in columns if _varies(values)]
    rows = len(first) + len(second)
    table = np.column_stack([values for _, values in varied]) if varied else np.empty((rows, 0))
    tokens = row_tokens(first, second)
    is_second = np.arange(rows) >= len(first)
    learned = (
        word_scores(Vocabulary(tokens, fewest=2).table(tokens), is_second, fold, folds) if tokens else []
    )
    by_fold = tuple(score[:, None] for score in learned) or (np.empty((rows, 0)),) * folds
    scored = (Feature(WORDS_TOGETHER, "number"),) if learned else ()
    return Features((*(feature for feature, _ in varied), *scored), table, by_fold)


WORDS_TOGETHER = "all words, word pairs and categories together"


FAMILY_FEATURES = ("rows with this title", "different prices of this title")


def family_features(rows: Rows) -> F64:
    """For each row how it repeats in its whole set: float64 (rows, len(FAMILY_FEATURES)), capped at ten."""
    found = np.ones((len(rows), len(FAMILY_FEATURES)))
    titles = rows.titles or [""] * len(rows)
    if rows.titles is not None:
        of_title = Counter(titles)
        found[:, 0] = [of_title[title] for title in titles]
    if rows.prices is not None:
        prices = np.nan_to_num(rows.prices).tolist()
        different = Counter(title for title, _ in set(zip(titles, prices, strict=True)))
        found[:, 1] = [different[title] for title in titles] if rows.titles is not None else 1
    return np.minimum(found, 10)


def _varies(values: F64) -> bool:
    known = values[~np.isnan(values)]
    return len(known) > 0 and (known.min() < known.max() or len(known) < len(values))


def _values(name: str, values: Sequence[str]) -> Column:
    """Values as numbers, the most frequent first; rare ones share the last number."""
    counted = sorted(Counter(values).items(), key=lambda item: (-item[1], item[0]))[:MOST_VALUES]
    number = {value: at for at, (value, _) in enumerate(counted)}
    codes = np.array([number.get(value, len(number)) for value in values], dtype=np.float64)
    return Feature(name, "value", (*number, "any other value")), codes


def _of_other_columns(first: Rows, second: Rows) -> list[Column]:
    found: list[Column] = []
    for column in first.schema.columns:
        if not isinstance(column, Drawn | Other):
            continue
        if column.dtype != "string":
            values = np.concatenate([first.floats(column.name), second.floats(column.name)])
            found.append((Feature(column.name, "number"), values))
            continue
        texts = [*first.texts(column.name), *second.texts(column.name)]
        if len(set(texts)) <= max(MOST_VALUES, len(texts) // 10):
            found.append(_values(column.name, texts))
        lengths = np.array([len(text) for text in texts], dtype=np.float64)
        found.append((Feature(f"length of {column.name}", "number"), lengths))
    return found


def _of_titles(titles: Sequence[str]) -> list[Column]:
    of_title = {title: words(title) for title in set(titles)}
    often = document_counts(of_title.values())
    often_pairs = document_counts(pairs(parts) for parts in of_title.values())
    per_title: dict[str, tuple[float, ...]] = {}
    for title, parts in of_title.items():
        counts = [often[word] for word in parts] or [0]
        after = [often_pairs[pair] for pair in pairs(parts)]
        per_title[title] = (
            len(title),
            len(parts),
            sum(letter.isdigit() for letter in title),
            sum(word[:1].isupper() for word in title.split()),
            np.log1p(min(counts)),
            float(np.mean(np.log1p(counts))),
            sum(count == 1 for count in after),
            float(np.mean(np.log1p(after))),
            len(parts) - len(set(parts)),
        )
    names = (
        "characters of the title",
        "words of the title",
        "digits in the title",
        "capitalised words of the title",
        "frequency of the title's rarest word",
        "mean frequency of the title's words",
        "word pairs that no other title has",
        "mean frequency of the title's word pairs",
        "words said twice in the title",
    )
    table = np.array([per_title[title] for title in titles], dtype=np.float64)
    found = [(Feature(name, "number"), table[:, at]) for at, name in enumerate(names)]
    ends: list[tuple[str, Callable[[list[str]], str]]] = [
        ("first word of the title", lambda parts: parts[0] if parts else ""),
        ("last word of the title", lambda parts: parts[-1] if parts else ""),
    ]
    for name, of in ends:
        found.append(_values(name, [of(of_title[title]) for title in titles]))
    frequent = sorted((-count, str(word)) for word, count in often.items() if count >= FEWEST_TITLES)
    place = {word: at for at, (_, word) in enumerate(frequent[:MOST_WORDS])}
    said = np.zeros((len(titles), len(place)))
    for row, title in enumerate(titles):
        said[row, [place[word] for word in of_title[title] if word in place]] = 1
    found += [(Feature(f"title says “{word}”", "yes or no"), said[:, at]) for word, at in place.items()]
    return found


def _of_prices(first: Rows, second: Rows) -> list[Column]:
    found: list[Column] = []
    if first.prices is not None and second.prices is not None:
        price = np.concatenate([first.prices, second.prices])
        found = [
            (Feature("log price", "number"), np.log(price)),
            (Feature("price ending (last digit)", "number"), np.floor(price) % 10),
            (Feature("price ending (last two digits)", "number"), np.floor(price) % 100),
            (Feature("price ending (last three digits)", "number"), np.floor(price) % 1000),
            (Feature("price ending (cents)", "number"), np.round(price * 100) % 100),
            (Feature("rows with this price", "number"), _often(price)),
        ]
    full, paid = first.schema.price("full"), first.schema.price("paid")
    ratios = [(paid.name, full.name)] if full is not None and paid is not None else []
    ratios += [(column.name, column.source) for column in first.schema.of(ConvertedPrice)]
    for name, source in ratios:
        both = [
            np.divide(rows.floats(name), below, out=np.full(len(rows), np.nan), where=below > 0)
            for rows in (first, second)
            for below in (rows.floats(source),)
        ]
        found.append((Feature(f"{name} divided by {source}", "number"), np.concatenate(both)))
    return found


def _often(values: F64) -> F64:
    """In how many rows of both sets each value is."""
    _, at, often = np.unique(values, return_inverse=True, return_counts=True)
    times: F64 = often[at].astype(np.float64)
    return times


def _of_rules(first: Rows, second: Rows) -> list[Column]:
    """Which rows break each rule of the schema that some row breaks."""
    found: list[Column] = []
    broken = [broken_rules(rows) for rows in (first, second)]
    for name in broken[0]:
        both = np.concatenate([each[name] for each in broken]).astype(np.float64)
        found.append((Feature(f"breaks the rule: {name}", "yes or no"), both))
    return found


def broken_rules(rows: Rows) -> dict[str, NDArray[np.bool_]]:
    """Where each rule that the schema alone implies is broken; missing cells break none."""
    found: dict[str, NDArray[np.bool_]] = {}
    for rule in rules(rows.schema, None):
        needed = [rule.column, *([title.name] if (title := rows.schema.one(Title)) else [])]
        complete = np.ones(len(rows), dtype=bool)
        for name in needed:
            complete &= pc.is_valid(rows.table[name]).to_numpy(zero_copy_only=False)
        broken = np.zeros(len(rows), dtype=bool)
        if complete.any():
            broken[complete] = rule.broken(rows.table.filter(numbers(complete)))
        found[f"{rule.column} {rule.text}"] = broken
    return found
