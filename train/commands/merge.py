"""``datagen merge``: an adapter merged into its base model."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from datagen.train.commands.options import (
    json_option,
    overwrite_option,
    quiet_option,
    run_argument,
    which_option,
)


@click.command()
@run_argument
@click.option("--out", "-o", type=click.Path(path_type=Path), required=True, help="Folder to write.")
@which_option
@overwrite_option
@quiet_option
@json_option
def merge(run: Path, out: Path, which: str, overwrite: bool, quiet: bool, as_json: bool) -> None:
    """Merge a run's adapter into its base model.

    RUN is a folder that datagen train wrote. The result is a model that needs no adapter, in the layout of
    the official one. The base is loaded in 16 bits, even if it was trained in 4.

    \b
    Example:
      datagen merge run --out my-model
    """
    from datagen.train.terminal import calm, loading

    click.get_current_context().with_resource(calm())
    with loading():
        from datagen.train.models.adapter import merge as merge_adapter
    from datagen.schemas.terminal import show_json, show_next, show_table, size

    result = merge_adapter(run, out, which, overwrite=overwrite)
    if as_json:
        show_json(result.as_json())
    elif not quiet:
        rows = {
            "base": result.base,
            "adapter": f"{result.run} {result.which}",
            "parameters": f"{result.parameters:,} in {result.dtype}",
            "bytes": f"{result.bytes:,} ({size(result.bytes)})",
        }
        show_table(f"Wrote {result.path}", rows.items())
        show_next(_next(result.path))


def _next(path: str) -> list[str]:
    """The commands to try with a merged model."""
    model = shlex.quote(path)
    return [f"datagen train --base {model} --real FOLDER", f"hf upload OWNER/NAME {model} --private"]
