"""The report of a dataset on its card: headlines, escaped; what is damaged or outdated is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from support.report import sample_report
from support.sets import garden

from datagen.dataset.card import card_of
from datagen.dataset.card_report import refuse_real_rows, report_of
from datagen.dataset.collection import Part
from datagen.dataset.folder import open_folder
from datagen.dataset.verify import verify_folder
from datagen.report.document import without_real_rows
from datagen.report.page.write import write_report
from datagen.schemas import InputError
from datagen.schemas.files import sha256


@pytest.fixture(scope="module")
def plain_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return garden(tmp_path_factory.mktemp("reported") / "plain", 8, image_size=None)


@pytest.fixture
def reported(plain_set: Path, tmp_path: Path) -> Path:
    """A dataset folder with a report that may be published."""
    return put_report(shutil.copytree(plain_set, tmp_path / "set"))


def put_report(folder: Path, text: str = "Parka") -> Path:
    digest = sha256(folder / "manifest.json")
    write_report(without_real_rows(sample_report(text, digest)), folder / "report.html")
    return folder


def card(folder: Path) -> str:
    return card_of(Part("default", "train", "", open_folder(folder)), "me/set").body


def test_the_card_has_the_headlines_beside_their_references(reported: Path) -> None:
    text = card(reported)
    assert "## How close it is to real rows" in text
    assert "3,040 rows of shop Parka. 2 of 3 judged figures pass." in text
    line = "| Fidelity Parka | ✗ fails | two-sample AUC | **0.678** | 0.660 to 0.700 "
    assert line + "| 0.502 | 0.333 | 0.869 | 0.500 | at most 0.650 |" in text
    assert "not computed, because the real set has no Parka" in text
    assert "[report.html](report.html)" in text
    assert verify_folder(reported).whole


def test_a_card_without_a_report_says_nothing_of_one(plain_set: Path) -> None:
    assert "How close" not in card(plain_set)


def test_the_card_names_no_folder_of_the_writer(reported: Path) -> None:
    path = reported / "report.json"
    path.write_text(path.read_text().replace('"name": "shop Parka"', '"name": "/home/ann/secret/shop"'))
    assert "secret" not in card(reported)
    assert "rows of shop. " in card(reported)


@pytest.mark.parametrize(
    "text", ["a | b\n| c", "<img src=x>", "<!-- datagen end default/train -->", "[a](b) `"]
)
def test_hostile_texts_only_show(plain_set: Path, tmp_path: Path, text: str) -> None:
    folder = put_report(shutil.copytree(plain_set, tmp_path / "set"), text)
    lines = card(folder).splitlines()
    start = next(at for at, line in enumerate(lines) if "| section |" in line)
    for line in lines[start : start + 6]:
        assert line.count("|") == 11
    body = "\n".join(lines[start - 4 : start + 8])
    assert "<img" not in body
    assert "<!--" not in body
    assert "[a](b)" not in body


def test_another_programs_report_is_left_alone(plain_set: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(plain_set, tmp_path / "set")
    for text in ("{}", "[1]", "no JSON", '{"format": "pandas"}', "[" * 100_000):
        (folder / "report.json").write_text(text)
        assert report_of(open_folder(folder)) is None


def test_a_report_that_is_damaged_outdated_or_alone_is_refused(reported: Path) -> None:
    path, folder = reported / "report.json", open_folder(reported)
    good = json.loads(path.read_text())
    for change, said in (
        ({"sections": 3}, "sections"),
        ({"judged": "all"}, "judged"),
        ({"sections": good["sections"] * 10}, "sections"),
        ({"synthetic": {**good["synthetic"], "manifest_sha256": "0"}}, "another version of this dataset"),
    ):
        path.write_text(json.dumps({**good, **change}))
        with pytest.raises(InputError, match=said):
            report_of(folder)
    path.write_text(json.dumps(good))
    (reported / "report.html").unlink()
    with pytest.raises(InputError, match=r"has no report\.html beside it"):
        report_of(folder)


def test_a_report_that_shows_real_rows_is_not_published(reported: Path) -> None:
    refuse_real_rows(open_folder(reported))
    write_report(sample_report("Parka", sha256(reported / "manifest.json")), reported / "report.html")
    with pytest.raises(InputError, match="datagen report --without-real-rows"):
        refuse_real_rows(open_folder(reported))


def test_a_report_that_is_a_link_is_a_fault_of_the_folder(reported: Path, tmp_path: Path) -> None:
    shutil.move(reported / "report.html", tmp_path / "elsewhere.html")
    (reported / "report.html").symlink_to(tmp_path / "elsewhere.html")
    (breach,) = verify_folder(reported).breaches
    assert (breach.file, breach.rule) == ("report.html", "the file is a link, a device or a pipe")
