"""``datagen study``: by how much synthetic rows help, measured with many small trainings."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from datagen.train.commands.options import json_option, quiet_option

if TYPE_CHECKING:
    from datagen.train.config import DataConfig
    from datagen.train.study.outcome import Outcome
    from datagen.train.study.study import MakeLearner
    from datagen.train.study.work import Spread

CNN, PROBE = "cnn", "probe"
"""The learners that are no recipes."""

MOST_PARTS = 10_000
FLAGS_OF_NO_MODEL = ("--quiet", "-q", "--json", "--page-only")
OPTIONS_OF_NO_MODEL = ("--only", "--workers", "--engine", "--address")


@click.command()
@click.option("--real", required=True, metavar="FOLDER|HUB_ID", help="Real catalogue, trained and tested on.")
@click.option("--synthetic", required=True, metavar="FOLDER|HUB_ID", help="Synthetic catalogue.")
@click.option(
    "--real-rows",
    metavar="N,...",
    help="Numbers of real rows to train on; all for all of them.  [default: 50,200,800 as far as there are "
    "so many, and all]",
)
@click.option(
    "--shares",
    default="0,0.5,0.8,1",
    show_default=True,
    metavar="P,...",
    help="Shares of synthetic samples in training; 0, real rows alone, is always among them.",
)
@click.option("--then-real", is_flag=True, help="Also train on synthetic rows first, then on real ones.")
@click.option(
    "--without",
    multiple=True,
    type=click.Choice(["retrieved", "permuted"]),
    help="Leave out a control: similar real rows in place of synthetic ones (retrieved), or synthetic "
    "pictures with each other's answers (permuted); can be repeated.",
)
@click.option(
    "--seeds",
    type=int,
    default=6,
    show_default=True,
    metavar="N",
    help="Trainings of each kind, with other rows and other initial weights; fewer than 6 can show nothing.",
)
@click.option(
    "--learner",
    default="cnn",
    show_default=True,
    metavar="cnn|probe|RECIPE",
    help="What is trained: cnn, a small network that learns from nothing on a CPU; probe, linear "
    "models of fixed features, in seconds; or a recipe of datagen train, by name or as a file.",
)
@click.option(
    "--features",
    metavar="FOLDER|HUB_ID",
    help="With --learner probe: learn from what this trained vision model sees (CLIP, SigLIP, DINOv2, ViT "
    "and others), in place of colours and edges.",
)
@click.option(
    "--steps",
    type=int,
    metavar="N",
    help="Optimiser steps of every training.  [default: 500 for cnn; the recipe's]",
)
@click.option(
    "--synthetic-rows",
    type=int,
    metavar="N",
    help="Train on only N synthetic rows; each seed draws its own.",
)
@click.option(
    "--test-share",
    type=float,
    default=0.3,
    show_default=True,
    metavar="P",
    help="Share of the real rows, by title family, to test on; a test split of the set is used as it is.",
)
@click.option("--seed", type=int, default=0, show_default=True, metavar="N", help="Seed of the test rows.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Any setting of a recipe, with cnn and probe only those of its data; can be repeated.",
)
@click.option(
    "--workers",
    type=int,
    metavar="N",
    help="Train N models at a time, in processes of this machine; does not change the result.  [default: all "
    "cores for cnn, otherwise 1]",
)
@click.option("--only", metavar="I/N", help="Run the I-th of N parts, to spread a study over machines.")
@click.option("--page-only", is_flag=True, help="Train nothing; write the page of the models that are there.")
@click.option(
    "--out",
    "-o",
    type=click.Path(path_type=Path),
    default=Path("study"),
    show_default=True,
    help="Folder of the study.",
)
@quiet_option
@json_option
def study(
    real: str,
    synthetic: str,
    real_rows: str | None,
    shares: str,
    then_real: bool,
    without: tuple[str, ...],
    seeds: int,
    learner: str,
    features: str | None,
    steps: int | None,
    synthetic_rows: int | None,
    test_share: float,
    seed: int,
    settings: tuple[str, ...],
    workers: int | None,
    only: str | None,
    page_only: bool,
    out: Path,
    quiet: bool,
    as_json: bool,
    spread: Spread | None = None,
) -> None:
    """Measure by how much synthetic rows help beside real ones.

    Trains the same model many times: on few and on many real rows, alone and with synthetic rows in several
    shares, always equally long, and tests each on the same real rows. Writes OUT/study.html, plot.svg,
    table.md, cells.parquet and results.json. A study that was stopped goes on with the same command.

    \b
    Examples:
      datagen study --real shop --synthetic burberry-3040 --out study
      datagen study --real shop --synthetic made --real-rows 50,all --shares 0,0.5,1 --then-real
      datagen study --real shop --synthetic made --only 3/8
    """
    from datagen.train.terminal import calm, loading

    click.get_current_context().with_resource(calm())
    from datagen.schemas import InputError
    from datagen.schemas.terminal import show_json, stage_progress
    from datagen.train.study.plan import Asked

    asked = Asked(
        real_rows=_row_counts(real_rows),
        shares=_shares(shares),
        then_real=then_real,
        seeds=seeds,
        synthetic_rows=synthetic_rows,
        test_share=test_share,
        seed=seed,
        without=without,
        features=features,
    )
    part = part_of_study(only)
    if steps is not None and steps < 2:
        raise InputError(f"--steps {steps} is too small; give at least 2.")
    if workers is not None and workers < 1:
        raise InputError(f"--workers {workers} is too small; give at least 1.")
    with loading():
        from datagen.train.study.outcome import outcome_of
        from datagen.train.study.running import run_cells
        from datagen.train.study.study import open_cells
        from datagen.train.study.write import write_outcome

    config, make = _learner(learner, real, synthetic, seed, settings, steps)
    if features is not None and learner != PROBE:
        raise InputError(f"--features has no effect with --learner {learner}; leave it out.")
    with stage_progress(quiet=quiet or as_json, unit="items") as progress:
        try:
            found = open_cells(asked, config, make, out, progress)
            if not page_only:
                run_cells(found, part, progress, spread or _here(workers, learner))
        except KeyboardInterrupt:
            _interrupted(as_json)
        out.mkdir(parents=True, exist_ok=True)
        outcome, cells = outcome_of(found, _command(click.get_current_context()))
        write_outcome(outcome, cells, out)
    if as_json:
        show_json(outcome.as_json())
    elif not quiet:
        _show(outcome, out)
    if outcome.failed:
        _fail(outcome, out)


def _learner(
    name: str, real: str, synthetic: str, seed: int, settings: tuple[str, ...], steps: int | None
) -> tuple[DataConfig, MakeLearner]:
    """The data's part of the configuration, and what makes the learner."""
    from datagen.schemas import InputError
    from datagen.train.config import load_config
    from datagen.train.settings import setting
    from datagen.train.study.learners.probe import Probe
    from datagen.train.study.learners.small_network import SmallNetwork

    given = dict(map(setting, settings))
    flags = {"data.real": real, "data.synthetic": synthetic, "data.seed": seed}
    typed = {"data.real": "--real", "data.synthetic": "--synthetic", "training.steps": "--steps"}
    if name in (CNN, PROBE):
        if other := [one for one in given if not one.startswith("data.")]:
            raise InputError(f"--set {other[0]} has no effect with --learner {name}; leave it out.")
        if name == PROBE and steps is not None:
            raise InputError(f"--steps has no effect with --learner {PROBE}; leave it out.")
        data = load_config(None, {**flags, **given}, typed).data
        return data, Probe if name == PROBE else partial(SmallNetwork, steps=steps)
    from datagen.train.commands.train import recipe_file
    from datagen.train.study.learners.recipe import Recipe

    file = recipe_file(name, "--learner")
    config = load_config(file, {**flags, "training.steps": steps, **given}, typed)
    return config.data, partial(Recipe, config=config, name=name)


def _here(workers: int | None, learner: str) -> Spread | None:
    """What runs models on this machine; None for this process alone."""
    from datagen.train.study.workers import all_cores, in_processes

    count = workers or (all_cores() if learner == CNN else 1)
    return None if count == 1 else partial(in_processes, workers=count)


def _row_counts(text: str | None) -> tuple[int | None, ...]:
    from datagen.schemas import InputError

    def one(word: str) -> int | None:
        if word == "all":
            return None
        if not re.fullmatch(r"[0-9]{1,9}", word):
            raise InputError(
                f"--real-rows {word!r} is neither a number nor all; write, for example, 50,200,all."
            )
        return int(word)

    return () if text is None else tuple(one(word.strip()) for word in text.split(","))


def _shares(text: str) -> tuple[float, ...]:
    from datagen.schemas import InputError

    try:
        return tuple(float(word) for word in text.split(","))
    except ValueError:
        raise InputError(f"--shares {text!r} must be numbers from 0 to 1, such as 0,0.5,1.") from None


def part_of_study(text: str | None) -> tuple[int, int] | None:
    """The part that --only asks for, and of how many. Raises InputError."""
    from datagen.schemas import InputError

    if text is None:
        return None
    found = re.fullmatch(r"([0-9]{1,5})/([0-9]{1,5})", text)
    if not found or not 1 <= int(found[1]) <= int(found[2]) <= MOST_PARTS:
        raise InputError(f"--only {text!r} is not a part; write 3/8 for the third of eight.")
    return int(found[1]), int(found[2])


def same_models(words: Sequence[str]) -> list[str]:
    """The words of a command without what changes no model: where it runs, and what it prints."""
    kept = []
    values = 0
    for word in words:
        name, equals, _ = word.partition("=")
        if values or name in (*FLAGS_OF_NO_MODEL, *OPTIONS_OF_NO_MODEL):
            values = 0 if values or equals or name in FLAGS_OF_NO_MODEL else 1
            continue
        kept.append(word)
    return kept


def _command(context: click.Context) -> str:
    """The command as it was typed, without what changes no model."""
    return shlex.join(["datagen", "study", *same_models(context.meta.get("arguments", ()))])


def _show(outcome: Outcome, out: Path) -> None:
    from datagen.schemas.terminal import show, show_table
    from datagen.schemas.text import count
    from datagen.train.study.tables import HEADINGS, RIGHT, table_of
    from datagen.train.study.write import PAGE

    for one in outcome.results:
        right = [at for at, each in enumerate(RIGHT) if each]
        label = one.label[0].upper() + one.label[1:]
        show_table(label, table_of(one), HEADINGS, right_aligned=right)
    show(*outcome.sentences)
    left = outcome.planned - outcome.finished - len(outcome.failed)
    if left:
        show(f"{count(left, 'model')} of {outcome.planned:,} still to train; run the same command.")
    show(f"Wrote {out / PAGE}, to be opened in a browser, and results.json beside it.")


def _interrupted(as_json: bool) -> NoReturn:
    """Say what an interrupted study keeps, as errors are said, and exit."""
    from datagen.schemas.terminal import show, show_json

    sentence = "Interrupted; finished models are kept, so run the same command to go on."
    if as_json:
        show_json({"error": sentence})
    show(f"Error: {sentence}", err=True)
    raise SystemExit(130)


def _fail(outcome: Outcome, out: Path) -> None:
    """Exit with 1, saying which cells failed and why."""
    from datagen.schemas import RunFailed
    from datagen.schemas.text import count

    name, why = next(iter(outcome.failed.items()))
    raise RunFailed(
        f"{count(len(outcome.failed), 'model')} of {outcome.planned:,} failed, the first in "
        f"{out / 'cells' / name}: {why.rstrip('.')}; the others are kept; run the command again to retry."
    )
