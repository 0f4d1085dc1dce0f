"""The output of training commands in a terminal: tables on stdout, progress on stderr."""

from __future__ import annotations

import contextlib
import gc
import logging
import sys
import time
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table as RichTable

from datagen.schemas.progress import StageProgress

_SECONDS_BETWEEN_LINES = 5.0


class Table(NamedTuple):
    """A table; without headings it is one of names and values. The last ``figures`` columns are
    right-aligned.
    """

    title: str
    headings: list[str]
    rows: list[list[str]]
    figures: int = 0


def terminal_width() -> int:
    """Characters per line; many when piped, so that nothing is cut at 80."""
    return Console().width if sys.stdout.isatty() else 160


def show_table(table: Table) -> None:
    """Print a table, no wider than the terminal."""
    console = Console(width=terminal_width(), markup=False, emoji=False, highlight=False)
    has_headings = any(table.headings)
    layout = RichTable(
        title=table.title,
        title_justify="left",
        title_style="bold",
        header_style="bold",
        show_header=has_headings,
    )
    for at, heading in enumerate(table.headings):
        justify: Any = "right" if at >= len(table.headings) - table.figures else "left"
        style = None if has_headings or at else "dim"
        layout.add_column(heading, overflow="fold", justify=justify, style=style)
    for row in table.rows:
        layout.add_row(*row)
    console.print(layout)


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """Import without garbage collection, now or at exit, of objects that stay: 40 % less time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


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


@contextlib.contextmanager
def progress(quiet: bool) -> Iterator[StageProgress]:
    """Report progress: a bar on a terminal, a line every few seconds when piped, or nothing."""
    if quiet:
        yield lambda stage, done, total: None
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

            def update(stage: str, done: int, total: int | None) -> None:
                if bar.tasks[0].description != stage:
                    bar.reset(task, description=stage, total=total)
                bar.update(task, completed=done, total=total)

            yield update
    else:
        yield _plain_lines()


def _plain_lines() -> StageProgress:
    start = last = time.monotonic()
    current = ""

    def update(stage: str, done: int, total: int | None) -> None:
        nonlocal start, last, current
        now = time.monotonic()
        if stage != current:
            start, current = now, stage
        if now - last < _SECONDS_BETWEEN_LINES and (total is None or done < total):
            return
        last = now
        if total is None:
            click.echo(f"{stage}: {done:,}", err=True)
            return
        left = (total - done) * (now - start) / max(done, 1)
        rest = f", {left:,.0f} s left" if done < total and now > start else ""
        click.echo(f"{stage}: {done:,} of {total:,}{rest}", err=True)

    return update
