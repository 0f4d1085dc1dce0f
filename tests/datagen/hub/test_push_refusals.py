"""A push that would break a dataset or hide data is refused, and sends nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.hub_server import Hub
from support.pushed_sets import SET, card, nothing_was_sent
from support.sets import Run, change_cell

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
