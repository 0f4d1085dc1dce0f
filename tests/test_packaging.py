"""What is installed: one complete package, undisturbed by a project's own modules of the same names."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAMES = ("make", "stream", "pull", "push", "InputError", "RunFailed", "__version__")
LINKS = {f"datagen/{name}": f"../{name}" for name in ("schemas", "train", "jobs", "cli.py")}

pytestmark = pytest.mark.slow


def _run(*words: object, cwd: Path, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A command outside of the repository: nothing is imported from it."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if path:
        environment["PYTHONPATH"] = str(path)
    return subprocess.run(
        [*map(str, words)], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def _tracked() -> list[str]:
    """Every file of the repository that belongs to the package, as git lists it."""
    done = _run("git", "ls-files", "-z", "--", ".", ":!tests", ":!docs", ":!benchmarks", cwd=ROOT)
    if done.returncode:
        pytest.skip("this is no git checkout")
    return [name for name in done.stdout.split("\0") if name]


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tracked files, links as links, without what earlier builds left behind."""
    copy = tmp_path_factory.mktemp("sources")
    for name in _tracked():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, copy / name, follow_symlinks=False)
    return copy


def _wheel(source: Path, out: Path) -> Path:
    stored = "--config-settings=--build-option=--compression=stored"  # baked layers are compressed already
    words = (
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        stored,
        "-q",
        "-w",
        out,
        source,
    )
    done = _run(sys.executable, "-m", *words, cwd=out)
    assert done.returncode == 0, done.stderr
    (wheel,) = out.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _wheel(sources, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the installed package and nothing else."""
    target = tmp_path_factory.mktemp("installed") / "packages"
    done = _run(
        sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", target, wheel,
        cwd=target.parent,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return target


def _names(wheel: Path) -> set[str]:
    return {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}


def test_the_links_of_the_repository_are_relative() -> None:
    for link, target in LINKS.items():
        assert str((ROOT / link).readlink()) == target
    done = _run("git", "ls-files", "-s", "--", *LINKS, cwd=ROOT)
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["120000"] * len(LINKS)


def test_the_wheel_holds_one_package_with_all_of_its_files(wheel: Path) -> None:
    names = _names(wheel)
    assert {name.split("/")[0] for name in names} == {"datagen"}
    expected = {
        name if name.startswith("datagen/") else f"datagen/{name}"
        for name in _tracked()
        if name.startswith(("datagen/", "schemas/", "train/", "jobs/")) or name == "cli.py"
    }
    assert names == expected - {"datagen/schemas", "datagen/train", "datagen/jobs"}
    assert {"datagen/py.typed", "datagen/cli.py", "datagen/schemas/burberry.yaml"} <= names
    assert "datagen/train/recipes/smoke.yaml" in names
    assert {
        "datagen/schemas/pages/base.css",
        "datagen/schemas/pages/document.html",
        "datagen/report/page/report.css",
    } <= names


def test_a_source_distribution_gives_the_same_wheel(
    sources: Path, wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("sdist")
    code = f"import setuptools.build_meta as build; print(build.build_sdist({str(folder)!r}))"
    done = _run(sys.executable, "-c", code, cwd=sources)
    assert done.returncode == 0, done.stderr
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        # Early releases of 3.10 and 3.11 have no filters; this archive is our own.
        how = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        packed.extractall(folder, **how)  # noqa: S202
    (unpacked,) = (path for path in folder.iterdir() if path.is_dir())
    (folder / "wheel").mkdir()
    assert _names(_wheel(unpacked, folder / "wheel")) == _names(wheel)


def test_modules_of_a_project_with_our_names_do_no_harm(installed: Path, tmp_path: Path) -> None:
    for name in ("schemas", "train", "jobs", "cli"):
        (tmp_path / f"{name}.py").write_text(f"raise RuntimeError('the project has its own {name}')\n")
    (tmp_path / "own.py").write_text(
        f"from datagen import {', '.join(NAMES)}\nimport datagen\nprint(datagen.__file__, __version__)\n"
    )
    done = _run(sys.executable, "own.py", cwd=tmp_path, path=installed)
    assert done.returncode == 0, done.stderr
    place, version = done.stdout.split()
    assert Path(place).parent == installed / "datagen"
    for words in (["-m", "datagen", "--version"], ["-m", "datagen", "schema", "--json"]):
        done = _run(sys.executable, *words, cwd=tmp_path, path=installed)
        assert done.returncode == 0, done.stderr
    done = _run(installed / "bin" / "datagen", "--version", cwd=tmp_path, path=installed)
    assert done.stdout == f"datagen, version {version}\n"


def test_mypy_sees_the_types_of_the_installed_package(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(
        "import datagen\n"
        "reveal_type(datagen.make(3, 'set', seed=1).rows)\n"
        "datagen.make(3, 'set', seed='one')\n"
    )
    done = _run(
        sys.executable, "-m", "mypy", "--follow-imports=silent", "--cache-dir", tmp_path / "cache", "own.py",
        cwd=tmp_path, path=installed,
    )  # fmt: skip
    assert 'Revealed type is "int"' in done.stdout.replace("builtins.", ""), done.stdout
    assert 'own.py:3: error: Argument "seed" to "make" has incompatible type "str"' in done.stdout
