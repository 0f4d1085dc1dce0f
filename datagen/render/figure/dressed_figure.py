"""A garment on a figure: its layers, bent to the pose, among the layers of its wearer."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from datagen.render.figure import companion_garments, limbs
from datagen.render.figure.body import ELSEWHERE, GIRTHS, POSES, SIDES, Arm, Build, Pose, build_of, leg_x
from datagen.render.figure.fronts import OpenSketch
from datagen.render.figure.stance import Bend, bend_of, stride_of
from datagen.render.layers import Layer, Layers, Line, Part, Sketch, spans_of, transformed
from datagen.render.outlines import Path, bounds, mirrored
from datagen.render.random_stream import RandomStream

LOWER = ("legs", "skirt")
"""Garments worn from the waist down (values of ``Kind.wear``)."""

POCKETS = ("coat", "jacket", "legs")
"""Garments with pockets for the wearer's hands."""

OPEN = ("coat", "jacket")
"""Garments that show another one at the neck."""

RAISED = 15.0
"""From this angle of the upper arm, in degrees, fabric spans the armpit."""

CROPS: dict[str, tuple[tuple[str, int], ...]] = {
    "coat": (("full", 6), ("knee", 3)),
    "jacket": (("hip", 5), ("full", 4), ("knee", 1)),
    "top": (("hip", 9), ("full", 3), ("chin", 1), ("chest", 1)),
    "dress": (("full", 5), ("knee", 4)),
    "wrap": (("full", 4), ("knee", 1)),
    "legs": (("legs", 6), ("full", 4)),
    "skirt": (("legs", 5), ("full", 4)),
    "swim": (("full", 2), ("knee", 5)),
}
"""How a figure is cropped, with weights. Of 20 figures in one catalogue: outerwear full 4; tops hip 9,
full 3, chest 1; trousers and shorts full 3. Of 68 in another: tops and jackets hip 46; trousers and shorts
from the waist down 22. Coats from the knee up and tops without a head are in neither, but elsewhere."""


class Look(NamedTuple):
    """One figure: its build, pose, crop and view. ``key`` decides its companion garments."""

    build: Build
    pose: Pose
    crop: str
    view: str
    key: int


def look_of(wear: str, wearer: str, view: str, key: int, *, long: bool = False) -> Look:
    """The figure for a cut, chosen by ``key`` alone. A ``long`` garment is shown in full."""
    rng = RandomStream(key, 11)
    crops = [name for name, weight in CROPS[wear] for _ in range(weight)]
    crop = rng.choice(crops)
    if long and wear not in LOWER:
        crop = "full"
    if view == "detail" and wear in LOWER:
        crop = "legs"
    pose = rng.choice([each for each in POSES if _suits(each, wear, view)]) if wear != "wrap" else POSES[0]
    return Look(build_of(wearer, rng.choice(GIRTHS)), pose, crop, view, key)


def _suits(pose: Pose, wear: str, view: str) -> bool:
    """Whether the garment has the pockets that a pose needs, and its arms do not hide the product."""
    if pose.pocket and (view == "back" or wear not in POCKETS):
        return False
    return not pose.across or (view in ("front", "three_quarter") and wear in OPEN)


def frame_of(look: Look) -> tuple[float, float]:
    """The heights (top, bottom) in cm between which the picture shows the figure."""
    b = look.build
    air = b.head * 0.34
    if look.view == "detail":
        top, long = (b.waist_y - b.head * 0.3, 2.15) if look.crop == "legs" else (b.chin - b.head * 0.15, 2.3)
        return top, top + b.head * long
    return {
        "full": (b.top - air, b.floor + b.head * 0.26),
        "knee": (b.top - air * 0.8, b.knee + 8),
        "hip": (b.top - air * 0.7, b.crotch + (b.knee - b.crotch) * 0.3),
        "chest": (b.top - air * 0.6, b.slope + b.head * 1.45),
        "chin": (b.chin - b.head * 0.25, b.crotch + (b.knee - b.crotch) * 0.25),
        "legs": (b.waist_y - b.head * 0.55, b.floor + b.head * 0.24),
    }[look.crop]


def figure_layers(drawing: Sketch, wear: str, look: Look) -> Layers:
    """All layers of product and figure except the head, in paint order; the drawing's marks move too."""
    b, pose = look.build, look.pose
    fit, bend = _fit_to_body(drawing, wear, look), bend_of(b, pose, look.view)
    arms = arms_in(drawing, wear, look)
    garment = _on_body(drawing.layers, fit, arms)
    if wear == "legs":
        garment = transformed(garment, stride_of(b, pose))
    wearer = _Wearer(drawing, look, arms, RandomStream(look.key, 12), frame_of(look))
    low = wearer.lower(wear, _hem(garment))
    ordered = _paint_order(garment, look, wearer.arms(drawing, wear))
    nape = [layer for layer in ordered if layer.place == "nape"]
    rest = [layer for layer in ordered if layer.place != "nape"]
    drawing.mark, drawing.badge = (_move_spot(spot, fit, bend) for spot in (drawing.mark, drawing.badge))
    top, bottom = frame_of(look)
    reach = (bottom - top) * 0.06
    everything = [*nape, *low, *wearer.body(wear), *rest]
    points = np.concatenate([path for layer in everything for path in layer.paths_of()])
    seen = [span.y1 > top - reach and span.y0 < bottom + reach for span in spans_of(everything, points)]
    return transformed([layer for layer, there in zip(everything, seen, strict=True) if there], bend)


def arms_in(drawing: Sketch, wear: str, look: Look) -> tuple[Arm, Arm]:
    """The arms of a figure in a garment: they begin where its shoulder seams end, within limits."""
    b, (wide, slope) = look.build, drawing.tip
    tip = wide * b.fit_shoulder if wide and wear not in LOWER else b.shoulder
    start = min(max(tip, b.shoulder - 1.0), b.shoulder + 1.6), slope or b.slope
    return limbs.arms_of(b, look.pose, start)


def neck_of(look: Look) -> tuple[float, float] | None:
    """Position of the head's origin, cm; None if the picture shows no head."""
    if look.crop == "legs":
        return None
    x, y = bend_of(look.build, look.pose, look.view)(np.array([[0.0, 0.0]]))[0]
    return float(x), float(y)


class _Wearer:
    """The layers of the wearer, in groups."""

    def __init__(
        self,
        drawing: Sketch,
        look: Look,
        arms: tuple[Arm, Arm],
        rng: RandomStream,
        frame: tuple[float, float],
    ) -> None:
        self.bare = not any(layer.place == "arm" for layer in drawing.layers)
        self.wearer, self.look, self.arms_at, self.frame = drawing.wearer, look, arms, frame
        self.rng = rng
        self.inner = rng.choice(("tee", "shirt", "roll", "tee"))
        women = drawing.wearer == "woman"
        self.shoe = rng.choice(("pumps", "boots", "trainers") if women else ("boots", "derby", "trainers"))
        self.skirt = women and rng.chance(0.25)
        self.open = isinstance(drawing, OpenSketch)
        self.tucked = self.open and rng.chance(0.4)
        if drawing.kind == "swimsuit":
            self.shoe = "bare"

    def _new(self) -> Sketch:
        return Sketch("figure", self.wearer, "none", self.rng)

    def lower(self, wear: str, hem: float) -> Layers:
        """Legs, shoes and companion garments below the product."""
        s, trunk, b, pose = self._new(), self._new(), self.look.build, self.look.pose
        stride = stride_of(b, pose)
        if wear == "swim":
            leg = limbs.leg_outline(b, pose, b.crotch - 8, b.ankle + 2, limbs.BARE)
            limbs.trunk(s, b, stride(leg), stride(mirrored(leg)))
            companion_garments.shoes(trunk, b, pose, self.shoe)
            return [*s.layers, *transformed(trunk.layers, stride)]
        if wear in ("top", "dress") and self.bare:
            limbs.trunk(trunk, b)
        if self.frame[1] > b.ankle - 12:
            companion_garments.shoes(s, b, pose, self.shoe)
        shoes = transformed(s.layers, stride)
        if wear == "legs" and hem >= b.ankle + 1:
            return shoes
        s.layers.clear()
        if wear in ("dress", "skirt", "legs"):
            limbs.bare_legs(s, b, pose, max(b.crotch - 8, hem - 12))
            return [*transformed(s.layers, stride), *trunk.layers, *shoes]
        top = b.waist_y - 2
        if hem > b.waist_y + 6 and not self.open:
            top = max(top, hem - 2.5)
        if self.skirt and self.shoe == "pumps":
            limbs.bare_legs(s, b, pose, b.knee - 10)
            companion_garments.skirt(trunk, b, self.rng, b.waist_y - 1)
            return [*transformed(s.layers, stride), *shoes, *trunk.layers]
        companion_garments.trousers(s, b, pose, self.rng, top)
        return [*trunk.layers, *shoes, *transformed(s.layers, stride)]

    def body(self, wear: str) -> Layers:
        """Neck and chest, and the companion garment that covers them."""
        s, b = self._new(), self.look.build
        if self.frame[0] < b.slope + 20 or wear == "swim":
            limbs.bust(s, b)
        if wear in LOWER:
            companion_garments.top(s, b, self.arms_at, "tee" if self.inner == "shirt" else self.inner)
        elif self.open or (wear in OPEN and (self.bare or self.look.view != "back")):
            low = b.waist_y + (0.4 if self.tucked else 9.0) if self.open else b.waist_y - 6
            companion_garments.top(s, b, self.arms_at, self.inner, sleeves=self.bare, low=low)
        return list(s.layers)

    def arms(self, drawing: Sketch, wear: str) -> tuple[Layers, Layers]:
        """Skin of the right and the left arm."""
        result = []
        b, pose = self.look.build, self.look.pose
        sleeves = [layer for layer in drawing.layers if layer.place == "arm" and isinstance(layer, Part)]
        long = max((float(path[:, 1].max()) for part in sleeves for path in part.outlines), default=0.0)
        for side, arm in zip(SIDES, self.arms_at, strict=True):
            s = self._new()
            if wear != "wrap":
                fist, near = (
                    pose.pocket in (side, 2) or pose.hip == side,
                    self.look.crop not in ("full", "knee"),
                )
                if wear in LOWER:
                    long = b.upper * 0.75 if self.inner in ("tee", "shirt") else b.upper + b.fore
                elif wear in OPEN and self.bare:
                    long = b.upper * 0.75 if self.inner == "tee" else b.upper + b.fore
                bare = long
                if bare > b.upper + b.fore - 4:
                    limbs.hand(s, b, arm, side, fist=fist, near=near)
                else:
                    limbs.bare_arm(s, b, arm, side, fist=fist, near=near, start=bare * 0.7)
            result.append(list(s.layers))
        return result[0], result[1]


def _fit_to_body(drawing: Sketch, wear: str, look: Look) -> Bend:
    """The map from a garment measured flat to one around a body."""
    b, pose = look.build, look.pose
    lower = wear in LOWER
    drop = b.waist_y if lower else 0.0
    rise, length, centre = drawing.hips
    armpit = b.slope + b.upper * 0.55
    # A narrow garment that hangs from the shoulders follows the body; a wrap keeps its width.
    wide = {"wrap": 0.94, "swim": 0.98, "dress": b.fit_body * 1.0}.get(
        wear, b.fit_body * (0.99 if lower else 1.0)
    )
    # A woman's waist is narrower than the flat cut shows.
    drawn = 0.93 if drawing.wearer == "woman" and wear in ("top", "dress", "jacket") else 1.0
    if wear == "top" and not any(layer.place == "arm" for layer in drawing.layers):
        # A sleeveless top is close-fitting, but it must cover the body.
        drawn, wide = 1.0, wide * 1.07
    factors = (wide if wear == "wrap" else max(b.fit_shoulder, wide), wide, wide * drawn, wide)
    outwards = leg_x(b, pose, length + drop) - centre * wide

    def fit(path: Path) -> Path:
        x, y = path[:, 0], path[:, 1]
        factor = wide if lower else np.interp(y, (b.slope * 0.5, armpit, b.waist_y, b.crotch - 8), factors)
        result = x * factor
        if wear == "legs":
            share = np.clip((y - rise * 0.8) / max(1.0, length - rise * 0.8), 0, 1)
            result = result + np.clip(x / 5, -1, 1) * outwards * share
        if drawing.wearer == "woman" and wear == "top":
            # Women's tops are shorter for their height than men's: they end at the hip, not at the thigh.
            y = np.where(y > armpit, armpit + (y - armpit) * 0.88, y)
        return np.stack([result, y + drop], axis=1)

    return fit


def _on_body(layers: Layers, fit: Bend, arms: tuple[Arm, Arm]) -> Layers:
    """A garment's layers on the figure: sleeves along the arms, the rest around the body."""

    def lay(points: Path) -> Path:
        right = points[:, 0] > 0
        flat = np.stack([np.abs(points[:, 0]) - ELSEWHERE, points[:, 1]], axis=1)
        return np.where(right[:, None], arms[0].place(flat), mirrored(arms[1].place(flat)))

    ways: dict[str, Bend] = {"arm": lay, "hood": lambda points: fit(_hood_down(points))}

    def ways_of(layer: Layer) -> str:
        return layer.place if layer.place in ways else "else"

    result: list[Layer | None] = [None] * len(layers)
    for place in ("else", *ways):
        mine = [at for at, layer in enumerate(layers) if ways_of(layer) == place]
        for at, layer in zip(
            mine, transformed([layers[at] for at in mine], ways.get(place, fit)), strict=True
        ):
            result[at] = _turn_pattern(layer, layers[at], arms) if place == "arm" else layer
    return [layer for layer in _add_gussets(result, layers, arms) if layer is not None]


def _add_gussets(result: list[Layer | None], straight: Layers, arms: tuple[Arm, Arm]) -> list[Layer | None]:
    """Add fabric between body and raised arms, where a gap would open up to the shoulder."""
    fronts = [layer for layer in result if isinstance(layer, Part) and layer.place == "around"]
    for at, layer in enumerate(straight):
        if not (layer.place == "arm" and isinstance(layer, Part) and fronts):
            continue
        path, placed = layer.outlines[0], result[at]
        side = 1 if path[0, 0] > 0 else -1
        arm = arms[0 if side > 0 else 1]
        if float(path[:, 1].min()) > 3 or arm.angles[0] < RAISED or not isinstance(placed, Part):
            continue
        body = np.concatenate(fronts[0].outlines) * (side, 1)
        pit = min(19.0, 0.62 * float(path[:, 1].max()))
        half = ELSEWHERE - float((np.abs(path[:, 0])).min())
        inner = arm.place(np.array([(half * 0.2, 3.0), (half * 0.1, pit * 0.6), (-half * 0.75, pit * 1.1)]))
        low = float(inner[-1, 1])
        nearby = body[(body[:, 1] > low - 6) & (body[:, 1] < low + 6)]
        if len(nearby):
            edge = float(nearby[:, 0].max())
            gusset = np.array([*inner, (edge - 0.4, low + 3.0), (edge - 3.0, low - 10.0)])
            result[at] = replace(placed, outlines=(*placed.outlines, gusset * (side, 1)))
    return result


def _turn_pattern(layer: Layer, straight: Layer, arms: tuple[Arm, Arm]) -> Layer:
    """A part of a sleeve, with its pattern rotated to run along the arm."""
    if not (isinstance(layer, Part) and isinstance(straight, Part)):
        return layer
    side = 0 if straight.outlines[0][0, 0] > 0 else 1
    angle = arms[side].angle(float(straight.outlines[0][:, 1].mean()))
    return replace(layer, turn=layer.turn + (angle if side else -angle))


def _hood_down(path: Path) -> Path:
    """The points of a hood that lies around the neck, flat and wide."""
    x, y = path[:, 0], path[:, 1]
    back = y < 0
    return np.stack(
        [np.where(back, x * (1.12 - 0.002 * y), x * 1.12), np.where(back, y * 0.4, y * 0.9)], axis=1
    )


def _paint_order(garment: Layers, look: Look, skin: tuple[Layers, Layers]) -> Layers:
    """The garment in paint order, with the skin of the arms beneath the sleeves."""
    hole: tuple[Path, ...] = ()
    for layer in garment:
        if layer.place == "hood" and isinstance(layer, Part) and layer.fill == "lining":
            hole = layer.outlines
    result: Layers = []
    arms = [layer for layer in garment if layer.place == "arm"]
    # A hand in front of the body, or on a hip that the garment covers, is painted last.
    ahead = look.pose.across or (look.pose.hip if not arms else 0)
    under: Layers = []
    over: Layers = []
    for side, own in zip(SIDES, skin, strict=True):
        (over if side == ahead else under).extend(_sides(arms, side, own))
    body_done = False
    for layer in garment:
        if look.view == "back" and layer.place in ("", "nape"):
            continue
        if layer.place == "arm":
            continue
        if layer.place == "hood" and isinstance(layer, Part) and look.view != "back":
            # The ring of the hood lies in front of the neck, its inside behind.
            layer = (
                replace(layer, place="nape")
                if layer.fill in ("lining", "inside")
                else replace(layer, holes=hole)
            )
        elif (
            layer.place == "hood"
            and look.view == "back"
            and (isinstance(layer, Line) or layer.fill in ("lining", "inside"))
        ):
            continue
        if not arms and not body_done and layer.place != "nape":
            result += under
            body_done = True
        result.append(layer)
        if arms and not body_done and layer.place == "around":
            result += under
            body_done = True
    return [*result, *over]


def _sides(arms: Layers, side: int, skin: Layers) -> Layers:
    """Skin and sleeve of one side."""
    result: Layers = list(skin)
    for layer in arms:
        paths = layer.outlines if isinstance(layer, Part) else layer.paths
        mine = tuple(path for path in paths if (float(path[:, 0].mean()) > 0) == (side > 0))
        if mine:
            result.append(
                replace(layer, outlines=mine) if isinstance(layer, Part) else replace(layer, paths=mine)
            )
    return result


def _hem(garment: Layers) -> float:
    """The height of the product's lowest point."""
    paths = [
        path
        for layer in garment
        if layer.place != "arm" and isinstance(layer, Part)
        for path in layer.outlines
    ]
    return bounds(paths)[3]


def _move_spot(spot: tuple[float, float, float], fit: Bend, bend: Bend) -> tuple[float, float, float]:
    ends = np.array([[spot[0] - spot[2] / 2, spot[1]], [spot[0] + spot[2] / 2, spot[1]]])
    left, right = bend(fit(ends))
    return float(left[0] + right[0]) / 2, float(left[1] + right[1]) / 2, float(right[0] - left[0])
