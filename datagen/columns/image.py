"""Image columns: the picture itself, which the maker draws and importing takes from files or addresses."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrow import texts
from datagen.columns.code import code_texts
from datagen.columns.role import Role
from datagen.columns.rule import Broken, is_false
from datagen.schemas import Schema
from datagen.schemas.files import PICTURE_SUFFIXES, picture_name
from datagen.schemas.schema import Column, Image


def misnamed_pictures(table: pa.Table, schema: Schema) -> Broken:
    """Rows whose picture is not called by their code; no rule, since the rows may have no pictures."""
    image, codes = schema.one(Image), code_texts(table, schema)
    if image is None or codes is None:
        return np.zeros(len(table), dtype=bool)
    names = pc.struct_field(table[image.name], "path")
    plain = pc.match_substring_regex(codes, r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    if not pc.all(plain).as_py():
        codes = texts([picture_name(code) for code in codes.to_pylist()])
    called = [pc.equal(names, pc.binary_join_element_wise(codes, f".{end}", "")) for end in PICTURE_SUFFIXES]
    return is_false(pc.or_(called[0], pc.or_(called[1], called[2])))


def _narrow(column: Image, schema: Schema, there: Collection[str]) -> Column:
    return column.model_copy(update={"about": "The picture"})


ROLE = Role(Image, narrow=_narrow)
