"""The ``datagen`` command: options in, one call, a report out.

Everything heavy is imported inside the commands, so that ``--help`` answers at once.
Exit codes: 0 done, 1 a run that failed or a dataset with faults, 2 wrong input, 130 interrupted.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from datagen.commands.command import Command, ImageSize
from datagen.train.commands import COMMANDS as TRAINING

F = TypeVar("F", bound=Callable[..., Any])


def _out_option(what: str, default: str) -> Callable[[F], F]:
    return click.option("--out", "-o", type=click.Path(path_type=Path), help=f"{what}  [default: {default}]")


_folder_argument = click.argument("folder", type=click.Path(path_type=Path))
_json_option = click.option("--json", "as_json", is_flag=True, help="Print a JSON summary on stdout.")
_quiet_option = click.option("--quiet", "-q", is_flag=True, help="No progress and no summary.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="datagen", prog_name="datagen")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def main(debug: bool) -> None:
    """Make synthetic product catalogues, take in real ones, and train models on both.

    \b
    Examples:
      datagen make --rows 3040
      datagen preview burberry-3040
      datagen train --synthetic burberry-3040 --smoke
    """


@main.command(cls=Command)
@click.option("--rows", "-n", type=int, required=True, help="How many products to make.")
@_out_option("Folder to write.", "PROFILE-ROWS")
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed, other products.")
@click.option("--schema", default="burberry", show_default=True, metavar="NAME|FILE", help="The columns.")
@click.option("--profile", metavar="NAME|FILE", help="What it looks like.  [default: named as the schema]")
@click.option("--image-size", type=ImageSize(), default="480x640", show_default=True, help="In pixels.")
@click.option("--no-images", is_flag=True, help="Rows only.")
@click.option("--attributes", is_flag=True, help="Add a column of what each picture shows.")
@click.option("--masks", is_flag=True, help="Add a column of masks: which pixels are the product.")
@click.option("--jpeg-quality", type=int, default=90, show_default=True, metavar="Q", help="1 to 100.")
@click.option("--workers", type=int, metavar="N", help="Processes; changes no byte.  [default: all cores]")
@click.option(
    "--shard-rows", type=int, metavar="N", help="Rows in a file.  [default: 1000; 250000 without images]"
)
@click.option(
    "--where",
    multiple=True,
    metavar="CATEGORY=VALUE",
    help="Only these categories, e.g. category2_code=BAGS; repeat for more.",
)
@click.option("--resume", is_flag=True, help="Go on with an interrupted run.")
@click.option("--overwrite", is_flag=True, help="Replace a dataset that is already there.")
@click.option("--dry-run", is_flag=True, help="Check everything, say what would be made, write nothing.")
@_quiet_option
@_json_option
def make(
    rows: int,
    out: Path | None,
    seed: int,
    schema: str,
    profile: str | None,
    image_size: tuple[int, int],
    no_images: bool,
    attributes: bool,
    masks: bool,
    jpeg_quality: int,
    workers: int | None,
    shard_rows: int | None,
    where: tuple[str, ...],
    resume: bool,
    overwrite: bool,
    dry_run: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Make a dataset folder: rows, pictures, card and manifest.

    The same options make the same bytes, whatever the workers and the interruptions.

    \b
    Examples:
      datagen make --rows 3040
      datagen make --rows 500 --where category1_code=WOMAN --where category2_code=BAGS
      datagen make --rows 500 --attributes --masks --out with-truth
      datagen make --rows 1000000 --no-images --out load-test
    """
    from datagen.commands.summaries import show_made, show_plan
    from datagen.commands.terminal import progress
    from datagen.generation.engines import all_cores
    from datagen.generation.make import write_dataset
    from datagen.generation.recipe import write_recipe
    from datagen.schemas import InputError

    if resume and overwrite:
        raise InputError("--resume and --overwrite contradict each other; give one of them.")
    if workers is not None and workers < 1:
        raise InputError(f"{workers} workers cannot work; give 1 or more.")
    recipe = write_recipe(
        rows,
        seed=seed,
        schema=schema,
        profile=profile,
        image_size=None if no_images else image_size,
        jpeg_quality=jpeg_quality,
        shard_rows=shard_rows,
        where=_categories(where),
        attributes=attributes,
        masks=masks,
    )
    target = out or Path(f"{recipe.profile.name}-{rows}" + ("-rows" if no_images else ""))
    if dry_run:
        plan = {"out": str(target), **recipe.as_json(), "shards": len(recipe.shards())}
        if as_json:
            click.echo(json.dumps(plan))
        elif not quiet:
            show_plan(plan)
        return
    with progress("Making", rows, "rows", quiet=quiet or as_json) as tell:
        made = write_dataset(
            recipe,
            target,
            workers=workers or all_cores(),
            resume=resume,
            overwrite=overwrite,
            progress=tell,
        )
    if as_json:
        click.echo(json.dumps(made.as_json()))
    elif not quiet:
        show_made(made, pictures=not no_images)


@main.command(cls=Command)
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@_out_option("Picture to write, .jpg or .png.", "FOLDER-preview.jpg, or GRID.jpg")
@click.option("--count", type=int, default=40, show_default=True, help="How many products, at most 400.")
@click.option("--columns", type=int, default=8, show_default=True, help="Pictures in a line.")
@click.option(
    "--grid",
    type=click.Choice(["kind", "fabric", "view"]),
    help="In place of a dataset: all that the renderer can draw.",
)
@_quiet_option
def preview(
    folder: Path | None, out: Path | None, count: int, columns: int, grid: str | None, quiet: bool
) -> None:
    """Write a contact sheet: pictures of a dataset with title and price under each.

    \b
    Examples:
      datagen preview burberry-3040
      datagen preview --grid kind
    """
    from datagen.commands.terminal import size
    from datagen.dataset.preview import write_grid, write_preview
    from datagen.schemas import InputError

    if (folder is None) == (grid is None):
        raise InputError("A preview is of a dataset, or with --grid of the renderer; give one of them.")
    if folder is not None:
        written = write_preview(folder, out or _beside(folder, "preview.jpg"), count=count, columns=columns)
    else:
        written = write_grid(str(grid), out or Path(f"{grid}.jpg"), columns=columns)
    if not quiet:
        click.echo(f"Wrote {written} ({size(written.stat().st_size)}).")


@main.command(cls=Command)
@_folder_argument
@_quiet_option
@_json_option
def verify(folder: Path, quiet: bool, as_json: bool) -> None:
    """Check a dataset: checksums, columns, and every rule between the columns of every row.

    Exits with 1 and names the rows if anything is amiss.

    \b
    Example:
      datagen verify burberry-3040
    """
    from datagen.commands.summaries import show_verdict
    from datagen.commands.terminal import progress
    from datagen.dataset.folder import open_folder
    from datagen.dataset.verify import verify_folder

    rows = open_folder(folder).manifest.rows
    with progress("Checking", rows, "rows", quiet=quiet or as_json) as tell:
        verdict = verify_folder(folder, progress=tell)
    if as_json:
        click.echo(json.dumps(verdict.as_json(), ensure_ascii=False))
    elif not (quiet and verdict.whole):
        show_verdict(folder, verdict)
    if not verdict.whole:
        raise SystemExit(1)


@main.command(cls=Command)
@_folder_argument
@click.option("--to", type=click.Choice(["csv", "imagefolder"]), required=True, help="The layout.")
@_out_option("Folder to write.", "FOLDER-LAYOUT")
@click.option("--overwrite", is_flag=True, help="Replace an export that is already there.")
@_quiet_option
def export(folder: Path, to: Any, out: Path | None, overwrite: bool, quiet: bool) -> None:
    """Write a dataset as loose files: a CSV with images/, or an imagefolder.

    \b
    Example:
      datagen export burberry-3040 --to csv
    """
    from datagen.commands.terminal import progress
    from datagen.dataset.export import write_export
    from datagen.dataset.folder import open_folder

    rows = open_folder(folder).manifest.rows
    target = out or _beside(folder, to)
    with progress("Exporting", rows, "rows", quiet=quiet) as tell:
        write_export(folder, to, target, overwrite=overwrite, progress=tell)
    if not quiet:
        click.echo(f"Wrote {rows:,} rows to {target}.")


@main.command(cls=Command)
@_folder_argument
@click.argument("repo", metavar="OWNER/NAME")
@click.option("--private/--public", default=None, help="Of a new repository.  [default: private]")
@click.option("--revision", default="main", show_default=True, metavar="BRANCH", help="Branch to push to.")
@click.option("--tag", help="Tag the commit.")
@click.option("--create-pr", is_flag=True, help="Open a pull request instead of committing.")
@click.option("--message", "-m", help="Message of the commit.")
@click.option("--split", help="What a single dataset is.  [default: train]")
@click.option("--config", help="Table of the repository it is.  [default: default]")
@click.option("--dry-run", is_flag=True, help="Check everything, say what would be sent, send nothing.")
@_quiet_option
@_json_option
def push(
    folder: Path,
    repo: str,
    private: bool | None,
    revision: str,
    tag: str | None,
    create_pr: bool,
    message: str | None,
    split: str | None,
    config: str | None,
    dry_run: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Push a dataset folder to the Hugging Face Hub, in one commit.

    FOLDER is a dataset, or a folder of them as splits (train, validation, test) and tables (such as
    real, synthetic, mixed). Started again after a failure, it sends only what is missing.

    \b
    Examples:
      datagen push burberry-3040 me/synthetic-burberry --tag v1
      datagen push burberry-3040 me/synthetic-burberry --public --dry-run
    """
    from datagen.commands.summaries import show_pushed
    from datagen.commands.terminal import progress_bytes
    from datagen.hub.push import push as push_folder

    with progress_bytes("Sending", quiet=quiet or as_json) as tell:
        pushed = push_folder(
            folder,
            repo,
            private=private,
            revision=revision,
            tag=tag,
            create_pr=create_pr,
            message=message,
            split=split,
            config=config,
            dry_run=dry_run,
            progress=tell,
        )
    if as_json:
        click.echo(json.dumps(pushed.as_json()))
    elif not quiet:
        show_pushed(pushed, dry_run)


@main.command(cls=Command)
@click.argument("source")
@_out_option("Folder to write.", "named as the source")
@click.option("--revision", help="Branch, tag or commit, of a set of the Hub.  [default: main]")
@click.option("--config", help="Only this table, of a set of several.")
@click.option("--split", help="Only this split.  [default: train]")
@click.option("--schema", metavar="NAME|FILE", help="Whose columns they are to be.  [default: burberry]")
@click.option(
    "--map",
    "named",
    multiple=True,
    metavar="OURS=THEIRS,...|FILE",
    help="Columns called otherwise in the source (none: left out); or a YAML file.",
)
@click.option("--set", "given", multiple=True, metavar="OURS=VALUE", help="A value for every row.")
@click.option("--no-images", is_flag=True, help="Rows only.")
@click.option("--limit", type=int, metavar="N", help="Only the first N rows.")
@click.option("--connections", type=int, metavar="N", help="Pictures fetched at once.  [default: 16]")
@click.option("--per-host", type=int, metavar="N", help="Of these, from one host.  [default: 8]")
@click.option("--allow-private", is_flag=True, help="Fetch pictures from this machine and its network, too.")
@click.option("--cache", type=click.Path(path_type=Path), help="Folder that keeps pictures for later pulls.")
@click.option("--overwrite", is_flag=True, help="Replace a dataset that is already there.")
@_quiet_option
@_json_option
def pull(
    source: str,
    out: Path | None,
    revision: str | None,
    config: str | None,
    split: str | None,
    schema: str | None,
    named: tuple[str, ...],
    given: tuple[str, ...],
    no_images: bool,
    limit: int | None,
    connections: int | None,
    per_host: int | None,
    allow_private: bool,
    cache: Path | None,
    overwrite: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Pull a catalogue into a dataset folder: rows checked, pictures fetched, failures set apart.

    SOURCE is a set of the Hugging Face Hub (owner/name or owner/name@revision), a Parquet, Arrow, CSV or
    JSON file, or a folder of these, of pictures, or saved by datasets. What fails goes to rejected.parquet,
    with the reason. A set that datagen pushed comes back with the same checksums. Started again after
    an interruption, it goes on.

    \b
    Examples:
      datagen pull DBQ/Burberry.Product.prices.United.States
      datagen pull shop.csv --map title=name,full_price=price_usd --set currency_code=USD
      datagen pull me/synthetic-burberry@v1 --out again
    """
    from datagen.catalogue.importing import ImportRequest
    from datagen.catalogue.matching import read_map, read_values
    from datagen.catalogue.pull import name_for
    from datagen.catalogue.pull import pull as pull_set
    from datagen.commands.summaries import show_pulled
    from datagen.commands.terminal import progress_stages
    from datagen.photos.fetch import Limits
    from datagen.schemas import DEFAULT_SCHEMA

    counts = {"connections": connections, "per_host": per_host}
    wish = ImportRequest(
        schema=schema or DEFAULT_SCHEMA,
        named=read_map(named),
        given=read_values(given),
        pictures=not no_images,
        most_rows=limit,
        revision=revision,
        config=config,
        split=split,
        limits=Limits(
            allow_private=allow_private,
            **{name: count for name, count in counts.items() if count is not None},
        ),
        cache=cache,
    )
    with progress_stages(quiet=quiet or as_json) as tell:
        pulled = pull_set(source, out or name_for(source), wish, overwrite=overwrite, progress=tell)
    if as_json:
        click.echo(json.dumps(pulled.as_json(), ensure_ascii=False))
    elif not quiet:
        show_pulled(pulled)


@main.command(cls=Command)
@click.argument("name", default="burberry")
@_json_option
def schema(name: str, as_json: bool) -> None:
    """Show the columns of a schema: a built-in name, or a YAML file.

    \b
    Example:
      datagen schema burberry
    """
    from datagen.schemas import load_schema

    loaded = load_schema(name)
    if as_json:
        click.echo(loaded.model_dump_json(indent=2))
        return
    from datagen.commands.terminal import show_columns

    headings = ("#", "column", "type", "role", "rule", "what it is")
    rows = [
        (str(at), column.name, column.dtype, column.role, column.rule, column.about)
        for at, column in enumerate(loaded.columns, start=1)
    ]
    show_columns(f"{loaded.name}: {loaded.title}", headings, rows)


def _beside(folder: Path, tail: str) -> Path:
    """``sets/a`` and ``b`` as ``sets/a-b``; a folder without a name, such as ``.``, by its real one."""
    named = folder if folder.name not in {"", ".."} else folder.resolve()
    return named.parent / f"{named.name}-{tail}"


def _categories(where: tuple[str, ...]) -> dict[str, list[str]]:
    """``("a=X", "a=Y", "b=Z")`` as ``{"a": ["X", "Y"], "b": ["Z"]}``."""
    from datagen.schemas import InputError

    asked: dict[str, list[str]] = {}
    for pair in where:
        column, equals, value = pair.partition("=")
        if not (column and equals and value):
            raise InputError(f"--where {pair!r} is not CATEGORY=VALUE.")
        asked.setdefault(column.strip(), []).append(value.strip())
    return asked


for _each in TRAINING:
    main.add_command(Command.of(_each))

if __name__ == "__main__":
    main()
