"""Options that several commands share, each spelt once."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from datagen.commands.completion import BuiltInOrFile, DatasetFolder

F = TypeVar("F", bound=Callable[..., Any])

folder_argument = click.argument("folder", type=DatasetFolder())
json_option = click.option("--json", "as_json", is_flag=True, help="Print a JSON summary on stdout.")
quiet_option = click.option("--quiet", "-q", is_flag=True, help="Print no progress and no summary.")


def out_option(what: str, default: str) -> Callable[[F], F]:
    """``--out``: ``what`` is written, and where it is written by default."""
    return click.option("--out", "-o", type=click.Path(path_type=Path), help=f"{what}  [default: {default}]")


def overwrite_option(what: str) -> Callable[[F], F]:
    """``--overwrite``: ``what`` may be replaced."""
    return click.option("--overwrite", is_flag=True, help=f"Replace an existing {what}.")


def schema_option(what: str) -> Callable[[F], F]:
    """``--schema``: what its columns are for."""
    from datagen.schemas import DEFAULT_SCHEMA

    return click.option(
        "--schema",
        type=BuiltInOrFile(".yaml"),
        default=DEFAULT_SCHEMA,
        show_default=True,
        metavar="NAME|FILE",
        help=f"{what}: a built-in schema, or a YAML file.",
    )


class ImageSize(click.ParamType[tuple[int, int]]):
    """Width and height of pictures in pixels, written WxH."""

    name = "WxH"

    def convert(self, value: Any, param: Any, ctx: click.Context | None) -> tuple[int, int]:
        """``480x640`` as (480, 640)."""
        if isinstance(value, tuple):
            return value
        match = re.fullmatch(r"(\d{1,9})x(\d{1,9})", str(value).strip().lower())
        if not match:
            self.fail(f"{value!r} is not a picture size; write width x height, such as 480x640.", param, ctx)
        return int(match[1]), int(match[2])


def sibling(folder: Path, suffix: str) -> Path:
    """``sets/a`` and ``b`` as ``sets/a-b``; a folder without a name, such as ``.``, by its real name."""
    named = folder if folder.name not in {"", ".."} else folder.resolve()
    return named.parent / f"{named.name}-{suffix}"
