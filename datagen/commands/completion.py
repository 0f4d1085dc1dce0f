"""What the shell completes: dataset folders, schemas and profiles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem


class DatasetFolder(click.Path):
    """The folder of a dataset; completed by folders, those that hold one first."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """A path; of an address, such as ``s3://bucket/prefix``, the folder of a copy that is made now."""
        from datagen.schemas.addresses import is_address, local_copy

        if isinstance(value, str) and is_address(value):
            return local_copy(value)
        return super().convert(value, param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The datasets whose path begins like this; where there are none, any folder."""
        start = Path(incomplete)
        parent = start if incomplete.endswith("/") or not incomplete else start.parent
        try:
            datasets = sorted(path.parent for path in parent.glob("*/manifest.json"))
        except OSError:
            datasets = []
        found = [str(path) for path in datasets if str(path).startswith(incomplete)]
        return [CompletionItem(path) for path in found] or [CompletionItem(incomplete, type="dir")]


class BuiltInOrFile(click.ParamType[str]):
    """The name of a built-in schema or profile, or a YAML file; ``suffix``: ".yaml" or ".profile.yaml"."""

    name = "NAME|FILE"

    def __init__(self, suffix: str) -> None:
        self.suffix = suffix

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The value as it is: the command looks for the file."""
        return str(value)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The built-in names that begin like this, and the files of that kind."""
        from datagen.schemas.yaml_file import built_in

        start = Path(incomplete)
        parent = start if incomplete.endswith("/") or not incomplete else start.parent
        try:
            files = sorted(str(path) for path in parent.glob(f"*{self.suffix}"))
        except OSError:
            files = []
        if self.suffix == ".yaml":
            files = [path for path in files if not path.endswith(".profile.yaml")]
        found = [name for name in (*built_in(self.suffix), *files) if name.startswith(incomplete)]
        return [CompletionItem(name) for name in found] or [CompletionItem(incomplete, type="file")]
