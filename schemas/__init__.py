"""Schemas and profiles as data: the YAML files of this folder and the code that reads them safely."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from datagen.schemas.errors import InputError, RunFailed

if TYPE_CHECKING:
    from datagen.schemas.schema import Schema, load_schema

__all__ = ["DEFAULT_SCHEMA", "InputError", "RunFailed", "Schema", "load_schema"]

DEFAULT_SCHEMA = "burberry"
"""The built-in schema that is used where none is named."""


def __getattr__(name: str) -> Any:
    # Schemas need pydantic, which takes a while to import; the errors and the help texts do not.
    if name in {"Schema", "load_schema"}:
        return getattr(import_module("datagen.schemas.schema"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
