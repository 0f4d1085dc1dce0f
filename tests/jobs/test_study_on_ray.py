"""`datagen study --engine ray`: the cells that this process makes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support.sets import Run, contents, garden

FEW = ("--learner", "probe", "--real-rows", "10", "--shares", "0,0.5", "--seeds", "2")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_ray_makes_the_same_cells_and_goes_on_where_a_study_stopped(
    run: Run, garden_set: Path, tmp_path: Path
) -> None:
    pytest.importorskip("ray", reason="Ray is not installed (pip install 'datagen[ray]')")
    real = garden(tmp_path / "real", 120, seed=1, image_size=(64, 80))
    study = ("study", "--real", real, "--synthetic", garden_set, *FEW)
    assert run(*study, "--out", "here").exit_code == 0
    half = run(*study, "--out", "there", "--only", "1/2")
    assert half.exit_code == 0, half.output
    done = run(*study, "--out", "there", "--engine", "ray", "--workers", "2")
    assert done.exit_code == 0, done.output
    assert contents(Path("there/cells")) == contents(Path("here/cells"))
    assert contents(Path("there/cells"))


def test_engines_are_refused_in_one_sentence(
    run: Run, garden_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = ("study", "--real", garden_set, "--synthetic", garden_set, *FEW)
    lonely = run(*study, "--address", "127.0.0.1:1")
    assert "--address is about a cluster; give --engine ray as well" in lonely.stderr
    monkeypatch.setitem(sys.modules, "ray", None)
    missing = run(*study, "--engine", "ray")
    assert "The engine ray needs Ray; run pip install 'datagen[ray]'." in missing.stderr
    assert (lonely.exit_code, missing.exit_code) == (2, 2)
    assert not list(Path.cwd().iterdir())
