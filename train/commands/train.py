"""``datagen train``: a vision-language model fine-tuned on real and synthetic catalogues."""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path
from typing import Any

import click

from datagen.train.commands.options import json_option, overwrite_option, quiet_option

RECIPES = Path(__file__).parents[1] / "recipes"

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
    "tracker": "tracking.tracker",
    "smoke": "smoke",
}
"""Option of ``train`` -> the setting that it overrides."""


@click.command()
@click.option("--config", metavar="FILE|NAME", help="YAML file or the name of a preset, such as gpu-24gb.")
@click.option("--real", metavar="FOLDER|HUB_ID", help="Real catalogue; on the Hub: owner/name[@revision].")
@click.option("--synthetic", metavar="FOLDER|HUB_ID", help="Synthetic catalogue, as datagen make writes it.")
@click.option(
    "--synthetic-share",
    type=float,
    metavar="P",
    help="Synthetic share of the training stream, 0 to 1.  [default: all rows count equally]",
)
@click.option("--real-rows", type=int, metavar="N", help="Train on only N of the real rows.")
@click.option("--split-from", metavar="RUN", help="Use the split of this run: same test rows.")
@click.option("--base", metavar="FOLDER|HUB_ID", help="Model to start from.  [default: Phi-3-vision]")
@click.option("--method", type=click.Choice(["qlora", "lora", "full"]), help="[default: qlora]")
@click.option("--out", "-o", type=click.Path(path_type=Path), help="Run folder to write.  [default: run]")
@click.option("--epochs", type=float, metavar="N", help="Passes over the training stream.  [default: 3]")
@click.option("--steps", type=int, metavar="N", help="Optimiser steps, instead of --epochs.")
@click.option("--batch-size", type=int, metavar="N", help="Samples per forward pass.")
@click.option("--accumulation", type=int, metavar="N", help="Forward passes per optimiser step.")
@click.option("--learning-rate", type=float, metavar="X", help="[default: 2e-4; 1e-5 with method full]")
@click.option(
    "--num-crops",
    type=int,
    metavar="N",
    help="Maximum tiles per picture; more tiles show more detail and take more memory.",
)
@click.option("--lora-rank", type=int, metavar="N", help="Rank of the adapters.")
@click.option("--seed", type=int, metavar="N", help="Seed of split, order and adapters.  [default: 0]")
@click.option("--tracker", type=click.Choice(["none", "wandb", "tensorboard"]), help="[default: wandb]")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Any setting of the YAML.")
@click.option("--smoke", is_flag=True, default=None, help="Try everything with a tiny model on the CPU.")
@click.option("--resume", is_flag=True, help="Resume an interrupted run.")
@overwrite_option
@click.option("--dry-run", is_flag=True, help="Print what would be trained and write nothing.")
@quiet_option
@json_option
def train(
    config: str | None,
    out: Path | None,
    settings: tuple[str, ...],
    resume: bool,
    overwrite: bool,
    dry_run: bool,
    quiet: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Fine-tune a vision-language model on a real and a synthetic catalogue.

    The model learns to answer a question about a picture with title, category and price. Options override
    the YAML file; RUN/config.yaml records the result. Validation and test rows are real if there are real
    rows, and their title families are never trained on.

    \b
    Examples:
      datagen train --real shop --synthetic made-3040 --config gpu-24gb
      datagen train --real me/shop --synthetic-share 0.5 --synthetic made-3040 --out half
      datagen train --synthetic made-200 --smoke --out try
    """
    from datagen.train.terminal import calm, loading

    click.get_current_context().with_resource(calm())
    from datagen.schemas import InputError
    from datagen.schemas.terminal import show, show_json, show_next, show_table
    from datagen.schemas.text import count
    from datagen.train.config import CONFIG, load_config, setting

    target = out or Path("run")
    if resume and (overwrite or dry_run):
        raise InputError("--resume cannot be combined with --overwrite or --dry-run; leave those out.")
    recipe = target / CONFIG if resume and config is None else _recipe(config)
    seed = options.pop("seed")
    flags = {FLAGS[name]: value for name, value in options.items()}
    flags |= {"data.seed": seed, "training.seed": seed, **dict(map(setting, settings))}
    run_config = load_config(recipe, flags)
    if dry_run:
        with loading():
            from datagen.train.run.dry_run import plan_run

        plan, data = plan_run(run_config)
        if as_json:
            names = ("weights", "trainable", "tokens", "picture_tokens", "samples_per_step", "steps")
            summary = {
                "out": str(target),
                **{name: getattr(plan, name) for name in names},
                "memory": plan.memory.total,
                "config": run_config.model_dump(mode="json"),
                "data": data.described(),
            }
            show_json(summary)
        elif not quiet:
            show(f"Would write {target}.", *plan.lines())
        return
    with loading():
        from datagen.train.run.finetune import RunInterrupted, train_run

    silent = quiet or as_json
    say = None if silent else partial(show, err=True)
    try:
        result = train_run(run_config, target, resume=resume, overwrite=overwrite, quiet=silent, say=say)
    except RunInterrupted as interruption:
        show(f"Error: {interruption}", err=True)
        raise SystemExit(128 + interruption.signal) from None
    if as_json:
        show_json(result.as_json())
    elif not quiet:
        best = f"step {result.best_step:,}" if result.best_step is not None else "the last step"
        loss = "" if result.best_loss is None else f", validation loss {result.best_loss:.3f}"
        rows = {
            "steps": f"{result.steps:,} of {count(result.samples // max(result.steps, 1), 'sample')}",
            "loss": "-" if result.loss is None else f"{result.loss:.3f} at the last step",
            "best": best + loss,
            "trained weights": f"{result.trainable:,}",
            "seconds": f"{result.seconds:,.0f}",
            "peak memory": f"{result.peak_memory / 1e9:.1f} GB",
        }
        show_table(f"Trained {result.run}", rows.items())
        show_next(_next(target))


def _recipe(name: str | None) -> Path | None:
    """The file that --config names: a path or a preset. Raises InputError."""
    from datagen.schemas import InputError
    from datagen.schemas.yaml_file import nearest

    if name is None:
        return None
    presets = {file.stem: file for file in sorted(RECIPES.glob("*.yaml"))}
    path = presets.get(name, Path(name))
    if not path.is_file():
        raise InputError(f"--config {name} is neither a file nor a preset: {nearest(name, presets)}.")
    return path


def _next(run: Path) -> list[str]:
    """The commands to try after training."""
    folder = shlex.quote(str(run))
    return [
        f"datagen evaluate {folder}",
        f"datagen evaluate {folder} --shuffle-images",
        f"datagen predict {folder} photo.jpg",
    ]
