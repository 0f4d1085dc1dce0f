"""What a person sees of training commands: tables on stdout, progress on stderr."""

from __future__ import annotations

import contextlib
import gc
import logging
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

Tell = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and of how much."""

_SECONDS_BETWEEN_LINES = 5.0


class Shown(NamedTuple):
    """A table; without headings, names and values. The last ``figures`` columns are aligned right."""

    title: str
    headings: list[str]
    rows: list[list[str]]
    figures: int = 0


def terminal_width() -> int:
    """Letters in a line; many when piped, so that nothing is cut to 80."""
    return Console().width if sys.stdout.isatty() else 160


def show_table(shown: Shown) -> None:
    """Print a table, as wide as the terminal at most."""
    console = Console(width=terminal_width(), markup=False, emoji=False, highlight=False)
    named = any(shown.headings)
    table = Table(
        title=shown.title, title_justify="left", title_style="bold", header_style="bold", show_header=named
    )
    for at, heading in enumerate(shown.headings):
        justify: Any = "right" if at >= len(shown.headings) - shown.figures else "left"
        table.add_column(heading, overflow="fold", justify=justify, style=None if named or at else "dim")
    for row in shown.rows:
        table.add_row(*row)
    console.print(table)


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """Import without looking for garbage among what stays, then or at the end: two fifths less time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextlib.contextmanager
def calm() -> Iterator[None]:
    """Keep libraries from drawing bars of their own and from telling what a user cannot act upon."""
    loud = logging.getLogger("bitsandbytes").level
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # it speaks up as soon as it is imported
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
        logging.getLogger("bitsandbytes").setLevel(loud)
        of_transformers.set_verbosity(verbosity)
        if bars[0]:
            datasets.enable_progress_bars()
        if bars[1]:
            of_transformers.enable_progress_bar()  # type: ignore[no-untyped-call]


@contextlib.contextmanager
def progress(quiet: bool) -> Iterator[Tell]:
    """Report what is done: a bar on a terminal, a line every few seconds when piped, or nothing."""
    if quiet:
        yield lambda what, done, total: None
    elif sys.stderr.isatty():
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("left"),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("Reading", total=None)

            def tell(what: str, done: int, total: int) -> None:
                if bar.tasks[0].description != what:
                    bar.reset(task, description=what, total=total)
                bar.update(task, completed=done, total=total)

            yield tell
    else:
        yield _plain_lines()


def _plain_lines() -> Tell:
    began = last = time.monotonic()
    before = ""

    def tell(what: str, done: int, total: int) -> None:
        nonlocal began, last, before
        now = time.monotonic()
        if what != before:
            began, before = now, what
        if now - last >= _SECONDS_BETWEEN_LINES or done >= total:
            last = now
            left = (total - done) * (now - began) / max(done, 1)
            rest = f", {left:,.0f} s left" if done < total and now > began else ""
            click.echo(f"{what}: {done:,} of {total:,}{rest}", err=True)

    return tell
