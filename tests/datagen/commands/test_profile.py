"""``datagen profile`` and ``make --like`` of a dataset on the Hub."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.hub_server import Hub
from support.sets import Run, rows_of

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_set_on_the_hub_is_learned_and_made_as_its_folder_is(hub: Hub, run: Run, whole_set: Path) -> None:
    assert run("push", whole_set, "alice/shop").exit_code == 0
    profiles, rows = [], []
    for source in (whole_set, "alice/shop"):
        learned = run("profile", source, "-o", "shop.profile.yaml", "--overwrite", "-q")
        assert learned.exit_code == 0, learned.stderr
        first, *rest = Path("shop.profile.yaml").read_text(encoding="utf-8").splitlines()
        assert Path(source).name in first
        profiles.append(rest)
        made = run(
            "make", "--like", source, "--rows", "20", "--no-images", "-q", "--out", "made", "--overwrite"
        )
        assert made.exit_code == 0, made.stderr
        rows.append(rows_of(Path("made")))
    assert profiles[0] == profiles[1]
    assert rows[0] == rows[1]


def test_a_revision_or_a_set_that_is_not_there_is_one_sentence(hub: Hub, run: Run, whole_set: Path) -> None:
    assert run("push", whole_set, "alice/shop").exit_code == 0
    for source, options in (("alice/absent", ()), ("alice/shop", ("--revision", "v9"))):
        failed = run("profile", source, *options, "-q")
        assert failed.exit_code == 2
        assert failed.stderr.count("Error: ") == 1
        assert source in failed.stderr
