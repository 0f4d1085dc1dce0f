"""``datagen verify``: a dataset folder against its manifest and the rules of its schema."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from datagen.commands.command import Command
from datagen.commands.options import folder_argument, json_option, quiet_option

if TYPE_CHECKING:
    from datagen.dataset.verify import Verdict


@click.command(cls=Command)
@folder_argument
@quiet_option
@json_option
def verify(folder: Path, quiet: bool, as_json: bool) -> None:
    """Check the checksums, columns and rows of a dataset.

    Every row is checked against every rule between its columns. Exits with 1 and names the rows if there are
    faults.

    \b
    Example:
      datagen verify burberry-3040
    """
    from datagen.dataset.folder import open_folder
    from datagen.dataset.verify import verify_folder
    from datagen.schemas.terminal import row_progress, show_json

    rows = open_folder(folder).manifest.rows
    with row_progress("Checking", rows, quiet=quiet or as_json) as progress:
        verdict = verify_folder(folder, progress=progress)
    if as_json:
        show_json(verdict.as_json())
    elif not (quiet and verdict.whole):
        _show_verdict(folder, verdict)
    if not verdict.whole:
        raise SystemExit(1)


def _show_verdict(folder: Path, verdict: Verdict) -> None:
    """The result of a check, rule by rule, and what to do next."""
    from datagen.schemas.terminal import show, show_next
    from datagen.schemas.text import count

    if verdict.whole:
        rows, shards = count(verdict.rows, "row"), count(verdict.shards, "shard")
        show(f"{folder} has no faults: {rows} in {shards}.")
        show_next([f"datagen push {shlex.quote(str(folder))} OWNER/NAME --dry-run"])
        return
    for breach in verdict.breaches:
        show(breach)
    show("", f"{folder} has faults:")
    for rule, times in verdict.counts.items():
        show(f"  {times:,} x {rule}")
    show(
        "", "To write it again, run the datagen make or datagen pull command that wrote it, with --overwrite."
    )
