"""How close products are that were made from a profile fitted to one half of a catalogue to the other half.

    python benchmarks/fit_titles.py rows.csv --levels type,brand --title description --price price_usd

Halves are apart by title family and last category, so a title of a shelf that was fitted is on no such shelf
of the other half. ``--part`` takes half of the last category values, to tune on one and score the other;
``--split`` makes other halves of them. Prints one line: AUC of gradient boosting between made and real rows
(0.5: alike), the R2 of log prices of models trained on made and on real rows, the share of titles copied
from the fitted half beside that of the other half, the share of made rows nearer to the fitted half, and
the seconds of the fit. ``--apart`` adds where R2 is lost, by boosting and by a linear model: of real rows
whose rare brands and words are replaced, which is what the guard leaves, of rows made without noise, and of
made rows, three seeds each. ``--write FOLDER`` writes fitted.csv and other.csv, the rows that are compared,
and ends. Needs scikit-learn.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor  # type: ignore[import-untyped]
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer  # type: ignore[import-untyped]
from sklearn.linear_model import Ridge  # type: ignore[import-untyped]
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]
from sklearn.model_selection import GroupKFold  # type: ignore[import-untyped]

from datagen.fit.folding import products_with
from datagen.fit.products import ProductRows, fit_products
from datagen.product.profile import Profile
from datagen.product.sampler import Sampler
from datagen.schemas.keyed import permutation
from datagen.schemas.title_families import title_families

Row = tuple[tuple[str, ...], str, float]
"""Path, title, price."""

WORDS = r"\S+"

REST = {
    "name": "fitted",
    "schema": "fitted",
    "house": {"name": "FERN AND ELM", "letters": "FE"},
    "codes": {"digits": 9, "lines": {"a": {"share": 1, "ranges": [[0, 999_999_999]]}}},
    "pictures": {"forms": {"guid": 1}},
}


def number(text: str) -> int:
    """A number for a text, always the same."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def made_from(
    rows: list[Row],
    many: int,
    min_count: int,
    seed: int,
    *,
    invent_names: bool = True,
    noise: float = 1.0,
) -> tuple[list[Row], float]:
    """Rows made from a profile fitted to some rows, and the seconds of the fit; ``noise``: times its own."""
    start = time.perf_counter()
    levels = [pa.array([row[0][level] for row in rows]) for level in range(len(rows[0][0]))]
    columns = ProductRows(levels, pa.array([row[1] for row in rows]), np.array([row[2] for row in rows]))
    sections = fit_products(columns, min_count, invent_names=invent_names)
    seconds = time.perf_counter() - start
    sections["prices"]["noise"] *= noise
    sampler = Sampler(Profile.model_validate({**REST, **sections}), seed)
    products = sampler.products(0, many)
    titles = sampler.titles.compose(products.phrases).to_pylist()
    paths = [sampler.profile.shelves[shelf].path for shelf in products.shelf]
    return list(zip(paths, titles, products.full.tolist(), strict=True)), seconds


def features(rows: list[Row], *, price: bool = True) -> NDArray[np.float64]:
    """Category values by frequency, lengths, frequent words, log price and its endings."""
    columns: list[Any] = []
    for level in range(len(rows[0][0])):
        counts = Counter(row[0][level] for row in rows)
        # Equally frequent values in no order: that of the rows would put all made ones first.
        ordered = sorted(counts, key=lambda value: (-counts[value], number(value)))
        code = {value: at for at, value in enumerate(ordered[:240])}
        columns.append([code.get(row[0][level], 240) for row in rows])
    columns += [[len(row[1]) for row in rows], [len(row[1].split()) for row in rows]]
    if price:
        columns += [np.log([row[2] for row in rows])]
        columns += [[row[2] % step for row in rows] for step in (1, 10, 50, 100)]
    words = CountVectorizer(max_features=300, binary=True, token_pattern=WORDS)
    said = words.fit_transform([row[1] for row in rows]).toarray()
    return np.hstack([np.array(columns, dtype=float).T, said])


def auc(made: list[Row], real: list[Row]) -> float:
    """Area under the curve of telling made rows from real ones, folds by title family."""
    table, label = features(made + real), np.repeat([1, 0], [len(made), len(real)])
    group, score = title_families([row[1] for row in made + real]), np.zeros(len(label))
    for train, test in GroupKFold(5, shuffle=True, random_state=0).split(table, label, group):
        model = HistGradientBoostingClassifier(max_iter=120, learning_rate=0.08, random_state=0)
        score[test] = model.fit(table[train], label[train]).predict_proba(table[test])[:, 1]
    return float(roc_auc_score(label, score))


def r2(train: list[Row], test: list[Row]) -> float:
    """R2 of log prices on test rows, of a model trained on others."""
    table = features(train + test, price=False)
    price = np.log([row[2] for row in train + test])
    model = HistGradientBoostingRegressor(max_iter=200, learning_rate=0.08, random_state=0)
    found = model.fit(table[: len(train)], price[: len(train)]).predict(table[len(train) :])
    known = price[len(train) :]
    return float(1 - ((found - known) ** 2).mean() / known.var())


def linear_r2(train: list[Row], test: list[Row]) -> float:
    """R2 of log prices on test rows, of a ridge regression on category values, words and pairs of words."""

    def tokens(row: Row) -> list[str]:
        words = row[1].casefold().split()
        places = [f"{at}={value}" for at, value in enumerate(row[0])]
        return [*words, *map(" ".join, pairwise(words)), f"last={words[-1]}", *places, f"{row[0]}"]

    table = CountVectorizer(analyzer=tokens, binary=True, min_df=2)
    seen = table.fit_transform(train)
    known = np.log([row[2] for row in test])
    model = Ridge(alpha=2.0).fit(seen, np.log([row[2] for row in train]))
    return float(1 - ((model.predict(table.transform(test)) - known) ** 2).mean() / known.var())


def guarded(rows: list[Row], of: list[Row], min_count: int) -> list[Row]:
    """Rows with other words in the place of what fewer than ``min_count`` products of some rows have.

    A rare value of the last level is one of as many made-up ones, drawn for each row.
    """
    products = title_families([row[1] for row in of]).tolist()
    names = products_with([row[0][-1] for row in of], products)
    words = [(word, at) for row, at in zip(of, products, strict=True) for word in row[1].split()]
    often = products_with([word for word, _ in words], [at for _, at in words])
    rare = sum(count < min_count for count in names.values())
    found = []
    for at, (path, title, price) in enumerate(rows):
        if names[path[-1]] < min_count:
            path = (*path[:-1], f"made up {number(f'{at}') % max(1, rare)}")
        said = [w if often[w] >= min_count else f"Made{number(f'{at} {w}') % 500}" for w in title.split()]
        found.append((path, " ".join(said), price))
    return found


def apart(fitted: list[Row], real: list[Row], min_count: int, seed: int) -> str:
    """R2 of log prices by what it is taught with, boosted and linear."""
    taught = fitted[: len(real)]
    lines = {
        "real rows": [taught],
        "real rows as the guard leaves them": [guarded(taught, fitted, min_count)],
    }
    for noise in (0.0, 1.0):
        made = [made_from(fitted, len(real), min_count, seed + at, noise=noise)[0] for at in range(3)]
        lines[f"made rows{'' if noise else ' without noise'}"] = made
    return "".join(
        f"\n{name}: boosted {np.mean([r2(rows, real) for rows in each]):.3f}, "
        f"linear {np.mean([linear_r2(rows, real) for rows in each]):.3f}"
        for name, each in lines.items()
    )


def nearer(made: list[Row], fitted: list[Row], other: list[Row]) -> float:
    """The share of made rows whose nearest row by words is in the fitted half; ties count half."""
    texts = [[f"{row[1]} {'_'.join(row[0])}" for row in rows] for rows in (made, fitted, other)]
    words = TfidfVectorizer(token_pattern=WORDS).fit(texts[1] + texts[2])
    mine, first, second = (words.transform(each) for each in texts)
    one, two = ((mine @ each.T).max(axis=1).toarray().ravel() for each in (first, second))
    return float(np.mean((one > two + 1e-9) + 0.5 * (np.abs(one - two) <= 1e-9)))


def figures(made: list[Row], fitted: list[Row], other: list[Row], real: list[Row]) -> str:
    """What made rows are worth beside ``real`` ones, which are some of the ``other`` half."""
    known = {row[1] for row in fitted}
    copied, natural = (np.mean([row[1] in known for row in each]) for each in (made, real))
    size = min(len(fitted), len(other))
    return (
        f"AUC {auc(made, real):.3f}, R2 {r2(made, real):.3f} "
        f"({r2(fitted[: len(made)], real):.3f} by real rows), "
        f"copied {copied:.3f} ({natural:.3f} by nature), "
        f"nearer {nearer(made, fitted[:size], other[:size]):.3f}"
    )


def read_rows(file: str, levels: list[str], title: str, price: str) -> list[Row]:
    """The rows of a CSV file that have a price."""
    with Path(file).open(encoding="utf-8") as lines:
        return [
            (tuple(row[name] for name in levels), row[title], float(row[price]))
            for row in csv.DictReader(lines)
            if row[price]
        ]


def write_rows(rows: list[Row], file: Path, levels: list[str]) -> None:
    """A CSV file of some rows: the levels, ``title`` and ``price``."""
    with file.open("w", encoding="utf-8", newline="") as lines:
        table = csv.writer(lines)
        table.writerow([*levels, "title", "price"])
        table.writerows([*path, title, price] for path, title, price in rows)


def halves(rows: list[Row], seed: int) -> tuple[list[Row], list[Row]]:
    """Two halves without a title family of one last category in common, each in a random order."""
    families = title_families([row[1] for row in rows])
    half = [number(f"{seed} {at} {row[0][-1]}") % 2 for at, row in zip(families, rows, strict=True)]
    parts = [[row for row, its in zip(rows, half, strict=True) if its == which] for which in (0, 1)]
    first, second = ([part[at] for at in permutation(seed, "rows", 0, len(part))] for part in parts)
    return first, second


def options_of(about: str | None) -> argparse.ArgumentParser:
    """The options about a catalogue and its fit."""
    options = argparse.ArgumentParser(description=about)
    options.add_argument("file")
    options.add_argument("--levels", required=True)
    options.add_argument("--title", required=True)
    options.add_argument("--price", required=True)
    options.add_argument("--min-count", type=int, default=5)
    options.add_argument("--seed", type=int, default=0)
    return options


def main() -> str:
    """The line of figures."""
    options = options_of(__doc__)
    options.add_argument("--rows", type=int, default=3000)
    options.add_argument("--part", choices=("A", "B"), help="half of the last category values")
    options.add_argument("--split", default="part", help="another word: other values are in A and in B")
    options.add_argument(
        "--fold-names", action="store_true", help="no made-up names in the place of rare ones"
    )
    options.add_argument("--write", type=Path, help="a folder for the two halves")
    options.add_argument("--apart", action="store_true", help="where the R2 of prices is lost")
    given = options.parse_args()
    rows = read_rows(given.file, given.levels.split(","), given.title, given.price)
    if given.part:
        rows = [row for row in rows if "AB"[number(f"{given.split} {row[0][-1]}") % 2] == given.part]
    fitted, other = halves(rows, given.seed)
    real = other[: given.rows]
    if given.write:
        given.write.mkdir(parents=True, exist_ok=True)
        for name, half in (("fitted", fitted), ("other", real)):
            write_rows(half, given.write / f"{name}.csv", given.levels.split(","))
        return f"{len(fitted):,} rows fitted, {len(real):,} others"
    made, seconds = made_from(
        fitted, len(real), given.min_count, given.seed, invent_names=not given.fold_names
    )
    return (
        f"fitted {len(fitted):,}, compared {len(made):,} + {len(real):,}, min_count {given.min_count}: "
        f"{figures(made, fitted, other, real)}, fit {seconds:.1f} s"
        + (apart(fitted, real, given.min_count, given.seed) if given.apart else "")
    )


if __name__ == "__main__":
    print(main())
