"""Names and revisions: what is legal on the Hub, and what does not exist."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.hub_server import Hub
from support.pushed_sets import SET
from support.sets import Run

from datagen.hub.client import check_ref_name, check_repo_id
from datagen.schemas import InputError

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.mark.parametrize("name", ["a/b", "alice/my-set_2.0", "A1/" + "x" * 96])
def test_legal_names_pass(name: str) -> None:
    assert check_repo_id(name) == name


@pytest.mark.parametrize(
    "name", ["a", "a/", "a/b/c", "a/b--" + "x" * 96, "a/.b", "a/b.", "a/b c", "a/b\n", "a/b.git"]
)
def test_illegal_names_do_not(name: str) -> None:
    with pytest.raises(InputError, match="is not a valid name for a dataset"):
        check_repo_id(name)


@pytest.mark.parametrize("name", ["main", "v1.0", "try/this", "v1+rows", "2026-01-01"])
def test_legal_references_pass(name: str) -> None:
    assert check_ref_name(name, "tag") == name


@pytest.mark.parametrize(
    "name", ["", "/", "a/", "a b", "a\n", "a..b", "a@{1}", "a^", ".a", "a.lock", "x" * 201]
)
def test_illegal_references_do_not(name: str) -> None:
    with pytest.raises(InputError, match="is not a valid name for a tag"):
        check_ref_name(name, "tag")


@pytest.mark.parametrize("foreign", [False, True])
def test_a_revision_that_does_not_exist_is_named_with_those_that_do(
    hub: Hub, run: Run, few_rows: Path, tmp_path: Path, foreign: bool
) -> None:
    if foreign:
        hub.seed(SET, {"train.csv": b"title\nHat\n"})
        hub.repo(SET).tags["v1"] = hub.branches(SET)["main"]
    else:
        run("push", few_rows, SET, "--tag", "v1")
    for words in ([f"{SET}@v9"], [SET, "--revision", "v9"]):
        done = run("pull", *words, "--out", tmp_path / "back", *["--no-images"] * foreign)
        assert done.exit_code == 2
        assert done.stderr == (
            f"Error: {SET} has no branch, tag or commit 'v9'; did you mean 'v1'? Known: main, v1.\n"
        )
