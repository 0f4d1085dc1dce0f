"""Options that several commands share, each spelt once."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import click

from datagen.commands.completion import BuiltInOrFile, DatasetFolder

F = TypeVar("F", bound=Callable[..., Any])

folder_argument = click.argument("folder", type=DatasetFolder())
json_option = click.option("--json", "as_json", is_flag=True, help="Print a JSON summary on stdout.")
quiet_option = click.option("--quiet", "-q", is_flag=True, help="Print no progress and no summary.")


def out_option(what: str, default: str) -> Callable[[F], F]:
    """``--out``: ``what`` is written, and where it is written by default."""
    return click.option("--out", "-o", type=click.Path(path_type=Path), help=f"{what}  [default: {default}]")


class FolderOrAddress(click.Path):
    """A folder as a path, or an address such as ``s3://bucket/prefix`` as text."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: Any, ctx: click.Context | None) -> Any:
        """The value; a path would lose one of the slashes of an address."""
        from datagen.schemas.addresses import is_address

        return value if isinstance(value, str) and is_address(value) else super().convert(value, param, ctx)


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


class Bytes(click.ParamType[int]):
    """A number of bytes, plain or with kB, MB, GB or TB."""

    name = "SIZE"
    UNITS: ClassVar[dict[str, int]] = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}

    def convert(self, value: Any, param: Any, ctx: click.Context | None) -> int:
        """``10GB`` as 10,000,000,000."""
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"(\d{1,15}(?:\.\d{1,6})?)\s*([a-z]*)", str(value).strip().lower())
        if not match or match[2] not in self.UNITS:
            self.fail(f"{value!r} is not a number of bytes; write it as 500MB or 10GB.", param, ctx)
        return max(1, int(float(match[1]) * self.UNITS[match[2]]))


def sibling(folder: Path, suffix: str) -> Path:
    """``sets/a`` and ``b`` as ``sets/a-b``; a folder without a name, such as ``.``, by its real name."""
    named = folder if folder.name not in {"", ".."} else folder.resolve()
    return named.parent / f"{named.name}-{suffix}"
