"""``datagen schema``: the columns of a schema."""

from __future__ import annotations

import shlex

import click

from datagen.commands.command import Command
from datagen.commands.options import json_option
from datagen.schemas import DEFAULT_SCHEMA


@click.command(cls=Command)
@click.argument("name", default=DEFAULT_SCHEMA)
@json_option
def schema(name: str, as_json: bool) -> None:
    """Show the columns of a schema.

    NAME is a built-in schema or a YAML file.

    \b
    Example:
      datagen schema shop.yaml
    """
    from datagen.schemas import load_schema
    from datagen.schemas.terminal import show_json, show_next, show_table

    loaded = load_schema(name)
    if as_json:
        show_json(loaded.model_dump(mode="json"), indent=2)
        return
    rows = [
        (str(number), column.name, column.dtype, column.role, column.rule, column.about)
        for number, column in enumerate(loaded.columns, start=1)
    ]
    headings = ("#", "column", "type", "role", "rule", "description")
    show_table(f"{loaded.name}: {loaded.title}", rows, headings, right_aligned={0})
    show_next([f"datagen make --rows 100 --schema {shlex.quote(name)}"])
