"""What a person sees: progress, tables, sizes. Progress goes to stderr, results to stdout."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table

Tell = Callable[[int], None]
"""Called with the number of units that are done."""

_SECONDS_BETWEEN_LINES = 5.0


def console() -> Console:
    """Standard output; wide when piped, so that no table is cut to 80 columns.

    Square brackets are square brackets: paths and rules hold them.
    """
    return Console(width=None if sys.stdout.isatty() else 160, markup=False, emoji=False)


def show_table(title: str, rows: dict[str, str]) -> None:
    """A table of names and values."""
    table = Table(title=title, title_justify="left", show_header=False, title_style="bold")
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in rows.items():
        table.add_row(name, value)
    console().print(table)


def show_columns(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table with headings; the first column is aligned right."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for at, heading in enumerate(headings):
        table.add_column(heading, overflow="fold", justify="left" if at else "right")
    for row in rows:
        table.add_row(*row)
    console().print(table)


def size(count: int) -> str:
    """A number of bytes for a person.

    >>> size(1_234_567)
    '1.2 MB'
    """
    value = float(count)
    for unit in ("bytes", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


@contextlib.contextmanager
def progress(verb: str, total: int, unit: str, quiet: bool) -> Iterator[Tell]:
    """Report progress: a bar on a terminal, plain lines when piped, nothing when quiet."""
    if quiet:
        yield lambda done: None
    elif sys.stderr.isatty():
        with _bar(verb, total, unit) as tell:
            yield tell
    else:
        yield _plain_lines(verb, total, unit)


@contextlib.contextmanager
def progress_bytes(verb: str, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Report bytes: called with (done, total), the total being known only once a plan is made."""
    if quiet:
        yield lambda done, total: None
    elif sys.stderr.isatty():
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            TextColumn("left"),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(verb, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
    else:
        yield _plain_bytes(verb)


def _plain_bytes(verb: str) -> Callable[[int, int], None]:
    last = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if total and (now - last >= _SECONDS_BETWEEN_LINES or done >= total):
            last = now
            click.echo(f"{verb}: {size(done)} of {size(total)}", err=True)

    return tell


@contextlib.contextmanager
def progress_stages(quiet: bool) -> Iterator[Callable[[str, int, int | None], None]]:
    """Report a run of several stages: called with (what is done, how much, of how much or None).

    What is "Receiving" is counted in bytes, all else in rows.
    """
    if quiet:
        yield lambda what, done, total: None
    elif sys.stderr.isatty():
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[amount]}"),
            TimeRemainingColumn(),
            TextColumn("left"),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("Reading", total=None, amount="")

            def tell(what: str, done: int, total: int | None) -> None:
                if bar.tasks[0].description != what:
                    bar.reset(task, description=what)
                bar.update(task, completed=done, total=total, amount=_amount(what, done, total))

            yield tell
    else:
        yield _plain_stages()


def _plain_stages() -> Callable[[str, int, int | None], None]:
    last, before = time.monotonic(), ""

    def tell(what: str, done: int, total: int | None) -> None:
        nonlocal last, before
        now = time.monotonic()
        if what != before or now - last >= _SECONDS_BETWEEN_LINES or done == total:
            last, before = now, what
            click.echo(f"{what}: {_amount(what, done, total)}", err=True)

    return tell


def _amount(what: str, done: int, total: int | None) -> str:
    """How much is done, as "12 of 40 rows"."""
    if what == "Receiving":
        return size(done) + (f" of {size(total)}" if total else "")
    return f"{done:,}" + (f" of {total:,}" if total else "") + " rows"


@contextlib.contextmanager
def _bar(verb: str, total: int, unit: str) -> Iterator[Tell]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(verb, total=total, rate="")
        rate = _Rate()

        def tell(done: int) -> None:
            bar.update(task, completed=done, rate=f"{rate(done):,.0f} {unit}/s")

        yield tell


def _plain_lines(verb: str, total: int, unit: str) -> Tell:
    """One line every few seconds, and one at the end."""
    rate, last = _Rate(), time.monotonic()

    def tell(done: int) -> None:
        nonlocal last
        now, speed = time.monotonic(), rate(done)
        if now - last >= _SECONDS_BETWEEN_LINES or done >= total:
            last = now
            left = f", {max(0, total - done) / speed:,.0f} s left" if speed and done < total else ""
            click.echo(f"{verb}: {done:,} of {total:,} {unit}, {speed:,.0f} {unit}/s{left}", err=True)

    return tell


class _Rate:
    """Units a second since the first report: what was there before a resumed run does not count."""

    def __init__(self) -> None:
        self._first: tuple[float, int] | None = None

    def __call__(self, done: int) -> float:
        now = time.monotonic()
        if self._first is None:
            self._first = (now, done)
        began, first = self._first
        return (done - first) / max(now - began, 1e-3)
