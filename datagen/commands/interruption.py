"""Ctrl-C in the ``datagen`` program: one sentence and exit code 130 at any moment, never a traceback.

Before and after the work of a command, and at a second Ctrl-C, the process ends at once: whatever is
written is written aside and renamed. During the work the first Ctrl-C raises KeyboardInterrupt, so that the
command cleans up. Little is imported here, since this comes first.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

EXIT_CODE = 130
SHOW_CURSOR = "\x1b[?25h"
"""A progress bar hides the cursor of a terminal."""


class _State:
    """``sentence``: what to say at the end; ``working``: whether a command runs, which may clean up first."""

    installed = False
    received = False
    working = False
    sentence: Callable[[], str] | None = None


def install() -> None:
    """Take care of Ctrl-C in this process from here on, unless it is ignored, as under ``nohup``."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        return
    _State.installed, _State.sentence = True, lambda: "Nothing was changed."
    signal.signal(signal.SIGINT, _handle)
    sys.unraisablehook = _end_if_swallowed


@contextmanager
def raised_during_work(sentence: Callable[[], str]) -> Iterator[None]:
    """Let the first Ctrl-C raise KeyboardInterrupt; ``sentence`` says what is kept when the process ends."""
    if not _State.installed:
        yield
        return
    _State.sentence, _State.working = sentence, True
    try:
        yield
    finally:
        _State.working = False
        if not _State.received:
            _State.sentence = lambda: "The command had ended."


def received() -> bool:
    """Whether Ctrl-C was pressed; an exception that follows is only a consequence."""
    return _State.received


def end(sentence: str) -> NoReturn:
    """End the process after KeyboardInterrupt, saying what is kept."""
    if _State.installed:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _State.sentence = lambda: sentence
        _end()
    from datagen.schemas.terminal import show

    show("", *f"Interrupted. {sentence}".split("\n"), err=True)
    raise SystemExit(EXIT_CODE) from None


def _handle(number: int, frame: object) -> None:
    if _State.working and not _State.received:
        _State.received = True
        raise KeyboardInterrupt
    _end()


def _end() -> NoReturn:
    if _State.sentence is not None:
        _tell(_State.sentence())
    os._exit(EXIT_CODE)


def _tell(sentence: str) -> None:
    # Not to sys.stderr, whose lock this thread may hold where a signal interrupted it.
    cursor = SHOW_CURSOR if os.isatty(2) else ""
    os.write(2, f"{cursor}\nInterrupted. {sentence}\n".encode(errors="replace"))


def _end_if_swallowed(unraisable: Any) -> None:
    """Where KeyboardInterrupt was raised in a finaliser, Python would print it and go on."""
    if unraisable.exc_type is not None and issubclass(unraisable.exc_type, KeyboardInterrupt):
        _end()
    sys.__unraisablehook__(unraisable)
