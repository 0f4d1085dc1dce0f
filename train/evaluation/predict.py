"""Any pictures, answered by a trained run: photo.jpg in, title, category and price out.

The files are untrusted: only JPEG, PNG and WebP are opened, up to a size in bytes and in pixels, and a
file that cannot be read gets an error of its own next to the answers to the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datagen.train.chat.answers import parse
from datagen.train.chat.conversation import Fields, Template, Value
from datagen.train.config import RetrievalConfig, saved_config
from datagen.train.data.picture_files import read_picture_file
from datagen.train.data.pictures import PictureSequence
from datagen.train.evaluation.generate import MAX_NEW_TOKENS, answers
from datagen.train.retrieval.catalogue import load_catalogue
from datagen.train.retrieval.search import NONE
from datagen.train.retrieval.tower import maker_of_run, refuse_other_tower
from datagen.train.terminal import Table

if TYPE_CHECKING:
    from datagen.train.models.base import Base


@dataclass(frozen=True)
class Near:
    """A product near to a picture: what the index calls it, and its answer."""

    key: str
    answer: str


@dataclass(frozen=True)
class Prediction:
    """The answer about one picture.

    ``answer``: the model's text; ``fields``: parsed from it, None if it cannot be parsed. ``error``: why
    there is no answer, or None. ``near``: the products that stood in the prompt, the nearest first.
    """

    picture: str
    answer: str
    fields: Fields | None
    error: str | None
    near: tuple[Near, ...] | None = None

    def as_json(self) -> dict[str, Any]:
        """One object per picture."""
        shown = {} if self.near is None else {"neighbours": [asdict(one) for one in self.near]}
        return {
            "picture": self.picture,
            "fields": self.fields,
            "answer": None if self.error else self.answer,
            "error": self.error,
            **shown,
        }


def predict(
    base: Base,
    files: Sequence[Path],
    template: Template,
    *,
    near: Sequence[tuple[Near, ...]] | None = None,
    retrieval: RetrievalConfig | None = None,
    batch_size: int | None = None,
    max_new_tokens: int = MAX_NEW_TOKENS,
    progress: Callable[[int], None] | None = None,
    found: Callable[[Prediction], None] | None = None,
) -> list[Prediction]:
    """Answer the question about each file, in order.

    ``near``: for each file the products that stand in its prompt, as ``retrieval`` says.
    ``found`` is called with each answer, or error, as soon as there is one: not in the order of the files,
    since pictures of similar size are answered together. Raises InputError for options, RunFailed for memory.
    """
    made: dict[int, Prediction] = {}

    def add(number: int, answer: str, error: str | None = None) -> None:
        fields = parse(answer, template) if error is None else None
        shown = near[number] if near is not None else None
        made[number] = Prediction(str(files[number]), answer, fields, error, shown)
        if found is not None:
            found(made[number])

    answers(
        base,
        PictureFiles(files),
        template,
        neighbours=[[one.answer for one in shown] for shown in near] if near is not None else None,
        retrieval=retrieval,
        batch_size=batch_size,
        max_new_tokens=max_new_tokens,
        progress=progress,
        failed=lambda number, error: add(number, "", f"{files[number]} {error}"),
        found=add,
    )
    return [made[number] for number in range(len(files))]


def neighbours_of_files(
    run: Path,
    which: str,
    files: Sequence[Path],
    template: Template,
    settings: RetrievalConfig,
    base: Callable[[], Base],
) -> list[tuple[Near, ...]] | None:
    """The products of the settings' index that are nearest to each file; None without an index.

    ``base``: called for the model if it is needed. Raises InputError for an index that does not fit the run.
    """
    if settings.index is None:
        return None
    index, config = Path(settings.index), saved_config(run)
    catalogue = load_catalogue(index)
    refuse_other_tower(catalogue.about, index, config, run, which)
    said = [template.text(fields) for fields in catalogue.fields(template)]
    queries = catalogue.queries(PictureFiles(files), maker_of_run(catalogue.about, config, run, base))
    return [
        tuple(Near(catalogue.keys[place], said[place]) for place in mine if place != NONE)
        for mine in catalogue.nearest(queries, settings.k).tolist()
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


class PictureFiles(PictureSequence):
    """The bytes of picture files.

    Access raises InputError, a predicate to follow the file's name, for what is not a supported picture.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        super().__init__(files, read_picture_file)
