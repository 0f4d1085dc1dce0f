"""A contact sheet: pictures of a dataset on one page, title and price under each."""

from __future__ import annotations

import io
import unicodedata
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from datagen.arrow import numbers
from datagen.dataset.folder import Folder, open_folder
from datagen.dataset.shards import arrow_schema, open_shard
from datagen.schemas import DEFAULT_SCHEMA, InputError
from datagen.schemas.files import whole_file
from datagen.schemas.schema import Constant, Image, Title
from datagen.schemas.yaml_file import nearest

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

PAPER, INK, FAINT = (255, 255, 255), (34, 34, 34), (120, 120, 120)
CELL = 180
GRID_CELL = (150, 200)
"""Width and height of a picture on a grid, in pixels."""

_GAP, _LINE, _LINES = 12, 15, 3


def write_preview(
    path: str | Path,
    out: str | Path,
    *,
    count: int = 40,
    columns: int = 8,
    quality: int = 80,
    among: int | None = None,
) -> Path:
    """Write a contact sheet of ``count`` rows, spread evenly over the dataset in ``path``, as a JPEG or PNG.

    With ``among``, only over its first ``among`` rows; no others are read.

    Raises InputError where there is no finished dataset with pictures, or OSError.
    """
    folder = open_folder(path)
    column = folder.schema.one(Image)
    if column is None or not folder.has_pictures:
        raise InputError(f"{folder.path} has no pictures, so there is nothing to preview.")
    if count < 1 or columns < 1:
        raise InputError("A preview needs at least one picture and one column.")
    target = _target(out)
    reach = min(folder.manifest.rows, among or folder.manifest.rows)
    count = min(count, reach, 400)
    rows = _rows_at(folder, [at * reach // count for at in range(count)])
    cells = [(_open(row[column.name]), _caption(folder, row)) for row in rows]
    page = sheet(cells, min(columns, count))
    return _save(page, target, quality)


def write_grid(grid: str, out: str | Path, *, columns: int = 8, quality: int = 80) -> Path:
    """Write a sheet of all that the renderer draws: every ``kind``, ``fabric`` or ``view``, with names.

    Raises InputError for another grid, or OSError.
    """
    from datagen.product.product import House
    from datagen.product.profile import load_profile
    from datagen.render.grids import GRIDS
    from datagen.render.grids import sheet as sheet_of_cells

    if grid not in GRIDS:
        raise InputError(f"No such grid {grid!r}; {nearest(grid, GRIDS)}.")
    if columns < 1:
        raise InputError("A preview needs at least one column.")
    target, names = _target(out), load_profile(DEFAULT_SCHEMA).house
    page = sheet_of_cells(GRIDS[grid](), House(names.name, names.letters), GRID_CELL, columns)
    return _save(page, target, quality)


def _target(out: str | Path) -> Path:
    target = Path(out)
    if target.suffix.lower() not in {".jpg", ".jpeg", ".png"}:
        raise InputError(f"The preview {target} must end in .jpg or .png.")
    return target


def _save(page: Pictures.Image, target: Path, quality: int) -> Path:
    """Write a page whole or not at all."""
    with whole_file(target) as aside:
        kind = "PNG" if target.suffix.lower() == ".png" else "JPEG"
        page.save(aside, kind, quality=quality, optimize=True)
    return target


def sheet(cells: list[tuple[Pictures.Image, list[str]]], columns: int, cell: int = CELL) -> Pictures.Image:
    """Pictures with lines of text under each, in rows of ``columns``; each picture ``cell`` pixels wide."""
    height = max(round(cell * picture.height / picture.width) for picture, _ in cells)
    font = ImageFont.load_default(11)
    step_x, step_y = cell + _GAP, height + _LINES * _LINE + _GAP
    lines = -(-len(cells) // columns)
    page = Pictures.new("RGB", (columns * step_x + _GAP, lines * step_y + _GAP), PAPER)
    draw = ImageDraw.Draw(page)
    for at, (picture, caption) in enumerate(cells):
        left, top = _GAP + at % columns * step_x, _GAP + at // columns * step_y
        scaled = (cell, round(cell * picture.height / picture.width))
        page.paste(picture.convert("RGB").resize(scaled, Pictures.Resampling.LANCZOS), (left, top))
        readable = [_drawable(text, font) for text in caption]
        for line, text in enumerate(_wrapped(readable, font, cell)):
            colour = FAINT if text in readable[1:] else INK
            draw.text((left, top + height + 3 + line * _LINE), text, fill=colour, font=font)
    return page


def _drawable(text: str, font: Font) -> str:
    """``text`` with characters that the font lacks replaced by plain ones: an en dash becomes a hyphen."""
    unknown = bytes(font.getmask("\uffff"))
    kept = []
    for letter in text.replace("–", "-"):
        plain = unicodedata.normalize("NFKD", letter)[0]
        kept.append(plain if bytes(font.getmask(letter)) == unknown else letter)
    return "".join(kept)


def _wrapped(caption: list[str], font: Font, width: int) -> list[str]:
    """The title on up to two lines, and the rest of the caption."""
    title, *rest = caption
    lines = [""]
    for word in title.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > 2:
        lines = [lines[0], lines[1].rstrip() + " ..."]
    return [*lines, *rest]


def _caption(folder: Folder, row: dict[str, object]) -> list[str]:
    title, price = folder.schema.one(Title), folder.schema.price("paid") or folder.schema.price("full")
    constants = {str(column.value) for column in folder.schema.of(Constant)}
    currency = next((value for value in sorted(constants) if len(value) == 3 and value in _SIGNS), "")
    lines = [str(row[title.name]) if title else ""]
    if price is not None:
        lines.append(f"{_SIGNS.get(currency, '')}{row[price.name] or 0:,.0f}")
    return lines


_SIGNS = {"USD": "$", "EUR": "EUR ", "GBP": "GBP "}  # the font has no other signs


def _rows_at(folder: Folder, positions: list[int]) -> list[dict[str, object]]:
    """The rows at these positions of the dataset; only the row groups that hold one are read."""
    rows: list[dict[str, object]] = []
    columns = arrow_schema(folder.schema, images=True, truth=folder.ground_truth)
    first = 0
    for shard in folder.manifest.shards:
        here = [at - first for at in positions if first <= at < first + shard.rows]
        if here:
            with open_shard(folder.path / shard.path, columns) as file:
                if file.metadata.num_rows != shard.rows:
                    raise InputError(f"{folder.path / shard.path} lacks rows; run datagen verify.")
                rows += _rows_of_shard(file, here)
        first += shard.rows
    return rows


def _rows_of_shard(file: pq.ParquetFile, positions: list[int]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    first = 0
    for group in range(file.num_row_groups):
        size = file.metadata.row_group(group).num_rows
        here = [at - first for at in positions if first <= at < first + size]
        if here:
            rows += file.read_row_group(group).take(numbers(np.array(here, dtype=np.int64))).to_pylist()
        first += size
    return rows


def _open(content: object) -> Pictures.Image:
    data = content.get("bytes") if isinstance(content, dict) else None
    try:
        with Pictures.open(io.BytesIO(data or b""), formats=["JPEG", "PNG", "WEBP"]) as picture:
            picture.draft("RGB", (2 * CELL, 2 * CELL))  # a JPEG is read at half or a quarter of its size
            picture.load()
            return picture.copy()
    except (OSError, ValueError, SyntaxError, Pictures.DecompressionBombError):
        return Pictures.new("RGB", (CELL, CELL * 4 // 3), FAINT)
