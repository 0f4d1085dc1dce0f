"""The cells of a study: which rows each trains on, by pure data, and the digest that names its folder.

A cell is one model, trained and tested. Its arm says what it is trained on:

    real        real rows alone
    synthetic   synthetic rows alone
    mixture     real and synthetic rows, a share of the samples synthetic
    then_real   synthetic rows for half of the steps, then real ones
    retrieved   real rows, and in place of the synthetic ones the most similar of the other real rows
    permuted    the mixture, with the answers of the synthetic rows dealt out among their pictures
    majority    no model: the most frequent answer of the real rows
    nearest     no model: the answer of the real row whose picture is most similar

``retrieved`` is the control of Geng et al. ("The Unmet Promise of Synthetic Training Images", arXiv
2406.05184): what could be had by looking for similar real rows. If ``permuted`` helps as much as
``mixture``, the pictures teach nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from datagen.schemas import InputError

REAL, SYNTHETIC, MIXTURE, THEN_REAL = "real", "synthetic", "mixture", "then_real"
RETRIEVED, PERMUTED, MAJORITY, NEAREST = "retrieved", "permuted", "majority", "nearest"
UNTRAINED = (MAJORITY, NEAREST)
SIZES = (50, 200, 800)
"""Numbers of real rows, as far as there are so many, if none are given; and all rows."""
SHARES = (0.0, 0.5, 0.8, 1.0)
SEEDS = 6
"""With fewer, no difference can be significant: the sign-flip test's least p is 2 / 2**seeds."""
FEWEST_SEEDS, MOST_SEEDS = 2, 1000
FORMAT = 1
"""Part of every digest: it changes when cells of former versions are no longer comparable."""


@dataclass(frozen=True)
class Cell:
    """One model. ``real_rows``: 0 in the arm ``synthetic``; ``share``: of the samples that are no real rows
    of the subset; ``seed``: of the sample, of its order and of the initialisation.
    """

    arm: str
    real_rows: int
    share: float
    seed: int

    @property
    def trained(self) -> bool:
        """Whether there is a model at all."""
        return self.arm not in UNTRAINED


@dataclass(frozen=True)
class Asked:
    """What a study is asked for. ``real_rows``: None stands for all, an empty tuple for SIZES and all.

    ``test_share``: of the real rows, by title family. ``synthetic_rows``: how many each seed draws, None for
    all. ``seed``: of the test part. ``without``: arms that are left out. ``features``: the vision model by
    whose features pictures are compared, None for colours and edges.
    """

    real_rows: tuple[int | None, ...] = ()
    shares: tuple[float, ...] = SHARES
    then_real: bool = False
    seeds: int = SEEDS
    synthetic_rows: int | None = None
    test_share: float = 0.3
    seed: int = 0
    without: tuple[str, ...] = ()
    features: str | None = None

    def __post_init__(self) -> None:
        if not FEWEST_SEEDS <= self.seeds <= MOST_SEEDS:
            raise InputError(
                f"--seeds {self.seeds} must be between {FEWEST_SEEDS} and {MOST_SEEDS:,}; "
                f"fewer than {SEEDS} cannot show anything."
            )
        if wrong := [share for share in self.shares if not 0 <= share <= 1]:
            raise InputError(f"--shares {wrong[0]:g} is impossible; give shares from 0 to 1.")
        if not any(share > 0 for share in self.shares):
            raise InputError("--shares has no share above 0, so there is nothing to compare; add one.")
        if not 0 < self.test_share < 1:
            raise InputError(f"--test-share {self.test_share:g} must be above 0 and below 1.")
        if wrong_rows := [rows for rows in self.real_rows if rows is not None and rows < 1]:
            raise InputError(f"--real-rows {wrong_rows[0]} is too small; give at least 1.")
        if self.synthetic_rows is not None and self.synthetic_rows < 1:
            raise InputError(f"--synthetic-rows {self.synthetic_rows} is too small; give at least 1.")

    def sizes(self, pool: int, name: str) -> tuple[int, ...]:
        """The numbers of real rows, ascending, of ``pool`` that there are. Raises InputError."""
        asked = self.real_rows or (*(rows for rows in SIZES if rows < pool), None)
        sizes = sorted({pool if rows is None else rows for rows in asked})
        if sizes[-1] > pool:
            raise InputError(
                f"--real-rows {sizes[-1]:,} is more than the {pool:,} training rows of {name}, whose other "
                "rows are tested; give fewer, all, or a smaller --test-share."
            )
        return tuple(sizes)

    @property
    def control_share(self) -> float:
        """The share of the arms ``retrieved`` and ``permuted``: the one nearest to a half."""
        inner = [share for share in self.shares if 0 < share < 1]
        return min(inner, key=lambda share: (abs(share - 0.5), share), default=1.0)


def cells_of(asked: Asked, pool: int, name: str = "the real set") -> tuple[Cell, ...]:
    """The cells of a study on ``pool`` real training rows, in the order in which they are run.

    Seed by seed, so that a study that is stopped has whole pairs. ``retrieved`` is left out where no other
    real row is left, and where no share lies between 0 and 1. Raises InputError.
    """
    sizes = asked.sizes(pool, name)
    cells = (cell for seed in range(asked.seeds) for cell in _of_seed(asked, sizes, pool, seed))
    return tuple(cell for cell in cells if cell.arm not in asked.without)


def _of_seed(asked: Asked, sizes: Sequence[int], pool: int, seed: int) -> Iterator[Cell]:
    control = asked.control_share
    if 1.0 in asked.shares:
        yield Cell(SYNTHETIC, 0, 1.0, seed)
        if control == 1:
            yield Cell(PERMUTED, 0, 1.0, seed)
    for size in sizes:
        yield Cell(MAJORITY, size, 0.0, seed)
        yield Cell(NEAREST, size, 0.0, seed)
        yield Cell(REAL, size, 0.0, seed)
        for share in sorted({share for share in asked.shares if 0 < share < 1}):
            yield Cell(MIXTURE, size, share, seed)
        if asked.then_real:
            yield Cell(THEN_REAL, size, 0.5, seed)
        if control < 1:
            yield Cell(PERMUTED, size, control, seed)
            if size < pool:
                yield Cell(RETRIEVED, size, control, seed)


def digest_of(cell: Cell, study: Mapping[str, Any]) -> str:
    """The name of a cell's folder: equal for equal cells of equal studies, whatever else is asked for.

    ``study``: what all cells share, such as the digests of the data and the settings of the learner.
    """
    text = json.dumps({"format": FORMAT, "cell": asdict(cell), "study": study}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def part_of(cells: Sequence[Cell], only: tuple[int, int] | None) -> tuple[Cell, ...]:
    """The cells of part ``only[0]`` (from 1) of ``only[1]`` parts; all of them if None."""
    return tuple(cells) if only is None else tuple(cells[only[0] - 1 :: only[1]])
