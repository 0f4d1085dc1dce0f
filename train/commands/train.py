"""``datagen train``: a vision-language model fine-tuned on real and synthetic catalogues."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from datagen.train.commands.next_steps import after_training
from datagen.train.commands.options import json_option, make_first, overwrite_option, quiet_option

if TYPE_CHECKING:
    from datagen.train.config import RunConfig

FLAGS = {
    "real": "data.real",
    "synthetic": "data.synthetic",
    "synthetic_share": "data.synthetic_share",
    "real_rows": "data.real_rows",
    "split_from": "data.split_from",
    "base": "model.base",
    "method": "model.method",
    "epochs": "training.epochs",
    "steps": "training.steps",
    "batch_size": "training.batch_size",
    "accumulation": "training.accumulation",
    "learning_rate": "training.learning_rate",
    "num_crops": "model.num_crops",
    "lora_rank": "model.lora.rank",
    "retrieve": "retrieval.index",
    "k": "retrieval.k",
    "tracker": "tracking.tracker",
    "log_pictures": "tracking.pictures",
    "smoke": "smoke",
}
"""Option of ``train`` -> the setting that it overrides."""


@click.command()
@click.option(
    "--recipe",
    metavar="FILE|NAME",
    help="Built-in recipe (gpu-8gb, gpu-12gb, gpu-16gb, gpu-24gb, gpu-80gb, smoke), or a YAML file.",
)
@click.option("--config", "old_recipe", hidden=True, help="The former name of --recipe.")
@click.option("--real", metavar="FOLDER|HUB_ID", help="Real catalogue; on the Hub: owner/name[@revision].")
@click.option(
    "--synthetic",
    metavar="FOLDER|HUB_ID|make:...",
    help="Synthetic catalogue, as datagen make writes it, or one to make first: make:burberry,rows=3000.",
)
@click.option(
    "--synthetic-share",
    type=float,
    metavar="P",
    help="Share of synthetic rows in training, 0 to 1.  [default: all rows count equally]",
)
@click.option("--real-rows", type=int, metavar="N", help="Train on only N of the real rows.")
@click.option("--split-from", metavar="RUN", help="Use the split of this run, for the same test rows.")
@click.option(
    "--base",
    metavar="FOLDER|HUB_ID",
    help="Model to start from: a Phi-3-vision, Qwen-VL, Gemma 3, InternVL, LLaVA-OneVision, SmolVLM, "
    "Idefics3 or PaliGemma.  [default: Phi-3-vision]",
)
@click.option(
    "--method",
    type=click.Choice(["qlora", "lora", "full"]),
    help="Train adapters on a 4-bit or 16-bit base, or all weights.  [default: qlora]",
)
@click.option("--out", "-o", type=click.Path(path_type=Path), help="Run folder to write.  [default: run]")
@click.option("--epochs", type=float, metavar="N", help="Passes over the training rows.  [default: 3]")
@click.option("--steps", type=int, metavar="N", help="Optimiser steps, instead of --epochs.")
@click.option("--batch-size", type=int, metavar="N", help="Samples per forward pass.  [default: 1]")
@click.option(
    "--accumulation",
    type=int,
    metavar="N",
    help="Forward passes per optimiser step.  [default: 16]",
)
@click.option(
    "--learning-rate",
    type=float,
    metavar="X",
    help="Highest learning rate.  [default: 2e-4; 1e-5 with method full]",
)
@click.option(
    "--num-crops",
    metavar="N|auto",
    callback=lambda context, parameter, value: int(value) if (value or "").isdecimal() else value,
    help="Tiles per picture: 1 to 16, or as many as its own pixels fill (auto).  [default: auto]",
)
@click.option("--lora-rank", type=int, metavar="N", help="Rank of the adapters.  [default: 32]")
@click.option(
    "--retrieve",
    metavar="INDEX",
    help="Show the nearest products of this index (datagen index) with each picture.",
)
@click.option("--k", type=int, metavar="N", help="How many products --retrieve shows.  [default: 4]")
@click.option(
    "--seed",
    type=int,
    metavar="N",
    help="Seed of the split, the order and the adapters.  [default: 0]",
)
@click.option(
    "--tracker",
    type=click.Choice(["none", "wandb", "tensorboard"]),
    help="Where to send the metrics as well.  [default: none]",
)
@click.option(
    "--log-pictures",
    type=int,
    metavar="N",
    help="Send N validation pictures, with answers, to the tracker at each evaluation.  [default: 0]",
)
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="Any setting of a recipe; can be repeated."
)
@click.option("--smoke", is_flag=True, default=None, help="Try everything with a tiny model on the CPU.")
@click.option(
    "--resume", is_flag=True, help="Continue an interrupted run from its last checkpoint, or start it."
)
@overwrite_option
@click.option(
    "--dry-run",
    is_flag=True,
    help="Check everything, print the plan and the GPUs that fit, and write nothing.",
)
@quiet_option
@json_option
def train(
    recipe: str | None,
    old_recipe: str | None,
    out: Path | None,
    settings: tuple[str, ...],
    resume: bool,
    overwrite: bool,
    dry_run: bool,
    quiet: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Train a model on real and synthetic catalogues.

    A vision-language model learns to answer a question about a picture with title, category and price.
    Options override the recipe; RUN/config.yaml records the result. Validation and test rows are real if
    there are real rows, and nothing with their titles is trained on.

    \b
    Examples:
      datagen train --synthetic made-200 --smoke --out try
      datagen train --real shop --synthetic made-3040 --recipe gpu-24gb
      datagen train --real shop --synthetic make:burberry,rows=20000 --recipe gpu-24gb
      datagen train --real me/shop --synthetic made-3040 --synthetic-share 0.5
    """
    target = out or Path("run")
    try:
        from datagen.train.terminal import calm

        click.get_current_context().with_resource(calm())
        from datagen.schemas import InputError
        from datagen.schemas.terminal import show
        from datagen.train.config import CONFIG

        if resume and (overwrite or dry_run):
            raise InputError("--resume cannot be combined with --overwrite or --dry-run; leave those out.")
        if old_recipe is not None:
            show("--config is now called --recipe.", err=True)
        recipe = recipe if recipe is not None else old_recipe
        if resume and not (target / CONFIG).is_file():
            # Killed before its first file was whole, or never started: there is nothing to lose.
            if recipe is None and not (options["real"] or options["synthetic"]):
                raise InputError(
                    f"There is no run in {target} to resume; name its folder with --out, or give --real or "
                    "--synthetic to start one."
                )
            resume = False
        file = target / CONFIG if resume and recipe is None else recipe_file(recipe)
        run_config = asked_config(file, settings, options)
        if dry_run:
            _plan(run_config, target, overwrite, quiet, as_json)
        else:
            _train(run_config, target, resume, overwrite, quiet, as_json)
    except KeyboardInterrupt:
        if any(target.glob("checkpoints/step-*")):
            raise
        _fail(
            f"Interrupted before the first checkpoint, so there is nothing to resume; {target} is as it was.",
            130,
            as_json,
        )


def asked_config(file: Path | None, settings: tuple[str, ...], options: Mapping[str, Any]) -> RunConfig:
    """The configuration from a recipe, ``--set`` and the other options, by their names here."""
    from datagen.train.config import load_config
    from datagen.train.settings import setting

    seed = options["seed"]
    flags = {FLAGS[name]: value for name, value in options.items() if name != "seed"}
    flags |= {"data.seed": seed, "training.seed": seed, **dict(map(setting, settings))}
    typed = {path: f"--{name.replace('_', '-')}" for name, path in FLAGS.items()}
    return load_config(file, flags, typed)


def _plan(config: RunConfig, target: Path, overwrite: bool, quiet: bool, as_json: bool) -> None:
    from datagen.schemas.terminal import show, show_json, stage_progress
    from datagen.train.terminal import loading, stdout_to_stderr

    with loading():
        from datagen.train.run.dry_run import plan_run

    make_first(config, None, quiet=quiet or as_json)
    with stdout_to_stderr(), stage_progress(quiet=quiet or as_json, unit="pictures") as progress:
        plan = plan_run(config, target, overwrite=overwrite, progress=progress)
    if as_json:
        about = {"config": config.model_dump(mode="json"), "data": plan.data.described()}
        show_json({"out": str(target), **plan.as_json(), **about})
    elif not quiet:
        show(f"Would write {target}.", *plan.lines())


def _train(
    config: RunConfig, target: Path, resume: bool, overwrite: bool, quiet: bool, as_json: bool
) -> None:
    from datagen.schemas.terminal import show, show_json, show_next, show_table
    from datagen.schemas.text import count
    from datagen.train.terminal import loading, stdout_to_stderr

    with loading():
        from datagen.train.run.finetune import RunInterrupted, train_run

    silent = quiet or as_json
    say = None if silent else partial(show, err=True)
    make_first(config, target if resume else None, quiet=silent)
    try:
        with stdout_to_stderr():
            result = train_run(config, target, resume=resume, overwrite=overwrite, quiet=silent, say=say)
    except RunInterrupted as interruption:
        _fail(str(interruption), 128 + interruption.signal, as_json)
    if as_json:
        show_json(result.as_json())
    elif not quiet:
        early = ", stopped early" if result.stopped_early else ""
        best = f"step {result.best_step:,}" if result.best_step is not None else "the last step"
        loss = "" if result.best_loss is None else f", validation loss {result.best_loss:.3f}"
        rows = {
            "steps": f"{result.steps:,} of {count(result.samples // max(result.steps, 1), 'sample')}{early}",
            "loss": "-" if result.loss is None else f"{result.loss:.3f} at the last step",
            "best": best + loss,
            "trained weights": f"{result.trainable:,}",
            "seconds": f"{result.seconds:,.0f}",
            "tokens": f"{result.tokens:,}",
            **({"excluded rows": _excluded(result.excluded)} if result.excluded else {}),
            "peak memory": f"{result.peak_memory / 1e9:.1f} GB",
        }
        show_table(f"Trained {result.run}", rows.items())
        show_next(after_training(target))


def _excluded(excluded: dict[str, int]) -> str:
    """How many rows were not used, and which files list them."""
    files = ["data.json"] * bool(excluded.keys() - {"streamed"})
    files += ["splits/left_out.jsonl"] * ("streamed" in excluded)
    return f"{sum(excluded.values()):,}; see {' and '.join(files)}"


def _fail(sentence: str, code: int, as_json: bool) -> NoReturn:
    """Report the end of a run that was stopped, as errors are reported, and exit with its code."""
    from datagen.schemas.terminal import show, show_json

    if as_json:
        show_json({"error": sentence})
    show(f"Error: {sentence}", err=True)
    raise SystemExit(code)


def recipe_file(name: str | None, option: str = "--recipe") -> Path | None:
    """The file that ``option`` names: a path or a built-in recipe. Raises InputError."""
    from datagen.schemas import InputError
    from datagen.schemas.yaml_file import nearest
    from datagen.train.config import RECIPES

    if name is None:
        return None
    built_in = {file.stem: file for file in sorted(RECIPES.glob("*.yaml"))}
    path = built_in.get(name, Path(name))
    if not path.is_file():
        raise InputError(f"{option} {name} is neither a file nor built in: {nearest(name, built_in)}.")
    return path
