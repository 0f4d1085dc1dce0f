"""Templates of addresses, such as ``https://shop/{slug}-p{code}``: filled, and fitted to real rows."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrow import text
from datagen.columns.other import as_other
from datagen.columns.rule import Rule
from datagen.schemas.schema import Column, Link, PictureLink


def fill(template: str, values: dict[str, pa.Array]) -> pa.Array:
    """A template filled row by row (Arrow string)."""
    parts: list[pa.Array | pa.Scalar] = []
    rest = template
    while rest:
        fields = [(rest.find("{" + name + "}"), name) for name in values if "{" + name + "}" in rest]
        if not fields:
            parts.append(text(unescaped(rest)))
            break
        at, name = min(fields)
        if at:
            parts.append(text(unescaped(rest[:at])))
        parts.append(values[name])
        rest = rest[at + len(name) + 2 :]
    return pc.binary_join_element_wise(*parts, text(""))


def unescaped(part: str) -> str:
    """A part of a template without fields as it is written: doubled braces are single ones."""
    return part.replace("{{", "{").replace("}}", "}")


class TemplateFit:
    """Real addresses may have another form; then the column is fitted to any value."""

    def __init__(self, column: Link | PictureLink, rule: Rule) -> None:
        self._column = column
        self._rule = rule
        self._broken = 0

    def add(self, table: pa.Table) -> None:
        """See :class:`datagen.columns.role.Fit`."""
        self._broken += int(self._rule.broken(table).sum())

    def fitted(self) -> tuple[Column, str]:
        """See :class:`datagen.columns.role.Fit`."""
        if not self._broken:
            return self._column, ""
        form = f"has another form than {self._column.template} in {self._broken:,} rows"
        return as_other(self._column), form
