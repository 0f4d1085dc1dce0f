"""``datagen export``: a dataset as loose files."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click

from datagen.commands.command import Command
from datagen.commands.options import folder_argument, out_option, overwrite_option, quiet_option, sibling


@click.command(cls=Command)
@folder_argument
@click.option("--to", type=click.Choice(["csv", "imagefolder"]), required=True, help="Layout of the files.")
@out_option("Folder to write.", "FOLDER-LAYOUT")
@overwrite_option("export")
@quiet_option
def export(folder: Path, to: Any, out: Path | None, overwrite: bool, quiet: bool) -> None:
    """Write a dataset as CSV with pictures, or as an imagefolder.

    \b
    Example:
      datagen export burberry-3040 --to csv
    """
    from datagen.dataset.export import write_export
    from datagen.dataset.folder import open_folder
    from datagen.schemas.terminal import row_progress, show, show_next
    from datagen.schemas.text import count

    rows = open_folder(folder).manifest.rows
    target = out or sibling(folder, to)
    with row_progress("Exporting", rows, quiet=quiet) as progress:
        write_export(folder, to, target, overwrite=overwrite, progress=progress)
    if not quiet:
        show(f"Wrote {count(rows, 'row')} to {target}.")
        if to == "imagefolder":
            code = f"import datasets; print(datasets.load_dataset('imagefolder', data_dir={str(target)!r}))"
            show_next([shlex.join(["python", "-c", code])])
        else:
            show_next([f"ls {shlex.quote(str(target))}"])
