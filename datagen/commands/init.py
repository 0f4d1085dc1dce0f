"""``datagen init``: a schema and a profile to start from."""

from __future__ import annotations

import re
import shlex
from importlib.resources import files
from pathlib import Path

import click

from datagen.commands.command import Command
from datagen.commands.options import overwrite_option


@click.command(cls=Command)
@click.argument("name")
@click.option(
    "--out", "-o", type=click.Path(path_type=Path), default=Path(), help="Folder to write into.  [default: .]"
)
@overwrite_option("schema and profile")
def init(name: str, out: Path, overwrite: bool) -> None:
    """Write a schema and a profile to start from.

    NAME.yaml has the columns, NAME.profile.yaml the statistics of their values, each line with a comment.
    Rows can be made from them at once; edit them until they describe your catalogue.

    \b
    Example:
      datagen init my-shop
    """
    from datagen.generation.recipe import write_recipe
    from datagen.schemas import InputError
    from datagen.schemas.files import write_file
    from datagen.schemas.terminal import show, show_next
    from datagen.schemas.yaml_file import built_in

    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,59}", name):
        raise InputError(f"{name!r} cannot be a name; use lower-case letters, digits, '-' and '_'.")
    if name in built_in(".yaml"):
        raise InputError(f"{name} is a built-in schema; choose another name.")
    paths = {"schema": out / f"{name}.yaml", "profile": out / f"{name}.profile.yaml"}
    if not out.is_dir():
        raise InputError(f"There is no folder {out}; make it first, or give another --out.")
    for path in paths.values():
        if path.is_dir() or ((path.exists() or path.is_symlink()) and not overwrite):
            raise InputError(f"{path} already exists; give --overwrite to replace it, or another name.")
    for kind, path in paths.items():
        template = files("datagen.product") / "scaffold" / f"{kind}.yaml"
        write_file(path, template.read_text(encoding="utf-8").replace("NAME", name))
    write_recipe(1, schema=paths["schema"], profile=paths["profile"])
    show(f"Wrote {paths['schema']} and {paths['profile']}.")
    schema, profile = (shlex.quote(str(path)) for path in paths.values())
    show_next(
        [
            f"datagen make --rows 40 --schema {schema} --profile {profile} --out {shlex.quote(name)}",
            f"datagen schema {schema} --validate --profile {profile}",
        ]
    )
