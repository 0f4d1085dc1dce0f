"""``datagen merge``: a run as a complete model."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from datagen.train.commands.options import (
    json_option,
    overwrite_option,
    quiet_option,
    run_argument,
    run_or_pulled,
    which_option,
)


@click.command()
@run_argument
@click.option("--out", "-o", type=click.Path(path_type=Path), required=True, help="Folder to write.")
@which_option
@click.option(
    "--remote-code",
    is_flag=True,
    help="Name the official repository's code in the files, for runtimes older than transformers 5.",
)
@overwrite_option
@quiet_option
@json_option
def merge(
    run: Path, out: Path, which: str, remote_code: bool, overwrite: bool, quiet: bool, as_json: bool
) -> None:
    """Write a run as a complete model.

    RUN is a folder that datagen train wrote, or a model on the Hub that datagen push sent. Its adapter is
    merged into the base, which is loaded in 16 bits, even if it was trained in 4; weights that were all
    trained are written in the base's type. The result has the names and files of the official model, and
    loads where that does; a Phi-3-vision where datagen is installed (docs/phi3-vision.md).

    \b
    Examples:
      datagen merge run --out my-model
      datagen merge run --out my-model --remote-code
    """
    from datagen.train.terminal import calm, loading

    click.get_current_context().with_resource(calm())
    with loading():
        from datagen.train.models.adapter import merge as merge_run
    from datagen.schemas.terminal import show, show_json, show_next, show_table, size

    run = run_or_pulled(run, quiet=quiet or as_json)
    result = merge_run(run, out, which, remote_code=remote_code, overwrite=overwrite)
    if as_json:
        show_json(result.as_json())
    elif not quiet:
        rows = {
            "base": result.base,
            "weights": f"{result.run} {result.which}",
            "parameters": f"{result.parameters:,} in {result.dtype}",
            "bytes": f"{result.bytes:,} ({size(result.bytes)})",
        }
        show_table(f"Wrote {result.path}", rows.items())
        if result.note:
            show("", result.note)
        show_next(_next(result.path))


def _next(path: str) -> list[str]:
    """The commands to try with a merged model."""
    model = shlex.quote(path)
    return [f"datagen train --base {model} --real FOLDER", f"hf upload OWNER/NAME {model} --private"]
