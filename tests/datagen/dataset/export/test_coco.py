"""What COCO's own tools read from an export is what the dataset holds, pixel by pixel."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from support.sets import change_cell, contents, garden, rows_of

from datagen.columns.ground_truth import KEYPOINT_NAMES, bounds, mask_png
from datagen.dataset.export.annotations import classes_of
from datagen.dataset.export.source import Export
from datagen.dataset.export.writing import write_export
from datagen.dataset.folder import open_folder
from datagen.product.profile import load_profile
from datagen.product.sampler import Sampler
from datagen.schemas import InputError

# pycocotools 2.0.11 has arrays in the manner of NumPy 1.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

Row = dict[str, Any]


@pytest.fixture(scope="module")
def exported(told_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_export(told_set, "coco", tmp_path_factory.mktemp("coco") / "out").path


def _labels(row: Row) -> Any:
    return np.asarray(Image.open(io.BytesIO(row["mask"]["bytes"])))


def _read(folder: Path, what: str, split: str = "train") -> COCO:
    return COCO(folder / "annotations" / f"{what}_{split}.json")


def _only(coco: COCO, image: int) -> Row | None:
    """The annotation of a picture, which has at most one."""
    found = coco.loadAnns(coco.getAnnIds(imgIds=[image]))
    assert len(found) < 2
    return found[0] if found else None


@pytest.mark.parametrize("polygons", [False, True])
def test_masks_boxes_and_kinds_are_those_of_the_dataset(
    told_set: Path, tmp_path: Path, polygons: bool
) -> None:
    target = write_export(told_set, "coco", tmp_path / "out", polygons=polygons).path
    coco, rows = _read(target, "instances"), rows_of(told_set)
    assert len(coco.getImgIds()) == len(rows) == 24
    for number, row in enumerate(rows, 1):
        (image,), labels = coco.loadImgs(number), _labels(row)
        assert (target / "train" / image["file_name"]).read_bytes() == row["picture"]["bytes"]
        assert (image["width"], image["height"]) == (64, 64)
        found = _only(coco, number)
        assert found is not None
        assert isinstance(found["segmentation"], list if polygons else dict)
        assert np.array_equal(coco.annToMask(found), labels == 1)
        x0, y0, x1, y1 = row["attributes"]["box"]
        assert found["bbox"] == [x0, y0, x1 - x0, y1 - y0]
        assert found["area"] == (labels == 1).sum()
        assert coco.loadCats(found["category_id"])[0]["name"] == row["attributes"]["kind"]


def test_captions_are_titles(told_set: Path, exported: Path) -> None:
    coco = _read(exported, "captions")
    for number, row in enumerate(rows_of(told_set), 1):
        found = _only(coco, number)
        assert found is not None
        assert found["caption"] == row["label"]


def test_whoever_wears_a_product_is_a_person_with_keypoints(told_set: Path, exported: Path) -> None:
    coco, rows = _read(exported, "person_keypoints"), rows_of(told_set)
    (person,) = coco.loadCats(coco.getCatIds())
    assert (person["name"], person["keypoints"]) == ("person", list(KEYPOINT_NAMES))
    assert len(person["skeleton"]) == 19
    for number, row in enumerate(rows, 1):
        found = _only(coco, number)
        assert (found is not None) == row["attributes"]["worn"]
        if found:
            assert np.array_equal(coco.annToMask(found), _labels(row) > 0)
            assert np.reshape(found["keypoints"], (17, 3)).tolist() == row["keypoints"]
            assert found["num_keypoints"] == sum(visible > 0 for _, _, visible in row["keypoints"])
    assert 0 < len(coco.getAnnIds()) < 24


@pytest.mark.parametrize(
    ("what", "measured"), [("instances", "bbox"), ("instances", "segm"), ("person_keypoints", "keypoints")]
)
def test_cocos_evaluation_finds_the_annotations_equal_to_themselves(
    exported: Path, what: str, measured: str
) -> None:
    truth = _read(exported, what)
    kept = {"bbox": ("bbox",), "segm": ("segmentation",), "keypoints": ("keypoints",)}[measured]
    found = [
        {name: one[name] for name in ("image_id", "category_id", *kept)} | {"score": 1.0}
        for one in truth.dataset["annotations"]
    ]
    evaluation = COCOeval(truth, truth.loadRes(found), measured)
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    assert evaluation.stats[0] == pytest.approx(1.0)


def test_splits_are_kept_and_numbers_are_unique(tmp_path: Path) -> None:
    shares = {"train": 0.5, "validation": 0.25, "test": 0.25}
    made = garden(tmp_path / "set", 40, splits=shares, attributes=True, masks=True)
    target = write_export(made, "coco", tmp_path / "out").path
    assert sorted(path.name for path in target.iterdir()) == ["annotations", "test", "train", "validation"]
    counts, images, categories = open_folder(made).manifest.rows_by_split, set[int](), []
    for split in shares:
        coco = _read(target, "instances", split)
        assert len(coco.getImgIds()) == counts[split] == len(list((target / split).iterdir()))
        assert not images & {*coco.getImgIds()}
        images |= {*coco.getImgIds()}
        categories.append(coco.dataset["categories"])
        assert not (target / "annotations" / f"person_keypoints_{split}.json").exists()
    assert images == set(range(1, 41))
    assert categories[0] == categories[1] == categories[2]


def test_the_text_is_ascii_and_the_same_each_time(told_set: Path, exported: Path, tmp_path: Path) -> None:
    again = write_export(told_set, "coco", tmp_path / "elsewhere").path
    assert contents(again) == contents(exported)
    assert all(path.read_bytes().isascii() for path in (again / "annotations").iterdir())
    assert any("–" in row["label"] for row in rows_of(told_set))


@pytest.mark.parametrize(
    ("layout", "named"),
    [("coco", "datagen make --attributes --masks."), ("yolo", "datagen make --attributes.")],
)
def test_without_ground_truth_the_sentence_says_what_to_make(
    whole_set: Path, tmp_path: Path, layout: str, named: str
) -> None:
    with pytest.raises(InputError, match=f"which {layout} needs; make it with {named}"):
        write_export(whole_set, layout, tmp_path / "out")
    assert not list(tmp_path.iterdir())


def _blank(row: Row) -> Row:
    return {**row["mask"], "bytes": mask_png(np.zeros((64, 64), np.uint8))}


def test_a_product_that_cannot_be_seen_has_no_annotation(told_set: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(told_set, tmp_path / "set"))
    change_cell(folder, 12, "mask", _blank(rows_of(folder)[12]))
    coco = _read(write_export(folder, "coco", tmp_path / "out").path, "instances")
    assert (len(coco.getImgIds()), len(coco.getAnnIds()), _only(coco, 13)) == (24, 23, None)


def _worn(row: Row) -> Row:
    return {**row["attributes"], "worn": True}


def test_a_kind_that_a_noun_draws_has_a_number_too(told_set: Path) -> None:
    folder, profile = open_folder(told_set), load_profile("burberry")
    classes = classes_of(Export(replace(folder, profile=profile), lambda rows: None))
    assert list(classes.values()) == list(range(len(classes)))
    assert set(classes) - set(profile.kinds)
    sampler = Sampler(profile, 0)
    assert {product.kind for product in sampler.each(sampler.products(0, 3000))} <= set(classes)


FAULTS: list[tuple[str, Callable[[Row], Any], str]] = [
    ("attributes", lambda row: None, "The kind 'None' of this dataset is not in its profile"),
    ("attributes", lambda row: {**_worn(row), "kind": "\x1b[2J"}, "is not in its profile"),
    ("mask", lambda row: None, "The mask 'None' of this dataset is empty"),
    ("mask", lambda row: {**row["mask"], "bytes": b"GIF89a"}, "is not a complete PNG"),
    ("keypoints", lambda row: [[64, 0, 2]] * 17, "lies inside the picture"),
    ("keypoints", lambda row: [[5, 5, 3]] * 17, "has the visibility 0 or 1 or 2"),
    ("keypoints", lambda row: [[5, 5, 0]] * 17, "has zeros where a keypoint is absent"),
    ("keypoints", lambda row: [[None, 5, 1]] * 17, "has three numbers for each keypoint"),
]


@pytest.mark.parametrize(("column", "fault", "named"), FAULTS)
def test_hostile_cells_write_nothing(
    told_set: Path, tmp_path: Path, column: str, fault: Callable[[Row], Any], named: str
) -> None:
    folder = Path(shutil.copytree(told_set, tmp_path / "set"))
    row = next(at for at, row in enumerate(rows_of(folder)) if row["attributes"]["worn"])
    change_cell(folder, row, column, fault(rows_of(folder)[row]))
    with pytest.raises(InputError) as refused:
        write_export(folder, "coco", tmp_path / "out")
    assert named in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "\x1b" not in str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_an_export_is_replaced_and_nothing_else(told_set: Path, tmp_path: Path) -> None:
    target = write_export(told_set, "coco", tmp_path / "out").path
    before = contents(target)
    (target / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="not be overwritten"):
        write_export(told_set, "coco", target, overwrite=True)
    (target / "mine.txt").unlink()
    write_export(told_set, "coco", target, overwrite=True)
    assert contents(target) == before
    with pytest.raises(InputError, match="leave out --polygons"):
        write_export(told_set, "yolo", tmp_path / "other", polygons=True)


def test_the_file_is_one_json_document(exported: Path, told_set: Path) -> None:
    for path in (exported / "annotations").iterdir():
        read = json.loads(path.read_text(encoding="ascii"))
        assert list(read)[-2:] == ["images", "annotations"]
        assert all(one["image_id"] == one["id"] for one in read["annotations"])
    boxes = [bounds(_labels(row)) for row in rows_of(told_set)]
    assert all(x1 > x0 for x0, _, x1, _ in boxes)
