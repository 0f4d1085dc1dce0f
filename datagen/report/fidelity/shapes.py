"""SDMetrics' quality report in NumPy: the same numbers, without pandas and without its memory.

The formulas are those of SDMetrics 0.32 (MIT), with its default thresholds:

- a column of numbers or dates: 1 minus the Kolmogorov-Smirnov statistic (``KSComplement``);
- a column of values: 1 minus the total variation distance of the shares (``TVComplement``);
- two columns of numbers: 1 - |difference of Pearson's r| / 2 (``CorrelationSimilarity``), where the real
  |r| is above 0.5;
- any other two columns: 1 minus the total variation distance of the shares of pairs
  (``ContingencySimilarity``), numbers in ten bins between the smallest and the largest of their *own* table,
  where the real Cramér's V is above 0.3.

The overall number is the mean of the mean over columns and the mean over pairs. Cramér's V comes from the
cells that occur: chi2 = N (sum n_ij^2 / (n_i n_j) - 1), where SDMetrics builds the whole table.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pyarrow as pa

from datagen.report.sets.rows import Rows
from datagen.schemas.keyed import F64, I64
from datagen.schemas.schema import Code, Column, DiscountFlag

LEAST_CORRELATION, LEAST_ASSOCIATION = 0.5, 0.3
"""Of the real rows: pairs that are not above are left out."""

BINS = 10


@dataclass(frozen=True)
class Quality:
    """SDMetrics' scores, 1 at best. ``pairs`` has only the pairs that count."""

    columns: dict[str, float]
    pairs: dict[tuple[str, str], float]

    @property
    def shapes(self) -> float:
        """The mean over columns; not a number without one."""
        return _mean(self.columns.values())

    @property
    def trends(self) -> float:
        """The mean over pairs; not a number without one."""
        return _mean(self.pairs.values())

    @property
    def overall(self) -> float:
        """The mean of both."""
        return _mean((self.shapes, self.trends))


@dataclass(frozen=True)
class _Cells:
    """A column of both tables, the real rows first, as numbers (NaN: missing) or as codes (-1: missing)."""

    numbers: tuple[F64, F64] | None
    codes: tuple[I64, I64]


def quality(real: Rows, synthetic: Rows) -> Quality:
    """The scores of a synthetic table; codes of products are left out, as SDMetrics leaves keys out."""
    cells = {
        column.name: _cells(column, real, synthetic)
        for column in real.schema.columns
        if not isinstance(column, Code)
    }
    columns = {name: _shape(each) for name, each in cells.items()}
    pairs = {(a, b): _trend(cells[a], cells[b]) for a, b in combinations(cells, 2)}
    return Quality(
        {name: score for name, score in columns.items() if np.isfinite(score)},
        {pair: score for pair, score in pairs.items() if np.isfinite(score)},
    )


def _mean(values: object) -> float:
    known = [value for value in values if np.isfinite(value)]  # type: ignore[attr-defined]
    return float(np.mean(known)) if known else float("nan")


def _cells(column: Column, real: Rows, synthetic: Rows) -> _Cells:
    if column.dtype in ("int64", "float64", "date32") and not isinstance(column, DiscountFlag):
        both = real.floats(column.name), synthetic.floats(column.name)
        return _Cells(both, (_binned(both[0]), _binned(both[1])))
    joined = pa.chunked_array(
        [chunk for rows in (real, synthetic) for chunk in rows.table[column.name].cast(pa.string()).chunks],
        pa.string(),
    )
    encoded = joined.combine_chunks().dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy().astype(np.int64)
    return _Cells(None, (codes[: len(real)], codes[len(real) :]))


def _binned(values: F64) -> I64:
    known = values[~np.isnan(values)]
    edges = np.histogram_bin_edges(known, bins=BINS) if len(known) else np.arange(BINS + 1.0)
    bins: I64 = np.digitize(values, edges).astype(np.int64)
    return bins


def _shape(cells: _Cells) -> float:
    if cells.numbers is not None:
        real, synthetic = (np.sort(values[~np.isnan(values)]) for values in cells.numbers)
        if not len(real) or not len(synthetic):
            return float("nan")
        at = np.concatenate([real, synthetic])
        upto = [np.searchsorted(values, at, "right") / len(values) for values in (real, synthetic)]
        return float(1 - np.abs(upto[0] - upto[1]).max())
    real_codes, synthetic_codes = (codes[codes >= 0] for codes in cells.codes)
    if not len(real_codes) or not len(synthetic_codes):
        return float("nan")
    return _similar_shares(real_codes, synthetic_codes)


def _trend(a: _Cells, b: _Cells) -> float:
    if a.numbers is not None and b.numbers is not None:
        return _similar_correlation(a.numbers, b.numbers)
    if not _association(a.codes[0], b.codes[0]) > LEAST_ASSOCIATION:
        return float("nan")
    most = max(int(codes.max()) for codes in b.codes) + 2
    real, synthetic = ((one + 1) * most + other + 1 for one, other in zip(a.codes, b.codes, strict=True))
    return _similar_shares(real, synthetic)


def _similar_shares(real: I64, synthetic: I64) -> float:
    """1 minus the total variation distance of the shares of two lists of codes."""
    _, at = np.unique(np.concatenate([real, synthetic]), return_inverse=True)
    many = int(at.max()) + 1
    shares = [np.bincount(part, minlength=many) / len(part) for part in (at[: len(real)], at[len(real) :])]
    return float(1 - np.abs(shares[0] - shares[1]).sum() / 2)


def _similar_correlation(a: tuple[F64, F64], b: tuple[F64, F64]) -> float:
    found = []
    for one, other in zip(a, b, strict=True):
        known = ~(np.isnan(one) | np.isnan(other))
        x, y = one[known], other[known]
        if len(x) < 2 or x.min() == x.max() or y.min() == y.max():
            return float("nan")
        found.append(float(np.corrcoef(x, y)[0, 1]))
    real, synthetic = found
    return 1 - abs(synthetic - real) / 2 if abs(real) > LEAST_CORRELATION else float("nan")


def _association(a: I64, b: I64) -> float:
    """Cramér's V (Mathematical methods of statistics, 1946, page 282), 0 where a column has one value."""
    _, a = np.unique(a, return_inverse=True)
    _, b = np.unique(b, return_inverse=True)
    of_a, of_b = np.bincount(a), np.bincount(b)
    if min(len(of_a), len(of_b)) < 2:
        return 0.0
    cells, times = np.unique(a * len(of_b) + b, return_counts=True)
    expected = of_a[cells // len(of_b)].astype(np.float64) * of_b[cells % len(of_b)]
    chi2_by_rows = max(0.0, float((times.astype(np.float64) ** 2 / expected).sum() - 1))
    return float(np.sqrt(chi2_by_rows / (min(len(of_a), len(of_b)) - 1)))
