"""What lies on what: ranks, hands in front, nothing of the body where a garment hides it."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from datagen.render.baked.layers import PARTS, Garment
from datagen.render.composed.kinds import LOOSE
from datagen.render.composed.stack import EDGE, Sheet, cropped, stacked
from tests.support.baked import figure, garments

WORN = {garment.kind: garment for garment in garments()}


def top_part(sheets: list[Sheet], x: int, y: int) -> tuple[str, str]:
    """Role and part of the uppermost sheet at a pixel of the frame."""
    for sheet in reversed(sheets):
        row, column = y - sheet.layer.top, x - sheet.layer.left
        height, width = sheet.cover.shape
        if 0 <= row < height and 0 <= column < width and sheet.cover[row, column] >= 128:
            return sheet.role, PARTS[sheet.layer.part[row, column]]
    return "", ""


def worn(*kinds: str) -> list[tuple[str, Garment]]:
    roles = {"trousers": "below", "hair": "hair"}
    return [(roles.get(kind, "product" if at == 0 else "inner"), WORN[kind]) for at, kind in enumerate(kinds)]


def test_garments_lie_on_the_body_by_rank_in_whatever_order_they_are_given() -> None:
    for order in (("trench_coat", "trousers", "t_shirt"), ("trench_coat", "t_shirt", "trousers")):
        sheets = stacked(figure(), worn(*order))
        roles = [sheet.role for sheet in sheets]
        assert roles[roles.index("body") :] == ["body", "below", "inner", "product"]
        assert top_part(sheets, 240, 250) == ("product", "body")
        assert top_part(sheets, 240, 550) == ("below", "body")
        assert top_part(sheets, 240, 80) == ("body", "skin_face")


def test_a_hand_before_the_garment_stays_in_front_and_an_arm_in_a_sleeve_does_not() -> None:
    sheets = stacked(figure(), worn("trench_coat", "trousers"))
    assert top_part(sheets, 172, 345) == ("body", "hand")
    assert top_part(sheets, 172, 250) == ("product", "sleeve_right")


def test_the_inside_of_an_open_garment_lies_behind_what_is_worn_below_it() -> None:
    sheets = stacked(figure(), worn("field_jacket", "t_shirt", "trousers"))
    assert top_part(sheets, 240, 250) == ("inner", "body")
    assert top_part(sheets, 190, 250)[0] == "product"


def test_a_sleeve_below_a_sleeve_is_hidden_and_so_is_what_sticks_out_at_the_sides() -> None:
    inner = next(
        sheet for sheet in stacked(figure(), worn("trench_coat", "t_shirt")) if sheet.role == "inner"
    )
    sleeves = [PARTS.index("sleeve_left"), PARTS.index("sleeve_right")]
    assert not inner.cover[np.isin(inner.layer.part, sleeves)].any()
    wide = WORN["trench_coat"]
    narrow = wide._replace(
        layer=wide.layer._replace(
            coverage=np.where(np.arange(152) > 60, wide.layer.coverage, 0).astype(np.uint8)
        )
    )
    clipped = next(
        s for s in stacked(figure(), [("product", narrow), ("inner", WORN["t_shirt"])]) if s.role == "inner"
    )
    assert not clipped.cover[20:200, : narrow.layer.left + 61 - clipped.layer.left].any()


def _vest() -> Garment:
    coat = WORN["trench_coat"]
    arms = np.isin(coat.layer.part, [PARTS.index("sleeve_left"), PARTS.index("sleeve_right")])
    return coat._replace(
        layer=coat.layer._replace(
            coverage=np.where(arms, 0, coat.layer.coverage).astype(np.uint8),
            part=np.where(arms, PARTS.index("body"), coat.layer.part).astype(np.uint8),
        )
    )


def test_sleeves_come_out_of_what_has_none() -> None:
    tee = WORN["t_shirt"]
    sheets = stacked(figure(), [("product", _vest()), ("inner", tee)])
    inner = [sheet for sheet in sheets if sheet.role == "inner"][-1]
    sleeve = np.isin(inner.layer.part, [PARTS.index("sleeve_left"), PARTS.index("sleeve_right")])
    assert sleeve.any()
    assert np.array_equal(inner.cover[sleeve], tee.layer.coverage[sleeve])


def test_a_top_is_tucked_into_the_trousers_that_are_the_product_and_hangs_over_others() -> None:
    tee, trousers = WORN["t_shirt"], WORN["trousers"]
    waist = trousers.layer.top
    assert tee.layer.top + len(tee.layer.coverage) > waist + 20
    tucked = stacked(figure(), [("product", trousers), ("inner", tee)])
    inner = next(sheet for sheet in tucked if sheet.role == "inner")
    assert not inner.cover[waist + 4 - inner.layer.top :].any()
    assert inner.cover[: waist - inner.layer.top].any()
    assert top_part(tucked, 240, waist + 10)[0] == "product"
    hanging = stacked(figure(), [("product", tee), ("below", trousers)])
    assert top_part(hanging, 240, waist + 10)[0] == "product"


def test_a_sweatshirt_hangs_over_the_trousers_that_are_the_product() -> None:
    trousers = WORN["trousers"]
    loose = WORN["t_shirt"]._replace(kind=sorted(LOOSE)[0])
    sheets = stacked(figure(), [("product", trousers), ("inner", loose)])
    assert top_part(sheets, 240, trousers.layer.top + 10)[0] == "inner"


def test_trousers_go_on_beside_the_point_of_a_poncho() -> None:
    vest, trousers = _vest(), WORN["trousers"]
    rows, columns = np.indices(vest.layer.coverage.shape)
    point = (rows < 200) | (np.abs(columns - columns.max() / 2) < 20)
    poncho = vest._replace(
        kind="poncho",
        layer=vest.layer._replace(coverage=np.where(point, vest.layer.coverage, 0).astype(np.uint8)),
    )
    sheets = stacked(figure(), [("product", poncho), ("below", trousers)])
    below = [sheet for sheet in sheets if sheet.role == "below"][-1]
    assert np.array_equal(below.cover, trousers.layer.coverage)


@pytest.mark.parametrize(
    "kinds", [c for n in (1, 2, 3) for c in combinations(("t_shirt", "trousers", "trench_coat", "hair"), n)]
)
def test_no_skin_shows_where_a_garment_hides_it(kinds: tuple[str, ...]) -> None:
    sheets = stacked(figure(), worn(*kinds))
    body = next(sheet for sheet in sheets if sheet.role == "body")
    hidden = np.zeros((640, 480), bool)
    for kind in kinds:
        hidden |= np.unpackbits(WORN[kind].hides, axis=1).view(bool)
    at = (
        slice(body.layer.top, body.layer.top + len(body.cover)),
        slice(body.layer.left, body.layer.left + body.cover.shape[1]),
    )
    shows = np.zeros_like(hidden)
    shows[at] = (body.layer.coverage > 0) & ~hidden[at]
    near = np.zeros_like(hidden)
    for dy in range(-EDGE, EDGE + 1):
        for dx in range(-EDGE, EDGE + 1):
            near |= np.roll(shows, (dy, dx), (0, 1))
    assert not body.cover[(hidden & ~near)[at]].any()


def test_a_sheet_is_cropped_to_what_is_covered_of_it() -> None:
    sheet = next(each for each in stacked(figure(), worn("t_shirt")) if each.role == "body")
    part = cropped(sheet, 0, 300, 480, 400)
    assert part is not None
    assert part.layer.top >= 300
    assert part.layer.top + len(part.cover) <= 400
    assert part.cover.shape == part.layer.depth.shape
    assert part.cover[0].any()
    assert part.cover[:, 0].any()
    assert cropped(sheet, 0, 0, 480, 20) is None
