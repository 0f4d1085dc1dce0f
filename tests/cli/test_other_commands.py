"""The command previews, exports and verifies datasets, and shows schemas."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from support.command import invoke
from support.sets import DATAGEN, ENVIRONMENT, GARDEN, garden

from datagen.commands.export import LAYOUTS as EXPORTED
from datagen.dataset.export.writing import LAYOUTS


def test_a_set_is_previewed_exported_and_verified_from_within(monkeypatch: pytest.MonkeyPatch) -> None:
    garden(Path("set"))
    monkeypatch.chdir("set")
    for words in (
        ["verify", "."],
        ["preview", ".", "--count", 4],
        ["export", ".", "--format", "imagefolder"],
    ):
        done = invoke(*words)
        assert done.exit_code == 0, done.output
        assert done.stdout.strip()
    assert sorted(path.name for path in Path("..").iterdir()) == ["set", "set-imagefolder", "set-preview.jpg"]


def test_an_export_is_replaced_only_when_asked() -> None:
    garden(Path("set"), rows=3)
    assert invoke("export", "set/", "--format", "csv").exit_code == 0
    assert invoke("export", "set/", "--format", "csv").exit_code == 2
    assert invoke("export", "set/", "--format", "csv", "--overwrite").exit_code == 0
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["set", "set-csv"]


def test_a_set_with_ground_truth_is_exported_for_detectors() -> None:
    garden(Path("set"), rows=6, attributes=True, masks=True, keypoints=True)
    assert invoke("export", "set", "--to", "coco", "--polygons").exit_code == 0
    annotations = {path.name for path in Path("set-coco", "annotations").iterdir()}
    assert annotations == {f"{what}_train.json" for what in ("instances", "captions", "person_keypoints")}
    done = invoke("export", "set", "--to", "yolo")
    assert done.exit_code == 0
    assert "Wrote 6 rows to set-yolo.\nIt has no validation split" in done.stdout
    done = invoke("export", "set", "--format", "webdataset")
    assert "ls set-webdataset" in done.stdout
    assert set(LAYOUTS) == set(EXPORTED)


def test_what_a_detector_needs_is_said_in_one_sentence() -> None:
    garden(Path("set"), rows=3)
    for layout in ("coco", "yolo"):
        done = invoke("export", "set", "--to", layout)
        assert done.exit_code == 2
        assert "does not say what its pictures show" in done.stderr
        assert "make it with datagen make --attributes" in " ".join(done.stderr.split())
    done = invoke("export", "set", "--to", "csv", "--polygons")
    assert done.exit_code == 2
    assert "leave out --polygons" in done.stderr
    assert [path.name for path in Path.cwd().iterdir()] == ["set"]


def test_the_columns_of_a_schema_are_shown() -> None:
    shown = invoke("schema", GARDEN["schema"]).stdout
    for word in (
        "sku",
        "now_usd",
        "converted_price",
        r"G\d{5}X",
        "https://garden.example/{code}/{slug}.html",
    ):
        assert word in shown
    assert len(re.findall(r"^│ +\d+ │", invoke("schema").stdout, re.MULTILINE)) == 18


def test_a_pipe_that_closes_early_is_no_error() -> None:
    command = f"{shlex.join(DATAGEN)} schema burberry | head -1"
    done = subprocess.run(
        ["bash", "-c", command], env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    assert "Traceback" not in done.stderr
    assert len(done.stdout.splitlines()) == 1
