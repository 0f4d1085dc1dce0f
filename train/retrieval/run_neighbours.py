"""The neighbours of a run's rows, found once before its first step and recorded.

    RUN/splits/neighbours.parquet   part, row, the keys of its neighbours and their answers, the nearest first

So a resumed run shows the same ones, whatever became of the index. A row never has a neighbour of its own
title family, and no row has one of a validation or test row.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from datagen.schemas import InputError, RunFailed
from datagen.schemas.files import whole_file
from datagen.schemas.keyed import I64
from datagen.schemas.progress import StageProgress
from datagen.train.config import RunConfig
from datagen.train.data.pictures import PictureSequence
from datagen.train.data.run_data import RunData
from datagen.train.data.sources import Source
from datagen.train.models.base import load_base
from datagen.train.retrieval.catalogue import Catalogue, load_catalogue
from datagen.train.retrieval.search import NONE
from datagen.train.retrieval.tower import maker_of_run, refuse_other_tower
from datagen.train.retrieval.vectors import kind_of

NEIGHBOURS = Path("splits") / "neighbours.parquet"
Texts = dict[int, tuple[str, ...]]
"""Row -> the answers of its neighbours."""


def retrieved_data(
    config: RunConfig, data: RunData, run: Path, progress: StageProgress, *, dry: bool = False
) -> RunData:
    """The data with the neighbours of all rows that are trained or validated on, recorded in the run's
    folder.

    Reads that record if there is one. ``dry``: without loading a model; a row whose picture is not in the
    index then gets the longest answers in place of those of its neighbours. Raises InputError for an index
    that does not fit, RunFailed for a full disk.
    """
    if config.retrieval.index is None:
        return data
    path = run / NEIGHBOURS
    if path.is_file():
        return data.with_neighbours(_read(path))
    index = Path(config.retrieval.index)
    catalogue = load_catalogue(index)
    refuse_other_tower(catalogue.about, index, config, None, "base")
    if kind_of(config) == "tower" and "tower" in config.model.train:
        raise InputError(
            "With --retrieve the vision tower finds the neighbours, so it must stay as it is; leave tower "
            "out of model.train."
        )
    if any(source is not None and source.remote for source in data.sources):
        raise InputError(
            "With --retrieve every picture is read before the first step; leave out data.stream for data on "
            "the Hub."
        )
    found = _found(config, data, run, catalogue, progress, dry=dry)
    _write(found, path)
    return data.with_neighbours([{row: texts for row, (_, texts) in part.items()} for part in found])


def withheld_titles(data: RunData, real_rows: int | None) -> list[str | None]:
    """The titles that a run does not learn from: of its validation and test parts, and others."""
    known = data.split.rows("train") if real_rows is None else data.split.first_rows(real_rows)
    titles = data.held.titles()
    learned = set(np.unique(data.split.title_family[known]).tolist())
    return [
        title
        for title, family in zip(titles, data.split.title_family.tolist(), strict=True)
        if family not in learned
    ]


def _found(
    config: RunConfig,
    data: RunData,
    run: Path,
    catalogue: Catalogue,
    progress: StageProgress,
    *,
    dry: bool,
) -> list[dict[int, tuple[list[str], tuple[str, ...]]]]:
    """Of each dataset: row -> keys and answers of its neighbours."""
    k, template = config.retrieval.k, data.template
    texts = [template.text(fields) for fields in catalogue.fields(template)]
    longest = tuple(sorted(texts, key=len, reverse=True)[:k])
    withheld = withheld_titles(data, config.data.real_rows)
    loaded: list[Any] = []

    def base() -> Any:
        loaded.append(load_base(config, run))
        loaded[0].model.eval()
        return loaded[0]

    vector = _unknown if dry else maker_of_run(catalogue.about, config, run, base)
    found: list[dict[int, tuple[list[str], tuple[str, ...]]]] = []
    for part, source in enumerate(data.sources):
        rows = data.rows[part]
        if part == data.held_part:
            rows = np.union1d(rows, data.split.rows("validation")).astype(np.int64)
        if source is None or not len(rows):
            found.append({})
            continue
        queries = catalogue.queries(_pictures(source, rows, template.image), vector, progress)
        titles = source.titles()
        places = catalogue.nearest(queries, k, [titles[row] for row in rows.tolist()], withheld)
        shown = {}
        for row, mine, query in zip(rows.tolist(), places.tolist(), queries, strict=True):
            near = [place for place in mine if place != NONE]
            keys, said = [catalogue.keys[place] for place in near], tuple(texts[place] for place in near)
            shown[row] = (keys, longest if dry and np.isnan(query[0]) else said)
        found.append(shown)
    if loaded:
        loaded.clear()
        del vector
        gc.collect()
        _free_gpu()
    return found


def _pictures(source: Source, rows: I64, image: str) -> PictureSequence:
    return PictureSequence(rows.tolist(), lambda row: source.row(row)[image])


def _unknown(picture: Any) -> Any:
    raise InputError("is not in the index.")


def _free_gpu() -> None:
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _write(found: Sequence[Mapping[int, tuple[list[str], tuple[str, ...]]]], path: Path) -> None:
    """Raises RunFailed."""
    entries = [(part, row, *both) for part, rows in enumerate(found) for row, both in rows.items()]
    table = pa.table(
        {
            "part": pa.array([one[0] for one in entries], pa.int8()),
            "row": pa.array([one[1] for one in entries], pa.int64()),
            "keys": pa.array([one[2] for one in entries], pa.list_(pa.string())),
            "answers": pa.array([list(one[3]) for one in entries], pa.list_(pa.string())),
        }
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as aside:
            pq.write_table(table, aside)
    except OSError as error:
        raise RunFailed(f"{path} cannot be written ({error.strerror or error}).") from None


def _read(path: Path) -> list[Texts]:
    """The neighbours of the rows of both datasets. Raises InputError."""
    try:
        columns = pq.read_table(path).to_pydict()
        found: list[Texts] = [{}, {}]
        for part, row, answers in zip(columns["part"], columns["row"], columns["answers"], strict=True):
            found[part][row] = tuple(map(str, answers))
        return found
    except (OSError, pa.ArrowException, KeyError, ValueError, TypeError, IndexError) as error:
        raise InputError(
            f"{path} is not the record of a run's neighbours ({str(error).splitlines()[0][:200]}); start a "
            "new run."
        ) from None
