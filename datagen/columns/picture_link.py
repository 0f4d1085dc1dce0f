"""Picture link columns: the address of the product's picture, made of a picture id."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen import arrow
from datagen.columns.role import ProductBatch, Role
from datagen.columns.rule import Broken, Rule, is_false, literal
from datagen.columns.template import TemplateFit, fill, unescaped
from datagen.schemas import Schema
from datagen.schemas.keyed import U64
from datagen.schemas.schema import PictureLink

_LOWER = np.frombuffer(bytes(range(256)).hex().encode(), dtype="<u2")
_UPPER = np.frombuffer(bytes(range(256)).hex().upper().encode(), dtype="<u2")

_PICTURE_ID = "(?:[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}|[0-9a-f]{40})"


def _compute(column: PictureLink, batch: ProductBatch) -> pa.Array:
    pictures, products = batch.profile.pictures, batch.products
    guids = pictures.forms.get("guid", 0.0) / sum(pictures.forms.values())
    sha1_from = pictures.missing + (1 - pictures.missing) * guids
    ids = picture_ids(products.picture_raw, products.picture_form >= sha1_from)
    links = fill(column.template, {"picture": ids})
    absent = arrow.numbers(products.picture_form < pictures.missing)
    return pc.if_else(absent, arrow.text(batch.schema.missing), links)


def _rules(column: PictureLink, schema: Schema, *_: object) -> list[Rule]:
    before, after = (unescaped(part) for part in column.template.split("{picture}"))
    pattern = f"^{literal(before)}{_PICTURE_ID}{literal(after)}$"

    def broken(table: pa.Table) -> Broken:
        links = table[column.name]
        return is_false(pc.or_(pc.match_substring_regex(links, pattern), pc.equal(links, schema.missing)))

    return [Rule(f"is an address of a picture, or {schema.missing}", column.name, broken)]


def _fit(column: PictureLink, schema: Schema) -> TemplateFit:
    (rule,) = _rules(column, schema)
    return TemplateFit(column, rule)


def picture_ids(raw: U64, sha1: NDArray[np.bool_]) -> pa.Array:
    """Picture ids (Arrow string) from raw words of shape (n, 3).

    Where ``sha1``, forty hexadecimal digits, the form of a SHA-1; elsewhere an upper-case GUID of
    version 4.
    """
    hashes = _text(_hex(raw[sha1].astype("<u8").view(np.uint8).reshape(-1, 24)[:, :20], _LOWER))
    guids = _guids(raw[~sha1, :2])
    place = np.where(sha1, np.cumsum(sha1) - 1, np.cumsum(~sha1) - 1 + len(hashes))
    return pa.concat_arrays([hashes, guids]).take(arrow.numbers(place))


def _guids(raw: U64) -> pa.Array:
    data = raw.astype("<u8").view(np.uint8).reshape(-1, 16).copy()
    data[:, 6] = data[:, 6] & 0x0F | 0x40
    data[:, 8] = data[:, 8] & 0x3F | 0x80
    digits = _hex(data, _UPPER)
    letters = np.full((len(raw), 36), ord("-"), dtype=np.uint8)
    for start, stop, shift in ((0, 8, 0), (8, 12, 1), (12, 16, 2), (16, 20, 3), (20, 32, 4)):
        letters[:, start + shift : stop + shift] = digits[:, start:stop]
    return _text(letters)


def _hex(data: NDArray[np.uint8], alphabet: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Bytes of shape (n, width) as hexadecimal letters of shape (n, 2 width)."""
    return alphabet[data].view(np.uint8).reshape(len(data), 2 * data.shape[1])


def _text(letters: NDArray[np.uint8]) -> pa.Array:
    """ASCII letters of shape (n, width) as an Arrow string array, without a copy per row."""
    count, width = letters.shape
    offsets = np.arange(count + 1, dtype=np.int32) * np.int32(width)
    buffers = [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(letters.tobytes())]
    return pa.Array.from_buffers(pa.string(), count, buffers)


ROLE = Role(PictureLink, compute=_compute, rules=_rules, fit=_fit)
