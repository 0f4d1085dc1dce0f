"""Numbers of the pictures of a study, by which they are compared, and from which the probe learns.

Colours and edges, or what a trained vision model sees (``--features``). The model's are computed once a
picture and kept:

    STUDY/features/DIGEST.npy   float32 (rows, width): a line for each row of a set that the study can use

The digest names the model's weights and the pictures, so another model or another set has another file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from datagen.schemas import InputError, RunFailed
from datagen.schemas.files import whole_file
from datagen.schemas.keyed import I64
from datagen.schemas.progress import StageProgress
from datagen.train.data.picture_features import picture_features
from datagen.train.data.pictures import open_picture
from datagen.train.data.sources import Source
from datagen.train.study.data import StudyData

F32 = NDArray[np.float32]
FOLDER = "features"
AT_ONCE = 16
"""Pictures that a model sees at a time."""
MOST_WIDTH = 100_000


class Features(Protocol):
    """``settings``: what makes the numbers what they are; part of the digests of the cells that use them."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """See the class."""

    def prepare(self) -> None:
        """Compute what is kept for all cells, unless it is kept already. Raises InputError, RunFailed."""

    @property
    def real(self) -> F32:
        """Of the real pictures, float32 (all rows of the set, n); zeros for rows that are not used."""

    @property
    def synthetic(self) -> F32:
        """The same of the synthetic set."""


def features_of(model: str | None, data: StudyData, out: Path, progress: StageProgress) -> Features:
    """The features of a study in ``out``: of a vision model, a folder or a name on the Hub, or without one.

    Nothing is computed before it is asked for. Raises InputError for what is no vision model, RunFailed.
    """
    return ColoursAndEdges(data, progress) if model is None else VisionFeatures(model, data, out, progress)


class ColoursAndEdges:
    """See Features: those of the nearest-picture baseline of ``evaluate`` (data/picture_features.py)."""

    def __init__(self, data: StudyData, progress: StageProgress) -> None:
        self._data, self._progress = data, progress

    @property
    def settings(self) -> Mapping[str, Any]:
        """Their name."""
        return {"features": "colours and edges"}

    def prepare(self) -> None:
        """Nothing is kept."""

    @cached_property
    def real(self) -> F32:
        """See Features."""
        return self._of(self._data.real.source, _used(self._data))

    @cached_property
    def synthetic(self) -> F32:
        """See Features."""
        return self._of(self._data.synthetic.source, self._data.synthetic_rows)

    def _of(self, source: Source, rows: I64) -> F32:
        found = np.zeros((len(source), len(picture_features(None))), dtype=np.float32)
        for at, row in enumerate(rows.tolist()):
            found[row] = picture_features(source.row(row)[self._data.template.image])
            self._progress(f"Reading pictures of {source.name}", at + 1, len(rows))
        return found


class VisionFeatures:
    """See Features: those of a trained vision model (models/vision_model.py), kept in STUDY/features."""

    def __init__(self, model: str, data: StudyData, out: Path, progress: StageProgress) -> None:
        from datagen.train.models.vision_model import vision_model_digest

        self._model, self._data, self._folder, self._progress = model, data, out / FOLDER, progress
        self._digest = vision_model_digest(model)

    @property
    def settings(self) -> Mapping[str, Any]:
        """The model's name, without the folder that it is in, and the digest of its weights."""
        name = Path(self._model).name if Path(self._model).exists() else self._model
        return {"features": name, "model": self._digest}

    def prepare(self) -> None:
        """See Features."""
        _ = self.real, self.synthetic

    @cached_property
    def real(self) -> F32:
        """See Features. Raises RunFailed where they cannot be kept, or are damaged."""
        return self._kept(self._data.real.source, _used(self._data))

    @cached_property
    def synthetic(self) -> F32:
        """See Features. Raises RunFailed where they cannot be kept, or are damaged."""
        return self._kept(self._data.synthetic.source, self._data.synthetic_rows)

    def _kept(self, source: Source, rows: I64) -> F32:
        file = self._folder / f"{self._name(source, rows)}.npy"
        if file.exists():
            return _placed(_read(file, len(rows)), rows, len(source))
        found = self._seen(source, rows)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with whole_file(file) as aside, aside.open("wb") as open_file:
                np.save(open_file, found, allow_pickle=False)
        except OSError as error:
            raise RunFailed(f"{file} cannot be written ({error.strerror or error}).") from None
        return _placed(found, rows, len(source))

    def _name(self, source: Source, rows: I64) -> str:
        of = [self._digest, source.digest, source.columns[self._data.template.image]]
        return hashlib.sha256(json.dumps(of).encode() + rows.tobytes()).hexdigest()[:16]

    def _seen(self, source: Source, rows: I64) -> F32:
        """What the model sees in some rows, float32 (rows, width). Raises RunFailed."""
        from datagen.train.models.vision_model import open_vision_model

        model, image, found = open_vision_model(self._model), self._data.template.image, []
        for first in range(0, len(rows), AT_ONCE):
            part = rows[first : first + AT_ONCE].tolist()
            found.append(model.features([open_picture(source.row(row)[image]) for row in part]))
            done = min(first + AT_ONCE, len(rows))
            self._progress(f"Looking at the pictures of {source.name}", done, len(rows))
        seen = np.concatenate(found)
        if not np.isfinite(seen).all():
            raise InputError(f"{self._model} gives features that are no numbers; give another model.")
        return seen


def _used(data: StudyData) -> I64:
    return np.union1d(data.pool, data.test)


def _placed(values: F32, rows: I64, count: int) -> F32:
    """Features of some rows among zeros for all others: float32 (count, width)."""
    found = np.zeros((count, values.shape[1]), dtype=np.float32)
    found[rows] = values
    return found


def _read(file: Path, rows: int) -> F32:
    """Kept features (rows, width). Raises RunFailed for a file of anything else."""
    try:
        size = file.stat().st_size
        if size > 4 * rows * MOST_WIDTH + 1000:
            raise ValueError(f"it has {size:,} bytes")
        found = np.load(file, allow_pickle=False)
        if found.dtype != np.float32 or found.ndim != 2 or len(found) != rows or not np.isfinite(found).all():
            raise ValueError(f"it holds {found.dtype} {found.shape} in place of float32 ({rows}, width)")
    except (OSError, ValueError, EOFError, MemoryError) as error:
        why = (str(error).splitlines() or [type(error).__name__])[0][:150]
        raise RunFailed(f"{file} is damaged ({why}); remove it and run the command again.") from None
    return np.asarray(found, dtype=np.float32)
