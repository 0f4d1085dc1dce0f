"""Answers to held-out rows, given the right pictures or wrong ones."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import numpy as np
from PIL import Image

from datagen.schemas import InputError
from datagen.schemas.keyed import I64, permutation
from datagen.train.chat.answers import parse
from datagen.train.data.pictures import PictureSequence, picture_size
from datagen.train.evaluation.generate import answers
from datagen.train.evaluation.held_out import HeldOutRows, RowPictures
from datagen.train.evaluation.kept_answers import KeptAnswers
from datagen.train.evaluation.predictions import BLANK, Predictions
from datagen.train.evaluation.retrieved import Retrieved

if TYPE_CHECKING:
    from datagen.train.models.base import Base

Images = Literal["own", "shuffled", "blank", "shuffled-neighbours"]
"""Which picture a row is shown with; or its own, and with the neighbours of another row."""


def predict_rows(
    base: Callable[[], Base],
    held: HeldOutRows,
    *,
    images: Images = "own",
    retrieved: Retrieved | None = None,
    batch_size: int | None,
    max_new_tokens: int,
    kept: KeptAnswers,
    progress: Callable[[int], None] | None = None,
) -> Predictions:
    """Let the model answer every row; a row whose picture cannot be read is left out.

    Answers in ``kept`` are not generated again, and new ones are added to it. ``base``: called for the model
    if any are missing.

    ``images`` selects what is shown: each row's own picture, that of a row of another title family, or a
    blank one of the same size. Neighbours in ``retrieved`` are those of the picture that is shown; with a
    blank one, the row's own. Raises InputError for options, RunFailed for a lack of memory or of pictures.
    """
    template = held.template
    near = held.rows if images in ("own", "blank") else shuffled(held)  # whose neighbours are shown
    shown = {"shuffled": near, "blank": np.full_like(held.rows, BLANK)}.get(images, held.rows)
    pictures = RowPictures(held.source, held.rows if images == "blank" else shown, template)
    texts_near = retrieved.of_rows(near) if retrieved is not None else None
    rows = held.rows.tolist()
    missing = [at for at, row in enumerate(rows) if row not in kept.answers]
    asked: PictureSequence = _BlankPictures(pictures) if images == "blank" else pictures
    if missing:
        answers(
            base(),
            PictureSequence(missing, lambda at: asked[at]),
            template,
            neighbours=[texts_near[at] for at in missing] if texts_near is not None else None,
            retrieval=retrieved.settings if retrieved is not None else None,
            batch_size=batch_size,
            max_new_tokens=max_new_tokens,
            progress=lambda done: progress(len(rows) - len(missing) + done) if progress else None,
            failed=lambda number, error: kept.add(rows[missing[number]], None),
            found=lambda number, text: kept.add(rows[missing[number]], text),
        )
    elif progress is not None:
        progress(len(rows))
    read = np.array([at for at, row in enumerate(rows) if kept.answers[row] is not None], dtype=np.int64)
    if not len(read):
        raise InputError(f"No row of the {held.name} has a readable picture; check the data, or give --data.")
    truth = held.truth()
    texts = [kept.answers[row] or "" for row in rows]
    fields = [parse(answer, template) for answer in texts]
    keys = [list(retrieved.keys.get(row, ())) for row in near.tolist()] if retrieved is not None else None
    return Predictions(held.rows, held.title_families, shown, truth, texts, fields, keys).take(read)


def shuffled(held: HeldOutRows) -> I64:
    """For each row, the row (int64) whose picture to show: one of another title family, drawn with the seed.

    Every picture is shown once. (The rows are lined up title family by title family, and each gets the
    picture that is as many positions further as the largest family has rows; if one family has more than
    half of the rows, some get a picture of their own family, but never their own.) Raises InputError for
    a single row.
    """
    count = len(held.rows)
    if count < 2:
        raise InputError("Pictures cannot be shuffled among fewer than 2 rows.")
    chance = np.argsort(permutation(held.seed, "shuffled pictures", 0, count))
    _, family, sizes = np.unique(held.title_families, return_inverse=True, return_counts=True)
    of_family = np.argsort(permutation(held.seed, "shuffled families", 0, len(sizes)))
    line = np.lexsort((chance, of_family[family]))
    step = min(int(sizes.max()), count - 1)
    shown = np.empty_like(held.rows)
    shown[line] = held.rows[np.roll(line, -step)]
    return shown


class _BlankPictures(PictureSequence):
    """Grey pictures with the sizes of other pictures."""

    def __init__(self, pictures: RowPictures) -> None:
        super().__init__(pictures, lambda picture: self._blank(picture_size(picture)))
        self._drawn: dict[tuple[int, int], bytes] = {}

    def _blank(self, size: tuple[int, int]) -> bytes:
        if size not in self._drawn:
            file = io.BytesIO()
            Image.new("RGB", size, (128, 128, 128)).save(file, "PNG")
            self._drawn[size] = file.getvalue()
        return self._drawn[size]
