"""The data of a run: its datasets opened, the real rows split by title family, and all of it recorded.

    RUN/data.json               names, digests, counts, columns, excluded rows, versions
    RUN/splits/split.parquet    which part each row of the split dataset is in (train/data/splits.py)
    RUN/splits/checked.parquet  the rows that were checked, and those that are excluded (checked_rows.py)

Validation and test rows are real if there is real data. Synthetic rows with the title of a held-out row are
left out of training, because they would teach that title.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from datagen.schemas import InputError, RunFailed
from datagen.schemas.addresses import is_address
from datagen.schemas.files import write_file
from datagen.schemas.folder import read_manifest
from datagen.schemas.keyed import I64
from datagen.schemas.made_sets import is_made
from datagen.train.chat.conversation import Template
from datagen.train.config import DataConfig
from datagen.train.data.checked_rows import CHECKED, CheckedRows, load_checked
from datagen.train.data.local_paths import recorded_place
from datagen.train.data.mixture import REAL, SYNTHETIC
from datagen.train.data.sources import Source, open_source
from datagen.train.data.splits import Split, leaks, load_split, save_split, split_as_given

DATA = "data.json"
SPLIT = Path("splits") / "split.parquet"
PACKAGES = ("datagen", "torch", "transformers", "peft", "accelerate", "bitsandbytes", "datasets")
Sources = tuple[Source | None, Source | None]
NO_ROWS: I64 = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class RunData:
    """The datasets of a run and how their rows are used.

    ``sources``: the real and the synthetic dataset, None if there is none. ``rows``: int64 row numbers of
    each that are trained on. ``held``: the dataset, number ``held_part`` of the two, that validation and
    test rows come from, and ``split`` its parts. ``left_out``: number of synthetic rows left out because
    they would teach held-out titles. ``checks``: what was found when the rows were checked; None before that
    and for runs of former versions, which excluded no rows.
    """

    sources: Sources
    rows: tuple[I64, I64]
    held: Source
    held_part: int
    split: Split
    template: Template
    left_out: int = 0
    checks: CheckedRows | None = None

    def checked(self, checks: CheckedRows) -> RunData:
        """The same data without the rows that are excluded.

        Raises InputError if nothing is left of a dataset to train on, or no validation row of several.
        """
        kept = [checks.used(part, rows) for part, rows in enumerate(self.rows)]
        data = replace(self, rows=(kept[0], kept[1]), checks=checks)
        for part, source in enumerate(self.sources):
            if source is not None and len(self.rows[part]) and not len(kept[part]):
                raise InputError(f"No row of {source.name} can be trained on; {_first(checks, part)}.")
        if len(self.validation_rows) and not len(data.validation_rows):
            why = _first(checks, self.held_part)
            raise InputError(f"No validation row of {self.held.name} can be used; {why}.")
        return data

    def with_neighbours(self, neighbours: Sequence[Mapping[int, tuple[str, ...]]]) -> RunData:
        """The same data with neighbours in the rows; ``neighbours``: of each dataset, by row number."""
        real, synthetic = (
            source and source.with_neighbours(mine)
            for source, mine in zip(self.sources, neighbours, strict=True)
        )
        held = (real, synthetic)[self.held_part]
        return replace(self, sources=(real, synthetic), held=held or self.held)

    @property
    def validation_rows(self) -> I64:
        """The validation rows of ``held`` that are not excluded."""
        rows = self.split.rows("validation")
        return rows if self.checks is None else self.checks.used(self.held_part, rows)

    @property
    def trained_rows(self) -> I64:
        """Rows of ``held`` that are trained on."""
        return self.rows[self.held_part]

    @property
    def bounds(self) -> tuple[I64 | None, I64 | None]:
        """The first row of each row group of streamed datasets."""
        real, synthetic = (source.bounds if source is not None else None for source in self.sources)
        return real, synthetic

    def given_splits(self) -> str:
        """A sentence on the parts of a dataset that has splits; empty for any other."""
        given = [name for name in self.held.splits if name != "train"]
        if not given:
            return ""
        lost = int((self.split.part < 0).sum())
        return f"The {' and '.join(given)} rows are those of the dataset's own splits" + (
            f"; {lost:,} rows of other splits are left out because they have titles of these."
            if lost
            else "."
        )

    def recorded(self) -> dict[str, Any]:
        """The contents of data.json: the description, and where the datasets were found on this machine."""
        about = self.described()
        for name, source in zip(("real", "synthetic"), self.sources, strict=True):
            if source is None or source.place is None or is_address(source.name):
                continue
            about[name]["path"] = str(source.place.resolve())
            if is_made(source.name):
                manifest = read_manifest(source.place).model_dump(mode="json", by_alias=True)
                about[name]["made"] = {part: manifest[part] for part in ("recipe", "versions")}
        return about

    def described(self) -> dict[str, Any]:
        """The data in numbers, names and digests."""
        counts = {part: len(self.split.rows(part)) for part in ("train", "validation", "test")}
        about: dict[str, Any] = {}
        for name, source, rows in zip(("real", "synthetic"), self.sources, self.rows, strict=True):
            if source is not None:
                about[name] = {
                    "name": source.name,
                    "digest": source.digest,
                    "rows": len(source),
                    "training_rows": len(rows),
                    "columns": source.columns,
                }
        about["split"] = {"of": ("real", "synthetic")[self.held_part], **counts}
        if len(self.held.splits) > 1:
            about["split"]["given"] = self.held.splits
            about["split"]["in_no_part"] = int((self.split.part < 0).sum())
        about["left_out"] = self.left_out
        if self.checks is not None:
            names = {part: source.name for part, source in enumerate(self.sources) if source is not None}
            about["checks"] = self.checks.described(names)
        about["versions"] = versions()
        return about


def prepare_data(config: DataConfig, run: Path) -> RunData:
    """Open and split a new run's data, and record both. Raises InputError, RunFailed."""
    given = None if config.split_from is None else _recorded_splits(Path(config.split_from))
    sources, held = _open(config, given)
    shares = config.split.model_dump()
    path = run / SPLIT
    path.parent.mkdir(parents=True, exist_ok=True)
    if config.split_from is not None:
        parts = load_split(Path(config.split_from) / SPLIT, digest=held.digest)
    else:
        parts = split_as_given(held.titles(), held.splits, config.seed, shares)
    save_split(parts, path, seed=config.seed, shares=shares, digest=held.digest)
    data = _of(config, sources, held, parts)
    _write(run / DATA, data.recorded())
    return data


def reopen_data(config: DataConfig, run: Path, *, synthetic: bool = True) -> RunData:
    """The data of an existing run: the same rows in the same parts, or InputError.

    ``synthetic=False`` does not open the synthetic dataset if validation and test rows are real, which is
    enough to evaluate.
    """
    about = described_data(run)
    if not synthetic and config.real is not None:
        config = config.model_copy(update={"synthetic": None})
    sources, held = _open(config, _recorded_splits(run), places_of(config, run))
    for name, source in zip(("real", "synthetic"), sources, strict=True):
        then = about.get(name, {}).get("digest")
        if source is not None and source.digest != then and is_made(source.name):
            raise InputError(
                f"{source.name} has other rows here than when {run} was started (versions then: "
                f"{_made_with(about[name])}); install those, or start a new run."
            )
        if source is not None and source.digest != then:
            raise InputError(
                f"{source.name} has changed since {run} was started; restore the data, or start a new run."
            )
    data = _of(config, sources, held, load_split(run / SPLIT, digest=held.digest))
    return data.checked(load_checked(run / CHECKED)) if (run / CHECKED).is_file() else data


def places_of(config: DataConfig, run: Path | None) -> dict[str, str]:
    """Name -> where the dataset of that name is now; ``run``: what was started with it, None for a new run.

    Raises InputError if one is gone.
    """
    about = {} if run is None else described_data(run)
    return {
        name: name if run is None else recorded_place(name, about.get(part, {}), run)
        for part, name in (("real", config.real), ("synthetic", config.synthetic))
        if name is not None
    }


def record_checked(data: RunData, run: Path) -> None:
    """Record in data.json which rows of a new run are excluded. Raises RunFailed."""
    _write(run / DATA, data.recorded())


def _recorded_splits(run: Path) -> str:
    """The splits that a run takes its parts from, as "train+test"."""
    if not (run / DATA).is_file():
        return "train"  # what else is missing is said by whoever needs it
    split = described_data(run).get("split")
    given = split.get("given") if isinstance(split, dict) else None
    return "+".join(map(str, given)) if isinstance(given, dict) and given else "train"


def described_data(run: Path) -> dict[str, Any]:
    """The contents of a run's data.json. Raises InputError."""
    try:
        about = json.loads((run / DATA).read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{run / DATA} cannot be read ({str(error)[:200]}); restart the run.") from None
    if not isinstance(about, dict) or not all(
        isinstance(about.get(key, {}), dict) for key in ("real", "synthetic")
    ):
        raise InputError(f"{run / DATA} does not describe the run's data; restart the run.")
    return about


def versions() -> dict[str, str]:
    """Version of each package that affects the results of a run."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _open(
    config: DataConfig, splits: str | None, places: Mapping[str, str] | None = None
) -> tuple[Sources, Source]:
    """The real and the synthetic dataset, and the one that validation and test rows come from.

    Of that one ``splits`` are opened (None: all that can be parts of a run), of the other the split train.
    ``places``: name -> where the dataset is now, if not there.
    """
    names = ((config.real, config.real_columns), (config.synthetic, config.synthetic_columns))
    of_each = (splits, "train") if config.real else (None, splits)
    real, synthetic = (
        open_source(
            name,
            config.template,
            split=split,
            columns=columns,
            stream=config.stream,
            place=(places or {}).get(name),
        )
        if name
        else None
        for (name, columns), split in zip(names, of_each, strict=True)
    )
    held = real if real is not None else synthetic
    if held is None:
        raise InputError("There is no training data; give --real, --synthetic or both.")
    return (real, synthetic), held


def _of(config: DataConfig, sources: Sources, held: Source, parts: Split) -> RunData:
    real, made = sources
    rows = parts.rows("train") if config.real_rows is None else parts.first_rows(config.real_rows)
    if real is None:
        return RunData(sources, (NO_ROWS, rows), held, SYNTHETIC, parts, config.template)
    if made is None or config.synthetic_share == 0:
        return RunData((real, None), (rows, NO_ROWS), held, REAL, parts, config.template)
    titles = real.titles()
    held_out = [titles[row] for part in ("validation", "test") for row in parts.rows(part).tolist()]
    leaking = leaks(made.titles(), held_out)
    drawn = np.setdiff1d(np.arange(len(made), dtype=np.int64), leaking)
    if not len(drawn):
        raise InputError(
            f"Every row of {made.name} has the title of a held-out row of {real.name}; make synthetic rows "
            "with another seed."
        )
    rows = rows if config.synthetic_share != 1 else NO_ROWS
    return RunData(sources, (rows, drawn), held, REAL, parts, config.template, len(leaking))


def _made_with(about: Mapping[str, Any]) -> str:
    """The versions of the packages that a dataset was made with."""
    made = about.get("made")
    known = made.get("versions") if isinstance(made, dict) else None
    return ", ".join(f"{name} {number}" for name, number in (known or {}).items()) or "not recorded"


def _first(checks: CheckedRows, part: int) -> str:
    """The fault of a dataset's first excluded row, for a message."""
    one = next(one for one in checks.excluded if one.part == part)
    return f"row {one.row}: {one.reason}"


def _write(path: Path, value: Mapping[str, Any]) -> None:
    try:
        write_file(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")
    except OSError as error:
        raise RunFailed(f"{path} cannot be written ({error.strerror or error}).") from None
