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
    from datagen.generation.repair import Repair


@click.command(cls=Command)
@folder_argument
@click.option("--repair", is_flag=True, help="First make missing or changed shards again, byte for byte.")
@quiet_option
@json_option
def verify(folder: Path, repair: bool, quiet: bool, as_json: bool) -> None:
    """Check the checksums, columns and rows of a dataset.

    Every row is checked against every rule between its columns. Exits with 1 and names the rows if there are
    faults.

    With --repair, the shards of a made dataset that are missing or were changed are made again before the
    check; a dataset that was imported must be pulled again.

    \b
    Examples:
      datagen verify burberry-3040
      datagen verify burberry-3040 --repair
    """
    from datagen.dataset.folder import open_folder
    from datagen.dataset.verify import verify_folder
    from datagen.schemas import InputError
    from datagen.schemas.addresses import COPIED
    from datagen.schemas.terminal import row_progress, show_json, stage_progress

    if repair and (folder / COPIED).is_file():
        raise InputError(
            "--repair works on folders of this machine, and this is a copy from an address; make the dataset "
            "there again with datagen make --overwrite."
        )
    manifest, repaired = open_folder(folder).manifest, None
    rows = manifest.rows
    if repair:
        from datagen.generation.engines import all_cores
        from datagen.generation.repair import repair as make_again

        with stage_progress(quiet=quiet or as_json) as report:
            repaired = make_again(folder, workers=all_cores(), progress=report)
    with row_progress("Checking", rows, quiet=quiet or as_json) as progress:
        verdict = verify_folder(folder, progress=progress)
    if as_json:
        show_json(verdict.as_json() | ({"repaired": list(repaired.shards)} if repaired else {}))
    elif not (quiet and verdict.whole):
        if repaired:
            _show_repair(folder, repaired)
        can_repair = manifest.recipe is not None and repaired is None
        _show_verdict(folder, verdict, can_repair)
    if not verdict.whole:
        raise SystemExit(1)


def _show_repair(folder: Path, repair: Repair) -> None:
    """Which shards were made again."""
    from datagen.schemas.terminal import show

    for name in repair.shards:
        show(f"Made {name} again.")
    if not repair.shards:
        show(f"All shards of {folder} have their checksums; there was nothing to repair.")


def _show_verdict(folder: Path, verdict: Verdict, can_repair: bool) -> None:
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
    if can_repair and any(breach.file.startswith("data/") for breach in verdict.breaches):
        show("", f"To make its shards as they were: datagen verify {shlex.quote(str(folder))} --repair")
        return
    show(
        "", "To write it again, run the datagen make or datagen pull command that wrote it, with --overwrite."
    )
