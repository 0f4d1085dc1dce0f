"""``gallery``: products of a dataset on one self-contained HTML page: filter, search, sort, zoom.

The page loads nothing and runs no script but its own (a Content-Security-Policy with hashes says so), and
values of the rows reach it only as JSON, so nothing in a dataset can act in the browser.
"""

from __future__ import annotations

import html
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

from datagen.dataset.folder import Folder
from datagen.dataset.preview import rows_at
from datagen.dataset.sheet import small_picture
from datagen.schemas import InputError
from datagen.schemas.files import write_file
from datagen.schemas.folder import ATTRIBUTES, KEYPOINTS, MAPS, MASK
from datagen.schemas.pages.template import data_address, filled, part, policy_hash, style
from datagen.schemas.schema import Category, Code, Constant, Image, Title

MOST_PRODUCTS = 2_000
LONGEST_SIDE = 480
QUALITY = 80
"""Of the pictures on the page, in pixels and as JPEG: about 20 kB each."""

MOST_CHOICES = 200
"""A category with more values gets no filter."""


def write_gallery(folder: Folder, out: Path, *, count: int = 200, overwrite: bool = False) -> int:
    """Write ``count`` products, spread evenly over the dataset, as one HTML page; returns their number.

    Raises InputError for wrong input, or OSError.
    """
    if not 1 <= count <= MOST_PRODUCTS:
        raise InputError(f"A gallery shows 1 to {MOST_PRODUCTS:,} products, not {count:,}.")
    if out.suffix.lower() not in {".html", ".htm"}:
        raise InputError(f"The gallery {out} must end in .html.")
    if out.is_dir() or not out.parent.is_dir():
        raise InputError(
            f"The gallery cannot be written to {out}; give another --out in a folder that exists."
        )
    if (out.exists() or out.is_symlink()) and not overwrite:
        raise InputError(f"{out} already exists; give --overwrite to replace it, or another --out.")
    rows = folder.manifest.rows
    count = min(count, rows)
    products = [_product(folder, row) for row in rows_at(folder, [at * rows // count for at in range(count)])]
    write_file(out, _page(folder, products))
    return count


def _product(folder: Folder, row: dict[str, Any]) -> dict[str, Any]:
    """What the page knows of a row: its cells as text and numbers, its picture as a data address."""
    schema = folder.schema
    image, title, code, price = schema.one(Image), schema.one(Title), schema.one(Code), _price(folder)
    picture = row.pop(image.name, None) if image else None
    for hidden in (MASK, KEYPOINTS, *MAPS):
        row.pop(hidden, None)
    attributes = row.pop(ATTRIBUTES, None)
    cells = {name: value if isinstance(value, int | float) else _text(value) for name, value in row.items()}
    if attributes:
        shown = {name: value for name, value in attributes.items() if isinstance(value, str)}
        cells |= {f"shown: {name}": value for name, value in shown.items()}
    named = [_text(row[column.name]) for column in (title, code) if column]
    return {
        "title": named[0] if title else "",
        "price": _amount(folder, row[price]) if price else "",
        "search": " ".join(named).lower(),
        "picture": _data_address(picture),
        "row": cells,
    }


def _page(folder: Folder, products: list[dict[str, Any]]) -> str:
    title = folder.schema.one(Title)
    filters = []
    for column in folder.schema.of(Category):
        counted = Counter(product["row"][column.name] for product in products)
        if 2 <= len(counted) <= MOST_CHOICES:
            filters.append({"column": column.name, "values": sorted(counted.items())})
    data = {
        "products": products,
        "filters": filters,
        "title": title.name if title else None,
        "price": _price(folder),
    }
    shown, rows = len(products), folder.manifest.rows
    look, script = style("inspection", "page/gallery.css"), part("inspection", "page/gallery.js")
    values = {
        "title": html.escape(folder.path.resolve().name),
        "subtitle": f"{shown:,} of {rows:,} rows, evenly spread" if shown < rows else f"All {rows:,} rows",
        "style": look,
        "style_hash": policy_hash(look),
        "script": script,
        "script_hash": policy_hash(script),
        # No "</script>" or "<!--" can end the block: "<" is written as an escape, which JSON reads back.
        "data": json.dumps(data, ensure_ascii=True).replace("<", "\\u003c"),
    }
    return filled(part("inspection", "page/gallery.html"), values)


def _price(folder: Folder) -> str | None:
    column = folder.schema.price("paid") or folder.schema.price("full")
    return column.name if column else None


def _amount(folder: Folder, value: object) -> str:
    """A price with its currency, where a constant of the schema names one."""
    if not isinstance(value, int | float):
        return ""
    constants = {str(column.value) for column in folder.schema.of(Constant)}
    currency = next((name for name in ("USD", "EUR", "GBP") if name in constants), "")
    return f"{value:,.2f} {currency}".strip()


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _data_address(picture: object) -> str:
    """A picture as a data address, small enough for a page; empty where it cannot be decoded."""
    content = picture.get("bytes") if isinstance(picture, dict) else None
    small = small_picture(content, (LONGEST_SIDE, LONGEST_SIDE))
    if isinstance(small, str):  # a note why it cannot be shown
        return ""
    file = io.BytesIO()
    small.save(file, "JPEG", quality=QUALITY)
    return data_address(file.getvalue())
