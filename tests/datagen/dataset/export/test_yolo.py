"""Labels are shares of the picture that say the same as boxes and masks; data.yaml names splits and kinds."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image
from pycocotools import mask as coco_masks
from support.sets import change_cell, contents, garden, rows_of

from datagen.dataset.export.writing import write_export
from datagen.product.profile import Profile
from datagen.schemas import InputError

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SIZE = (96, 64)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows whose pictures are wider than high, with attributes and masks."""
    folder = tmp_path_factory.mktemp("yolo") / "set"
    return garden(folder, 12, image_size=SIZE, attributes=True, masks=True)


def _line(target: Path, row: dict[str, Any]) -> tuple[int, np.ndarray[Any, np.dtype[np.float64]]]:
    """The class of a row's label and its numbers, in pairs, in pixels."""
    (line,) = (target / "labels" / "train" / f"{row['sku']}.txt").read_text(encoding="ascii").splitlines()
    number, *shares = line.split()
    return int(number), np.array(shares, np.float64).reshape(-1, 2) * SIZE


def test_outlines_fill_to_the_masks_and_bound_the_boxes(
    told: Path, tmp_path: Path, garden_profile: Profile
) -> None:
    target, kinds = write_export(told, "yolo", tmp_path / "out").path, list(garden_profile.kinds)
    for row in rows_of(told):
        picture = target / "images" / "train" / f"{row['sku']}.jpg"
        assert picture.read_bytes() == row["picture"]["bytes"]
        number, points = _line(target, row)
        assert kinds[number] == row["attributes"]["kind"]
        assert [*points.min(axis=0), *points.max(axis=0)] == pytest.approx(row["attributes"]["box"], abs=1e-3)
        shape = SIZE[1], SIZE[0]
        outline = coco_masks.frPyObjects([points.round().ravel().tolist()], *shape)
        mask = np.asarray(Image.open(io.BytesIO(row["mask"]["bytes"]))) == 1
        assert np.array_equal(coco_masks.decode(outline)[:, :, 0] == 1, mask)


def test_without_masks_labels_are_boxes(tmp_path: Path) -> None:
    folder = garden(tmp_path / "set", 12, image_size=SIZE, attributes=True)
    target = write_export(folder, "yolo", tmp_path / "out").path
    for row in rows_of(folder):
        _, (middle, extent) = _line(target, row)
        found = [*(middle - extent / 2), *(middle + extent / 2)]
        assert found == pytest.approx(row["attributes"]["box"], abs=1e-3)


def test_data_names_the_splits_and_the_kinds(tmp_path: Path, garden_profile: Profile) -> None:
    shares = {"train": 0.5, "validation": 0.25, "test": 0.25}
    folder = garden(tmp_path / "set", 40, splits=shares, attributes=True)
    target = write_export(folder, "yolo", tmp_path / "out").path
    data = yaml.safe_load((target / "data.yaml").read_text(encoding="utf-8"))
    assert data == {
        "train": "images/train",
        "val": "images/validation",
        "test": "images/test",
        "names": dict(enumerate(garden_profile.kinds)),
    }
    for split in shares:
        pictures, labels = (
            sorted(path.stem for path in (target / each / split).iterdir()) for each in ("images", "labels")
        )
        assert pictures == labels


def test_a_split_for_validation_is_missed_aloud(told: Path, tmp_path: Path) -> None:
    text = (write_export(told, "yolo", tmp_path / "out").path / "data.yaml").read_text(encoding="utf-8")
    assert text.startswith("# Trainers need a line `val:`")
    assert set(yaml.safe_load(text)) == {"train", "names"}


def test_the_same_set_exports_to_the_same_bytes(told: Path, tmp_path: Path) -> None:
    first, again = (write_export(told, "yolo", tmp_path / name).path for name in ("a", "b"))
    assert contents(first) == contents(again)


@pytest.mark.parametrize("box", [[0, 0, 97, 64], [5, 5, 5, 9], None])
def test_a_box_outside_the_picture_is_refused(tmp_path: Path, box: list[int] | None) -> None:
    folder = garden(tmp_path / "set", 12, image_size=SIZE, attributes=True)
    change_cell(folder, 3, "attributes", {**rows_of(folder)[3]["attributes"], "box": box or [0, None, 1, 1]})
    with pytest.raises(InputError, match="is not inside its picture; run datagen verify"):
        write_export(folder, "yolo", tmp_path / "out")
    change_cell(folder, 3, "attributes", {**rows_of(folder)[3]["attributes"], "box": [0, 0, 0, 0]})
    target = write_export(folder, "yolo", tmp_path / "out").path
    assert [path.stat().st_size for path in (target / "labels" / "train").iterdir()].count(0) == 1
