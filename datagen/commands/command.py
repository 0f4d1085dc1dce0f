"""What every command of ``datagen`` has: errors as one sentence with an exit code, and a way to resume.

Exit codes: 0 done, 1 a run that failed or a dataset with faults, 2 wrong input, 130 interrupted.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from datagen.commands import interruption
from datagen.schemas.text import printable
from datagen.schemas.training import Training

TRAINING_PACKAGES = frozenset({"torch", "transformers", "peft", "bitsandbytes", "accelerate", "safetensors"})
MEMORY_OPTIONS = ("--workers", "--image-size", "--batch-size", "--connections")
"""The options of which a smaller value takes less memory."""

WRONG_PLACE = frozenset(
    {
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.ENOENT,
        errno.ENOTDIR,
        errno.EISDIR,
        errno.ENAMETOOLONG,
        errno.ELOOP,
    }
)
"""Errors that are the user's where they concern a place that the user named: exit code 2. A full disk and all
other errors of reading and writing are failed runs: exit code 1."""


def training() -> Training:
    """What the command that runs may ask of `train/`."""
    found: Training = click.get_current_context().obj
    return found


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
        vars(error)["message"] = printable(error.message)  # declared final
        raise


class Command(click.Command):
    """A command that turns the exceptions it raises into one sentence and an exit code.

    ``kept``: what an interrupted run keeps, such as "Files that were sent are kept", or a function of the
    context that finds out; it is empty where nothing is kept. A command that has the option ``--resume`` is
    resumed with it, another one by the same command.
    """

    def __init__(
        self, *args: Any, kept: str | Callable[[click.Context], str] = "", **attributes: Any
    ) -> None:
        super().__init__(*args, **attributes)
        self.resumable = any(param.name == "resume" for param in self.params)
        self.kept = kept or ("Finished work is kept" if self.resumable else "")

    @classmethod
    def of(cls, plain: click.Command) -> Command:
        """``plain`` with these errors and exit codes."""
        if isinstance(plain, cls):
            return plain
        return cls(plain.name, callback=plain.callback, params=plain.params, help=plain.help)

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Parse as click does; with --json, what is wrong with the options is told as JSON, too."""
        words = list(args)
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            if "--json" in words and any("--json" in param.opts for param in self.params):
                _show_json_error(error.format_message())
            raise

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as click does, and remember the arguments for :meth:`_after_interruption`."""
        ctx.meta["arguments"] = list(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a traceback is shown only with --debug, or for a defect of the program."""
        from datagen.schemas.terminal import show, show_traceback

        try:
            with interruption.raised_during_work(lambda: self._after_interruption(ctx)):
                return super().invoke(ctx)
        except KeyboardInterrupt:
            interruption.end(self._after_interruption(ctx))
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if interruption.received():  # a library turned KeyboardInterrupt into something else
                interruption.end(self._after_interruption(ctx))
            code, sentence = self._sentence(error, ctx)
            if sentence is None or ctx.find_root().params.get("debug"):
                sys.excepthook = show_traceback
                raise
            if ctx.params.get("as_json"):
                _show_json_error(sentence)
            show(f"Error: {sentence}", err=True)
            raise SystemExit(code) from None

    def _sentence(self, error: Exception, ctx: click.Context) -> tuple[int, str | None]:
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
            code = 2 if error.errno in WRONG_PLACE and _is_from_the_user(error, ctx) else 1
            return code, f"{_name(error.filename)}: {what}." if error.filename else f"{what}."
        return 1, None

    def _after_interruption(self, ctx: click.Context) -> str:
        """What is kept, and how the run is resumed."""
        kept = self.kept if isinstance(self.kept, str) else self.kept(ctx)
        if not kept:
            return "Nothing was changed."
        if self.resumable:
            arguments = [each for each in ctx.meta["arguments"] if each not in {"--overwrite", "--resume"}]
            command = printable(shlex.join(["datagen", str(ctx.info_name), *arguments, "--resume"]))
            return f"{kept}; resume with:\n  {command}"
        return f"{kept}; run the same command to resume."


def _show_json_error(sentence: str) -> None:
    from datagen.schemas.terminal import show_json

    show_json({"error": sentence})


def _is_from_the_user(error: OSError, ctx: click.Context) -> bool:
    """Whether an error is about a file that an option names, one beside it or in it, or a relative path."""
    name = _name(error.filename)
    if not name:
        return False
    named = [str(value.absolute().parent) for value in ctx.params.values() if isinstance(value, Path)]
    return not Path(name).is_absolute() or any(Path(name).is_relative_to(parent) for parent in named)


def _name(file: object) -> str:
    """The path in an OSError: a file that is being written has the name of the file that it will be."""
    return os.fsdecode(file).removesuffix(".part") if isinstance(file, str | bytes | os.PathLike) else ""
