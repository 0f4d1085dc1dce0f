"""``datagen schema``: the columns of a schema, and whether it and its profile are valid."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import click

from datagen.commands.command import Command
from datagen.commands.completion import BuiltInOrFile
from datagen.commands.options import json_option
from datagen.schemas import DEFAULT_SCHEMA

if TYPE_CHECKING:
    from datagen.schemas import Schema


@click.command(cls=Command)
@click.argument("name", type=BuiltInOrFile(".yaml"), default=DEFAULT_SCHEMA)
@click.option("--validate", is_flag=True, help="Only check it; exits with 2 if something is wrong.")
@click.option(
    "--profile",
    type=BuiltInOrFile(".profile.yaml"),
    metavar="NAME|FILE",
    help="With --validate: check this profile and that the two fit together.",
)
@json_option
def schema(name: str, validate: bool, profile: str | None, as_json: bool) -> None:
    """Show the columns of a schema, or check a schema and a profile.

    NAME is a built-in schema or a YAML file.

    \b
    Examples:
      datagen schema shop.yaml
      datagen schema shop.yaml --validate --profile shop.profile.yaml
    """
    from datagen.schemas import InputError, load_schema
    from datagen.schemas.terminal import show_json, show_next

    if profile is not None and not validate:
        raise InputError("A profile is only checked; give --validate, too.")
    loaded = load_schema(name)
    if validate:
        _validate(loaded, name, profile, as_json)
        return
    if as_json:
        show_json(loaded.model_dump(mode="json"), indent=2)
        return
    _show(loaded)
    show_next([f"datagen make --rows 100 --schema {shlex.quote(name)}"])


def _validate(loaded: Schema, name: str, profile: str | None, as_json: bool) -> None:
    """Say that the schema, and the profile with it, are valid. Raises InputError where they are not."""
    from datagen.schemas.terminal import show, show_json
    from datagen.schemas.text import count

    columns = count(len(loaded.columns), "column")
    summary: dict[str, object] = {"valid": True, "schema": loaded.name, "columns": len(loaded.columns)}
    sentence = f"{name} is a valid schema of {columns}."
    if profile is not None:
        from datagen.generation.recipe import write_recipe
        from datagen.schemas.schema import Image

        recipe = write_recipe(
            1, schema=name, profile=profile, image_size=(64, 64) if loaded.one(Image) else None
        )
        kinds = len(recipe.profile.kinds)
        summary |= {"profile": recipe.profile.name, "kinds": kinds}
        sentence = f"{name} and {profile} are valid and fit together: {columns}, {count(kinds, 'kind')}."
    if as_json:
        show_json(summary)
    else:
        show(sentence)


def _show(loaded: Schema) -> None:
    """The columns as a table; a description has a line of its own, so that no name is cut on a terminal."""
    from datagen.schemas.terminal import show_table

    rows = [
        (str(number), column.name, f"{column.role}, {column.dtype}", _rule_and_description(column))
        for number, column in enumerate(loaded.columns, start=1)
    ]
    headings = ("#", "column", "role, type", "rule and description")
    show_table(f"{loaded.name}: {loaded.title}", rows, headings, right_aligned={0})


def _rule_and_description(column: object) -> str:
    rule, about = str(getattr(column, "rule", "")), str(getattr(column, "about", ""))
    return "\n".join(part for part in (rule, about) if part)
