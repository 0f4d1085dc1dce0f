"""How open and how close the built-in profile is, against real rows, which are not part of the project.

    python benchmarks/builtin_profile.py ROWS.csv [--profile burberry] [--seeds 10]

ROWS.csv has the columns title, price_usd and trust (official..., clone..., official-cn... for translations).
A fixed hash of the title family holds out a third; the profile may be worked on with the rest. Every
figure is given for both parts: one that is good on the first alone shows what was learned by heart.
Needs scikit-learn.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import log
from pathlib import Path
from statistics import mean

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier  # type: ignore[import-untyped]
from sklearn.linear_model import Ridge  # type: ignore[import-untyped]
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]
from sklearn.model_selection import GroupKFold  # type: ignore[import-untyped]

from datagen.columns.rows import RowMaker
from datagen.product.profile import SLOTS, Profile, load_profile
from datagen.product.sampler import Sampler
from datagen.product.titles import parse
from datagen.product.vocabulary import OUTERWEAR
from datagen.schemas import load_schema
from datagen.schemas.keyed import place
from datagen.schemas.title_families import title_family_keys

MANY, SIZE = 100_000, 3_040
PARTS = ("worked on", "held out")
NOUNS = ("Coat", "Jacket", "Bag", "Shirt", "Scarf", "Shorts", "Dress", "Wallet", "Case")
"""Last words that say the kind only together with the word before them, where that is one of KINDS."""
KINDS = frozenset(
    [
        "Trench",
        "Car",
        "Tailored",
        "Duffle",
        "Pea",
        "Puffer",
        "Bomber",
        "Harrington",
        "Hooded",
        "Quilted",
        "Field",
        "Denim",
        "Barn",
        "Polo",
        "Crossbody",
        "Shoulder",
        "Tote",
        "Belt",
        "Bum",
        "Bucket",
        "Square",
        "Swim",
        "Bifold",
        "Folding",
        "Card",
    ]
)
TYPES = {
    "trench coat": "Trench Coat",
    "car coat": "Car Coat",
    "padded": "Quilted Jacket|Puffer Jacket|Puffer Coat|Gilet",
    "coat": "Coat|Parka|Cape|Poncho",
    "jacket": "Jacket|Blazer",
    "shirt": "Overshirt|Blouse|Shirt",
    "t-shirt": "T-shirt|Polo Shirt|Top",
    "sweats": "Hoodie|Sweatshirt|Jogging Pants",
    "knitwear": "Sweater|Cardigan",
    "dress": "Dress|Skirt",
    "legs": "Trousers|Shorts|Chinos|Jeans",
    "bag": "Bag|Tote|Backpack",
    "shoes": "Boots|Sneakers|Sandals|Loafers|Pumps|Slides",
    "scarf": "Scarf",
    "small": "Wallet|Case|Pouch",
}
"""Types of product whose prices are compared within, by the last two words of a title or the last."""
TYPE_OF = {noun: name for name, nouns in TYPES.items() for noun in nouns.split("|")}

Titles = Sequence[str]


def kind_of(title: str) -> str:
    """The kind of product that a title names, by its last words."""
    *_, before, last = ["", *re.split(r"[ ]", title.split(" – ")[0])]
    return f"{before} {last}" if last in NOUNS and before in KINDS else last


class Real:
    """The real titles of one part, and those with a price in dollars."""

    def __init__(self, rows: Iterable[dict[str, str]]) -> None:
        said: dict[str, list[float]] = defaultdict(list)
        self.translated: list[str] = []
        for row in rows:
            if row["trust"].startswith("official-cn"):
                self.translated.append(row["title"])
            elif row["trust"].startswith(("official", "clone")):
                said[row["title"]] += [float(row["price_usd"])] if row["price_usd"] else []
        self.titles = sorted(said)
        self.priced = {title: float(np.median(prices)) for title, prices in said.items() if prices}


def read(path: Path) -> tuple[Real, Real]:
    """The part that is worked on, and the third that is held out."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    keys = title_family_keys([row["title"] for row in rows])
    held = [place(14, "built-in profile: held out", key) % 3 == 0 for key in keys]
    parts = [[row for row, out in zip(rows, held, strict=True) if out is which] for which in (False, True)]
    return Real(parts[0]), Real(parts[1])


class Made:
    """Rows of a profile: titles, prices, and which are outerwear or for grown-ups."""

    def __init__(self, profile: Profile, seed: int, rows: int) -> None:
        sampler = Sampler(profile, seed)
        products = sampler.products(0, rows)
        table = RowMaker(load_schema(profile.schema_name), sampler).table(products)
        self.titles: list[str] = table["title"].to_pylist()
        self.prices = np.array(table["full_price"])
        self.longest_link = max(map(len, table["itemurl"].to_pylist()))
        worn_by = np.array([profile.wearer(shelf) for shelf in profile.shelves])[products.shelf]
        self.grown_up = np.isin(worn_by, ("woman", "man"))
        drawn = np.array([kind.drawing or name for name, kind in profile.kinds.items()])
        self.outerwear = np.isin(drawn, list(OUTERWEAR))[products.kind]


def legal(titles: Titles, profile: Profile) -> float:
    """The share of titles that the grammar of some kind could have composed."""
    words = {slot: profile.words.get(slot, {}) for slot in SLOTS}
    kinds = {name for shelf in profile.shelves for name in shelf.kinds}
    can = [any(parse(title, profile.kinds[kind], words) for kind in kinds) for title in titles]
    return float(np.mean(can))


class Words:
    """Word counts of made titles, smoothed from trigrams down: how likely they make another title."""

    def __init__(self, titles: Titles) -> None:
        self.counts: Counter[tuple[str, ...]] = Counter()
        for title, times in Counter(titles).items():
            said = ["", "", *title.split(), "."]
            for at in range(2, len(said)):
                for reach in range(3):
                    self.counts[tuple(said[at - reach : at + 1])] += times
                    self.counts[(*said[at - reach : at], "*")] += times

    def score(self, title: str) -> float:
        """Mean log probability of a title's words."""
        said, total = ["", "", *title.split(), "."], 0.0
        for at in range(2, len(said)):
            chance = 1e-5
            for reach in range(3):
                context = tuple(said[at - reach : at])
                every = self.counts[(*context, "*")]
                chance = (self.counts[(*context, said[at])] + 3 * chance) / (every + 3)
            total += log(chance)
        return total / (len(said) - 2)


def attacks(parts: tuple[Real, Real], made: Titles) -> dict[str, float]:
    """AUC of telling titles of the first part from those of the second, by what the made ones give away."""
    model, times = Words(made), Counter(made)
    sets = [frozenset(title.split()) for title in times]
    by_word: dict[str, list[int]] = defaultdict(list)
    for at, each in enumerate(sets):
        for word in each:
            by_word[word].append(at)

    def nearest(title: str) -> float:
        mine = frozenset(title.split())
        near = {at for word in mine for at in by_word[word][:4000]}
        return max((len(mine & sets[at]) / len(mine | sets[at]) for at in near), default=0.0)

    titles = [*parts[0].titles, *parts[1].titles]
    member = [1] * len(parts[0].titles) + [0] * len(parts[1].titles)
    scores = {
        "likelihood": [model.score(title) for title in titles],
        "made": [float(times[title]) for title in titles],
        "nearest": [nearest(title) for title in titles],
    }
    return {name: float(roc_auc_score(member, score)) for name, score in scores.items()}


def features(titles: Titles, prices: NDArray[np.float64] | None, vocabulary: Titles) -> NDArray[np.float64]:
    """One row a title: its length, its words and pairs of words, and its price's logarithm and ending."""
    rows = []
    for at, title in enumerate(titles):
        said = title.split()
        there = {*said, *map(" ".join, pairwise(said)), kind_of(title)}
        row = [len(title), len(said), *(word in there for word in vocabulary)]
        rows.append(row if prices is None else [*row, log(prices[at]), prices[at] % 100])
    return np.array(rows, dtype=np.float64)


def two_sample(real: dict[str, float], made: Made, with_prices: bool, draws: int = 3, each: int = 5) -> float:
    """AUC of telling real titles from made ones of the same kinds, by boosting, folds by title.

    ``each``: made titles for each real one, since there are few of these.
    """
    grown = np.flatnonzero(made.grown_up)
    of_kind: dict[str, list[int]] = defaultdict(list)
    for at in grown:
        of_kind[kind_of(made.titles[at])].append(int(at))
    results = []
    for draw in range(draws):
        random = np.random.default_rng(draw)
        picked: dict[str, float] = {}
        for kind, wanted in Counter(map(kind_of, real)).items():
            before = len(picked)
            for at in random.permutation(of_kind[kind])[: 40 * wanted]:
                if len(picked) - before < each * wanted:
                    picked.setdefault(made.titles[at], float(made.prices[at]))
        there = [title for title in real if of_kind[kind_of(title)]]
        titles = [*there, *picked]
        prices = np.array([real[title] for title in there] + list(picked.values()))
        label = np.array([1] * len(there) + [0] * len(picked))
        counts = Counter(
            word for title in titles for word in {*title.split(), *map(" ".join, pairwise(title.split()))}
        )
        vocabulary = [word for word, count in counts.items() if count >= 3] + sorted(
            {kind_of(title) for title in there}
        )
        x = features(titles, prices if with_prices else None, vocabulary)
        groups = np.unique(title_family_keys(titles), return_inverse=True)[1]
        shown = np.zeros(len(label))
        for fit, test in GroupKFold(5).split(x, label, groups):
            model = HistGradientBoostingClassifier(
                max_iter=60, learning_rate=0.08, min_samples_leaf=6, class_weight="balanced", random_state=0
            )
            shown[test] = model.fit(x[fit], label[fit]).predict_proba(x[test])[:, 1]
        results.append(roc_auc_score(label, shown))
    return float(np.mean(results))


def like(real: Iterable[str], made: Made, each: int = 25) -> dict[str, float]:
    """Prices of made titles of the same kinds as the real ones, some for each of those."""
    wanted = Counter(map(kind_of, real))
    picked: dict[str, float] = {}
    taken: Counter[str] = Counter()
    for at in np.flatnonzero(made.grown_up):
        title = made.titles[at]
        kind = kind_of(title)
        if taken[kind] < each * wanted[kind] and title not in picked:
            picked[title] = float(made.prices[at])
            taken[kind] += 1
    return picked


def effects(prices: dict[str, float], words: Titles) -> NDArray[np.float64]:
    """What each word adds to the log price within a type of product, by ridge regression."""
    types = list(TYPES)
    rows = []
    for title in prices:
        mine = TYPE_OF.get(" ".join(title.split()[-2:]), TYPE_OF.get(title.split()[-1], ""))
        rows.append([mine == each for each in types] + [word in title.split() for word in words])
    model = Ridge(alpha=len(rows) / 100).fit(np.array(rows, dtype=np.float64), np.log(list(prices.values())))
    of_words: NDArray[np.float64] = model.coef_[len(types) :]
    return of_words


def several_prices(made: Made, which: NDArray[np.bool_]) -> float:
    """The share of titles said by several rows that have several prices."""
    of_title: dict[str, list[float]] = defaultdict(list)
    for at in np.flatnonzero(which):
        of_title[made.titles[at]].append(float(made.prices[at]))
    repeated = [prices for prices in of_title.values() if len(prices) > 1]
    return sum(len(set(prices)) > 1 for prices in repeated) / max(1, len(repeated))


def main() -> None:
    """Print the figures, one a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--profile", default="burberry")
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args()
    profile, parts = load_profile(options.profile), read(options.rows)
    made = Made(profile, 0, MANY)

    def show(what: str, *figures: float, form: str = ".2f") -> None:
        print(f"{what:58}" + "".join(f"{figure:12{form}}" for figure in figures))

    print(" " * 58 + "".join(f"{part:>12}" for part in PARTS))
    show("titles of the house", *(len(part.titles) for part in parts), form="d")
    show("  with a price in dollars", *(len(part.priced) for part in parts), form="d")
    show("legal by the grammar", *(legal(part.titles, profile) for part in parts))
    show("  translated titles", *(legal(part.translated, profile) for part in parts))
    known = {word for title in made.titles for word in title.split()}
    pairs = {pair for title in set(made.titles) for pair in pairwise(title.split())}
    show("all words said", *(mean([known >= set(t.split()) for t in part.titles]) for part in parts))
    show(
        "all pairs of words said",
        *(mean([pairs >= set(pairwise(t.split())) for t in part.titles]) for part in parts),
    )
    every = set(made.titles)
    show(
        "verbatim among 100,000 made rows",
        *(mean([title in every for title in part.titles]) for part in parts),
    )
    for name, auc in attacks(parts, made.titles).items():
        show(f"membership attack, {name} (0.5 is none)", auc)
    everything = {**parts[0].priced, **parts[1].priced}
    samples = [dict.fromkeys(part.titles, 1.0) for part in parts]
    show("two-sample AUC, titles", *(two_sample(sample, made, False) for sample in samples))
    show("two-sample AUC, titles and prices", *(two_sample(part.priced, made, True) for part in parts))
    show("  both parts together", two_sample(everything, made, True))
    for name, real in (*zip(PARTS, (part.priced for part in parts), strict=True), ("both", everything)):
        said = Counter(word for title in real for word in title.split())
        words = sorted(
            word for word, count in said.items() if count >= (4 if name == "both" else 3) and word in known
        )
        ours, theirs = effects(like(real, made), words), effects(real, words)
        show(f"effects of {len(words)} words on prices, correlation, {name}", np.corrcoef(ours, theirs)[0, 1])
        if name == "both":
            listed = sorted(zip(words, theirs, ours, strict=True), key=lambda each: -abs(each[1] - each[2]))[
                :12
            ]
            print("  real, made: " + ", ".join(f"{word} {a:+.2f} {b:+.2f}" for word, a, b in listed))
    sets = [Made(profile, seed, SIZE) for seed in range(options.seeds)]
    several = [several_prices(each, each.outerwear & each.grown_up) for each in sets]
    show("outerwear titles said again that have several prices", float(np.mean(several)), max(several))
    show(
        "longest title, least and most over the seeds",
        *_ends(max(map(len, each.titles)) for each in sets),
        form=".0f",
    )
    show("longest link", *_ends(each.longest_link for each in sets), form=".0f")
    show("highest price", *_ends(each.prices.max() for each in sets), form=",.0f")


def _ends(values: Iterable[float]) -> tuple[float, float]:
    found = list(values)
    return min(found), max(found)


if __name__ == "__main__":
    main()
