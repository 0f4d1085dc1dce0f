"""What a command writes: text, JSON, tables and next steps on stdout, errors and progress on stderr.

Nothing else in the program writes to a terminal. All text goes through
:func:`datagen.schemas.text.printable`, because names, values and messages are anybody's; what the stream
cannot encode is written as an escape.
Needs only rich.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import time
import traceback
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn
from rich.table import Table

from datagen.schemas.progress import RowProgress, StageProgress
from datagen.schemas.text import json_printable, printable

BYTE_STAGES = frozenset({"Receiving", "Sending"})
"""The stages whose amounts are bytes."""

_SECONDS_BETWEEN_LINES = 5.0
_SECONDS_OF_A_RATE = 10.0
_SECONDS_UNTIL_A_RATE = 1.5
_READER_GONE = 128 + 13
"""The exit code of a program that SIGPIPE ended, as ``yes | head`` does."""


def show(*lines: object, err: bool = False) -> None:
    """Print lines, on stderr with ``err``. A line break within one is escaped, like any control character."""
    _write("".join(f"{printable(line)}\n" for line in lines), err)


def show_json(value: object, indent: int | None = None) -> None:
    """Print a value as JSON that a terminal can show and that reads back as the same value."""
    unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    _write(json_printable(json.dumps(value, ensure_ascii=not unicode, indent=indent)) + "\n", err=False)


def show_traceback(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print a traceback, as ``sys.excepthook`` does."""
    show(*"".join(traceback.format_exception(kind, error, trace)).rstrip("\n").split("\n"), err=True)


def _write(text: str, err: bool) -> None:
    """Write text whose control characters are ours. Ends the program quietly if nobody reads it any more."""
    stream = sys.stderr if err else sys.stdout
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except BrokenPipeError:  # such as "| head -1": what is still buffered must not fail again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        raise SystemExit(_READER_GONE) from None


def terminal_width() -> int:
    """Characters in a line; 160 when piped, so that no table is cut to 80."""
    return Console().width if sys.stdout.isatty() else 160


def show_table(
    title: str,
    rows: Iterable[Sequence[str]],
    headings: Sequence[str] = (),
    right_aligned: Collection[int] = (),
) -> None:
    """Print a table; without ``headings``, one of names and values.

    ``right_aligned``: positions of the columns that hold numbers. Square brackets and colons are printed as
    they are: paths and rules contain them. The title and a cell may have several lines.
    """
    table = Table(
        title=_lines_of(title),
        title_justify="left",
        title_style="bold",
        header_style="bold",
        show_header=bool(headings),
    )
    for position, heading in enumerate(headings or ("", "")):
        table.add_column(
            printable(heading),
            overflow="fold",
            justify="right" if position in right_aligned else "left",
            style=None if headings or position else "dim",
        )
    for row in rows:
        table.add_row(*map(_lines_of, row))
    console = Console(width=terminal_width(), markup=False, emoji=False, highlight=False)
    with console.capture() as capture:
        console.print(table)
    _write(capture.get(), err=False)


def _lines_of(text: str) -> str:
    return "\n".join(map(printable, text.split("\n")))


def show_next(commands: Iterable[str]) -> None:
    """Print the commands to type next."""
    show("", "Next:", *(f"  {command}" for command in commands))


def confirm(question: str) -> bool:
    """Ask on a terminal, and wait for yes or no. Where nobody could answer, the answer is yes."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    _write(f"{printable(question)} [y/N] ", err=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def size(count: float) -> str:
    """A number of bytes for a person.

    >>> size(1_234_567)
    '1.2 MB'
    """
    if count < 1000:
        return f"{count:.0f} bytes"
    for unit in ("kB", "MB"):
        count /= 1000
        if count < 1000:
            return f"{count:.1f} {unit}"
    return f"{count / 1000:.1f} GB"


@contextlib.contextmanager
def stage_progress(quiet: bool, unit: str = "rows") -> Iterator[StageProgress]:
    """Report work of several stages: a bar on a terminal, a line every few seconds when piped, or nothing.

    ``unit`` is what is counted, except in :data:`BYTE_STAGES`.
    """
    with _notices(quiet):
        if quiet:
            yield lambda stage, done, total: None
        elif sys.stderr.isatty():
            with _bar(unit) as report:
                yield report
        else:
            yield _lines(unit)


@contextlib.contextmanager
def _notices(quiet: bool) -> Iterator[None]:
    """Show what datagen logs, such as that the Hub does not answer, as plain lines; or nothing of it."""
    logger = logging.getLogger("datagen")
    handler = logging.NullHandler() if quiet else _Notices(logging.WARNING)
    before = logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = before


class _Notices(logging.Handler):
    """Prints to the stderr of the moment, which a bar replaces while it is drawn."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print the message of a record."""
        show(record.getMessage(), err=True)


@contextlib.contextmanager
def row_progress(stage: str, total: int, quiet: bool) -> Iterator[RowProgress]:
    """Report work of one stage, in rows."""
    with stage_progress(quiet) as report:
        yield lambda done: report(stage, done, total)


def transient_bar(*columns: ProgressColumn) -> Progress:
    """A progress bar on stderr that vanishes at its end."""
    return Progress(*columns, console=Console(stderr=True), transient=True)


def show_above(bar: Progress, line: str) -> None:
    """Print a line above a bar that is running."""
    bar.console.print(printable(line), highlight=False, markup=False, emoji=False)


@contextlib.contextmanager
def _bar(unit: str) -> Iterator[StageProgress]:
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[amount]}"),
        TextColumn("{task.fields[left]}"),
    )
    meter = _Meter(unit)
    with transient_bar(*columns) as bar:
        task = bar.add_task("", total=None, amount="", left="", visible=False)

        def report(stage: str, done: int, total: int | None) -> None:
            stage = printable(stage)
            amount = meter.amount(stage, done, total)
            left = _time_left(meter.seconds_left(done, total))
            begins = bar.tasks[0].description != stage
            if begins:
                bar.reset(task, description=stage, amount=amount, left=left)
            total = total or None
            bar.update(task, completed=done, total=total, amount=amount, left=left, visible=True)
            if begins:  # it may be over before the next drawing
                bar.refresh()

        yield report


def _lines(unit: str) -> StageProgress:
    """A line when a further stage begins, every few seconds, and when a total is reached."""
    meter, previous, last = _Meter(unit), "", time.monotonic()

    def report(stage: str, done: int, total: int | None) -> None:
        nonlocal previous, last
        amount, now = meter.amount(stage, done, total), time.monotonic()
        begins, ends = stage != previous != "", bool(total) and done >= (total or 0)
        previous = stage
        if begins or ends or now - last >= _SECONDS_BETWEEN_LINES:
            last = now
            parts = [amount, _time_left(meter.seconds_left(done, total))]
            said = ", ".join(filter(None, parts))
            show(f"{stage}: {said}" if said else stage, err=True)

    return report


def _time_left(seconds: float) -> str:
    """Such as "57 s left", "12 min left" or "1 h 5 min left"; empty for 0, which is unknown."""
    if not seconds:
        return ""
    if seconds < 99.5:
        return f"{max(1, seconds):.0f} s left"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours:,} h {minutes} min left" if hours else f"{minutes} min left"


class _Meter:
    """Amounts and rates in words. What existed before a resumed run counts for no rate.

    The rate of work that is under way is that of the last :data:`_SECONDS_OF_A_RATE`, without the time until
    its first progress; it and the time left are told only once they mean something. At the end it is the
    rate of the whole stage.
    """

    def __init__(self, unit: str) -> None:
        self.unit = unit
        self._stage, self._started, self._first, self._speed = "", 0.0, 0, 0.0
        self._recent: deque[tuple[float, int]] = deque()

    def amount(self, stage: str, done: int, total: int | None) -> str:
        """Such as "12 of 40 rows, 3.0 rows/s"; a total of None or 0 is not known yet."""
        self._measure(stage, done, total)
        if stage in BYTE_STAGES:
            of_total, rate = f" of {size(total)}" if total else "", f", {size(self._speed)}/s"
            return size(done) + of_total + rate * (self._speed > 0)
        if not done and total is None:
            return ""
        of_total, digits = f" of {total:,}" if total else "", 0 if self._speed >= 10 else 1
        rate = f", {self._speed:,.{digits}f} {self.unit}/s"
        return f"{done:,}{of_total} {self.unit}" + rate * (self._speed > 0)

    def seconds_left(self, done: int, total: int | None) -> float:
        """Seconds to the total at the present rate; 0 where either is unknown."""
        return max(0, total - done) / self._speed if total and self._speed > 0 else 0.0

    def _measure(self, stage: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._started, self._first, self._speed = stage, now, done, 0.0
            self._recent.clear()
        if total and done >= total:
            self._speed = (done - self._first) / max(now - self._started, 1e-3)
            return
        if done <= self._first:
            return
        if not self._recent or now - self._recent[-1][0] >= _SECONDS_OF_A_RATE / 100:
            self._recent.append((now, done))
        while now - self._recent[0][0] > _SECONDS_OF_A_RATE and len(self._recent) > 2:
            self._recent.popleft()
        begun, before = self._recent[0]
        if now - begun >= _SECONDS_UNTIL_A_RATE:
            self._speed = (done - before) / (now - begun)
