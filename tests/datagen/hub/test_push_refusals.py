"""A push that would break a dataset or hide data is refused, and sends nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.hub_server import Hub
from support.pushed_sets import SET, card, nothing_was_sent
from support.sets import Run, change_cell

from datagen.dataset.verify import verify_folder

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


def test_a_folder_with_faults_is_not_pushed(hub: Hub, run: Run, own_set: Path) -> None:
    change_cell(own_set, 3, "now_eur", 1)
    done = run("push", own_set, SET)
    assert done.exit_code == 2
    assert "has faults and is not pushed" in done.stderr
    (own_set / "manifest.json").unlink()
    assert "not a finished dataset" in run("push", own_set, SET).stderr
    own_set.rename(own_set.with_name("half.partial"))
    assert "is not finished; run the same command" in run("push", own_set.with_name("half"), SET).stderr
    assert nothing_was_sent(hub)


def test_other_columns_are_refused_with_the_way_out(
    hub: Hub, run: Run, whole_set: Path, few_rows: Path
) -> None:
    run("push", whole_set, SET)
    before = hub.branches(SET)["main"]
    hub.log.clear()
    done = run("push", few_rows, SET)
    assert done.exit_code == 2
    assert "The config default of alice/set has other columns" in done.stderr
    assert "differs), and a push would make it impossible to load; give --config NAME" in done.stderr
    assert nothing_was_sent(hub)
    assert hub.branches(SET)["main"] == before
    assert run("push", few_rows, SET, "--config", "rows").exit_code == 0


@pytest.mark.parametrize(
    "name",
    ["README.md", "preview.jpg", "schema.yaml", "profile.yaml", "manifest.json", "data"],
)
def test_what_a_link_leads_to_is_not_published(
    hub: Hub, run: Run, own_set: Path, tmp_path: Path, name: str
) -> None:
    """A verdict on the content would not notice: behind the link is the same file, or any picture or text."""
    elsewhere = tmp_path / "secret"
    (own_set / name).rename(elsewhere)
    (own_set / name).symlink_to(elsewhere)
    done = run("push", own_set, SET)
    assert done.exit_code == 2
    assert "is not a file of its own but a link, a device or a pipe, and is not pushed" in done.stderr
    assert nothing_was_sent(hub)
    breach = verify_folder(own_set).breaches[0]
    assert breach.rule == "the file is a link, a device or a pipe"
    assert breach.file.startswith(name)


def test_neither_a_pipe_nor_a_linked_split_is_pushed(
    hub: Hub, run: Run, own_set: Path, tmp_path: Path
) -> None:
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / "train").symlink_to(own_set)
    done = run("push", tmp_path / "sets", SET)
    assert "is not a file of its own" in done.stderr
    (own_set / "README.md").unlink()
    os.mkfifo(own_set / "README.md")
    done = run("push", own_set, SET)
    assert "README.md is not a file of its own" in done.stderr
    assert done.exit_code == 2
    assert nothing_was_sent(hub)


def test_a_folder_of_links_is_pushed_when_the_link_is_the_users_own(
    hub: Hub, run: Run, few_rows: Path, tmp_path: Path
) -> None:
    (tmp_path / "shortcut").symlink_to(few_rows)
    assert run("push", tmp_path / "shortcut", SET).exit_code == 0


FOREIGN = [
    {"data/train-00000-of-00001.parquet": b"PAR1\0"},
    {"data/train-00000-of-00003.parquet": b"PAR1\0", "README.md": b"---\nlicense: mit\n---\n"},
    {"train.csv": b"a,b\n1,2\n"},
    {"pictures/1.jpg": b"\xff\xd8\0"},
]


@pytest.mark.parametrize("foreign", FOREIGN, ids=lambda foreign: next(iter(foreign)))
def test_somebody_elses_data_is_neither_overwritten_nor_hidden(
    hub: Hub, run: Run, few_rows: Path, foreign: dict[str, bytes]
) -> None:
    before = hub.seed(SET, foreign).oid
    done = run("push", few_rows, SET)
    assert done.exit_code == 2
    assert f"{SET} holds data that datagen did not push" in done.stderr
    assert nothing_was_sent(hub)
    assert hub.branches(SET)["main"] == before


def test_a_new_repository_with_a_licence_and_a_card_is_filled(hub: Hub, run: Run, few_rows: Path) -> None:
    hub.seed(SET, {"README.md": b"---\nlicense: mit\n---\n# Mine\n", "LICENSE": b"MIT"})
    assert run("push", few_rows, SET).exit_code == 0
    assert "license: mit" in card(hub)
    assert "# Mine" in card(hub)
