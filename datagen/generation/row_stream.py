"""Rows without a folder: one by one as dicts, or all at once for pandas, Arrow and ``datasets``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from datagen.dataset.shards import arrow_schema
from datagen.generation.maker import Maker
from datagen.generation.recipe import Recipe
from datagen.schemas import InputError

if TYPE_CHECKING:
    import datasets
    import pandas  # type: ignore[import-untyped]

ROWS_AT_ONCE, PICTURES_AT_ONCE = 1024, 16
STRETCHES_OF_A_SIZE = 1000
"""A stretch is a part of an iterable dataset: workers and nodes share them, and a resumed one makes the rows
again of the stretch that it is in. So the first thousand are as small as rows are made at once, and each
further thousand doubles: there are few for any number of rows, and none of the larger ones has over a
five-hundredth of the rows before it."""


class RowStream(Iterator[dict[str, Any]]):
    """Rows [start, stop) of a recipe, made as they are asked for; ``stop`` None: to the last product code.

    Iterating gives a dict for each row, once, at constant memory. A picture is
    ``{"bytes": JPEG, "path": "<code>.jpg"}``; so are a mask and maps, as PNG, None where there is no map.
    The methods ``to_...`` give all rows, whatever was iterated before; only :meth:`to_iterable_dataset` does
    so at constant memory.

    >>> import datagen
    >>> frame = datagen.stream(1000, image_size=None).to_pandas()  # doctest: +SKIP
    """

    def __init__(self, recipe: Recipe, start: int, stop: int | None) -> None:
        self._recipe, self._start, self._stop = recipe, start, stop
        self._maker = Maker(recipe)
        self._rows = self._iterate()

    def __next__(self) -> dict[str, Any]:
        return next(self._rows)

    def to_arrow(self) -> pa.Table:
        """All rows as an Arrow table, with the features of ``datasets`` in its metadata.

        Raises InputError where the number of rows was not given.
        """
        if self._stop is None:
            raise InputError(
                "A stream without a number of rows does not fit into memory; give the number of rows, "
                "or use to_iterable_dataset()."
            )
        columns = arrow_schema(self._recipe.schema, bool(self._recipe.image_size), self._recipe.ground_truth)
        return pa.concat_tables(list(_tables(self._maker, self._start, self._stop))).cast(columns)

    def to_pandas(self) -> pandas.DataFrame:
        """All rows as a data frame; a picture is a dict of bytes and path. Raises as :meth:`to_arrow`."""
        return self.to_arrow().to_pandas()

    def to_dataset(self) -> datasets.Dataset:
        """All rows as a ``datasets.Dataset`` in memory, with pictures decoded. Raises as :meth:`to_arrow`."""
        import datasets

        return datasets.Dataset(datasets.table.InMemoryTable(self.to_arrow()))

    def to_iterable_dataset(self) -> datasets.IterableDataset:
        """The rows as a ``datasets.IterableDataset``, made again in every epoch, with pictures decoded.

        The workers of a data loader, and the nodes of ``datasets.distributed.split_dataset_by_node``, each
        make a part of the rows: every n-th stretch. ``state_dict`` says where a reader is;
        ``load_state_dict`` resumes there, and makes again at most a five-hundredth of the rows before.
        """
        import datasets

        columns = arrow_schema(self._recipe.schema, bool(self._recipe.image_size), self._recipe.ground_truth)
        return datasets.IterableDataset.from_generator(
            _rows_of_stretches,
            features=datasets.Features.from_arrow_schema(columns),
            gen_kwargs={"recipe": self._recipe, "stretches": self._stretches()},
        )

    def _iterate(self) -> Iterator[dict[str, Any]]:
        stop = self._maker.capacity if self._stop is None else self._stop
        for table in _tables(self._maker, self._start, stop):
            yield from table.to_pylist()

    def _stretches(self) -> list[tuple[int, int]]:
        stop = self._maker.capacity if self._stop is None else self._stop
        found: list[tuple[int, int]] = []
        at, step = self._start, _step(self._recipe)
        while at < stop:
            found.append((at, min(at + step, stop)))
            at += step
            step *= 1 + (len(found) % STRETCHES_OF_A_SIZE == 0)
        return found


def _step(recipe: Recipe) -> int:
    return PICTURES_AT_ONCE if recipe.image_size else ROWS_AT_ONCE


def _tables(maker: Maker, start: int, stop: int) -> Iterator[pa.Table]:
    step = _step(maker.recipe)
    for at in range(start, stop, step):
        yield maker.piece(at, min(at + step, stop)).table


def _rows_of_stretches(recipe: Recipe, stretches: list[tuple[int, int]]) -> Iterator[dict[str, Any]]:
    """What an iterable dataset calls in every epoch, in the process that reads it."""
    maker = Maker(recipe)
    for start, stop in stretches:
        for table in _tables(maker, start, stop):
            yield from table.to_pylist()
