"""What a person sees of training commands: tables on stdout, progress on stderr."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

_SECONDS_BETWEEN_LINES = 5.0


def show_table(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]], *, right: int = 0) -> None:
    """A table with headings; the last ``right`` columns hold figures and are aligned right.

    Wide when piped, so that nothing is cut to 80 columns; without headings, names and values.
    """
    console = Console(width=None if sys.stdout.isatty() else 160, markup=False, emoji=False, highlight=False)
    named = any(headings)
    table = Table(
        title=title, title_justify="left", title_style="bold", header_style="bold", show_header=named
    )
    for at, heading in enumerate(headings):
        figures = at >= len(headings) - right
        table.add_column(
            heading,
            overflow="fold",
            justify="right" if figures else "left",
            no_wrap=figures,
            style=None if named or at else "dim",
        )
    for row in rows:
        table.add_row(*row)
    console.print(table)


@contextlib.contextmanager
def progress(verb: str, total: int, unit: str, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Report how much is done: a bar on a terminal, a line every few seconds when piped, or nothing."""
    if quiet:
        yield lambda done: None
    elif sys.stderr.isatty():
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("left"),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(verb, total=total)
            yield lambda done: bar.update(task, completed=done)
    else:
        yield _plain_lines(verb, total, unit)


def _plain_lines(verb: str, total: int, unit: str) -> Callable[[int], None]:
    began = last = time.monotonic()

    def tell(done: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _SECONDS_BETWEEN_LINES or done >= total:
            last = now
            left = (total - done) * (now - began) / max(done, 1)
            rest = f", {left:,.0f} s left" if done < total else ""
            click.echo(f"{verb}: {done:,} of {total:,} {unit}{rest}", err=True)

    return tell
