"""``datagen pull``: a catalogue from anywhere, as a dataset folder."""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from datagen.commands.command import Command
from datagen.commands.options import (
    Bytes,
    json_option,
    out_option,
    overwrite_option,
    quiet_option,
    schema_option,
)

if TYPE_CHECKING:
    from datagen.catalogue.importing import ImportResult
    from datagen.hub.pull_back import PullResult

PICTURES = {
    "none": "none",
    "column": "from a column of the source",
    "files": "from files next to the source",
    "links": "fetched from their addresses",
}
"""Where the pictures of an import come from, in words."""

MOST_NAMES = 12
"""Unused columns that a summary names."""


@click.command(cls=Command, kept="Files that were received are kept")
@click.argument("source")
@out_option("Folder to write.", "the source's name")
@click.option("--revision", help="Branch, tag or commit of a dataset on the Hub.  [default: main]")
@click.option("--config", help="Config (subset) to pull, where a dataset on the Hub has several.")
@click.option("--split", help="Split to pull.  [default: train]")
@schema_option("Columns to import into")
@click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="THEIRS=OURS,...|FILE",
    help="What the source's columns are called in the schema (nothing: leave one out); or a YAML file.",
)
@click.option(
    "--set", "values", multiple=True, metavar="OURS=VALUE", help="A value for every row of a column."
)
@click.option("--no-images", is_flag=True, help="Import rows only.")
@click.option("--limit", type=int, metavar="N", help="Import only the first N rows.")
@click.option(
    "--max-bytes", type=Bytes(), metavar="SIZE", help="The most that a file may unpack to.  [default: 100GB]"
)
@click.option(
    "--max-rows", type=click.IntRange(1), metavar="N", help="The most rows to read.  [default: 100,000,000]"
)
@click.option(
    "--row-timeout",
    type=click.FloatRange(0.001),
    metavar="SECONDS",
    help="Give up after so long without a valid row.  [default: 60]",
)
@click.option("--connections", type=int, metavar="N", help="Pictures to fetch at once.  [default: 16]")
@click.option("--per-host", type=int, metavar="N", help="Of these, from one host.  [default: 8]")
@click.option(
    "--allow-private", is_flag=True, help="Also fetch pictures from this machine and its local network."
)
@click.option(
    "--cache", type=click.Path(path_type=Path), help="Folder that keeps fetched pictures for later pulls."
)
@overwrite_option("dataset")
@quiet_option
@json_option
def pull(
    source: str,
    out: Path | None,
    revision: str | None,
    config: str | None,
    split: str | None,
    schema: str,
    mapping: tuple[str, ...],
    values: tuple[str, ...],
    no_images: bool,
    limit: int | None,
    max_bytes: int | None,
    max_rows: int | None,
    row_timeout: float | None,
    connections: int | None,
    per_host: int | None,
    allow_private: bool,
    cache: Path | None,
    overwrite: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Pull a catalogue from anywhere into a dataset folder.

    Rows are checked, pictures fetched, and failures set apart.

    SOURCE is a dataset on the Hugging Face Hub (owner/name or owner/name@revision), a Parquet, Arrow, CSV or
    JSON file, or a folder: of such files, of pictures, or saved by the library datasets. Rows that fail are
    written to rejected.parquet, each with the reason. A dataset that datagen pushed comes back with the same
    checksums. Run again after an interruption, it resumes.

    \b
    Examples:
      datagen pull DBQ/Burberry.Product.prices.United.States
      datagen pull shop.csv --map name=title,price_usd=full_price,photo=image --set currency_code=USD
      datagen pull me/synthetic-burberry@v1 --out copy
    """
    from datagen.catalogue.importing import ImportRequest, ImportResult
    from datagen.catalogue.matching import read_map, read_values
    from datagen.catalogue.pull import name_for
    from datagen.catalogue.pull import pull as pull_source
    from datagen.hub.pull_back import PullResult
    from datagen.photos.fetch import Limits
    from datagen.readers.limits import DEFAULT_LIMITS, ReadLimits
    from datagen.schemas.terminal import show, show_json, stage_progress

    counts = {"connections": connections, "per_host": per_host}
    request = ImportRequest(
        schema=schema,
        renamed=read_map(mapping),
        given=read_values(values),
        pictures=not no_images,
        most_rows=limit,
        revision=revision,
        config=config,
        split=split,
        limits=Limits(
            allow_private=allow_private,
            **{name: count for name, count in counts.items() if count is not None},
        ),
        read_limits=ReadLimits(
            bytes=max_bytes or DEFAULT_LIMITS.bytes,
            rows=max_rows or DEFAULT_LIMITS.rows,
            row_seconds=row_timeout or DEFAULT_LIMITS.row_seconds,
        ),
        cache=cache,
    )
    with stage_progress(quiet=quiet or as_json) as progress:
        result = pull_source(
            source,
            out or name_for(source),
            request,
            overwrite=overwrite,
            progress=progress,
            note=partial(show, err=True),
        )
    if as_json:
        show_json(result.as_json())
    elif not quiet and isinstance(result, PullResult):
        _show_pulled(result)
    elif not quiet and isinstance(result, ImportResult):
        _show_imported(result)
    if isinstance(result, ImportResult) and result.unread:
        show(f"Error: {_unread_sentence(result)}", err=True)
        raise SystemExit(1)


def _unread_sentence(result: ImportResult) -> str:
    """What is missing from an import, what is there, and what to do."""
    first, more = result.unread[0], len(result.unread) - 1
    known = [part.end - part.start for part in result.unread if part.end is not None]
    amount = f"{sum(known):,} bytes of" if len(known) == more + 1 else "Part of"
    others = f" and {more:,} further places" * bool(more)
    return (
        f"{amount} {result.source} could not be read (from byte {first.start:,}{others}: {first.reason}); "
        f"the other {result.rows:,} rows are in {result.path}, so fetch the source again for the rest."
    )


def _show_pulled(result: PullResult) -> None:
    """The summary of a dataset that datagen pushed, and the commands to type next."""
    from datagen.schemas.terminal import show, show_next
    from datagen.schemas.text import count

    sets = f" in {count(result.tables, 'dataset')}" if result.tables > 1 else ""
    rows = count(result.rows, "row")
    show(f"Pulled {rows}{sets} to {result.path} (commit {result.commit[:8]}); all checksums match.")
    if result.tables == 1:
        show_next([f"datagen verify {shlex.quote(str(result.path))}"])


def _show_imported(result: ImportResult) -> None:
    """The summary of an import: kept and rejected rows, matched columns; and the commands to type next."""
    from datagen.readers.source import Unread
    from datagen.schemas.folder import REJECTED
    from datagen.schemas.terminal import show, show_next, show_table, size
    from datagen.schemas.text import count

    renamed = [f"{ours} from {theirs}" for ours, theirs in result.columns.items() if ours != theirs]
    unused = [repr(name)[1:-1] for name in result.unused[:MOST_NAMES]]
    summary = {
        "rows": f"{result.rows:,} of the {result.rows_read:,} that were read",
        "pictures": PICTURES[result.pictures],
        "columns": ", ".join(renamed),
        "header": "missing; columns were matched by position" if result.header_lost else "",
        "left out": ", ".join(result.left_out),
        "not used": ", ".join(unused) + (" ..." if len(result.unused) > MOST_NAMES else ""),
        "filled in": ", ".join(f"{name} in {count(rows, 'row')}" for name, rows in result.filled.items()),
        "relaxed": "\n".join(f"{name} {how}" for name, how in result.relaxed.items()),
        "rejected": "\n".join(f"{rows:,} x {reason}" for reason, rows in result.reasons.items()) or "none",
        "unreadable": "\n".join(str(Unread(**part.__dict__)) for part in result.unread[:MOST_NAMES]),
        "bytes": f"{result.bytes:,} ({size(result.bytes)})",
    }
    show_table(f"Pulled {result.path} from {result.source}", [row for row in summary.items() if row[1]])
    folder = shlex.quote(str(result.path))
    show_next([f"datagen preview {folder}"] * (result.pictures != "none") + [f"datagen verify {folder}"])
    if result.rejected:
        show("", f"The rejected rows, each with its reason, are in {result.path / REJECTED}.")
