"""What every command of ``datagen`` has: errors as one sentence with an exit code, and a way to resume.

Exit codes: 0 done, 1 a run that failed or a dataset with faults, 2 wrong input, 130 interrupted.
"""

from __future__ import annotations

import contextlib
import errno
import shlex
import sys
from collections.abc import Iterator
from typing import Any

import click

TRAINING_PACKAGES = frozenset({"torch", "transformers", "peft", "bitsandbytes", "accelerate", "safetensors"})
MEMORY_OPTIONS = ("--workers", "--image-size", "--batch-size", "--connections")
"""The options of which a smaller value takes less memory."""


class Group(click.Group):
    """A group whose errors about options and names show what was typed in printable characters."""

    def make_context(self, *args: Any, **attributes: Any) -> click.Context:
        """As click does."""
        with _printable_errors():
            return super().make_context(*args, **attributes)

    def invoke(self, ctx: click.Context) -> Any:
        """As click does; this parses the options of the command too."""
        with _printable_errors():
            return super().invoke(ctx)


@contextlib.contextmanager
def _printable_errors() -> Iterator[None]:
    try:
        yield
    except click.ClickException as error:
        from datagen.schemas.text import printable

        vars(error)["message"] = printable(error.message)  # declared final
        raise


class Command(click.Command):
    """A command that turns the exceptions it raises into one sentence and an exit code.

    ``kept``: what an interrupted run keeps, such as "Every finished shard is kept". A command that has the
    option ``--resume`` is resumed with it, another one with ``kept`` by the same command.
    """

    def __init__(self, *args: Any, kept: str = "", **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.resumable = any(param.name == "resume" for param in self.params)
        self.kept = kept or ("Finished work is kept" if self.resumable else "")

    @classmethod
    def of(cls, plain: click.Command) -> Command:
        """``plain`` with these errors and exit codes."""
        if isinstance(plain, cls):
            return plain
        return cls(plain.name, callback=plain.callback, params=plain.params, help=plain.help)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as click does, and remember the arguments for :meth:`_after_interruption`."""
        ctx.meta["arguments"] = list(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a traceback is shown only with --debug, or for a defect of the program."""
        from datagen.schemas.terminal import show, show_json, show_traceback

        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            show("", *f"Interrupted. {self._after_interruption(ctx)}".split("\n"), err=True)
            raise SystemExit(130) from None
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            code, sentence = self._sentence(error)
            if sentence is None or ctx.find_root().params.get("debug"):
                sys.excepthook = show_traceback
                raise
            if ctx.params.get("as_json"):
                show_json({"error": sentence})
            show(f"Error: {sentence}", err=True)
            raise SystemExit(code) from None

    def _sentence(self, error: Exception) -> tuple[int, str | None]:
        """The exit code and the sentence for an exception; no sentence for a defect of the program."""
        from datagen.schemas import InputError, RunFailed

        if isinstance(error, InputError):
            return 2, str(error)
        if isinstance(error, RunFailed):
            return 1, str(error)
        if isinstance(error, ModuleNotFoundError) and (error.name or "").split(".")[0] in TRAINING_PACKAGES:
            return 2, f"Training needs {error.name}, which is not installed; pip install 'datagen[train]'."
        if isinstance(error, MemoryError):
            options = [option for param in self.params for option in param.opts if option in MEMORY_OPTIONS]
            remedy = f"give a smaller {' or '.join(options)}" if options else "free some and try again"
            return 1, f"Out of memory; {remedy}."
        if isinstance(error, OSError):
            what = error.strerror or str(error)
            if error.errno in {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}:
                again = "again with --resume" if self.resumable else "again"
                return 1, f"No disk space left to write ({what}); free some and run the same command {again}."
            return 1, f"{error.filename}: {what}." if error.filename else f"{what}."
        return 1, None

    def _after_interruption(self, ctx: click.Context) -> str:
        """What is kept, and how the run is resumed."""
        if self.resumable:
            arguments = [each for each in ctx.meta["arguments"] if each not in {"--overwrite", "--resume"}]
            command = shlex.join(["datagen", str(ctx.info_name), *arguments, "--resume"])
            return f"{self.kept}; resume with:\n  {command}"
        return f"{self.kept}; run the same command to resume." if self.kept else "Nothing was changed."
