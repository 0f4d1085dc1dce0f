"""A contact sheet has one cell for each picture, with its title and price under it."""

from __future__ import annotations

import io
import shutil
import tracemalloc
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from PIL import Image, ImageChops
from support.photo_server import pictures
from support.sets import change_cell, edit_manifest, garden, replace_shard, rows_of

from datagen import make
from datagen.cli import main
from datagen.dataset.folder import open_folder
from datagen.dataset.preview import MOST_PICTURES, rows_at, write_preview
from datagen.dataset.sheet import (
    BLANK,
    CELL,
    GAP,
    HIGHEST,
    INK,
    LINE,
    LINES,
    PAPER,
    Cell,
    sheet,
    small_picture,
)
from datagen.schemas import InputError

TEXT = LINES * LINE
HEIGHT = 240  # of a cell whose picture is 96 x 128


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return garden(tmp_path_factory.mktemp("preview") / "whole", image_size=(96, 128))


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "set"))


def _grid(columns: int, lines: int, height: int = HEIGHT) -> tuple[int, int]:
    return columns * (CELL + GAP) + GAP, lines * (height + TEXT + GAP) + GAP


@pytest.mark.parametrize(
    ("count", "columns", "grid", "name", "form"),
    [
        (1, 8, (1, 1), "a.jpg", "JPEG"),
        (5, 8, (5, 1), "a.JPEG", "JPEG"),
        (8, 3, (3, 3), "a.png", "PNG"),
        (24, 8, (8, 3), "a.jpg", "JPEG"),
        (MOST_PICTURES, 8, (8, 3), "a.jpg", "JPEG"),
        (2, 1, (1, 2), "a.PNG", "PNG"),
    ],
)
def test_the_sheet_has_the_grid_that_was_asked_for(
    whole: Path, tmp_path: Path, count: int, columns: int, grid: tuple[int, int], name: str, form: str
) -> None:
    written = write_preview(whole, tmp_path / name, count=count, columns=columns)
    with Image.open(written) as page:
        assert (page.format, page.size) == (form, _grid(*grid))
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_every_cell_shows_its_own_row(whole: Path, tmp_path: Path) -> None:
    rows = rows_of(whole)
    page = Image.open(write_preview(whole, tmp_path / "a.png", count=6, columns=3)).convert("RGB")
    for at in range(6):
        left, top = GAP + at % 3 * (CELL + GAP), GAP + at // 3 * (HEIGHT + TEXT + GAP)
        cell = page.crop((left, top, left + CELL, top + HEIGHT))
        picture = Image.open(io.BytesIO(rows[at * 4]["picture"]["bytes"]))
        scaled = picture.convert("RGB").resize((CELL, HEIGHT), Image.Resampling.LANCZOS)
        assert not ImageChops.difference(cell, scaled).getbbox(), f"cell {at} is row {at * 4}"
        caption = page.crop((left, top + HEIGHT, left + CELL, top + HEIGHT + TEXT))
        assert caption.convert("L").getextrema()[0] < 100, "a title is drawn in ink"


def _caption(title: str, *rest: str) -> Image.Image:
    page = sheet([Cell(Image.new("RGB", (CELL, 90)), [title, *rest])], 1)
    return page.crop((0, GAP + 90, page.width, page.height))


def test_titles_are_drawn_in_letters_that_the_font_has() -> None:
    blank = _caption("")
    assert blank.getextrema() == tuple((value, value) for value in PAPER)
    assert _caption("Check Hat").tobytes() != blank.tobytes()
    tofu = _caption("\uffff").tobytes()
    for letter in "éÉèüñçå–’&":
        drawn = _caption(letter)
        assert drawn.tobytes() not in {blank.tobytes(), tofu}, letter
        assert min(low for low, _ in drawn.getextrema()) < 128, letter
    assert _caption("Piqué").tobytes() != _caption("Piqu").tobytes()


def test_the_price_is_fainter_than_the_title_on_one_line_and_on_two() -> None:
    for title in ("Hat", "Long Old Orchard Check Cotton Belted Trench Coat"):
        page = _caption(title, "99")
        last = page.crop((0, LINE if title == "Hat" else 2 * LINE, page.width, page.height))
        assert page.convert("L").getextrema()[0] <= INK[0] + 40
        assert 80 < last.convert("L").getextrema()[0] < 200, "the price, and no ink"


def test_ground_truth_is_not_shown(told_set: Path, whole_set: Path, tmp_path: Path) -> None:
    sheets = [write_preview(folder, tmp_path / f"{folder.name}.png") for folder in (told_set, whole_set)]
    assert sheets[0].read_bytes() == sheets[1].read_bytes()


def test_a_dash_and_an_accent_are_seen() -> None:
    """The font that comes with Pillow has neither."""
    assert _caption("110 – Dark").tobytes() != _caption("110  Dark").tobytes()
    upper = _caption("Piqué").crop((0, 0, CELL, 5)), _caption("Pique").crop((0, 0, CELL, 5))
    assert ImageChops.difference(*upper).getbbox(), "the accent is over the letter"


def test_a_long_title_takes_two_lines_and_stays_in_its_cell() -> None:
    page = _caption("Word " * 60)
    assert page.getpixel((GAP, page.height - 1)) == PAPER
    right = page.crop((GAP + CELL + 8, 0, page.width, page.height))
    assert right.getextrema() == tuple((value, value) for value in PAPER)


def test_a_set_without_pictures_is_refused(tmp_path: Path) -> None:
    rows = garden(tmp_path / "rows", image_size=None)
    with pytest.raises(InputError, match="has no pictures"):
        write_preview(rows, tmp_path / "a.jpg")
    assert not (tmp_path / "a.jpg").exists()


@pytest.mark.parametrize(
    "options", [{"count": 0}, {"count": -1}, {"columns": 0}, {"count": MOST_PICTURES + 1}]
)
def test_a_sheet_without_cells_is_refused(whole: Path, tmp_path: Path, options: dict[str, int]) -> None:
    with pytest.raises(InputError):
        write_preview(whole, tmp_path / "a.jpg", **options)


@pytest.mark.parametrize("name", ["a", "a.gif", "a.jpg.txt", ""])
def test_another_form_of_file_is_refused(whole: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"\.jpg or \.png"):
        write_preview(whole, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_failing_preview_leaves_nothing(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").mkdir()
    with pytest.raises(InputError, match=r"a\.jpg is a folder; give another --out"):
        write_preview(whole, tmp_path / "a.jpg", count=1)
    with pytest.raises(InputError, match=r"There is no folder .*nowhere; make it"):
        write_preview(whole, tmp_path / "nowhere" / "a.jpg", count=1)
    assert [path.name for path in tmp_path.iterdir()] == ["a.jpg"]


def test_broken_pictures_are_shown_as_grey_cells(copy: Path, tmp_path: Path) -> None:
    for row, content in ((0, b""), (1, b"no picture"), (2, None)):
        change_cell(copy, row, "picture", {"bytes": content, "path": "x.jpg"})
    change_cell(copy, 3, "picture", None)
    change_cell(copy, 4, "now_eur", None)
    change_cell(copy, 5, "label", None)
    page = Image.open(write_preview(copy, tmp_path / "a.png", count=24, columns=8)).convert("RGB")
    assert page.size == _grid(8, 3)
    for at in range(4):
        left = GAP + at * (CELL + GAP)
        assert page.getpixel((left, GAP)) == BLANK
        cell = page.crop((left, GAP, left + CELL, GAP + HEIGHT))
        assert cell.convert("L").getextrema()[0] < 150, "a note says why there is no picture"


def test_a_set_whose_shards_are_not_as_it_says_is_refused(copy: Path, tmp_path: Path) -> None:
    table = pq.read_table(sorted((copy / "data").iterdir())[0])
    for other in (table.slice(0, 4), table.drop_columns(["picture"]), table.drop_columns(["label"])):
        replace_shard(copy, 0, other)
        with pytest.raises(InputError, match="run datagen verify"):
            write_preview(copy, tmp_path / "a.png")
    edit_manifest(copy, lambda manifest: manifest.update(shards=[]))
    with pytest.raises(InputError):
        write_preview(copy, tmp_path / "a.png")


def test_the_built_in_catalogue_has_a_sheet_too(tmp_path: Path) -> None:
    folder = make(2, tmp_path / "set", image_size=(64, 64)).path
    with Image.open(write_preview(folder, tmp_path / "a.png", count=2)) as page:
        assert page.size == _grid(2, 1, CELL)


@pytest.mark.parametrize("grid", ["kind", "fabric", "view"])
def test_a_grid_shows_all_that_is_drawn(tmp_path: Path, grid: str) -> None:
    from datagen.dataset.preview import GRID_CELL, write_grid
    from datagen.render.grids import GRIDS

    written = write_grid(grid, tmp_path / "grid.png", columns=10)
    with Image.open(written) as page:
        assert page.width == 10 * GRID_CELL[0]
        assert page.height >= -(-len(GRIDS[grid]()) // 10) * GRID_CELL[1]
    with pytest.raises(InputError, match="No such grid 'kin'; did you mean 'kind'"):
        write_grid("kin", tmp_path / "x.png")


def test_a_preview_is_of_one_thing(tmp_path: Path) -> None:
    for words in ([], [str(tmp_path), "--grid", "kind"]):
        done = CliRunner().invoke(main, ["preview", *words])
        assert done.exit_code == 2
        assert "give one of them" in done.stderr


@pytest.mark.parametrize(
    ("size", "fits"), [((10, 1000), (3, 270)), ((1, 60_000), (1, 270)), ((60_000, 1), (180, 1))]
)
def test_a_picture_of_an_odd_shape_fits_its_cell(size: tuple[int, int], fits: tuple[int, int]) -> None:
    small = small_picture(_png(size))
    assert isinstance(small, Image.Image)
    assert small.size == fits
    page = sheet([Cell(small, ["A"]), Cell("cannot be decoded", ["B"])], 2)
    assert page.height <= GAP + HIGHEST + TEXT + GAP


def test_a_picture_fits_any_box() -> None:
    small = small_picture(_png((3000, 2000)), (480, 480))
    assert isinstance(small, Image.Image)
    assert small.size == (480, 320)


def test_what_cannot_be_shown_has_a_note() -> None:
    cut_off = pictures.jpeg()[:20_000]
    notes = [small_picture(content) for content in (None, b"", b"GIF89a", cut_off)]
    assert notes == ["no picture", "no picture", "not a picture", "cannot be decoded"]
    assert small_picture(_png((8000, 7000))) == "too large to show"


def test_large_pictures_are_decoded_one_by_one() -> None:
    """Forty of 7,000 x 7,000 pixels are 6 GB when they are held at once."""
    large = _png((7000, 7000))
    tracemalloc.start()
    page = sheet((Cell(small_picture(large), [str(at)]) for at in range(3)), 3)
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert page.width == 3 * (CELL + GAP) + GAP
    assert used < 20_000_000, "the file and the small pictures"


def test_the_rows_at_some_positions_are_read(whole: Path) -> None:
    every, positions = rows_of(whole), [0, 9, 10, 23]
    assert list(rows_at(open_folder(whole), positions)) == [every[at] for at in positions]


@pytest.mark.parametrize("name", ["holiday.jpg", "holiday.png"])
def test_only_an_earlier_sheet_is_replaced(whole: Path, tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    Image.new("RGB", (5, 5)).save(target)
    own = target.read_bytes()
    with pytest.raises(InputError, match="is not a sheet of this tool; give --overwrite"):
        write_preview(whole, target, count=1)
    assert target.read_bytes() == own
    write_preview(whole, target, count=1, overwrite=True)
    first = target.read_bytes()
    write_preview(whole, target, count=2)
    assert target.read_bytes() != first


def _png(size: tuple[int, int]) -> bytes:
    file = io.BytesIO()
    Image.new("1", size).save(file, "PNG")
    return file.getvalue()
