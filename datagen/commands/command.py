"""What every command of ``datagen`` has: errors as one sentence and an exit code, words to go on with.

Exit codes: 0 done, 1 a run that failed or a dataset with faults, 2 wrong input, 130 interrupted.
"""

from __future__ import annotations

import errno
import json
import re
import shlex
from typing import Any

import click


class ImageSize(click.ParamType[tuple[int, int]]):
    """Width and height of pictures, written WxH."""

    name = "WxH"

    def convert(self, value: Any, param: Any, ctx: click.Context | None) -> tuple[int, int]:
        """``480x640`` as (480, 640)."""
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"(\d{1,9})x(\d{1,9})", str(value).strip().lower())
        if not found:
            self.fail(f"{value!r} is not a picture size; write width x height, such as 480x640.", param, ctx)
        return int(found[1]), int(found[2])


RESUMABLE = ("make", "train")
TRAINING_PARTS = frozenset({"torch", "transformers", "peft", "bitsandbytes", "accelerate", "safetensors"})


class Command(click.Command):
    """A command that turns what it raises into one sentence and an exit code.

    It keeps its own words, so that an interrupted run can say how it is resumed.
    """

    @classmethod
    def of(cls, plain: click.Command) -> Command:
        """The same command with these manners."""
        return cls(plain.name, callback=plain.callback, params=plain.params, help=plain.help)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as click does, after a note of the words."""
        ctx.meta["words"] = list(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a traceback only with --debug, or for a defect of our own."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo(f"\nInterrupted. {_how_to_go_on(ctx)}", err=True)
            raise SystemExit(130) from None
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            code, sentence = _sentence(error, resumable=ctx.info_name in RESUMABLE)
            if sentence is None or ctx.find_root().params.get("debug"):
                raise
            if ctx.params.get("as_json"):
                click.echo(json.dumps({"error": sentence}, ensure_ascii=False))
            click.echo(f"Error: {sentence}", err=True)
            raise SystemExit(code) from None


def _sentence(error: Exception, resumable: bool) -> tuple[int, str | None]:
    """The exit code and the sentence for an exception; no sentence for a defect of our own."""
    from datagen.schemas import InputError, RunFailed

    if isinstance(error, InputError):
        return 2, str(error)
    if isinstance(error, RunFailed):
        return 1, str(error)
    if isinstance(error, ModuleNotFoundError) and (error.name or "").split(".")[0] in TRAINING_PARTS:
        return 2, f"Training needs {error.name}, which is not installed; pip install 'datagen[train]'."
    if isinstance(error, MemoryError):
        return 1, "Out of memory; try fewer --workers or a smaller --image-size."
    if isinstance(error, OSError):
        what = error.strerror or str(error)
        if error.errno in {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}:
            again = "again with --resume" if resumable else "again"
            return 1, f"No room to write ({what}); make room and start the same command {again}."
        return 1, f"{error.filename}: {what}." if error.filename else f"{what}."
    return 1, None


def _how_to_go_on(context: click.Context) -> str:
    if context.info_name in {"push", "pull"}:
        return "What was transferred is kept; start the same command again."
    if context.info_name not in RESUMABLE:
        return "Nothing was changed."
    words = [word for word in context.meta.get("words", []) if word not in {"--overwrite", "--resume"}]
    command = shlex.join(["datagen", context.info_name, *words, "--resume"])
    kept = "Whole shards are" if context.info_name == "make" else "The last checkpoint is"
    return f"{kept} kept; go on with:\n  {command}"
