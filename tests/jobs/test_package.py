"""The wheel that a job installs: this code, whole, as pip takes it, and the same bytes every time."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from datagen.jobs import package
from datagen.jobs.package import pins, wheel
from datagen.schemas import InputError

ROOT = Path(__file__).parents[2]


def test_the_wheel_is_this_code_and_pip_installs_it(tmp_path: Path) -> None:
    name, content = wheel()
    assert wheel() == (name, content)
    (tmp_path / name).write_bytes(content)
    words = (
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        "--target",
        tmp_path / "packages",
        tmp_path / name,
    )
    done = subprocess.run([sys.executable, "-m", *map(str, words)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    installed = tmp_path / "packages" / "datagen"
    for wing in ("schemas", "train", "jobs"):
        here = {path.relative_to(ROOT) for path in (ROOT / wing).rglob("*") if _is_ours(path)}
        there = {path.relative_to(installed) for path in (installed / wing).rglob("*") if _is_ours(path)}
        assert here == there
    assert (installed / "cli.py").read_bytes() == (ROOT / "cli.py").read_bytes()
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert not [each for each in names if "__pycache__" in each]


def _is_ours(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts


def test_versions_are_pinned_as_they_are_here_and_extras_only_where_they_are_wanted() -> None:
    plain, training = pins(""), pins("train")
    assert f"numpy=={version('numpy')}" in plain
    assert not [each for each in plain if each.startswith("torch==")]
    (torch,) = [each for each in training if each.startswith("torch==")]
    assert "+" not in torch, "what comes after a plus is of this machine's processor"
    assert set(plain) < set(training)
    assert not [each for each in training if each.startswith("pytest")]


def test_what_is_not_installed_asks_for_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "NAME", "no-such-package-here")
    with pytest.raises(InputError, match="--package"):
        wheel()
