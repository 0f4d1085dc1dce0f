"""Text that would do something to a terminal if it were printed as it is."""

from __future__ import annotations

import re

from click.testing import CliRunner

from datagen.cli import main

CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ud800-\udfff]")
HOSTILE = [
    "\x1b]0;owned\x07",
    "a\x1b[2J\x1b[31m",
    "\x9b31mred",
    "b\u202egnp.exe",
    "\u2066x\u2069\u200f",
    "two\u2028lines\u2029three\x85four",
    "c\r\nError: invented",
    "\x7f\x08\x0b\x0c\t",
]


def printed(*words: object) -> str:
    """All that a command prints, in this process; it ends in order and holds no control character."""
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code in {0, 1, 2}
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    text = done.stdout + done.stderr
    assert not CONTROL.search(text), repr(text)
    return text
