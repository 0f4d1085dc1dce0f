"""Coats and jackets: every kind has its cuts, wraps are sewn evenly, and trims lie where they belong."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("scipy")
pytest.importorskip("numba")
pytest.importorskip("embreex")

from datagen.product.vocabulary import DETAILS, OUTERWEAR, SIZES
from datagen.render.bake import details
from datagen.render.bake.cloth import Draped
from datagen.render.bake.collars import hood
from datagen.render.bake.finish import Drawn, Garb, surface
from datagen.render.bake.item import channels
from datagen.render.bake.outerwear import OUTERWEAR as ITEMS
from datagen.render.bake.panels import Panel, cut, length
from datagen.render.bake.views import PART, Surface
from datagen.render.bake.worn_by import names_of
from datagen.render.bake.wraps import Wrap, wrap_panels
from datagen.render.baked.layers import index
from datagen.render.composed.kinds import SHOWN_BY, USUAL

JOINT, WAIST = 90.0, 105.0
BODY: Any = SimpleNamespace(
    size=1.0,
    joint=JOINT,
    waist=WAIST,
    hip=95.0,
    armpit=132.0,
    neck=np.array([0.0, 0.0, 145.0]),
    neck_half=6.0,
    tip=np.array([18.0, 0.0, 142.0]),
    arm=(np.array([17.0, 0.0, 140.0]), np.array([36.0, 2.0, 120.0]), np.array([52.0, -2.0, 104.0])),
    trunk=SimpleNamespace(at=lambda name, z: np.full(np.shape(z), 11.0 if name == "deep" else 0.0)),
)
"""What trims and wraps ask of a body's measurements."""


def _rectangle(name: str, x0: float, x1: float, y: float) -> Panel:
    """An upright piece from 60 to 140 cm whose upper edge is its shoulder seam and neckline."""
    half = (x0 + x1) / 2
    edges = {
        "hem": [(x0, 60)], "side_l": [(x1, 60)], "shoulder_l": [(x1, 140)], "neck_l": [(8, 140), (2, 138)],
        "neck_r": [(half, 136), (-2, 138)], "shoulder_r": [(-8, 140)], "side_r": [(x0, 140)],
    }  # fmt: skip
    points = {key: np.array(value, float) for key, value in edges.items()}
    return Panel(
        name, points, lambda p: np.column_stack([p[:, 0], np.full(len(p), y), p[:, 1]]), flip=name == "back"
    )


@pytest.fixture
def garb() -> Garb:
    """A front and a back, upright and flat, 20 cm apart; the front faces -y."""
    cloth = cut([_rectangle("front", -30, 30, -10), _rectangle("back", -30, 30, 10)], [], spacing=2.5)
    far = np.array([[0.0, 300.0, 0.0], [1.0, 300.0, 0.0], [0.0, 300.0, 1.0], [1.0, 300.0, 1.0]])
    skin = far, np.tile([0.0, -1.0, 0.0], (4, 1))
    return Garb(cloth, Draped(cloth.start, cloth.faces, cloth.faces), skin)


def _laid(garb: Garb, part: str) -> list[Surface]:
    return [each for each in garb.laid if (each.part == PART[part]).all()]


def test_every_kind_of_outerwear_is_baked_for_everybody_who_wears_it() -> None:
    assert {item.kind for item in ITEMS} == {*OUTERWEAR, "overshirt"}
    for kind in {*OUTERWEAR} - {"cape", "poncho"}:
        wearers = {
            told["wearer"]
            for name, (told, _) in index().figures.items()
            if any(each.split()[0] == kind for each in names_of(name))
        }
        assert wearers >= {"woman", "man"}, kind


def test_cuts_are_named_by_words() -> None:
    names = [f"{item.kind} {item.cut}" for item in ITEMS]
    assert len(set(names)) == len(names)
    words = {SHOWN_BY.get(word, word) for item in ITEMS for word in item.cut.split("-")}
    named = words & {*SIZES, *DETAILS}
    assert {"long", "short", "mid_length", "cropped", "oversized", "hooded", "belted"} <= named


def test_what_a_kind_always_has_is_on_its_plain_cut() -> None:
    for kind, usual in USUAL.items():
        mine = [item for item in ITEMS if item.kind == kind and "open" not in item.cut]
        if mine and "belted" in usual:
            assert all(item.belt for item in mine), kind


@pytest.mark.parametrize("wrap", [Wrap(), Wrap(hem=-24, reach=58, straight=1.0)])
def test_the_pieces_of_a_wrap_are_sewn_evenly_and_mirrored(wrap: Wrap) -> None:
    panels, seams = wrap_panels(BODY, wrap)
    cloth = cut(panels, seams)
    edges = {panel.name: panel.edges for panel in panels}
    for seam in seams:
        one, other = (length(edges[name][edge]) for name, edge in seam[:2])
        assert one == pytest.approx(other, rel=0.01)
    for edge in ("shoulder", "neck"):
        left, right = (edges["front"][f"{edge}_{hand}"] for hand in "lr")
        assert length(left) == pytest.approx(length(right), rel=0.1)
    front, back = (cloth.start[cloth.panel == cloth.number(name)] for name in ("front", "back"))
    assert front[:, 1].max() < back[:, 1].min() + 12
    assert front[:, 2].min() == pytest.approx(JOINT + wrap.hem, abs=0.5)


def test_a_cape_is_level_and_a_poncho_longest_in_the_middle() -> None:
    cape, poncho = (
        wrap_panels(BODY, each)[0][0].edges["hem"] for each in (Wrap(), Wrap(hem=-24, reach=58, straight=1.0))
    )
    # A cape's hem is about as far from the shoulder everywhere: it falls to one height.
    tip = BODY.tip[[0, 2]]
    away = np.linalg.norm(cape[cape[:, 0] > tip[0]] - tip, axis=1)
    assert np.ptp(away) < 0.2 * away.mean()
    assert abs(poncho[poncho[:, 1].argmin(), 0]) < 1.0


@pytest.mark.parametrize(
    ("trim", "part", "count", "side"),
    [
        (details.storm_flap, "flap", 1, -1),
        (details.button_rows((14, 8), (-8, 7)), "button", 4, 0),
        (details.toggles(3), "button", 3, 0),
        (details.welts(14, 0, 15), "pocket", 2, 0),
        (details.flapped(12, 2, 15, 14, 5), "flap", 2, 0),
        (details.epaulettes, "epaulette", 2, 0),
        (details.hanging_belt(), "belt", 2, 0),
    ],
)
def test_trims_lie_on_the_front_of_the_cloth(
    garb: Garb, trim: Callable[[Garb, Any], None], part: str, count: int, side: int
) -> None:
    trim(garb, BODY)
    found = _laid(garb, part)
    assert len(found) == count
    for each in found:
        assert each.vertices[:, 1].min() < -10.2, "above the cloth"
    across = sum(float(each.vertices[:, 0].mean()) for each in found)
    assert across < -5 if side else abs(across) < 2.5


def test_buttons_and_flaps_lie_above_what_they_are_on(garb: Garb) -> None:
    details.flapped(12, 2, 15, 14, 5)(garb, BODY)
    bag, flap, button = (_laid(garb, part)[0].vertices[:, 1].min() for part in ("pocket", "flap", "button"))
    assert button < flap < bag < -10


def test_a_fringe_hangs_from_both_hems(garb: Garb) -> None:
    details.fringe(long=7.0)(garb, BODY)
    low = np.array([each.vertices[:, 2].min() for each in garb.laid])
    assert len(low) > 80
    assert (low < 56).all()
    assert {float(np.sign(each.vertices[:, 1].mean())) for each in garb.laid} == {-1.0, 1.0}


def test_a_hood_shows_its_lining(garb: Garb) -> None:
    hood()(garb, BODY)
    outer, inner = _laid(garb, "hood")[0], _laid(garb, "inside")[0]
    assert outer.vertices[:, 2].max() == pytest.approx(inner.vertices[:, 2].max(), abs=1.0)
    assert outer.vertices[:, 2].max() > 144


def _painted(garb: Garb, values: np.ndarray) -> list[int]:
    whole = surface(garb, 1, 0.0)
    assert whole.paint is not None
    return whole.paint(np.full(len(values), PART["body"]), values).tolist()


def test_ribs_are_stripes_and_channels_lines_across(garb: Garb) -> None:
    garb.drawn.append(Drawn(("front",), "seam", edge="hem", within=6.0, every=2.0))
    spots = np.array([(0, 0.2, 62), (0, 1.4, 62), (0, 2.3, 62), (0, 0.2, 70)], float)
    assert _painted(garb, spots) == [PART["seam"], PART["body"], PART["seam"], PART["body"]]
    garb.drawn.clear()
    channels(10.0)(garb, BODY)
    spots = np.array([(0, 5, 70), (0, -20, 80.1), (0, 5, 75), (1, 5, 90)], float)
    assert _painted(garb, spots) == [PART["seam"], PART["seam"], PART["body"], PART["seam"]]
