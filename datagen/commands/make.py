"""``datagen make``: a dataset folder from a recipe."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from datagen.commands.command import Command
from datagen.commands.completion import BuiltInOrFile
from datagen.commands.options import (
    FolderOrAddress,
    ImageSize,
    json_option,
    overwrite_option,
    quiet_option,
    schema_option,
)

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from datagen.fit.fitting import Fitted
    from datagen.generation.made import MakeResult
    from datagen.generation.recipe import Recipe, RecipeOptions
    from datagen.schemas.folder import NamedDigest
    from datagen.schemas.progress import RowProgress, StageProgress


def _kept(ctx: click.Context) -> str:
    """What an interrupted run keeps; empty where it had written nothing."""
    if not isinstance(ctx.meta.get("out"), Path):
        return "Every finished shard is kept" if "out" in ctx.meta else ""
    from datagen.schemas.folder import partial

    work = partial(ctx.meta["out"])
    if not work.is_dir():
        return ""
    return "Every finished shard is kept" if any(work.glob("data/*.parquet")) else "No shard was finished"


@click.command(cls=Command, kept=_kept)
@click.option("--rows", "-n", type=int, help="Number of products to make; with --count, it may be left out.")
@click.option(
    "--out",
    "-o",
    type=FolderOrAddress(),
    metavar="FOLDER|ADDRESS",
    help="Folder to write, or an address: s3://BUCKET/PREFIX, gs://..., hf://datasets/OWNER/NAME, "
    "hf://buckets/OWNER/NAME/PREFIX.  "
    "[default: PROFILE-ROWS, and options that are not the default]",
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help="A different seed gives different products."
)
@schema_option("Columns of the dataset")
@click.option(
    "--profile",
    type=BuiltInOrFile(".profile.yaml"),
    metavar="NAME|FILE",
    help="Look of the catalogue: a built-in profile, or a YAML file.  [default: the schema's name]",
)
@click.option(
    "--like",
    metavar="SOURCE",
    help="Learn columns and look from these rows first: anything that `datagen pull` reads.",
)
@click.option(
    "--min-count",
    type=int,
    metavar="N",
    help="With --like: leave out values that fewer products have.  [default: 5]",
)
@click.option(
    "--fold-names",
    is_flag=True,
    help="With --like: leave out rare names too, such as those of small brands, rather than make up as many.",
)
@click.option(
    "--image-size",
    type=ImageSize(),
    default="480x640",
    show_default=True,
    metavar="WxH",
    help="Picture size in pixels.",
)
@click.option("--no-images", is_flag=True, help="Make rows only.")
@click.option("--attributes", is_flag=True, help="Add a column that describes what each picture shows.")
@click.option("--masks", is_flag=True, help="Add a column of masks: which pixels are the product.")
@click.option("--keypoints", is_flag=True, help="Add a column of 17 body keypoints of whoever wears it.")
@click.option("--normals", is_flag=True, help="Add a column of normals; null where drawn from silhouettes.")
@click.option("--depth", is_flag=True, help="Add a column of depth in mm; null where drawn from silhouettes.")
@click.option("--jpeg-quality", type=int, default=90, show_default=True, metavar="Q", help="From 1 to 100.")
@click.option(
    "--workers",
    type=int,
    metavar="N",
    help="Number of processes; does not change the result.  [default: all cores]",
)
@click.option(
    "--engine",
    metavar="NAME",
    default="local",
    show_default=True,
    help="Where to make it: local, or a cluster of ray or spark; does not change the result.",
)
@click.option(
    "--address",
    metavar="HOST:PORT",
    help="A running cluster of that engine.  [default: one is started on this machine]",
)
@click.option(
    "--shard-rows", type=int, metavar="N", help="Rows per file.  [default: 1000; 250000 without images]"
)
@click.option(
    "--splits",
    "shares",
    metavar="NAME=SHARE,...",
    help="Splits of the dataset, such as train=0.8,validation=0.1,test=0.1; no title is in two of them.",
)
@click.option(
    "--where",
    multiple=True,
    metavar="CONDITION",
    help="Make only products with NAME=VALUE,... or 'price<500'; repeat for more.  NAME is a category "
    "column, kind, wearer, size, detail, pattern, material or colourway.",
)
@click.option(
    "--count",
    "counts",
    multiple=True,
    metavar="VALUE=N",
    help="Make exactly N products of a category or kind; repeat for more.",
)
@click.option(
    "--balance",
    metavar="COLUMN",
    help="Make equally many products of each value: a category column, or kind.",
)
@click.option("--resume", is_flag=True, help="Resume an interrupted run.")
@overwrite_option("dataset")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Check everything, the output folder too; print what would be made; write nothing.",
)
@quiet_option
@json_option
def make(
    rows: int | None,
    out: Path | str | None,
    like: str | None,
    min_count: int | None,
    fold_names: bool,
    no_images: bool,
    counts: tuple[str, ...],
    shares: str | None,
    workers: int | None,
    engine: str,
    address: str | None,
    resume: bool,
    overwrite: bool,
    dry_run: bool,
    quiet: bool,
    as_json: bool,
    **options: Unpack[RecipeOptions],
) -> None:
    """Make a dataset folder: rows, pictures, card and manifest.

    The same options make the same bytes, regardless of the number of workers and of interruptions.

    \b
    Examples:
      datagen make --rows 3040
      datagen make --rows 500 --where category2_code=bags --where 'price<500'
      datagen make --like shop.csv --rows 10000
      datagen make --count BAGS=200 --count SHOES=300 --where material=leather
      datagen make --rows 1000 --balance kind
      datagen make --rows 500 --attributes --masks --keypoints --out annotated
      datagen make --rows 500 --masks --normals --depth --out surfaces
      datagen make --rows 3040 --splits train=0.8,validation=0.1,test=0.1
      datagen make --rows 1000000 --no-images --out load-test
      datagen make --rows 1000000 --engine ray --address auto --out /shared/catalogue
    """
    from datagen.generation.engines import all_cores
    from datagen.generation.engines.local import useful_workers
    from datagen.generation.folder_name import folder_name
    from datagen.generation.make import check_dataset, write_dataset
    from datagen.generation.recipe import write_recipe
    from datagen.schemas import InputError
    from datagen.schemas.terminal import show_json, stage_progress

    if resume and overwrite:
        raise InputError("--resume and --overwrite contradict each other; give one of them.")
    if workers is not None and workers < 1:
        raise InputError(f"--workers is {workers}; give at least 1 worker.")
    options["count"] = _numbers(counts)
    options["splits"] = _shares(shares) if shares is not None else None
    if no_images:
        options["image_size"] = None
    source: NamedDigest | None = None
    warnings: dict[str, list[str]] = {}
    if like is not None:
        from datagen.fit.written import loaded

        least = 5 if min_count is None else min_count
        learned, source = _learned(like, least, fold_names, quiet, as_json)
        options["schema"], options["profile"] = loaded(learned)
        warnings = {"warnings": list(learned.warnings)}
    elif min_count is not None or fold_names:
        option = "--fold-names" if fold_names else "--min-count"
        raise InputError(f"{option} is for rows that are learned from; give --like as well.")
    recipe = replace(write_recipe(rows, **options), like=source)
    named = {
        "where": recipe.where,
        "min_count": None if min_count == 5 else min_count,
        "fold_names": fold_names or None,
    }
    target = out or Path(folder_name(recipe.profile.name, recipe.rows, {**options, **named}))
    click.get_current_context().meta["out"] = target
    if dry_run:
        if isinstance(target, str):
            raise InputError(f"--dry-run checks a folder, and {target} is none; leave out one of them.")
        size = check_dataset(recipe, target, resume=resume, overwrite=overwrite)
        shards = recipe.shards()
        plan = {
            "out": str(target),
            **recipe.as_json(),
            "shards": len(shards),
            "about_bytes": size,
        }
        if recipe.splits:
            rows_of = Counter({name: 0 for name, _ in recipe.splits})
            for shard in shards:
                rows_of[str(shard.split)] += shard.rows
            plan["split_rows"] = dict(rows_of)
        if as_json:
            show_json({**plan, **warnings})
        elif not quiet:
            _show_plan(plan)
        return
    processes = workers or all_cores()
    started = useful_workers(recipe, processes) if engine == "local" else processes
    with stage_progress(quiet=quiet or as_json) as report:
        result = write_dataset(
            recipe,
            target,
            workers=processes,
            resume=resume,
            overwrite=overwrite,
            engine=engine,
            address=address,
            progress=_stages(report, recipe, started),
        )
    if as_json:
        show_json({**result.as_json(), **warnings})
    elif not quiet:
        _show_result(result, pictures=not no_images)


def _learned(
    source: str, min_count: int, fold_names: bool, quiet: bool, as_json: bool
) -> tuple[Fitted, NamedDigest]:
    """What is learned from a source, and how its name, options and digest are recorded. Raises InputError."""
    from datagen.commands.learning import learn, show_warnings
    from datagen.schemas import InputError
    from datagen.schemas.folder import NamedDigest
    from datagen.schemas.terminal import show, stage_progress

    context = click.get_current_context()
    for name in ("schema", "profile"):
        if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            raise InputError(
                f"--like learns schema and profile from {source}; leave out --{name}, or --like."
            )
    with stage_progress(quiet=quiet or as_json) as progress:
        learned = learn(source, None, progress=progress, min_count=min_count, invent_names=not fold_names)
    left_out = [each for each in learned.fitted.findings if each.role == "left out"]
    if left_out and not (quiet or as_json):
        shown = "; ".join(f"{each.column} ({each.rule})" for each in left_out)
        show(f"Columns of {learned.source} that are left out: {shown}.", err=True)
    if not quiet:
        show_warnings(learned)
    name = f"{learned.source}, --min-count {min_count}" + ", --fold-names" * fold_names
    return learned.fitted, NamedDigest(name=name, sha256=learned.digest)


def _stages(report: StageProgress, recipe: Recipe, workers: int) -> RowProgress:
    """Report that workers are started until the first further row is made."""
    kept: int | None = None

    def progress(done: int) -> None:
        nonlocal kept
        if kept is None and workers > 1 and done < recipe.rows:
            report(f"Starting {workers} workers", 0, None)
        else:
            report("Making", done, recipe.rows)
        kept = done if kept is None else kept

    return progress


def _numbers(counts: tuple[str, ...]) -> dict[str, int]:
    """``("A=2", "B=3")`` as ``{"A": 2, "B": 3}``. Raises InputError."""
    from datagen.schemas import InputError

    numbers: dict[str, int] = {}
    for text in counts:
        value, equals, number = text.rpartition("=")
        value, number = value.strip(), number.strip().replace(",", "").replace("_", "")
        if not (value and equals and number.isascii() and number.isdigit() and len(number) < 16):
            raise InputError(f"--count {text!r} is not VALUE=NUMBER, such as BAGS=200.")
        if value in numbers:
            raise InputError(f"--count gives the number of {value} twice; give it once.")
        numbers[value] = int(number)
    return numbers


def _shares(text: str) -> dict[str, float]:
    """``"train=0.9,test=0.1"`` as ``{"train": 0.9, "test": 0.1}``. Raises InputError."""
    from datagen.schemas import InputError

    shares: dict[str, float] = {}
    for part in text.split(","):
        name, equals, share = (word.strip() for word in part.partition("="))
        try:
            value = float(share)
        except ValueError:
            equals = ""
        if not (name and equals):
            raise InputError(
                f"--splits {part.strip()!r} is not NAME=SHARE, as in train=0.8,validation=0.1,test=0.1."
            )
        if name in shares:
            raise InputError(f"--splits names the split {name} twice; give each split once.")
        shares[name] = value
    return shares


def _show_plan(plan: dict[str, Any]) -> None:
    """What ``--dry-run`` would make."""
    from datagen.schemas.terminal import show, show_table, size
    from datagen.schemas.text import count

    shown = {name: value for name, value in plan.items() if name not in {"where", "parts"}}
    shown["about"] = size(shown.pop("about_bytes"))
    for name in ("schema", "profile"):
        shown[name] = "{name} ({sha256:.12})".format(**plan[name])
    if plan["image_size"]:
        shown["image_size"] = "{} x {}".format(*plan["image_size"])
    for name in ("attributes", "masks", "keypoints", "normals", "depth"):
        shown[name] = "yes" if plan[name] else "no"
    shown["splits"] = _rows_of_splits(shown.pop("split_rows", {}), plan["rows"])
    table = [(name.replace("_", " "), str(value)) for name, value in shown.items() if value is not None]
    table += [(f"where {name}", ", ".join(values)) for name, values in (plan["where"] or {}).items()]
    table += [(name.replace(":", " "), count(rows, "row")) for name, rows in (plan["parts"] or {}).items()]
    show_table("Would make", table)
    show("", "Nothing was written; run the same command without --dry-run to make it.")


def _rows_of_splits(rows_of: dict[str, int], rows: int) -> str:
    shown = [f"{name} {count:,} ({count / rows:.1%})" for name, count in rows_of.items()]
    return ", ".join(shown) or "none"


def _show_result(result: MakeResult, pictures: bool) -> None:
    """The summary of a run, and the commands to type next."""
    from datagen.schemas.terminal import show_next, show_table, size

    rate = result.rows_made / max(result.seconds, 1e-9)
    summary = {
        "rows": f"{result.rows:,}",
        **({"splits": _rows_of_splits(result.splits, result.rows)} if result.splits else {}),
        "families": f"{result.families:,}, each one product in its colourways",
        "shards": f"{result.shards:,}",
        "bytes": f"{result.bytes:,} ({size(result.bytes)})",
        "seconds": f"{result.seconds:.1f}",
        "rows/s": f"{rate:,.0f}" if result.rows_made else "nothing was missing",
    }
    show_table(f"Made {result.where}", summary.items())
    folder = shlex.quote(result.where)
    loaded = f"{result.path!s}" if result.address is None else "parquet"
    files = (
        "" if result.address is None else f", data_files={result.address.rstrip('/') + '/data/*.parquet'!r}"
    )
    code = f"import datasets; print(datasets.load_dataset({loaded!r}{files}))"
    plain = re.fullmatch(r"[\w./:-]+", result.where)
    load = f'python -c "{code}"' if plain else shlex.join(["python", "-c", code])
    commands = [f"datagen preview {folder}"] * pictures + [f"datagen verify {folder}"]
    if not re.search(r"[][*?$~]", result.where):  # datasets would read it as a pattern
        commands.append(load)
    show_next(commands)
