"""The output of training commands in a terminal: their tables, and quiet libraries."""

from __future__ import annotations

import contextlib
import gc
import logging
import sys
import warnings
from collections.abc import Iterator
from importlib.metadata import version
from typing import NamedTuple

from datagen.schemas import InputError
from datagen.schemas.terminal import show_table


class Table(NamedTuple):
    """A table with headings. The last ``figures`` columns are right-aligned."""

    title: str
    headings: list[str]
    rows: list[list[str]]
    figures: int = 0

    def show(self) -> None:
        """Print it, no wider than the terminal."""
        count = len(self.headings)
        show_table(self.title, self.rows, self.headings, right_aligned=range(count - self.figures, count))


@contextlib.contextmanager
def stdout_to_stderr() -> Iterator[None]:
    """Send what libraries print to stderr: stdout holds the result of a command and nothing else."""
    with contextlib.redirect_stdout(sys.stderr):
        yield


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """Import without garbage collection, now or at exit, of objects that stay: 40 % less time.

    What libraries print meanwhile goes to stderr (transformers, about WANDB_MODE=offline). Raises InputError
    for a torchvision that was built for another torch, which no part of transformers can be loaded beside.
    """
    gc.disable()
    try:
        with stdout_to_stderr():
            yield
    except Exception as error:
        if not _names_torchvision(error):
            raise
        raise InputError(
            f"torchvision {version('torchvision')} does not fit torch {version('torch')}; install the "
            "one built for it, or none (pip uninstall torchvision): pictures are then read by Pillow."
        ) from error
    finally:
        gc.freeze()
        gc.enable()


def _names_torchvision(error: BaseException | None) -> bool:
    """Whether an error comes from an operator that torchvision did not register, its library not loading."""
    while error is not None:
        if "operator torchvision::" in str(error):
            return True
        error = error.__cause__
    return False


@contextlib.contextmanager
def calm() -> Iterator[None]:
    """Keep libraries from drawing their own progress bars and printing what a user cannot act on."""
    level = logging.getLogger("bitsandbytes").level
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # it logs as soon as it is imported
    with loading():
        import datasets
        from transformers.utils import logging as of_transformers

    bars = datasets.is_progress_bar_enabled(), of_transformers.is_progress_bar_enabled()
    verbosity = of_transformers.get_verbosity()
    datasets.disable_progress_bars()
    of_transformers.disable_progress_bar()  # type: ignore[no-untyped-call]
    of_transformers.set_verbosity_error()  # type: ignore[no-untyped-call]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.getLogger("bitsandbytes").setLevel(level)
        of_transformers.set_verbosity(verbosity)
        if bars[0]:
            datasets.enable_progress_bars()
        if bars[1]:
            of_transformers.enable_progress_bar()  # type: ignore[no-untyped-call]
