"""``datagen preview``: a contact sheet of a dataset, or of all that the renderer draws."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from datagen.commands.command import Command
from datagen.commands.completion import DatasetFolder
from datagen.commands.options import out_option, overwrite_option, quiet_option, sibling


@click.command(cls=Command)
@click.argument("folder", type=DatasetFolder(), required=False)
@out_option("Picture to write, .jpg or .png.", "FOLDER-preview.jpg, or GRID.jpg")
@click.option("--count", type=int, default=40, show_default=True, help="Number of products, at most 400.")
@click.option("--columns", type=int, default=8, show_default=True, help="Pictures per line.")
@click.option(
    "--grid",
    type=click.Choice(["kind", "fabric", "view"]),
    help="Show everything the renderer can draw, instead of a dataset.",
)
@overwrite_option("file that is not a contact sheet of datagen")
@quiet_option
def preview(
    folder: Path | None,
    out: Path | None,
    count: int,
    columns: int,
    grid: str | None,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Write a contact sheet of a dataset.

    Each picture has its title and price below it. A sheet that datagen wrote before is replaced, any other
    file only with --overwrite. The sheet that is kept inside the dataset, preview.jpg, stays as it is.

    \b
    Examples:
      datagen preview burberry-3040
      datagen preview --grid kind
    """
    from datagen.dataset.preview import write_grid, write_preview
    from datagen.schemas import InputError
    from datagen.schemas.terminal import show, show_next, size

    if (folder is None) == (grid is None):
        raise InputError("A preview shows either a dataset or a --grid; give one of them.")
    if folder is not None:
        target = out or sibling(folder, "preview.jpg")
        path = write_preview(folder, target, count=count, columns=columns, overwrite=overwrite)
    else:
        path = write_grid(str(grid), out or Path(f"{grid}.jpg"), columns=columns, overwrite=overwrite)
    if not quiet:
        show(f"Wrote {path} ({size(path.stat().st_size)}).")
        if folder is not None:
            show_next([f"datagen verify {shlex.quote(str(folder))}"])
