"""Sheets show the whole vocabulary, each word once."""

from __future__ import annotations

from datagen.product.product import House
from datagen.product.vocabulary import BACKDROPS, KINDS, MATERIALS, PATTERNS, VIEWS
from datagen.render.grids import GRIDS, STRIP, fabrics, kinds, sheet, views


def test_sheets_show_every_word() -> None:
    assert [cell.name for cell in kinds()] == list(KINDS)
    assert {*PATTERNS, *MATERIALS} <= {cell.name for cell in fabrics()}
    assert {cell.product.view for cell in views()} == set(VIEWS)
    assert {cell.product.backdrop for cell in views()} == set(BACKDROPS)
    assert set(GRIDS) == {"kind", "fabric", "view"}


def test_a_sheet_has_the_size_of_its_cells() -> None:
    page = sheet(kinds()[:5], House("ALDERMERE", "AM"), (75, 100), 3)
    assert page.size == (225, 2 * (100 + STRIP))
    # Every strip holds a name: it is not blank.
    assert page.crop((0, 100, 75, 100 + STRIP)).convert("L").getextrema()[0] < 200
