"""``datagen gallery``: products of a dataset on one page for a browser."""

from __future__ import annotations

from pathlib import Path

import click

from datagen.commands.command import Command
from datagen.commands.options import folder_argument, out_option, overwrite_option, quiet_option, sibling


@click.command(cls=Command)
@folder_argument
@out_option("Page to write, .html.", "FOLDER-gallery.html")
@click.option("--count", type=int, default=200, show_default=True, help="Number of products, at most 2,000.")
@overwrite_option("page")
@quiet_option
def gallery(folder: Path, out: Path | None, count: int, overwrite: bool, quiet: bool) -> None:
    """Write a page to browse a dataset: filter, search, sort, zoom.

    The page is one file that loads nothing from elsewhere: open it in any browser, or send it to someone.

    \b
    Example:
      datagen gallery burberry-3040 -o gallery.html
    """
    from datagen.dataset.folder import open_folder
    from datagen.inspection.gallery import write_gallery
    from datagen.schemas import text
    from datagen.schemas.terminal import show, size

    target = out or sibling(folder, "gallery.html")
    shown = write_gallery(open_folder(folder), target, count=count, overwrite=overwrite)
    if not quiet:
        show(f"Wrote {text.count(shown, 'product')} to {target} ({size(target.stat().st_size)}).")
