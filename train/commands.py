"""The commands that train a model and use it: train, evaluate, predict, merge.

Everything heavy is imported inside the commands, so that ``datagen --help`` answers at once.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
RECIPES = Path(__file__).parent / "recipes"

_run_argument = click.argument("run", type=click.Path(path_type=Path))
_json_option = click.option("--json", "as_json", is_flag=True, help="Print a JSON summary on stdout.")
_quiet_option = click.option("--quiet", "-q", is_flag=True, help="No progress and no summary.")
_which_option = click.option(
    "--which", default="best", show_default=True, metavar="best|last|base|CHECKPOINT", help="Which weights."
)
_batch_option = click.option(
    "--batch-size", type=int, default=8, show_default=True, metavar="N", help="Pictures answered at once."
)
_tokens_option = click.option(
    "--max-new-tokens", type=int, default=128, show_default=True, metavar="N", help="Longest answer."
)


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
"""The setting that each option of ``train`` is."""


@click.command()
@click.option("--config", metavar="FILE|NAME", help="YAML file, or a preset, such as gpu-24gb.")
@click.option("--real", metavar="FOLDER|HUB_ID", help="Real catalogue; owner/name[@revision] on the Hub.")
@click.option("--synthetic", metavar="FOLDER|HUB_ID", help="Synthetic catalogue, made by datagen make.")
@click.option(
    "--synthetic-share", type=float, metavar="P", help="Of the training stream.  [default: all rows alike]"
)
@click.option("--real-rows", type=int, metavar="N", help="Take so many real training rows only.")
@click.option("--split-from", metavar="RUN", help="Test on the rows that this other run is tested on.")
@click.option("--base", metavar="FOLDER|HUB_ID", help="Model to start from.  [default: Phi-3-vision]")
@click.option("--method", type=click.Choice(["qlora", "lora", "full"]), help="[default: qlora]")
@click.option("--out", "-o", type=click.Path(path_type=Path), help="Run folder to write.  [default: run]")
@click.option("--epochs", type=float, metavar="N", help="Times through the training stream.  [default: 3]")
@click.option("--steps", type=int, metavar="N", help="Optimiser steps, in place of --epochs.")
@click.option("--batch-size", type=int, metavar="N", help="Samples in a pass.")
@click.option("--accumulation", type=int, metavar="N", help="Passes in a step.")
@click.option("--learning-rate", type=float, metavar="X", help="[default: 2e-4; 1e-5 with method full]")
@click.option("--num-crops", type=int, metavar="N", help="Tiles of a picture, 1 to 16: memory and speed.")
@click.option("--lora-rank", type=int, metavar="N", help="Rank of the adapters.")
@click.option("--seed", type=int, metavar="N", help="Of the split, the order and the adapters.  [default: 0]")
@click.option("--tracker", type=click.Choice(["none", "wandb", "tensorboard"]), help="[default: wandb]")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Any other setting of the YAML.")
@click.option("--smoke", is_flag=True, default=None, help="A tiny model on the CPU, to try everything out.")
@click.option("--resume", is_flag=True, help="Go on with an interrupted run.")
@click.option("--overwrite", is_flag=True, help="Replace a run that is already there.")
@click.option("--dry-run", is_flag=True, help="Say what would be trained, and write nothing.")
@_quiet_option
@_json_option
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

    Picture and question in, title, category and price out. Options override the YAML file; RUN/config.yaml
    holds what came of both. Validation and test rows are real ones, if there are any, of title families that
    are not trained on.

    \b
    Examples:
      datagen train --real shop --synthetic burberry-3040 --config gpu-24gb
      datagen train --real me/shop --synthetic-share 0.5 --synthetic burberry-3040 --out half
      datagen train --synthetic burberry-200 --smoke --out try
    """
    from datagen.train.terminal import Shown, calm, loading, show_table

    click.get_current_context().with_resource(calm())
    from datagen.schemas import InputError
    from datagen.train.config import CONFIG, load_config, setting

    target = out or Path("run")
    if resume and (overwrite or dry_run):
        raise InputError("--resume goes on with a run; give it without --overwrite and --dry-run.")
    recipe = target / CONFIG if resume and config is None else _recipe(config)
    seed = options.pop("seed")
    flags = {FLAGS[name]: value for name, value in options.items()}
    flags |= {"data.seed": seed, "training.seed": seed, **dict(map(setting, settings))}
    wanted = load_config(recipe, flags)
    if dry_run:
        with loading():
            from datagen.train.run.dry_run import plan_run

        plan, data = plan_run(wanted)
        if as_json:
            told = ("weights", "trainable", "tokens", "picture_tokens", "samples_per_step", "steps")
            planned = {
                "out": str(target),
                **{name: getattr(plan, name) for name in told},
                "memory": plan.memory.total,
                "config": wanted.model_dump(mode="json"),
                "data": data.described(),
            }
            click.echo(json.dumps(planned, ensure_ascii=False))
        elif not quiet:
            click.echo("\n".join([f"Would write {target}.", *plan.lines()]))
        return
    with loading():
        from datagen.train.run.finetune import Interrupted, train_run

    still = quiet or as_json
    say = None if still else partial(click.echo, err=True)
    try:
        done = train_run(wanted, target, resume=resume, overwrite=overwrite, quiet=still, say=say)
    except Interrupted as stopped:
        click.echo(f"Error: {stopped}", err=True)
        raise SystemExit(128 + stopped.signal) from None
    if as_json:
        click.echo(json.dumps(done.as_json()))
    elif not quiet:
        best = f"step {done.best_step:,}" if done.best_step is not None else "the last step"
        loss = "" if done.best_loss is None else f", loss {done.best_loss:.3f} on validation rows"
        shown = {
            "steps": f"{done.steps:,} of {done.samples // max(done.steps, 1):,} samples",
            "loss": "-" if done.loss is None else f"{done.loss:.3f} at the last step",
            "best": best + loss,
            "trained weights": f"{done.trainable:,}",
            "seconds": f"{done.seconds:,.0f}",
            "peak memory": f"{done.peak_memory / 1e9:.1f} GB",
        }
        show_table(Shown(f"Trained {done.run}", ["", ""], [*map(list, shown.items())]))
        click.echo("\nNext:\n" + "\n".join(f"  {words}" for words in _next(target)))


@click.command()
@_run_argument
@_which_option
@click.option("--split", default="test", show_default=True, metavar="NAME", help="validation or test.")
@click.option("--data", metavar="FOLDER|HUB_ID", help="Other data than the run's own.")
@click.option("--rows", type=int, metavar="N", help="Only so many rows, drawn by the run's seed.")
@click.option(
    "--shuffle-images",
    is_flag=True,
    help="Show every row another one's picture, too: by how much is it worse?",
)
@click.option("--blank-images", is_flag=True, help="Show every row a blank picture, too.")
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="RUN",
    help="By how much is it better than this run?",
)
@click.option("--no-baselines", is_flag=True, help="Leave out majority and nearest picture.")
@_batch_option
@_tokens_option
@_quiet_option
@_json_option
def evaluate(
    run: Path,
    which: str,
    split: str,
    data: str | None,
    rows: int | None,
    shuffle_images: bool,
    blank_images: bool,
    against: Path | None,
    no_baselines: bool,
    batch_size: int,
    max_new_tokens: int,
    quiet: bool,
    as_json: bool,
) -> None:
    """Score a run by what it generates about held-out pictures.

    Writes RUN/evaluation/NAME: report.md, scores.json and predictions.parquet. Evaluations of the same rows
    stand in one table, beside two baselines that have learned nothing.

    \b
    Examples:
      datagen evaluate run
      datagen evaluate run --which base
      datagen evaluate run --shuffle-images
      datagen evaluate real-and-synthetic --against real-only
      datagen evaluate run --data me/other-shop --split test
    """
    from datagen.train.terminal import calm, loading

    click.get_current_context().with_resource(calm())
    from datagen.schemas import InputError

    with loading():
        import datagen.train.models.base  # noqa: F401 - which evaluate_run needs in the end
        from datagen.train.evaluation.evaluate import evaluate_run
    from datagen.train.evaluation.report import category_table, difference_table, scores_table, sentence
    from datagen.train.terminal import progress, show_table, terminal_width

    if shuffle_images and blank_images:
        raise InputError("--shuffle-images and --blank-images are two evaluations; give one of them.")
    with progress(quiet=quiet or as_json) as tell:
        done = evaluate_run(
            run,
            which,
            split,
            images="shuffled" if shuffle_images else "blank" if blank_images else "own",
            data=data,
            against=against,
            rows=rows,
            batch_size=batch_size,
            max_new_tokens=max_new_tokens,
            baselines=not no_baselines,
            tell=tell,
        )
    if as_json:
        click.echo(json.dumps({"folder": str(done.folder), **done.record}, ensure_ascii=False))
        return
    if quiet:
        return
    record = done.record
    tables = [scores_table(record, done.beside, terminal_width()), category_table(record, most=12)]
    for before in record["differences"].values():
        tables.insert(1, difference_table(before, record, before["differences"]))
    for table in tables:
        if table.rows:
            show_table(table)
    for before in record["differences"].values():
        click.echo(sentence(record, before))
    click.echo(f"{record['rows']:,} rows of the {record['data']['name']}; more in {done.folder}/report.md")


@click.command()
@_run_argument
@click.argument("pictures", nargs=-1, required=True, type=click.Path(path_type=Path))
@_which_option
@_batch_option
@_tokens_option
@_quiet_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a picture, a line each.")
def predict(
    run: Path,
    pictures: tuple[Path, ...],
    which: str,
    batch_size: int,
    max_new_tokens: int,
    quiet: bool,
    as_json: bool,
) -> None:
    """Read title, category and price off pictures: JPEG, PNG and WebP files, and folders of them.

    Exits with 1 if a picture could not be read; the others are answered all the same.

    \b
    Examples:
      datagen predict run photo.jpg more/*.png
      datagen predict run photos --json > answers.jsonl
    """
    from datagen.train.terminal import calm, loading

    click.get_current_context().with_resource(calm())
    with loading():
        from datagen.train.models.base import load_run
    from datagen.train.config import saved_config
    from datagen.train.evaluation.predict import find_pictures, predictions_table
    from datagen.train.evaluation.predict import predict as answer
    from datagen.train.terminal import progress, show_table

    files = find_pictures(pictures)
    template = saved_config(run).data.template
    with progress(quiet=quiet or as_json) as tell:
        found = answer(
            load_run(run, which),
            files,
            template,
            batch_size=batch_size,
            max_new_tokens=max_new_tokens,
            progress=lambda done: tell("Answering", done, len(files)),
        )
    if as_json:
        for one in found:
            click.echo(json.dumps(one.as_json(), ensure_ascii=False))
    else:
        table = predictions_table(found, template)
        if table.rows:
            show_table(table)
    faults = [one.error for one in found if one.error]
    if not as_json:
        for fault in faults:
            click.echo(f"Error: {fault}", err=True)
    if faults:
        raise SystemExit(1)


@click.command()
@_run_argument
@click.option("--out", "-o", type=click.Path(path_type=Path), required=True, help="Folder to write.")
@_which_option
@click.option("--overwrite", is_flag=True, help="Replace a model that is already there.")
@_quiet_option
@_json_option
def merge(run: Path, out: Path, which: str, overwrite: bool, quiet: bool, as_json: bool) -> None:
    """Merge a run's adapter into its base model: a model of its own, in the official layout.

    The base is loaded in 16 bits, also where it was trained in 4.

    \b
    Example:
      datagen merge run --out my-model
    """
    from datagen.train.terminal import calm, loading

    click.get_current_context().with_resource(calm())
    with loading():
        from datagen.train.models.adapter import merge as merge_adapter
    from datagen.train.terminal import Shown, show_table

    done = merge_adapter(run, out, which, overwrite=overwrite)
    if as_json:
        click.echo(json.dumps(done.as_json()))
    elif not quiet:
        shown = {
            "base": done.base,
            "adapter": f"{done.run} {done.which}",
            "parameters": f"{done.parameters:,} in {done.dtype}",
            "bytes": f"{done.bytes:,}",
        }
        show_table(Shown(f"Wrote {done.path}", ["", ""], [*map(list, shown.items())]))


def _recipe(named: str | None) -> Path | None:
    """The file that --config names: a path, or a preset. Raises InputError."""
    from datagen.schemas import InputError
    from datagen.schemas.yaml_file import nearest

    if named is None:
        return None
    presets = {file.stem: file for file in sorted(RECIPES.glob("*.yaml"))}
    path = presets.get(named, Path(named))
    if not path.is_file():
        raise InputError(f"There is no file {named}, and no preset of that name: {nearest(named, presets)}.")
    return path


def _next(run: Path) -> list[str]:
    """What to type after training."""
    folder = shlex.quote(str(run))
    return [
        f"datagen evaluate {folder}",
        f"datagen evaluate {folder} --shuffle-images",
        f"datagen predict {folder} photo.jpg",
    ]


COMMANDS = [train, evaluate, predict, merge]
