"""A server that is no Hub, or a hostile one: whatever it answers, one sentence, and nothing left behind."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from support.hub_server import Hub
from support.pushed_sets import SET
from support.sets import Run

from datagen.hub import files
from datagen.hub.errors import translated

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


def every_value(new: Any, answer: Any) -> Any:
    """A JSON answer in which every number, text, null and truth value is replaced by ``new``."""
    if isinstance(answer, dict):
        return {name: every_value(new, value) for name, value in answer.items()}
    return [every_value(new, value) for value in answer] if isinstance(answer, list) else new


ANSWERS: dict[str, dict[str, Any]] = {
    "html": {"body": b"<!DOCTYPE html><html><body>Sign in to the airport</body></html>"},
    "objects": {"change": lambda answer: every_value({"a": 1}, answer)},
    "endless redirect": {"location": "?again"},
    "nested": {"body": b"[" * 200_000},
    "controls": {"change": lambda answer: every_value("\x1b[31m\n\u202e", answer)},
    "not text": {"body": b"\xff\xfe\0"},
    "null": {"body": b"null"},
    "array": {"body": b"[[1], null]"},
    "lists": {"change": lambda answer: every_value([1], answer)},
    "numbers": {"change": lambda answer: every_value(-7, answer)},
    "huge numbers": {"change": lambda answer: every_value(10**400, answer)},
    "in an array": {"change": lambda answer: [answer]},
}
PUSHED = ("whoami", "info", "create", "validate_yaml", "preupload", "batch", "commit", "refs", "tag", "tree")
PULLED = ("info", "tree", "resolve", "blob")


def some(number: int) -> list[str]:
    """Two answers, others for each route; all of them with DATAGEN_SEARCH=1."""
    names = list(ANSWERS)
    return names if os.environ.get("DATAGEN_SEARCH") == "1" else [names[number % 5], names[(number + 2) % 12]]


def said(done: Result) -> str:
    """The one sentence of a run that failed; all it printed is fit for a terminal."""
    lines = [
        line
        for line in done.stderr.splitlines()
        if not line.startswith(("Checking", "Sending", "Receiving", "The "))
    ]
    assert len(lines) == (1 if done.exit_code else 0), lines
    assert all(line.isprintable() for line in [*lines, *done.stdout.splitlines()])
    assert len("".join(lines)) < 500
    return "".join(lines)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(PUSHED)), ids=PUSHED)
def test_a_push(hub: Hub, run: Run, few_rows: Path, number: int) -> None:
    for answer in some(number):
        repo = f"alice/{answer.replace(' ', '-')}"
        shutil.rmtree(hub.store.objects, ignore_errors=True)  # so that the contents are sent again
        hub.store.objects.mkdir()
        if PUSHED[number] in {"refs", "tree"}:
            hub.seed(repo, {"notes.txt": b"mine"}, private=True)
        struck = hub.faults.add(PUSHED[number], times=10**6, **ANSWERS[answer])
        done = run("push", few_rows, repo, "--tag", "v1")
        hub.faults.clear()
        assert struck.hits, answer
        said(done)
        assert done.exit_code or PUSHED[number] in {"validate_yaml", "tag", "tree"}, answer


@pytest.mark.slow
@pytest.mark.parametrize("foreign", [False, True])
@pytest.mark.parametrize("number", range(len(PULLED)), ids=PULLED)
def test_a_pull(hub: Hub, run: Run, few_rows: Path, tmp_path: Path, number: int, foreign: bool) -> None:
    if foreign:
        hub.seed(SET, {"train.csv": b"a,b\n1,2\n", "README.md": b"---\nlicense: mit\n---\n"})
    else:
        run("push", few_rows, SET)
    for answer in some(number + 5 * foreign):
        out = tmp_path / answer
        struck = hub.faults.add(PULLED[number], times=10**6, **ANSWERS[answer])
        done = run("pull", SET, "--out", out)
        hub.faults.clear()
        assert struck.hits or (foreign and PULLED[number] == "blob")
        said(done)
        assert out.exists() == (done.exit_code == 0)


def test_the_sentence_for_a_page_instead_of_json(hub: Hub, run: Run, tmp_path: Path) -> None:
    hub.faults.add("info", **ANSWERS["html"])
    done = run("pull", SET, "--out", tmp_path / "back")
    assert done.exit_code == 1
    assert said(done) == (
        f"Error: {hub.url} does not answer as the Hub does (it is not JSON, or not what was asked for); "
        "check the network and HF_ENDPOINT, or try again later."
    )


def test_a_list_without_end(hub: Hub, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILES", 50)
    hub.tree_page = 10
    hub.seed(SET, {f"{number}.txt": b"" for number in range(60)})
    done = run("pull", SET, "--out", tmp_path / "back")
    assert done.exit_code == 2
    assert said(done) == f"Error: {SET} has more than 50 files and folders, the most that can be read."
    assert len(hub.requests("tree")) == 6


def test_a_list_of_empty_pages_without_end(hub: Hub, run: Run, tmp_path: Path) -> None:
    hub.seed(SET, {"train.csv": b"a,b\n1,2\n"})
    hub.tree_page = 0
    done = run("pull", SET, "--out", tmp_path / "back")
    assert done.exit_code == 1
    assert "does not answer as the Hub does (a list with over 10 empty pages)" in said(done)
    assert len(hub.requests("tree")) == 11


def test_a_fault_of_our_own_keeps_its_traceback() -> None:
    try:
        {}["own"]  # type: ignore[index]
    except KeyError as error:
        assert translated(error, SET, "push") is None
