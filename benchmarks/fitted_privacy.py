"""Membership attacks on a fitted profile: can somebody who has it and a row tell that the row was fitted?

    python benchmarks/fitted_privacy.py rows.csv --levels type,brand --title description --price price_usd

A profile is fitted to one half of the title families (by last category). Rows of that half are members, those
of the other half are not. The attacker makes as many rows from the profile as it takes to know its
likelihoods (--made), and has rows of the same shop that were not fitted, to compare with. Prints for each
attack the AUC (0.5: nothing is told) and its 95 % interval, whole title families being independent:

- title: how likely the title is on its shelf, and that beside its likelihood by rows that were not fitted;
- price: how likely the price is for its shelf and the last word of its title, also so compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from fit_titles import Row, halves, made_from, options_of, read_rows
from numpy.typing import NDArray

from datagen.report.privacy.attacks import TitleModel
from datagen.report.statistics.intervals import auc
from datagen.schemas.keyed import permutation
from datagen.schemas.title_families import title_families

WIDTH = 0.05
"""Of the kernel on log prices."""

Scores = NDArray[np.float64]


def titles_on_shelves(rows: Sequence[Row]) -> list[str]:
    """Titles after their category values, each of these one word."""
    return [" ".join([*("_".join(value.split()) for value in row[0]), row[1]]) for row in rows]


class PriceModel:
    """Log densities of log prices: among rows of the same shelf and last word, the same word, and all."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._known: dict[tuple[str, ...], list[float]] = defaultdict(list)
        for row in rows:
            for key in self._keys(row):
                self._known[key].append(float(np.log(row[2])))
        self._arrays = {key: np.array(values) for key, values in self._known.items()}

    @staticmethod
    def _keys(row: Row) -> list[tuple[str, ...]]:
        last = row[1].split()[-1]
        return [(*row[0], last), (last,), ()]

    def log_likelihood(self, row: Row) -> float:
        """The mixture of the three, the narrow ones by their numbers of rows."""
        price, chance, left = np.log(row[2]), 1e-6, 1.0
        for key in self._keys(row):
            known = self._arrays.get(key)
            if known is not None:
                share = len(known) / (len(known) + 5.0) if key else 1.0
                near = np.exp(-0.5 * ((known - price) / WIDTH) ** 2).mean() / WIDTH
                chance, left = chance + left * share * float(near), left * (1 - share)
        return float(np.log(chance))


def scores_by(made: Sequence[Row], reference: Sequence[Row], targets: Sequence[Row]) -> dict[str, Scores]:
    """The score of each target by each attack."""
    by_made = TitleModel(titles_on_shelves(made))
    by_others = TitleModel(titles_on_shelves(reference))
    titles = titles_on_shelves(targets)
    likely = np.array([by_made.log_likelihood(title) for title in titles])
    usual = np.array([by_others.log_likelihood(title) for title in titles])
    prices, other_prices = PriceModel(made), PriceModel(reference)
    paid = np.array([prices.log_likelihood(row) for row in targets])
    usually = np.array([other_prices.log_likelihood(row) for row in targets])
    said = {row[1] for row in made}
    return {
        "title": likely,
        "title, compared": likely - usual,
        "title said": np.array([row[1] in said for row in targets], dtype=float),
        "price": paid,
        "price, compared": paid - usually,
        "title and price, compared": (likely - usual) + 0.2 * (paid - usually),
    }


def main() -> str:
    """The figures, one line for each attack."""
    options = options_of(__doc__)
    options.add_argument("--made", type=int, default=30_000)
    given = options.parse_args()
    rows = read_rows(given.file, given.levels.split(","), given.title, given.price)
    fitted, other = halves(rows, given.seed)
    made, _ = made_from(fitted, given.made, given.min_count, given.seed)
    # Half of the rows that were not fitted are attacked, the other half, other families, is compared with.
    family = title_families([row[1] for row in other])
    apart = permutation(given.seed, "reference", 0, int(family.max()) + 1)[family] % 2 == 0
    others = [row for row, its in zip(other, apart, strict=True) if not its]
    reference = [row for row, its in zip(other, apart, strict=True) if its]
    members = fitted[: len(others)]
    targets = [*members, *others]
    families = title_families([row[1] for row in targets])
    is_member = np.arange(len(targets)) < len(members)
    lines = [
        f"fitted {len(fitted):,}, min_count {given.min_count}, attacked {len(members):,} + {len(others):,}"
    ]
    for name, score in scores_by(made, reference, targets).items():
        found = auc(score, is_member, families)
        low, high = found.value - 1.96 * found.error, found.value + 1.96 * found.error
        lines.append(f"{name}: AUC {found.value:.3f} ({low:.3f} to {high:.3f})")
    return "\n".join(lines)


if __name__ == "__main__":
    print(main())
