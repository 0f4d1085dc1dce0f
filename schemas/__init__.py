"""Schemas and profiles as data: the YAML files of this folder and the code that reads them safely."""

from datagen.schemas.errors import InputError, RunFailed
from datagen.schemas.schema import DEFAULT_SCHEMA, Schema, load_schema

__all__ = ["DEFAULT_SCHEMA", "InputError", "RunFailed", "Schema", "load_schema"]
