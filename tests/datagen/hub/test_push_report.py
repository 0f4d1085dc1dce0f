"""A report in the dataset folder goes with it to the Hub and comes back; an old one does not stay."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.hub_server import Hub
from support.pushed_sets import SET, card, files, nothing_was_sent
from support.report import sample_report
from support.sets import Run, contents

from datagen.report.document import without_real_rows
from datagen.report.page.write import write_report
from datagen.schemas.files import sha256

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def reported(own_set: Path) -> Path:
    digest = sha256(own_set / "manifest.json")
    write_report(without_real_rows(sample_report("Parka", digest)), own_set / "report.html")
    return own_set


def test_page_numbers_and_headlines_are_pushed_and_pulled_back(
    hub: Hub, run: Run, reported: Path, tmp_path: Path
) -> None:
    assert run("push", reported, SET).exit_code == 0
    assert files(hub)["report.html"] == sha256(reported / "report.html")
    assert files(hub)["report.json"] == sha256(reported / "report.json")
    assert "| Fidelity Parka | ✗ fails | two-sample AUC | **0.678**" in card(hub)
    commit = hub.branches(SET)["main"]
    run("push", reported, SET)
    assert hub.branches(SET)["main"] == commit
    assert run("pull", SET, "--out", tmp_path / "back").exit_code == 0
    back, mine = contents(tmp_path / "back"), contents(reported)
    assert back["report.html"] == mine["report.html"]
    assert back["report.json"] == mine["report.json"]
    assert run("verify", tmp_path / "back").exit_code == 0


def test_an_old_report_does_not_stay(hub: Hub, run: Run, reported: Path) -> None:
    run("push", reported, SET)
    for name in ("report.html", "report.json"):
        (reported / name).unlink()
    assert run("push", reported, SET).exit_code == 0
    assert not {"report.html", "report.json"} & files(hub).keys()
    assert "How close" not in card(hub)


def test_somebody_elses_report_stays(hub: Hub, run: Run, own_set: Path) -> None:
    run("push", own_set, SET)
    hub.seed(SET, {"report.json": b'{"theirs": 1}', "report.html": b"theirs"})
    assert run("push", own_set, SET).exit_code == 0
    assert {"report.html", "report.json"} <= files(hub).keys()


def test_real_rows_are_not_published(hub: Hub, run: Run, reported: Path) -> None:
    write_report(sample_report("Parka", sha256(reported / "manifest.json")), reported / "report.html")
    done = run("push", reported, SET)
    assert done.exit_code == 2
    assert "shows titles, prices or photos of the real set, and is not published" in done.stderr
    assert nothing_was_sent(hub)
