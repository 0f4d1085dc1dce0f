"""Real and synthetic rows mixed into one training stream, by index arithmetic alone.

The order of an epoch is a pure function of (seed, epoch): the same on every rank, new in every epoch, and
known at any position without iterating to it. A run is resumed by continuing to count where it stopped.

An epoch is long enough to show every real row once together with the synthetic share; without real rows,
or with a share of 1, every synthetic row once. Rows are drawn from shuffled passes over each dataset:

- a dataset with more rows than an epoch takes continues in the next epoch where it stopped, so that a row is
  repeated only after all others have been shown;
- a dataset with fewer rows is repeated: some rows are shown once more than others, different ones in each
  epoch.

Datasets that are read from Parquet files in place (``Source.bounds``) are shuffled a few row groups at a
time, in an order of row groups that is new in every pass, so that only those few are in memory and
nothing is read twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from datagen.schemas import InputError
from datagen.schemas.keyed import I64, permutation, words

REAL, SYNTHETIC = 0, 1
BLOCK = 32
"""Samples within which the share is exact up to rounding; which of them are synthetic is random."""
WINDOW = 1024
"""Approximate number of samples whose order is computed at once."""
STEPS_ALIKE = 32
"""Steps among which samples are grouped by length."""
GROUPS_TOGETHER = 16
"""Row groups of Parquet files whose rows are shuffled together."""
MOST_CACHED = 4096
LEFT_OUT = "left_out"
"""Key of a sample, and of a batch, under which stand the rows that could not be used in its place."""
MOST_LEFT_OUT = 100
"""Rows in a row that may be unusable before a run is stopped."""


class Place(NamedTuple):
    """Where a sample comes from: ``REAL`` or ``SYNTHETIC``, and the row number in that dataset."""

    part: int
    row: int


class LeftOutRow(NamedTuple):
    """A row that could not be used when it was streamed, and why."""

    place: Place
    reason: str


class Order:
    """Which sample is at which position, in every epoch.

    ``real`` and ``synthetic``: int64 row numbers to use of each dataset. ``share``: the synthetic share
    of the stream, 0 to 1; if None, all rows count equally. ``samples``: the length of an epoch, if it
    should differ from the one described above. Epochs are rounded up to a multiple of ``step``, the
    samples of one optimiser step on all ranks, so that every rank gets the same number of full batches.

    ``lengths``: int64 tokens of every row of the two datasets, by row number. With them, the samples of a
    step have similar lengths; the order of steps stays random. ``bounds``: row groups of streamed
    datasets.

    Raises InputError for an impossible share or length.
    """

    def __init__(
        self,
        real: I64,
        synthetic: I64,
        *,
        seed: int,
        share: float | None = None,
        samples: int | None = None,
        step: int = 1,
        lengths: tuple[I64, I64] | None = None,
        bounds: tuple[I64 | None, I64 | None] = (None, None),
    ) -> None:
        self.rows = (real, synthetic)
        self.seed = seed
        self.counts = _counts(len(real), len(synthetic), share, samples, step)
        self.length = sum(self.counts)
        self._step = step
        self._lengths = lengths
        self._bounds = bounds
        self._window = max(WINDOW, step * STEPS_ALIKE) // step * step if lengths else WINDOW
        self._cache: dict[tuple[str, int, int], tuple[I64, ...]] = {}

    @property
    def share(self) -> float:
        """The synthetic share of every epoch."""
        return self.counts[SYNTHETIC] / self.length

    @property
    def repeats(self) -> tuple[float, float]:
        """How often an epoch shows each real and each synthetic row, on average."""
        real, synthetic = (count / max(len(of), 1) for count, of in zip(self.counts, self.rows, strict=True))
        return real, synthetic

    def at(self, epoch: int, position: int) -> Place:
        """The sample at a position of an epoch. Raises IndexError outside 0 to ``length - 1``."""
        if epoch < 0 or not 0 <= position < self.length:
            raise IndexError(
                f"epoch {epoch} has {self.length} samples, so position {position} does not exist"
            )
        parts, rows = self._cached("window", self._compute, epoch, position // self._window)
        within = position % self._window
        return Place(int(parts[within]), int(rows[within]))

    def _compute(self, epoch: int, window: int) -> tuple[I64, I64]:
        """Parts and rows of one window of an epoch."""
        start = window * self._window
        stop = min(start + self._window, self.length)
        parts = self._parts(epoch, start, stop)
        rows = np.empty(len(parts), dtype=np.int64)
        for part in (REAL, SYNTHETIC):
            mine = parts == part
            before = self._synthetic_before(start)
            first = self._first(part, epoch) + (before if part == SYNTHETIC else start - before)
            rows[mine] = self._draw(part, first, int(mine.sum()))
        if self._lengths is not None:
            order = self._grouped_by_length(epoch, window, parts, rows)
            parts, rows = parts[order], rows[order]
        return parts, rows

    def _synthetic_before(self, position: int) -> int:
        """Synthetic samples before a block's first position, exactly rounded."""
        return (2 * position * self.counts[SYNTHETIC] + self.length) // (2 * self.length)

    def _parts(self, epoch: int, start: int, stop: int) -> I64:
        """Which positions are synthetic: in every block as many as the share requires, at random
        positions.
        """
        parts = np.full(stop - start, REAL, dtype=np.int64)
        chance = words(self.seed, f"mix of epoch {epoch}", start, stop - start)
        for at in range(start, stop, BLOCK):
            end = min(at + BLOCK, stop)
            count = self._synthetic_before(end) - self._synthetic_before(at)
            places = np.argsort(chance[at - start : end - start], kind="stable")[:count]
            parts[places + at - start] = SYNTHETIC
        return parts

    def _first(self, part: int, epoch: int) -> int:
        """The position in a dataset's passes at which an epoch starts: where the last stopped, or a new
        pass.
        """
        rows, count = len(self.rows[part]), self.counts[part]
        return epoch * (count if count < rows else -(-count // max(rows, 1)) * rows)

    def _draw(self, part: int, first: int, count: int) -> I64:
        """``count`` rows (int64) of a dataset's passes, starting with the ``first``-th."""
        size = len(self.rows[part])
        drawn = []
        while count:
            turn, within = divmod(first, size)
            (shuffled,) = self._cached("pass", self._shuffled, part, turn)
            drawn.append(shuffled[within : within + count])
            first, count = first + len(drawn[-1]), count - len(drawn[-1])
        return np.concatenate(drawn) if drawn else np.empty(0, dtype=np.int64)

    def _shuffled(self, part: int, turn: int) -> tuple[I64]:
        """One pass over a dataset: its rows in a new order."""
        rows, bounds = self.rows[part], self._bounds[part]
        purpose = f"order of set {part}"
        if bounds is None:
            return (rows[permutation(self.seed, purpose, turn, len(rows))],)
        rank = permutation(self.seed, f"row groups of set {part}", turn, len(bounds) - 1)
        together = rank[np.searchsorted(bounds, rows, side="right") - 1] // GROUPS_TOGETHER
        return (rows[np.lexsort((words(self.seed, purpose, turn, len(rows)), together))],)

    def _grouped_by_length(self, epoch: int, window: int, parts: I64, rows: I64) -> I64:
        """An order of a window in which the samples of a step have similar lengths; steps in random order."""
        real, synthetic = self._lengths or (rows, rows)
        tokens = np.empty(len(rows), dtype=np.int64)
        tokens[parts == REAL] = real[rows[parts == REAL]]
        tokens[parts == SYNTHETIC] = synthetic[rows[parts == SYNTHETIC]]
        whole = len(rows) // self._step * self._step
        steps = np.argsort(tokens[:whole], kind="stable").reshape(-1, self._step)
        turned = steps[permutation(self.seed, f"steps of epoch {epoch}", window, len(steps))]
        return np.concatenate([turned.reshape(-1), np.arange(whole, len(rows))]).astype(np.int64)

    def _cached(
        self, what: str, compute: Callable[[int, int], tuple[I64, ...]], first: int, second: int
    ) -> tuple[I64, ...]:
        """The last few results, since neighbouring positions are requested one after another."""
        key = (what, first, second)
        if key not in self._cache:
            if len(self._cache) >= 8:
                del self._cache[next(iter(self._cache))]
            self._cache[key] = compute(first, second)
        return self._cache[key]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_cache": {}}


class RowSource(Protocol):
    """Rows by number, such as a ``sources.Source``.

    ``remote``: whether they are read from the Hub each time, so that none was checked beforehand.
    """

    name: str
    remote: bool

    def row(self, number: int) -> dict[str, Any]:
        """A row's fields."""


class Mixture:
    """Samples by number, for a data loader of torch.

    Sample ``i`` is at position ``i % len`` of epoch ``i // len``: the number implies the epoch, so the
    loader's workers need no notice of a new one. ``encode`` turns a row into a sample; if that is a dict,
    its ``place`` is added. ``sources``: the real and the synthetic dataset, None if there is none. A streamed
    row that cannot be used is replaced by the next one of the epoch that can, which names it under LEFT_OUT.
    """

    def __init__(
        self,
        order: Order,
        sources: tuple[RowSource | None, RowSource | None],
        encode: Callable[[dict[str, Any]], Any],
    ) -> None:
        self.order = order
        self._sources = sources
        self._encode = encode

    def __len__(self) -> int:
        return self.order.length

    def __getitem__(self, number: int) -> Any:
        epoch, first = divmod(int(number), self.order.length)
        places = (self.order.at(epoch, at) for at in _around(first, self.order.length))
        return _first_usable(self._sources, places, self._encode)


class CachingMixture(Mixture):
    """A mixture that caches its samples, up to MOST_CACHED, but for those that replace others."""

    def __init__(self, *of: Any) -> None:
        super().__init__(*of)
        self._cache: dict[Place, Any] = {}

    def __getitem__(self, number: int) -> Any:
        place = self.order.at(*divmod(int(number), self.order.length))
        if place in self._cache:
            return self._cache[place]
        if len(self._cache) >= MOST_CACHED:
            self._cache.clear()
        sample = super().__getitem__(number)
        if LEFT_OUT not in sample:
            self._cache[place] = sample
        return sample


class RowSubset:
    """Some rows of a dataset as samples, in a fixed order: a validation or test part."""

    def __init__(
        self,
        source: RowSource,
        rows: Sequence[int] | I64,
        encode: Callable[[dict[str, Any]], Any],
        part: int = REAL,
    ) -> None:
        self.rows = rows
        self._sources = (source, None) if part == REAL else (None, source)
        self._encode = encode
        self._part = part

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, number: int) -> Any:
        places = (Place(self._part, int(self.rows[at])) for at in _around(number, len(self.rows)))
        return _first_usable(self._sources, places, self._encode)


def _around(first: int, length: int) -> Iterator[int]:
    """All positions from ``first`` on, the earlier ones last."""
    return ((first + step) % length for step in range(length))


def _first_usable(
    sources: tuple[RowSource | None, RowSource | None],
    places: Iterator[Place],
    encode: Callable[[dict[str, Any]], Any],
) -> Any:
    """The sample of the first usable row. Raises InputError for an unusable one that is not streamed."""
    left_out: list[LeftOutRow] = []
    for place in places:
        try:
            sample = _sample(sources, place, encode)
        except InputError as error:
            source = sources[place.part]
            if source is None or not source.remote or len(left_out) == MOST_LEFT_OUT:
                raise
            left_out.append(LeftOutRow(place, str(error)))
            continue
        if left_out:
            sample[LEFT_OUT] = left_out
        return sample
    raise InputError(left_out[-1].reason)


def _sample(
    sources: tuple[RowSource | None, RowSource | None], place: Place, encode: Callable[[dict[str, Any]], Any]
) -> Any:
    source = sources[place.part]
    if source is None:
        raise InputError(f"There is no {'synthetic' if place.part else 'real'} dataset to read {place} from.")
    row = source.row(place.row)
    try:
        sample = encode(row)
    except InputError as error:
        raise InputError(f"Row {place.row} of {source.name}: {error}") from None
    if isinstance(sample, dict):
        sample["place"] = place
    return sample


def _counts(
    real: int, synthetic: int, share: float | None, samples: int | None, step: int
) -> tuple[int, int]:
    """Real and synthetic samples of an epoch. Raises InputError."""
    if not real and not synthetic:
        raise InputError("There is no training data; give --real, --synthetic or both.")
    if share is None:
        share = synthetic / (real + synthetic)
    if not 0 <= share <= 1:
        raise InputError(f"A synthetic share of {share:g} is impossible; give a number between 0 and 1.")
    if share > 0 and not synthetic:
        raise InputError(f"A synthetic share of {share:g} needs synthetic rows; give --synthetic.")
    if share < 1 and not real:
        raise InputError(
            f"A synthetic share of {share:g} needs real rows; give --real, or leave the share out."
        )
    if step < 1 or (samples is not None and samples < 1):
        raise InputError("An epoch and a step must each have at least one sample.")
    if samples is None:
        samples = synthetic if share == 1 else real + int(real * share / (1 - share) + 0.5)
    length = -(-samples // step) * step
    drawn = int(length * share + 0.5)
    return length - drawn, drawn
