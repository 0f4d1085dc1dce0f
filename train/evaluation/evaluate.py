"""Evaluation by generation: every held-out row is answered, and the answers are parsed, scored and stored.

    RUN/evaluation/NAME/
        predictions.parquet   a row for each held-out row: truth, answer, parsed fields, what is right
        scores.json           scores with intervals, by category, baselines, differences, and their provenance
        report.md             the same as text, next to other evaluations of the same rows

NAME is ``best``, ``last``, ``base`` and so on, with ``-4-neighbours`` if products of an index stood in the
prompts, and with ``-shuffled``, ``-blank`` or ``-shuffled-neighbours`` if what was shown was not the rows'
own. A folder is written under a temporary name and renamed; evaluating again replaces it. Answers are kept
as they come in .NAME.answers.jsonl (kept_answers.py), and an evaluation that was killed goes on from them.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from datagen.schemas import InputError, RunFailed
from datagen.schemas.files import write_file
from datagen.schemas.keyed import permutation
from datagen.schemas.progress import StageProgress
from datagen.schemas.text import count
from datagen.train.config import RetrievalConfig, saved_config
from datagen.train.evaluation.answering import Images, predict_rows
from datagen.train.evaluation.baseline_scores import baseline_scores
from datagen.train.evaluation.folder_names import evaluation_name, with_neighbours
from datagen.train.evaluation.generate import MAX_NEW_TOKENS
from datagen.train.evaluation.held_out import (
    HELD_OUT,
    HeldOutRows,
    held_out,
    other_data,
)
from datagen.train.evaluation.kept_answers import KeptAnswers, answers_file
from datagen.train.evaluation.predictions import Predictions, read_predictions, write_predictions
from datagen.train.evaluation.records import (
    PREDICTIONS,
    SCORES,
    Record,
    difference_of,
    of_same_rows,
    read_record,
    with_and_without,
)
from datagen.train.evaluation.report import in_words, report
from datagen.train.evaluation.retrieved import Retrieved, retrieve
from datagen.train.evaluation.scoring import score

if TYPE_CHECKING:
    from datagen.train.models.base import Base

REPORT = "report.md"
SAMPLES = 12


@dataclass(frozen=True)
class Evaluation:
    """An evaluation on disk: its folder, its scores.json, and those of other evaluations of the same rows."""

    folder: Path
    record: Record
    others: list[Record]


@dataclass(frozen=True)
class _AnswerOptions:
    """How answers are generated."""

    rows: int | None
    batch_size: int | None
    max_new_tokens: int
    baselines: bool
    retrieval: RetrievalConfig | None
    progress: StageProgress


def evaluate_run(
    run: Path,
    which: str = "best",
    split: str = "test",
    *,
    images: Images = "own",
    retrieval: RetrievalConfig | None = None,
    data: str | None = None,
    against: Path | None = None,
    rows: int | None = None,
    batch_size: int | None = None,
    max_new_tokens: int = MAX_NEW_TOKENS,
    baselines: bool = True,
    progress: StageProgress = lambda stage, done, total: None,
) -> Evaluation:
    """Evaluate ``which`` of a run (``best``, ``last``, ``base`` or a checkpoint) into RUN/evaluation/NAME.

    The rows are the ``split`` (validation or test) of the run, or that split of other ``data``, a folder or a
    Hub id: all of them, or ``rows`` of them, drawn with the run's seed. With ``images`` other than "own", the
    evaluation with the rows' own pictures is made as well unless it already exists, and the record includes
    the difference. With ``against``, another run answers the same rows, and the record includes that
    difference. ``retrieval``: which products stand in the prompts; by default as in the run's training.

    Raises InputError for a run, data or an option that cannot be used, RunFailed if memory or disk space is
    too small.
    """
    if against is not None and (images != "own" or against.resolve() == run.resolve()):
        raise InputError("--against compares with another run, on the rows' own pictures; give another run.")
    if data is None and split == "train":
        raise InputError(
            f"{run} was trained on its train part, so scores of it would say nothing about other products; "
            f"give --split {' or '.join(HELD_OUT)}."
        )
    held = held_out(run, split) if data is None else other_data(run, data, split)
    held = held.first(rows)
    options = _AnswerOptions(rows, batch_size, max_new_tokens, baselines, retrieval, progress)
    settings = retrieval or saved_config(run).retrieval
    if images == "shuffled-neighbours" and settings.index is None:
        raise InputError("--shuffle-neighbours needs neighbours to shuffle; give --retrieve as well.")
    plain = evaluation_name(which, split, data, rows)
    name = with_neighbours(plain, settings)
    compared = images != "own" or against is not None
    record, found = _evaluation(run, which, held, options, name, keep=compared)
    if images == "own":
        record["differences"] = with_and_without(run, record, found, held)
    if images != "own":
        own, before = record, found
        record, found = _with_other_pictures(run, which, held, options, images, own, before, name)
        record["differences"] = {"own": difference_of(own, before, record, found, held)}
        name = f"{name}-{images}"
    if against is not None:
        theirs = _rows_for(against, held, split, data, rows)
        there = with_neighbours(plain, retrieval or saved_config(against).retrieval)
        there = there if theirs is not held else f"{there}-rows-of-{record['run']}"
        other, before = _evaluation(against, which, theirs, options, there, keep=True)
        difference = difference_of(other, before, record, found, held)
        record["differences"] = {**record["differences"], f"{other['run']}/{which}": difference}
    return _write(run, name, record, found, held)


def _evaluation(
    run: Path, which: str, held: HeldOutRows, options: _AnswerOptions, name: str, *, keep: bool
) -> tuple[Record, Predictions]:
    """The evaluation with the rows' own pictures; with ``keep`` it is written, or reused if it exists."""
    weights = weights_digest(run, which)
    answering = _answering(run, which, held, options)
    retrieved = answering.retrieved
    of = _made_of(held, weights, options.max_new_tokens, retrieved.record if retrieved is not None else None)
    folder = run / "evaluation" / name
    record = read_record(folder / SCORES) if keep else None
    if record is not None:
        try:
            found, made_of = read_predictions(folder / PREDICTIONS, held.template)
        except InputError:  # whatever is wrong with them, they are generated again
            made_of = {}
        if made_of == of:
            return record, found
    found = _predictions(run, answering, held, options, "own", name, weights)
    record = _record(run, which, held, options, found, "own", weights, retrieved)
    if options.baselines and len(held.training_rows):
        record["baselines"] = baseline_scores(held, found, options.progress)
    if keep:
        _write(run, name, record, found, held)
    return record, found


def _with_other_pictures(
    run: Path,
    which: str,
    held: HeldOutRows,
    options: _AnswerOptions,
    images: Images,
    own: Record,
    before: Predictions,
    name: str,
) -> tuple[Record, Predictions]:
    """The evaluation of the rows whose pictures can be read, each shown with a picture not its own."""
    readable = np.isin(held.rows, before.rows)
    kept = replace(held, rows=held.rows[readable], title_families=held.title_families[readable])
    answering = _answering(run, which, kept, options)
    found = _predictions(run, answering, kept, options, images, f"{name}-{images}", own["weights"])
    record = _record(run, which, kept, options, found, images, own["weights"], answering.retrieved)
    return {**record, "data": own["data"], "baselines": own["baselines"]}, found


class _Answering(NamedTuple):
    """The model of an evaluation, loaded when it is needed, and the neighbours of the rows."""

    base: Callable[[], Base]
    retrieved: Retrieved | None


def _answering(run: Path, which: str, held: HeldOutRows, options: _AnswerOptions) -> _Answering:
    from datagen.train.models.base import run_to_answer

    base = cache(lambda: run_to_answer(run, which))
    settings = options.retrieval or saved_config(run).retrieval
    return _Answering(base, retrieve(run, which, held, settings, base, options.progress))


def _made_of(
    held: HeldOutRows, weights: str, max_new_tokens: int, retrieval: Record | None
) -> dict[str, Any]:
    """What must be equal for the answers of an evaluation to be used again."""
    of = {"key": held.key, "weights": weights, "max_new_tokens": max_new_tokens}
    return of if retrieval is None else {**of, "neighbours": retrieval["digest"]}


def _predictions(
    run: Path,
    answering: _Answering,
    held: HeldOutRows,
    options: _AnswerOptions,
    images: Images,
    name: str,
    weights: str,
) -> Predictions:
    """Answers to all rows; those of an evaluation of the same NAME that was killed are used."""
    stage = "Answering" if images == "own" else f"Answering, {in_words(images)}"
    retrieved = answering.retrieved
    options.progress(stage, 0, len(held.rows))
    made_of = _made_of(
        held, weights, options.max_new_tokens, retrieved.record if retrieved is not None else None
    )
    of = {**made_of, "images": images}
    with KeptAnswers(answers_file(run, name), of) as kept:
        return predict_rows(
            answering.base,
            held,
            images=images,
            retrieved=retrieved,
            batch_size=options.batch_size,
            max_new_tokens=options.max_new_tokens,
            kept=kept,
            progress=lambda done: options.progress(stage, done, len(held.rows)),
        )


def _record(
    run: Path,
    which: str,
    held: HeldOutRows,
    options: _AnswerOptions,
    found: Predictions,
    images: Images,
    weights: str,
    retrieved: Retrieved | None,
) -> Record:
    scores = score(found.truth, found.fields, found.title_families, held.template, seed=held.seed)
    label = which if retrieved is None else f"{which}, {count(retrieved.settings.k, 'neighbour')}"
    return {
        "label": label if images == "own" else f"{label}, {in_words(images)}",
        "run": run.resolve().name,
        "which": which,
        "images": images,
        "weights": weights,
        "data": {
            "name": held.name,
            "source": held.source.name,
            "digest": held.source.digest,
            "key": held.key,
            "unreadable": len(held.rows) - len(found.rows),
            "training_rows": len(held.training_rows),
            "known_titles": held.known_titles,
        },
        "generation": {"max_new_tokens": options.max_new_tokens},
        "retrieval": None if retrieved is None else retrieved.record,
        **scores.as_json(),
        "baselines": {},
        "differences": {},
        "samples": _samples(found, held),
    }


def _rows_for(other: Path, held: HeldOutRows, split: str, data: str | None, count: int | None) -> HeldOutRows:
    """The same rows for another run: its own held-out rows if they are the same ones.

    Raises InputError if that run was trained on some of them or with another template.
    """
    trained = held_out(other, "train")
    known = int(np.isin(held.rows, trained.rows).sum())
    if known and trained.source.digest == held.source.digest:
        raise InputError(
            f"{other} was trained on {known:,} of these {len(held.rows):,} rows; to compare two runs, train "
            "them with the same --seed or with --split-from."
        )
    if trained.template != held.template:
        raise InputError(
            f"{other} was trained with another question or answer, so the two runs cannot be compared."
        )
    theirs = held_out(other, split) if data is None else other_data(other, data, split)
    theirs = theirs.first(count)
    return theirs if theirs.key == held.key else held


def weights_digest(run: Path, which: str) -> str:
    """SHA-256 (hex) of the trained weights; ``base`` for the base model. Raises InputError."""
    if which == "base":
        return "base"
    folder = run / which if (run / which).is_dir() else run / "checkpoints" / which
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise InputError(f"{run} has no {which!r}; give best, last, base or the name of a checkpoint.")
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode())
        with path.open("rb") as file:
            while part := file.read(1 << 20):
                digest.update(part)
    return digest.hexdigest()


def _write(run: Path, name: str, record: Record, found: Predictions, held: HeldOutRows) -> Evaluation:
    """Write the folder of an evaluation, and rewrite the reports of the others of the same rows."""
    folder = run / "evaluation" / name
    aside, old = folder.with_name(f".{name}.part"), folder.with_name(f".{name}.old")
    max_new_tokens = record["generation"]["max_new_tokens"]
    of = _made_of(held, record["weights"], max_new_tokens, record["retrieval"])
    try:
        for leftover in (aside, old):
            if leftover.exists():
                shutil.rmtree(leftover)
        aside.mkdir(parents=True)
        write_predictions(found, held.template, aside / PREDICTIONS, of)
        (aside / SCORES).write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        others = {path: one for path, one in of_same_rows(run, record).items() if path != folder}
        (aside / REPORT).write_text(report(record, list(others.values())), encoding="utf-8")
        if folder.exists():
            folder.rename(old)
        aside.rename(folder)
        answers_file(run, name).unlink(missing_ok=True)
        if old.exists():
            shutil.rmtree(old)
        together = {**others, folder: record}
        for path, one in others.items():
            rest = [other for where, other in together.items() if where != path]
            write_file(path / REPORT, report(one, rest))
    except OSError as error:
        raise RunFailed(f"{folder} cannot be written ({error.strerror or error}).") from None
    return Evaluation(folder, record, list(others.values()))


def _samples(found: Predictions, held: HeldOutRows) -> list[dict[str, str]]:
    """Truth and answer of some rows, drawn with the seed."""
    drawn = np.sort(permutation(held.seed, "samples", 0, len(found.rows))[:SAMPLES]).tolist()
    return [{"truth": held.template.text(found.truth[at]), "answer": found.answers[at]} for at in drawn]
