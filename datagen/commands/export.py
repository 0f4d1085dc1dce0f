"""``datagen export``: a dataset as loose files."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from datagen.commands.command import Command
from datagen.commands.options import folder_argument, out_option, overwrite_option, quiet_option, sibling

LAYOUTS = ("csv", "jsonl", "parquet", "imagefolder", "coco", "yolo", "webdataset")
"""The layouts of :mod:`datagen.dataset.export`, which is too heavy to import for a help text."""


@click.command(cls=Command)
@folder_argument
@click.option(
    "--format", "--to", "layout", type=click.Choice(LAYOUTS), required=True, help="Layout of the files."
)
@click.option(
    "--escape-formulas",
    is_flag=True,
    help="csv: put an apostrophe before a text that a spreadsheet would run as a formula.",
)
@click.option(
    "--polygons", is_flag=True, help="coco: outlines as polygons, not as run lengths (RLE); both are exact."
)
@out_option("Folder to write.", "FOLDER-FORMAT")
@overwrite_option("export")
@quiet_option
def export(
    folder: Path,
    layout: str,
    escape_formulas: bool,
    polygons: bool,
    out: Path | None,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Write a dataset in another layout: a table, files for a detector, or tar files.

    csv and jsonl put the pictures into images/ and their paths into local_image_path; parquet writes one
    file; imagefolder writes what load_dataset("imagefolder") reads; webdataset writes tar files.

    coco writes instances, captions and keypoints as COCO does, for datasets made with --attributes
    --masks (and --keypoints); yolo writes outlines of products, or boxes where there are no masks, and
    data.yaml. Both leave out maps of normals and depth, which all others write.

    \b
    Examples:
      datagen export burberry-3040 --format csv
      datagen make --rows 500 --attributes --masks --keypoints --out annotated
      datagen export annotated --to coco
    """
    from datagen.dataset.export.writing import write_export
    from datagen.dataset.folder import open_folder
    from datagen.schemas.folder import SPLITS
    from datagen.schemas.terminal import row_progress, show, show_next
    from datagen.schemas.text import count

    manifest = open_folder(folder).manifest
    rows = manifest.rows
    target = out or sibling(folder, layout)
    with row_progress("Exporting", rows, quiet=quiet) as progress:
        result = write_export(
            folder,
            layout,
            target,
            overwrite=overwrite,
            escape_formulas=escape_formulas,
            polygons=polygons,
            progress=progress,
        )
    if quiet:
        return
    show(f"Wrote {count(rows, 'row')} to {target}.")
    if result.formulas and not escape_formulas:
        show(
            f"A spreadsheet would run {result.formulas:,} of the cells as formulas, since they begin with "
            "= + - or @; give --escape-formulas if the file is for one."
        )
    if layout == "yolo" and "validation" not in manifest.splits:
        show(
            "It has no validation split, which trainers ask for; datagen make --splits "
            "train=0.8,validation=0.1,test=0.1 makes one."
        )
    if layout == "imagefolder":
        where = f"data_dir={str(target)!r}"
        if set(manifest.splits) - set(SPLITS):  # datasets knows no other by the name of its folder
            where = f"data_files={ {name: f'{target}/{name}/**' for name in manifest.splits} }"
        code = f"import datasets; print(datasets.load_dataset('imagefolder', {where}))"
        show_next([shlex.join(["python", "-c", code])])
    else:
        show_next([f"ls {shlex.quote(str(target))}"])
