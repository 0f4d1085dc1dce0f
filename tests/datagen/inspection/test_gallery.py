"""The page of a gallery, opened in a real browser: it shows, filters, sorts, and nothing in it acts."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.browser import in_a_browser, opened
from support.sets import change_cell, garden, rows_of

from datagen.cli import main
from datagen.dataset.folder import open_folder
from datagen.inspection.gallery import write_gallery
from datagen.schemas import InputError

HOSTILE = [
    "<script>document.title='owned'</script>",
    "</script><script>document.title='owned'</script>",
    '"><img src=x onerror="document.title=\'owned\'">',
    "{{script}} {{data}}",
    "<!-- <script>",
    "javascript:alert(1)",
    "\u202eevil \x1b[31m",
]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("gallery")
    folder = garden(place / "shop")
    assert write_gallery(open_folder(folder), place / "page.html") == 24
    return place / "page.html"


def titles(document: str) -> list[str]:
    """The titles of the cards, in order."""
    cards = re.findall(r'<button type="button" class="card">.*?</button>', document, re.DOTALL)
    return [html.unescape(re.findall(r"<span>(.*?)</span>", card, re.DOTALL)[0]) for card in cards]


@in_a_browser
def test_every_product_is_shown_with_its_picture(page: Path) -> None:
    document, said = opened(page)
    assert said == ""
    rows = rows_of(page.parent / "shop")
    assert titles(document) == [row["label"] for row in rows]
    assert document.count('src="data:image/jpeg;base64,') == 24
    assert "24 products" in document


@in_a_browser
def test_a_view_is_filtered_searched_sorted_and_zoomed_by_its_address(page: Path) -> None:
    rows = rows_of(page.parent / "shop")
    group = rows[0]["group"]
    document, said = opened(page, f"is.group={group}&sort=2&product=0")
    assert said == ""
    wanted = [row for row in rows if row["group"] == group]
    wanted.sort(key=lambda row: -row["now_eur"])
    assert sorted(titles(document)) == sorted(row["label"] for row in wanted)
    assert titles(document)[0] == wanted[0]["label"]
    assert f"{len(wanted)} of 24 products" in document
    assert re.search(r'<dialog id="product"[^>]* open', document)
    assert f"<dt>sku</dt><dd>{rows[0]['sku']}</dd>" in document
    word = rows[3]["label"].split()[-1].lower()
    document, _ = opened(page, f"search={word}")
    assert titles(document) == [row["label"] for row in rows if word in row["label"].lower()]


@in_a_browser
def test_values_do_not_act(tmp_path: Path) -> None:
    folder = garden(tmp_path / "shop", image_size=None)
    for row, text in enumerate(HOSTILE):
        change_cell(folder, row, "label", text)
        change_cell(folder, row, "subgroup", text)
    write_gallery(open_folder(folder), tmp_path / "page.html")
    document, said = opened(tmp_path / "page.html", "product=1")
    assert said == ""
    assert "<title>shop</title>" in document
    assert [title.split() for title in titles(document)[:7]] == [text.split() for text in HOSTILE]


def test_the_page_loads_nothing(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    head = text[: text.index("<body>")]
    assert "default-src 'none'" in head
    assert not re.search(r'(?:src|href)="(?!data:)', text)
    assert "{{" not in text


def test_wrong_input_is_one_sentence(page: Path) -> None:
    folder = open_folder(page.parent / "shop")
    for out, count, said in (
        (page, 10, "already exists; give --overwrite"),
        (page.parent / "x.txt", 10, r"must end in \.html"),
        (page.parent / "none" / "x.html", 10, "cannot be written"),
        (page.parent / "x.html", 0, "shows 1 to 2,000"),
    ):
        with pytest.raises(InputError, match=said):
            write_gallery(folder, out, count=count)
    done = CliRunner().invoke(main, ["gallery", str(page.parent / "shop"), "-o", str(page), "--overwrite"])
    assert done.exit_code == 0
    assert "Wrote 24 products" in done.output
