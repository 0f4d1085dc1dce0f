"""Answers to held-out rows, given the right pictures or wrong ones, and stored as Parquet."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from datagen.schemas import InputError
from datagen.schemas.keyed import I64, permutation
from datagen.train.chat.answers import parse
from datagen.train.chat.conversation import Fields, Template, Value
from datagen.train.data.pictures import PictureSequence, picture_size
from datagen.train.evaluation.generate import answers
from datagen.train.evaluation.held_out import HeldOutRows, RowPictures
from datagen.train.evaluation.kept_answers import KeptAnswers
from datagen.train.evaluation.retrieved import Retrieved
from datagen.train.evaluation.scores import NEAR, exact

if TYPE_CHECKING:
    from datagen.train.models.base import Base

Images = Literal["own", "shuffled", "blank", "shuffled-neighbours"]
"""Which picture a row is shown with; or its own, and with the neighbours of another row."""
BLANK = -1
"""In place of the row whose picture was shown, if it was a blank one."""


@dataclass(frozen=True)
class Predictions:
    """Answers to rows, in the order of the rows.

    ``rows`` and ``title_families``: int64 (n,). ``shown``: int64 (n,), the row whose picture was shown, or
    BLANK. ``truth``, ``answers`` and ``fields`` have one entry per row; fields are None if an answer cannot
    be read. ``neighbours``: the keys in the index of the products that stood in each prompt.
    """

    rows: I64
    title_families: I64
    shown: I64
    truth: list[Fields]
    answers: list[str]
    fields: list[Fields | None]
    neighbours: list[list[str]] | None = None

    def take(self, some: I64) -> Predictions:
        """The predictions at some places (int64)."""
        places = some.tolist()
        return Predictions(
            self.rows[some],
            self.title_families[some],
            self.shown[some],
            [self.truth[at] for at in places],
            [self.answers[at] for at in places],
            [self.fields[at] for at in places],
            [self.neighbours[at] for at in places] if self.neighbours is not None else None,
        )


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


def marks(truth: Fields, answer: Fields | None, template: Template) -> dict[str, bool | None]:
    """Whether title, category and price of an answer are right (a price: within 20 %); None without truth."""
    right: dict[str, bool | None] = {}
    for role, field in (("title", template.title), ("category", template.category)):
        if field is not None:
            right[f"{role}_right"] = answer is not None and exact(str(truth[field]), str(answer[field])) == 1
    if template.price is not None:
        true, price = truth[template.price], None if answer is None else answer[template.price]
        known = isinstance(true, float) and true > 0
        near = isinstance(true, float) and isinstance(price, float) and abs(price - true) <= NEAR * true
        right["price_near"] = near if known else None
    return right


def write_predictions(found: Predictions, template: Template, path: Path, of: Mapping[str, Any]) -> None:
    """Write predictions as Parquet; ``of``, their provenance, goes into the file's metadata as JSON.

    Columns: row, family, shown, true_FIELD for each field, answer, read, said_FIELD for each field, the
    ``marks``, and neighbours where there were some.
    """
    columns: dict[str, pa.Array] = {
        "row": pa.array(found.rows),
        "family": pa.array(found.title_families),
        "shown": pa.array(found.shown),
    }
    names = [one.field for one in template.answer_fields]
    for name in names:
        columns[f"true_{name}"] = _column([fields[name] for fields in found.truth], name, template)
    columns["answer"] = pa.array(found.answers, pa.string())
    columns["read"] = pa.array([fields is not None for fields in found.fields], pa.bool_())
    for name in names:
        values = [None if fields is None else fields[name] for fields in found.fields]
        columns[f"said_{name}"] = _column(values, name, template)
    all_marks = [
        marks(truth, answer, template) for truth, answer in zip(found.truth, found.fields, strict=True)
    ]
    for mark in all_marks[0] if all_marks else ():
        columns[mark] = pa.array([one[mark] for one in all_marks], pa.bool_())
    if found.neighbours is not None:
        columns["neighbours"] = pa.array(found.neighbours, pa.list_(pa.string()))
    table = pa.table(columns).replace_schema_metadata({"evaluation": json.dumps(of, sort_keys=True)})
    pq.write_table(table, path)


def read_predictions(path: Path, template: Template) -> tuple[Predictions, dict[str, Any]]:
    """What :func:`write_predictions` wrote, and its provenance. Raises InputError for anything else."""
    try:
        table = pq.read_table(path)
        of = json.loads((table.schema.metadata or {})[b"evaluation"])
        columns = {name: table.column(name).to_pylist() for name in table.column_names}
        names = [one.field for one in template.answer_fields]
        count = table.num_rows
        truth = [{name: columns[f"true_{name}"][at] for name in names} for at in range(count)]
        fields: list[Fields | None] = [
            {name: columns[f"said_{name}"][at] for name in names} if columns["read"][at] else None
            for at in range(count)
        ]
        rows, title_families, shown = (
            np.array(columns[name], dtype=np.int64) for name in ("row", "family", "shown")
        )
        keys = columns.get("neighbours")
        return Predictions(rows, title_families, shown, truth, columns["answer"], fields, keys), dict(of)
    except (OSError, pa.ArrowException, KeyError, ValueError, TypeError) as error:
        raise InputError(
            f"{path} does not contain predictions ({str(error).splitlines()[0][:200]})."
        ) from None


def _column(values: list[Value], name: str, template: Template) -> pa.Array:
    return pa.array(values, pa.float64() if name in template.numbers else pa.string())
