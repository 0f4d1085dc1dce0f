"""Necklines: collars, lapels, hoods, ribs."""

from __future__ import annotations

from datagen.render.layers import Sketch
from datagen.render.outlines import Path, along, curve, stroke, symmetric
from datagen.render.silhouettes.measurements import Torso


def shirt_collar(
    s: Sketch, t: Torso, *, fill: str = "ground", point: float = 8.0, spread: float = 5.5, stand: float = 3.0
) -> None:
    """A turned-down collar: two leaves that meet at the throat."""
    k = t.neck / 7.4
    collar_behind(s, t, fill, 5.0 * k)
    throat = max(2.4, t.depth * 0.42)
    with s.on("nape"):
        s.part(
            "lining",
            symmetric([(0, -stand), (t.neck * 0.8, -stand * 0.9), (t.neck + 0.5, 0.5), (0, throat)]),
            bulge=2,
            lift=0,
            crumple=0,
        )
    leaf = curve(
        [
            (0.25, throat, 0),
            (spread * k, throat + point * 0.62 * k, 0),
            (t.neck + 2.6 * k, 2.6 * k),
            (t.neck + 1.2 * k, -stand * 0.75),
            (t.neck - 0.4 * k, -stand - 0.6, 0),
            (t.neck - 1.6 * k, -0.6),
        ]
    )
    s.pair(fill, leaf, turn=-30, lift=0.8, bulge=1.6, crumple=0.2)
    s.stitch((spread * k - 0.3, throat + point * 0.62 * k - 1.0), (t.neck + 1.9 * k, 2.2 * k), mirror=True)


def collar_behind(s: Sketch, t: Torso, fill: str, deep: float) -> None:
    """The turned-down collar from behind, above a seam down the back."""
    if not s.behind:
        return
    n = t.neck
    with s.on("around"):
        s.seam((0, 2.0), (0.1, t.length * 0.5), (0, t.length), width=0.25)
        s.part(
            fill,
            symmetric([(0, -3.2), (n * 0.8, -2.8), (n + 0.6, -1.6), (n + 2.4, deep * 0.6, 0), (0, deep)]),
            bulge=1.6,
            lift=0.8,
            crumple=0.2,
        )


def lapels(
    s: Sketch,
    t: Torso,
    *,
    depth: float,
    width: float = 12.0,
    notch: float = 9.0,
    peak: float = 0.0,
    fill: str = "ground",
    collar: str = "",
    over: float = 0.0,
) -> None:
    """Notched (or peaked) lapels that open to ``depth`` cm, with a collar above the notch."""
    k = t.neck / 7.4
    collar_behind(s, t, collar or fill, 6.0 * k)
    nw, width, notch = t.neck, width * k, notch * k
    lapel = curve(
        [
            (nw - 1.2, -1.2, 0),
            (width * 0.66, notch - 0.2, 0),
            (width, notch - 1.6 * k - peak, 0),
            (width * 0.86, notch + (depth - notch) * 0.45),
            (over + 0.2, depth, 0),
            (nw * 0.38 + over * 0.5, depth * 0.46),
        ]
    )
    band = curve(
        [
            (nw - 1.4, -3.4, 0),
            (nw + 1.6 * k, -2.2),
            (width * 0.93, notch - 3.4 * k, 0),
            (width * 0.64, notch - 0.2 * k, 0),
            (nw - 1.0, 1.6),
        ]
    )
    s.pair(fill, lapel, turn=-12, lift=1.0, bulge=1.8, crumple=0.2)
    s.pair(collar or fill, band, turn=-36, lift=0.7, bulge=1.4, crumple=0.2)
    with s.on("nape"):
        s.part(
            collar or "shade",
            symmetric(
                [(0, -3.8), (nw * 0.7, -3.9), (nw - 0.2, -3.2), (nw - 1.2, -0.8), (nw * 0.5, -0.2), (0, 0)]
            ),
            bulge=1.2,
            lift=0.4,
            crumple=0.1,
        )
    s.stitch(
        (width * 0.94, notch - 0.8 - peak),
        (width * 0.81, notch + (depth - notch) * 0.45),
        (over + 0.6, depth - 1.2),
        mirror=True,
    )


def hood(s: Sketch, t: Torso, *, fur: bool = False, tall: float = 23.0) -> None:
    """A hood that stands up behind the open neck."""
    with s.on("hood"):
        k = t.neck / 7.4
        h, w = tall * k, 13.5 * k
        outer = symmetric(
            [
                (0, -h),
                (w * 0.62, -h * 0.93),
                (w, -h * 0.52),
                (w * 0.93, -h * 0.05),
                (t.neck + 3.5 * k, 4.5 * k),
                (2.2 * k, 10 * k),
                (0, 10.4 * k, 0),
            ]
        )
        s.part("trim" if fur else "ground", outer, bulge=6 * k, lift=1.0, crumple=1.4 if fur else 1.0)
        hole = symmetric(
            [
                (0, -h * 0.84),
                (w * 0.42, -h * 0.76),
                (w * 0.64, -h * 0.42),
                (w * 0.6, -h * 0.04),
                (t.neck * 0.72, 3.2 * k),
                (0, 8.2 * k, 0),
            ]
        )
        if fur:
            inner = symmetric(
                [
                    (0, -h * 0.9),
                    (w * 0.5, -h * 0.83),
                    (w * 0.78, -h * 0.45),
                    (w * 0.72, -h * 0.02),
                    (t.neck * 0.85, 3.6 * k),
                    (0, 9 * k, 0),
                ]
            )
            s.part("ground", inner, bulge=2, lift=0)
        s.part("lining", hole, bulge=5 * k, lift=0.0)
        s.part(
            "inside",
            symmetric(
                [
                    (0, -h * 0.5),
                    (w * 0.36, -h * 0.44),
                    (w * 0.42, -h * 0.1),
                    (t.neck * 0.5, 2.4 * k),
                    (0, 6.6 * k, 0),
                ]
            ),
            bulge=5 * k,
            lift=0.0,
        )
        s.stitch(
            (0, -h * 0.89),
            (w * 0.47, -h * 0.8),
            (w * 0.72, -h * 0.43),
            (w * 0.67, -h * 0.03),
            (t.neck * 0.8, 3.4 * k),
            mirror=True,
        )
        s.seam((0, -h), (0.2, -h * 0.92), (0, -h * 0.85))


def cords(s: Sketch, t: Torso, *, fill: str = "white", long: float = 15.0) -> None:
    """Two cords that hang from the neck, with metal ends."""
    for side in (-1, 1):
        x, y = side * t.neck * 0.42, t.depth * 0.55 + 2
        drop = long * s.rng.uniform(0.85, 1.15) * t.tall
        s.strap(fill, [(x, y), (x + side * 0.8, y + drop * 0.5), (x + side * 0.3, y + drop)], 0.8, lift=0.5)
        s.part(
            "metal",
            stroke(curve([(x + side * 0.3, y + drop), (x + side * 0.3, y + drop + 1.8)], closed=False), 0.95),
            bulge=0.4,
            lift=0.3,
            crumple=0,
        )


def neck_ribs(s: Sketch, t: Torso, deep: float = 2.2, *, fill: str = "shade", vee: bool = False) -> None:
    """A ribbed band around the neckline."""
    n, d = t.neck, t.depth
    # On a neck the band continues behind it; without a wearer its ends show.
    end = -0.2 if s.worn else -1.2
    inner: Path
    if vee:
        inner = curve(
            [(-n, end), (-n * 0.52, d * 0.46), (0, d, 0), (n * 0.52, d * 0.46), (n, end)], closed=False
        )
    else:
        inner = curve(
            [(-n - 0.1, end), (-n * 0.66, d * 0.72), (0, d), (n * 0.66, d * 0.72), (n + 0.1, end)],
            closed=False,
        )
    with s.on("around"):
        s.part(fill, stroke(inner, deep), bulge=deep * 0.4, lift=0.4, crumple=0)
    points, wide = along(inner, 44), deep * 0.45
    centre = (0.0, -d * 0.4)
    lines = []
    for x, y in points[2:-2]:
        far = max(1e-6, ((x - centre[0]) ** 2 + (y - centre[1]) ** 2) ** 0.5)
        ux, uy = (x - centre[0]) / far, (y - centre[1]) / far
        lines.append(curve([(x - ux * wide, y - uy * wide), (x + ux * wide, y + uy * wide)], closed=False))
    with s.on("around"):
        s.line("rib", *lines, width=0.3)
