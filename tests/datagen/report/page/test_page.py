"""The page of a report: everything is on it, nothing on it acts, and a real browser has nothing to say."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from support.browser import in_a_browser, opened
from support.report import REFERENCES, sample_report

from datagen.report.document import Report, Side, without_real_rows
from datagen.report.figures import Section, Table
from datagen.report.page.page import MOST_ROWS_SHOWN, page

HOSTILE = [
    "<script>document.title='owned'</script>",
    "</style><script>document.title='owned'</script>",
    '"><img src=x onerror="document.title=\'owned\'">',
    "{{style}} {{sections}}",
    "<!-- ",
    "\u202eevil \x1b[31m \ud800",
]


def shown(text: str) -> str:
    """What a reader sees of a page: its text without tags."""
    body = text[text.index("<body>") :]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def test_every_number_and_every_reason_is_on_the_page() -> None:
    words = shown(page(sample_report()))
    for number in (
        "0.678",
        "0.660 to 0.700 (95 %)",
        "at most 0.650",
        "1,290",
        "3,040 of 100,000 rows synthetic",
    ):
        assert number in words
    for name, value in REFERENCES.items():
        assert words.count(f"{name} {value:.3f}") >= 2
    assert "Not computed, because there is one Parka." in words
    assert "Not computed, because the real set has no Parka." in words
    assert "The column Parka." in words
    assert "Of the set: Parka." in words
    assert "2 of 3 judged figures pass" in words
    assert "datagen report --real 'shop Parka'" in words


def test_verdicts_have_a_word_and_a_sign_of_their_own() -> None:
    text = page(sample_report())
    assert re.search(r'class="verdict fail">✗ fails<', text)
    assert re.search(r'class="verdict pass">✓ passes<', text)
    assert re.search(r'class="verdict none">– not judged<', text)


def test_a_page_to_publish_has_no_real_title_price_or_photo() -> None:
    whole, published = (page(each) for each in (sample_report(), without_real_rows(sample_report())))
    assert "real Parka" in shown(whole)
    assert whole.count("data:image/jpeg") == 2
    assert "real Parka" not in published
    assert published.count("data:image/jpeg") == 1
    assert "since they show rows of the real set: Uncovered Parka." in shown(published)


def test_a_long_table_says_what_it_leaves_to_the_numbers() -> None:
    rows = tuple((f"row {at}", float(at)) for at in range(MOST_ROWS_SHOWN + 3))
    side = Side("a", 1, 1, "")
    report = Report(side, side, None, 0, "", {}, (Section("x", "X", tables=(Table("T", ("a", "b"), rows),)),))
    words = shown(page(report))
    assert f"row {MOST_ROWS_SHOWN - 1} " in words
    assert f"row {MOST_ROWS_SHOWN} " not in words
    assert "3 more rows in report.json." in words


def test_the_page_loads_nothing_and_the_same_report_has_the_same_bytes() -> None:
    text = page(sample_report())
    assert "default-src 'none'" in text[: text.index("<body>")]
    assert not re.search(r'(?:src|href)="(?!data:|#)', text)
    assert "<script" not in text
    assert "{{" not in text
    assert text == page(sample_report())


@in_a_browser
@pytest.mark.parametrize("width", ["500,900", "1280,900"])
def test_a_browser_shows_it_without_an_error(tmp_path: Path, width: str) -> None:
    path = tmp_path / "report.html"
    path.write_text(page(sample_report()), encoding="utf-8")
    document, said = opened(path, "", f"--window-size={width}")
    assert said == ""
    assert document.count('<svg class="scale"') == 4
    assert "<title>How close made Parka is to shop Parka</title>" in document


@in_a_browser
def test_values_do_not_act(tmp_path: Path) -> None:
    for at, text in enumerate(HOSTILE):
        path = tmp_path / f"{at}.html"
        path.write_text(page(sample_report(text)), encoding="utf-8")
    (tmp_path / "all.html").write_text(page(sample_report(" ".join(HOSTILE)[:200])), encoding="utf-8")
    document, said = opened(tmp_path / "all.html")
    assert said == ""
    title = re.search("<title>(.*?)</title>", document, re.DOTALL)
    assert title
    assert html.unescape(title[1]).startswith("How close made ")
    for at in range(len(HOSTILE)):
        text = (tmp_path / f"{at}.html").read_text(encoding="utf-8")
        assert "<script" not in text
        assert "<img src=x" not in text
        assert not set("\u202e\x1b") & set(text)
