"""Any pictures, answered by a trained run: photo.jpg in, title, category and price out.

The files are untrusted: only JPEG, PNG and WebP are opened, up to a size in bytes and in pixels, and a
file that cannot be read gets an error of its own next to the answers to the others.
"""

from __future__ import annotations

import io
import stat
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from datagen.schemas import InputError
from datagen.train.chat.answers import parse
from datagen.train.chat.conversation import Fields, Template, Value
from datagen.train.data.pictures import MOST_PIXELS, PictureSequence
from datagen.train.evaluation.generate import BATCH_SIZE, MAX_NEW_TOKENS, answers
from datagen.train.terminal import Table

if TYPE_CHECKING:
    from datagen.train.models.base import Base

FILE_FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP"}
"""Suffix -> format: of what ``data.pictures`` reads, the formats of photographs and product pictures."""
MOST_BYTES = 50_000_000


@dataclass(frozen=True)
class Prediction:
    """The answer about one picture.

    ``answer``: the model's text; ``fields``: parsed from it, None if it cannot be parsed. ``error``: why
    there is no answer, or None.
    """

    picture: str
    answer: str
    fields: Fields | None
    error: str | None

    def as_json(self) -> dict[str, Any]:
        """One object per picture."""
        return {
            "picture": self.picture,
            "fields": self.fields,
            "answer": None if self.error else self.answer,
            "error": self.error,
        }


def predict(
    base: Base,
    files: Sequence[Path],
    template: Template,
    *,
    batch_size: int = BATCH_SIZE,
    max_new_tokens: int = MAX_NEW_TOKENS,
    progress: Callable[[int], None] | None = None,
) -> list[Prediction]:
    """Answer the question about each file, in order. Raises InputError for options, RunFailed for memory."""
    errors: dict[int, str] = {}
    texts = answers(
        base,
        PictureFiles(files),
        template,
        batch_size=batch_size,
        max_new_tokens=max_new_tokens,
        progress=progress,
        failed=lambda number, error: errors.__setitem__(number, f"{files[number]} {error}"),
    )
    return [
        Prediction(
            picture=str(file),
            answer=answer,
            fields=None if number in errors else parse(answer, template),
            error=errors.get(number),
        )
        for number, (file, answer) in enumerate(zip(files, texts, strict=True))
    ]


def predictions_table(predictions: Sequence[Prediction], template: Template) -> Table:
    """Picture, title, category and price of the answers, and the raw text of those that cannot be parsed."""
    roles = {template.title: "title", template.category: "category", template.price: "price"}
    names = [one.field for one in template.answer_fields]
    rows = []
    for one in (one for one in predictions if one.error is None):
        if one.fields is None:
            rows.append([one.picture, f"cannot be parsed: {one.answer[:200]}", *[""] * (len(names) - 1)])
        else:
            rows.append([one.picture, *(_cell(one.fields[name], template.missing) for name in names)])
    figures = int(template.answer_fields[-1].field in template.numbers)
    return Table("", ["picture", *(roles.get(name, name) for name in names)], rows, figures)


def _cell(value: Value, missing: str) -> str:
    return f"{value:,.2f}".removesuffix(".00") if isinstance(value, float) else value or missing


def find_pictures(paths: Sequence[Path]) -> list[Path]:
    """The given files, and the pictures in the given folders, sorted by name within each.

    Raises InputError if a folder contains no picture.
    """
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(
            file for file in path.rglob("*") if file.suffix.lower() in FILE_FORMATS and not file.is_dir()
        )
        if not inside:
            raise InputError(
                f"The folder {path} contains no pictures; their names end in {', '.join(FILE_FORMATS)}."
            )
        found += inside
    return found


class PictureFiles(PictureSequence):
    """The bytes of picture files.

    Access raises InputError, a predicate to follow the file's name, for what is not a supported picture.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        super().__init__(files, read_picture_file)


def read_picture_file(path: Path) -> bytes:
    """The bytes of a JPEG, PNG or WebP file; the picture itself is opened later (``pictures.open_picture``).

    Raises InputError, a predicate to follow the file's name.
    """
    try:
        about = path.stat()
    except OSError as error:
        raise InputError(f"cannot be opened ({error.strerror or error}).") from None
    except ValueError:  # a name with a zero byte
        raise InputError("is not the name of a file.") from None
    if not stat.S_ISREG(about.st_mode):
        raise InputError("is not a file.")
    if about.st_size > MOST_BYTES:
        raise InputError(f"has {about.st_size:,} bytes, more than {MOST_BYTES:,}; make it smaller.")
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES)
    except OSError as error:
        raise InputError(f"cannot be opened ({error.strerror or error}).") from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            Image.open(io.BytesIO(data), formats=[*FILE_FORMATS.values()])
        except Image.DecompressionBombError:
            raise InputError(f"has more than {MOST_PIXELS:,} pixels; make it smaller.") from None
        except Exception:  # Pillow's readers raise errors of many kinds on hostile bytes
            raise InputError("is not a JPEG, PNG or WebP picture, or is damaged.") from None
    return data
