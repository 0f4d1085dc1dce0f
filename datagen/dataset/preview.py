"""A contact sheet: pictures of a dataset on one page, title and price under each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image as Pictures
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile, PngInfo

from datagen.arrow import numbers
from datagen.dataset.folder import Folder, open_folder
from datagen.dataset.shard_reader import ShardReader, open_shard
from datagen.dataset.shards import arrow_schema
from datagen.dataset.sheet import HIGHEST, MOST_CHARACTERS, Cell, sheet, sheet_size, small_picture
from datagen.schemas import DEFAULT_SCHEMA, InputError
from datagen.schemas.files import whole_file
from datagen.schemas.schema import Constant, Image, Title
from datagen.schemas.yaml_file import nearest

GRID_CELL = (150, 200)
"""Width and height of a picture on a grid, in pixels."""

MOST_PICTURES = 400
"""Of one sheet, which is held in memory."""

MOST_PIXELS_A_SIDE = 65_500
"""Of a JPEG."""

MARK = "Contact sheet by datagen"
"""The comment in every sheet that is written; a file without it is somebody else's."""

_ROWS_AT_ONCE = 64


def write_preview(
    path: str | Path,
    out: str | Path,
    *,
    count: int = 40,
    columns: int = 8,
    quality: int = 80,
    among: int | None = None,
    overwrite: bool = False,
) -> Path:
    """Write a contact sheet of ``count`` rows, spread evenly over the dataset in ``path``, as a JPEG or PNG.

    A dataset of fewer rows is shown whole. With ``among``, only over its first ``among`` rows; no others are
    read. A sheet that was written before is replaced; another file only with ``overwrite``.

    Raises InputError where there is no finished dataset with pictures, or OSError.
    """
    folder = open_folder(path)
    column = folder.schema.one(Image)
    if column is None or not folder.has_pictures:
        raise InputError(f"{folder.path} has no pictures, so there is nothing to preview.")
    if not 1 <= count <= MOST_PICTURES:
        raise InputError(f"A sheet shows 1 to {MOST_PICTURES} products; {count} are out of range.")
    if columns < 1:
        raise InputError("A preview needs at least one column.")
    target = _target(out, overwrite)
    reach = min(folder.manifest.rows, among or folder.manifest.rows)
    count = min(count, reach)
    columns = min(columns, count)
    if max(sheet_size(count, columns, HIGHEST)) > MOST_PIXELS_A_SIDE:
        shape = "long; give more" if columns < count / columns else "wide; give fewer"
        raise InputError(f"A sheet of {count} products in {columns} columns is too {shape} --columns.")
    rows = rows_at(folder, [at * reach // count for at in range(count)])
    cells = (Cell(small_picture(_content(row[column.name])), _caption(folder, row)) for row in rows)
    return _save(sheet(cells, columns), target, quality)


def write_grid(
    grid: str, out: str | Path, *, columns: int = 8, quality: int = 80, overwrite: bool = False
) -> Path:
    """Write a sheet of all that the renderer draws: every ``kind``, ``fabric`` or ``view``, with names.

    Raises InputError for another grid, or OSError.
    """
    from datagen.product.product import House
    from datagen.product.profile import load_profile
    from datagen.render.grids import GRIDS
    from datagen.render.grids import sheet as sheet_of_cells

    if grid not in GRIDS:
        raise InputError(f"No such grid {grid!r}; {nearest(grid, GRIDS)}.")
    cells = GRIDS[grid]()
    if not 1 <= columns <= len(cells):
        raise InputError(f"This grid has {len(cells)} pictures; give 1 to {len(cells)} --columns.")
    target, names = _target(out, overwrite), load_profile(DEFAULT_SCHEMA).house
    page = sheet_of_cells(cells, House(names.name, names.letters), GRID_CELL, columns)
    return _save(page, target, quality)


def _target(out: str | Path, overwrite: bool) -> Path:
    """Where a sheet is written. Raises InputError where it cannot be, or would replace something else."""
    target = Path(out)
    if target.suffix.lower() not in {".jpg", ".jpeg", ".png"}:
        raise InputError(f"The preview {target} must end in .jpg or .png.")
    if not target.parent.is_dir():
        raise InputError(f"There is no folder {target.parent}; make it, or give another --out.")
    if target.is_dir():
        raise InputError(f"{target} is a folder; give another --out.")
    if (target.exists() or target.is_symlink()) and not overwrite and not _is_sheet(target):
        raise InputError(f"{target} is not a sheet of this tool; give --overwrite, or another --out.")
    return target


def _is_sheet(path: Path) -> bool:
    """Whether a file is a sheet that was written before, by the comment in it."""
    if path.is_symlink() or not path.is_file():
        return False
    plugin = PngImageFile if path.suffix.lower() == ".png" else JpegImageFile
    try:
        with plugin(path) as image:
            comment = image.info.get("comment")
    except Exception:  # Pillow's plugins raise nearly anything on a damaged file
        return False
    return comment in (MARK, MARK.encode())


def _save(page: Pictures.Image, target: Path, quality: int) -> Path:
    """Write a page whole or not at all."""
    with whole_file(target) as aside:
        if target.suffix.lower() == ".png":
            about = PngInfo()
            about.add_text("comment", MARK)
            page.save(aside, "PNG", optimize=True, pnginfo=about)
        else:
            page.save(aside, "JPEG", quality=quality, optimize=True, comment=MARK)
    return target


def _content(picture: object) -> bytes | None:
    """The bytes of a cell with a picture."""
    return picture.get("bytes") if isinstance(picture, dict) else None


def _caption(folder: Folder, row: dict[str, object]) -> list[str]:
    title, price = folder.schema.one(Title), folder.schema.price("paid") or folder.schema.price("full")
    constants = {str(column.value) for column in folder.schema.of(Constant)}
    currency = next((value for value in sorted(constants) if len(value) == 3 and value in _SIGNS), "")
    lines = [str(row[title.name])[:MOST_CHARACTERS] if title else ""]
    if price is not None:
        lines.append(f"{_SIGNS.get(currency, '')}{row[price.name] or 0:,.0f}")
    return lines


_SIGNS = {"USD": "$", "EUR": "€", "GBP": "GBP "}


def rows_at(folder: Folder, positions: list[int]) -> Iterator[dict[str, object]]:
    """The rows at these positions of the dataset; only the row groups that hold one are read."""
    columns = arrow_schema(folder.schema, folder.has_pictures, folder.ground_truth)
    first = 0
    for entry in folder.manifest.shards:
        here = [at - first for at in positions if first <= at < first + entry.rows]
        if here:
            with open_shard(folder.path / entry.path, columns) as shard:
                if shard.rows != entry.rows:
                    raise InputError(f"{folder.path / entry.path} lacks rows; run datagen verify.")
                yield from _rows_of_shard(shard, here)
        first += entry.rows


def _rows_of_shard(shard: ShardReader, positions: list[int]) -> Iterator[dict[str, object]]:
    first = 0
    for group, size in enumerate(shard.sizes):
        if any(first <= at < first + size for at in positions):
            start = first
            for table in shard.tables(_ROWS_AT_ONCE, [group]):
                here = [at - start for at in positions if start <= at < start + len(table)]
                yield from table.take(numbers(np.array(here, dtype=np.int64))).to_pylist()
                start += len(table)
        first += size
