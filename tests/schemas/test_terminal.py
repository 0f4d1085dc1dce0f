"""Progress and tables: plain lines when piped, a bar on a terminal, nothing when quiet."""

from __future__ import annotations

import logging
import os
import pty
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.sets import ENVIRONMENT

from datagen.schemas import terminal

REPORT = (
    "from datagen.schemas.terminal import row_progress\n"
    "with row_progress('Making', 30, quiet=False) as progress:\n"
    "    for done in range(31):\n"
    "        progress(done)\n"
)


def _on_a_terminal(code: str) -> str:
    """What a program writes when its error output is a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", code], stderr=theirs, env={**ENVIRONMENT, "TERM": "xterm-256color"}
    ) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # Linux: the other end is closed
                break
            if not part:
                break
            shown += part
    os.close(ours)
    assert process.returncode == 0
    return shown.decode()


def test_on_a_terminal_there_is_a_bar_that_vanishes() -> None:
    shown = _on_a_terminal(REPORT)
    assert "━" in shown
    assert "30 of 30" in shown
    assert "rows/s" in shown
    assert "\x1b[2K" in shown.rsplit("30 of 30", 1)[1], "the bar is wiped at the end"


def test_piped_progress_is_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.row_progress("Making", 3000, quiet=False) as progress:
        for done in range(0, 3001, 100):
            progress(done)
            time.sleep(0.001)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "\x1b" not in shown.err
    assert "\r" not in shown.err
    lines = shown.err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("Making: 3,000 of 3,000 rows, ")
    speed = int(lines[0].split(", ")[-1].removesuffix(" rows/s").replace(",", ""))
    assert 3_000 < speed < 3_000_000


def test_a_long_run_writes_a_line_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch)
    with terminal.row_progress("Making", 100, quiet=False) as progress:
        for done in (0, 10, 20, 100):
            progress(done)
            clock.now += 5
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "Making: 10 of 100 rows",
        "Making: 20 of 100 rows, 2.0 rows/s, 40 s left",
        "Making: 100 of 100 rows, 6.7 rows/s",
    ]


class Clock:
    """What the progress takes for the time, in seconds."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(terminal, "time", SimpleNamespace(monotonic=lambda: self.now))


def test_the_time_left_is_that_of_the_work_and_not_of_its_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a million rows are made: 16 seconds until the first come, then 20,000 a second."""
    clock, meter = Clock(monkeypatch), terminal._Meter("rows")
    meter.amount("Making", 0, 1_000_000)
    clock.now += 16
    done = 8_192
    assert meter.amount("Making", done, 1_000_000) == "8,192 of 1,000,000 rows"
    while clock.now < 40:
        left = meter.seconds_left(done, 1_000_000)
        true = (1_000_000 - done) / 20_000
        assert left == 0 if clock.now < 17.5 else 0.8 * true < left < 1.25 * true
        clock.now += 0.4096
        done += 8_192
        meter.amount("Making", done, 1_000_000)
    for _ in range(100):  # it becomes ten times slower
        clock.now += 0.4096
        done += 819
        meter.amount("Making", done, 1_000_000)
    assert 1_900 < (1_000_000 - done) / (meter.seconds_left(done, 1_000_000) or 1) < 2_100


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, ""), (0.2, "1 s left"), (57, "57 s left"), (100, "2 min left"), (3900, "1 h 5 min left")],
)
def test_the_time_left_in_words(seconds: float, shown: str) -> None:
    assert terminal._time_left(seconds) == shown


def test_what_was_there_before_does_not_count_for_the_speed(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.row_progress("Making", 1_000_000, quiet=False) as progress:
        progress(999_999)
        time.sleep(0.02)
        progress(1_000_000)
    speed = capsys.readouterr().err.split(", ")[-1].split(" ")[0]
    assert float(speed.replace(",", "")) <= 50


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.row_progress("Making", 3, quiet=True) as progress:
        progress(3)
    assert capsys.readouterr() == ("", "")


def test_square_brackets_and_colons_in_tables_are_letters(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.show_table("Made a[/b]c[red]", [("rule", "G[a-z]{2} :smile:")])
    terminal.show_table("[bold]x", [("1", "[a-z]+")], ["#", "rule"], right_aligned={0})
    shown = capsys.readouterr().out
    for text in ("Made a[/b]c[red]", "G[a-z]{2} :smile:", "[bold]x", "[a-z]+"):
        assert text in shown
    assert "\x1b" not in shown


def test_a_wide_table_is_not_cut_when_piped(capsys: pytest.CaptureFixture[str]) -> None:
    words = "word " * 40
    terminal.show_table("t", [("value", words), ("path", "/x" * 200)])
    shown = capsys.readouterr().out
    assert shown.count("word") == 40
    assert shown.count("/x") == 200
    assert max(len(line) for line in shown.splitlines()) > 100


def test_numbers_are_aligned_right_and_names_left(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.show_table("t", [("1", "a"), ("20", "bcd")], ["count", "name"], right_aligned={0})
    lines = capsys.readouterr().out.splitlines()
    assert "│     1 │ a    │" in lines
    assert "│    20 │ bcd  │" in lines


def test_stages_are_counted_in_rows_or_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.stage_progress(quiet=False) as progress:
        progress("Reading", 0, None)
        progress("Receiving", 0, 0)
        progress("Receiving", 1_200_000, 2_400_000)
        time.sleep(0.01)
        progress("Receiving", 2_400_000, 2_400_000)
        progress("Fetching", 1, 3)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Receiving: 0 bytes", "a further stage begins"
    assert lines[1].startswith("Receiving: 2.4 MB of 2.4 MB, ")
    assert lines[1].endswith("B/s")
    assert lines[2] == "Fetching: 1 of 3 rows", "no rate is known yet"


def test_a_bar_shows_one_stage_after_the_other() -> None:
    shown = _on_a_terminal(
        "from datagen.schemas.terminal import stage_progress\n"
        "with stage_progress(quiet=False, unit='pictures') as progress:\n"
        "    progress('Reading', 3, None)\n"
        "    progress('Answering', 2, 4)\n"
    )
    assert "2 of 4 pictures" in shown
    assert "Answering" in shown


@pytest.mark.parametrize(("typed", "means"), [("y\n", True), ("YES\n", True), ("\n", False), ("no\n", False)])
def test_only_yes_is_yes(
    typed: str, means: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(readline=lambda: typed, isatty=lambda: True))
    assert terminal.confirm("Start?") is means
    assert capsys.readouterr().err == "Start? [y/N] "
    assert not terminal.somebody_can_answer(), "stderr is no terminal here"


@given(st.integers(0, 10**15))
def test_sizes_are_short(count: int) -> None:
    number, unit = terminal.size(count).split()
    factor = {"bytes": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}[unit]
    assert abs(float(number) * factor - count) <= 0.051 * factor
    assert float(number) <= 1000 or unit == "GB"


@pytest.mark.parametrize("quiet", [False, True])
def test_what_is_logged_is_a_plain_line_or_nothing(quiet: bool, capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.stage_progress(quiet):
        logging.getLogger("datagen.any").warning("The shop does not answer.")
        logging.getLogger("datagen.any").info("not for a person")
    assert capsys.readouterr().err == ("" if quiet else "The shop does not answer.\n")
