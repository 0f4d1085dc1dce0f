"""A dataset made straight into a repository: one commit on main, resumed from the branch of the run.

Each test is done twice: shards go to Xet storage, as the official client sends them, and through LFS.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import constants
from support.hub_clients import talk_to
from support.hub_server import Hub
from support.places import PLAIN, ROWS, killed_after_two_shards
from support.sets import Run, contents, garden

from datagen import make
from datagen.dataset.verify import verify_folder
from datagen.places.hub_repository import HubPlace
from datagen.schemas import InputError
from datagen.schemas.addresses import local_copy

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

SET, ADDRESS = "alice/made", "hf://datasets/alice/made"


@pytest.fixture(params=["xet", "lfs"])
def hub(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A Hub with or without Xet storage for the client of this process, as alice; waits take no time."""
    xet = request.param == "xet"
    with Hub(tmp_path / "hub", xet=xet) as hub:
        talk_to(hub, tmp_path / "hub-cache", monkeypatch)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", not xet)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        yield hub


def _there(hub: Hub) -> dict[str, bytes]:
    return {name: hub.read(SET, name) for name in hub.files(SET) if name != ".gitattributes"}


def test_one_commit_makes_it_visible_and_it_is_read_like_a_folder(hub: Hub, small: Path) -> None:
    made = make(24, ADDRESS, **ROWS)
    assert (made.where, made.rows_made) == (ADDRESS, 24)
    assert _there(hub) == contents(small)
    assert [commit.title for commit in hub.commits(SET)][1:] == ["initial commit"]
    assert list(hub.branches(SET)) == ["main"]
    assert hub.repo(SET).private
    assert bool(hub.requests("xorb")) == hub.xet != bool(hub.requests("put"))
    assert verify_folder(local_copy(ADDRESS)).whole


def test_killed_after_some_shards_it_makes_the_others(hub: Hub, small: Path) -> None:
    killed_after_two_shards(ADDRESS, HubPlace, third_is_whole=False)
    assert set(hub.files(SET)) <= {".gitattributes", "README.md"}
    with pytest.raises(InputError, match="is not finished; give --resume to continue it"):
        make(24, ADDRESS, **ROWS)
    assert make(24, ADDRESS, resume=True, **ROWS).rows_made == 4
    assert _there(hub) == contents(small)
    assert make(24, ADDRESS, resume=True, **ROWS).rows_made == 0
    assert len(hub.commits(SET)) == 2


def test_what_is_there_is_replaced_only_when_asked_and_only_if_it_was_made(
    hub: Hub, tmp_path: Path, run: Run
) -> None:
    make(24, ADDRESS, **PLAIN)
    with pytest.raises(InputError, match="already exists; give --overwrite"):
        make(12, ADDRESS, **PLAIN)
    with pytest.raises(InputError, match="differs in rows 24, not 12"):
        make(12, ADDRESS, resume=True, **PLAIN)
    make(12, ADDRESS, overwrite=True, **PLAIN)
    assert _there(hub) == contents(garden(tmp_path / "set", 12, image_size=None))
    with pytest.raises(InputError, match="may not write to bob"):
        make(12, "hf://datasets/bob/set", **PLAIN)
    with pytest.raises(InputError, match="is no dataset repository and no bucket; give hf://datasets/OWNER/"):
        make(12, "hf://spaces/alice/set", **PLAIN)
    folder = tmp_path / "strange"
    folder.mkdir()
    (folder / "data.csv").write_text("a,b\n1,2\n")
    from datagen.hub.client import connect

    connect().create_repo("alice/strange", repo_type="dataset")
    connect().upload_file(
        path_or_fileobj=folder / "data.csv",
        path_in_repo="data.csv",
        repo_id="alice/strange",
        repo_type="dataset",
    )
    with pytest.raises(InputError, match=r"holds files that this tool did not write \(data.csv\)"):
        make(12, "hf://datasets/alice/strange", overwrite=True, **PLAIN)


def test_who_may_not_write_is_told_before_anything_is_made(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", hub.token("alice", "read"))
    with pytest.raises(InputError, match="read-only"):
        make(12, ADDRESS, **PLAIN)
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "none"))
    with pytest.raises(InputError, match="hf auth login"):
        make(12, ADDRESS, **PLAIN)
    assert SET not in hub.repos()
