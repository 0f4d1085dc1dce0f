"""The figures that are baked: builds, faces, poses, views and hair."""

from __future__ import annotations

from typing import NamedTuple

from datagen.render.bake.bodies import Build

ORIGINS = {
    "african": {"african": 1.0, "asian": 0.0, "caucasian": 0.0},
    "asian": {"african": 0.0, "asian": 1.0, "caucasian": 0.0},
    "european": {"african": 0.0, "asian": 0.0, "caucasian": 1.0},
    "mixed": {"african": 0.45, "asian": 0.1, "caucasian": 0.45},
    "southern": {"african": 0.15, "asian": 0.3, "caucasian": 0.55},
}
"""Shares of the model's three; ``render/composed/complexions.py`` has skin and hair for each."""

Face = dict[str, float]


def _both(**changes: float) -> Face:
    """Changes of both sides of a face; the model's names have hyphens."""
    return {f"{side}-{name.replace('_', '-')}": value for name, value in changes.items() for side in "lr"}


def _adult(
    wearer: str,
    height: float,
    weight: float,
    muscle: float,
    origin: str,
    face: Face,
    age: float = 0.6,
    beard: float = 0.0,
) -> Build:
    shape = {
        "gender": 1.0 if wearer == "woman" else 0.0,
        "age": age, "weight": weight, "muscle": muscle, "height": 0.6, "proportions": 0.9, "cupsize": 0.42,
        "firmness": 0.6, **ORIGINS[origin],
    }  # fmt: skip
    return Build(wearer, "adult" if age < 0.75 else "older", height, shape, face, origin, 1.0, beard)


def _child(years: int, height: float, age: float, gender: float, origin: str, face: Face) -> Build:
    shape = {
        "gender": gender, "age": age, "weight": 0.46, "muscle": 0.45, "height": 0.5, "proportions": 0.7,
        "cupsize": 0.0, "firmness": 0.5, **ORIGINS[origin],
    }  # fmt: skip
    return Build("child", str(years), height, shape, face, origin, 1.14 if years < 10 else 1.08)


BUILDS: dict[str, Build] = {
    "ada": _adult(
        "woman",
        177,
        0.33,
        0.45,
        "european",
        {
            **_both(cheek_bones_incr=0.5, eye_scale_incr=-0.1),
            "nose-scale-horiz-incr": -0.3,
            "mouth-scale-horiz-incr": 0.3,
        },
    ),
    "mei": _adult(
        "woman",
        174,
        0.32,
        0.42,
        "asian",
        {**_both(eye_scale_incr=-0.15), "mouth-scale-vert-incr": 0.2, "chin-width-incr": -0.3},
    ),
    "zola": _adult(
        "woman",
        178,
        0.36,
        0.5,
        "african",
        {**_both(cheek_bones_incr=0.5, eye_scale_incr=-0.1), "chin-width-incr": -0.3},
    ),
    "rosa": _adult(
        "woman",
        172,
        0.52,
        0.42,
        "mixed",
        {**_both(eye_scale_incr=-0.1), "nose-scale-vert-incr": 0.2, "mouth-scale-horiz-incr": 0.4},
    ),
    "vera": _adult(
        "woman",
        173,
        0.46,
        0.40,
        "european",
        {**_both(cheek_bones_incr=0.3, eye_scale_incr=-0.2), "head-age-incr": 0.4, "chin-height-incr": 0.2},
        0.82,
    ),
    "tom": _adult(
        "man",
        184,
        0.40,
        0.58,
        "european",
        {
            **_both(eye_scale_incr=-0.3),
            "chin-width-incr": 0.35,
            "chin-prominent-incr": 0.3,
            "nose-volume-incr": 0.2,
        },
    ),
    "kwame": _adult(
        "man",
        183,
        0.42,
        0.62,
        "african",
        {**_both(cheek_bones_incr=0.3, eye_scale_incr=-0.3), "chin-width-incr": 0.2},
    ),
    "ken": _adult(
        "man",
        182,
        0.38,
        0.54,
        "asian",
        {**_both(eye_scale_incr=-0.25, cheek_bones_incr=0.2), "chin-width-incr": 0.25},
    ),
    "luis": _adult(
        "man",
        181,
        0.52,
        0.57,
        "southern",
        {**_both(eye_scale_incr=-0.25), "nose-hump-incr": 0.35, "chin-height-incr": 0.2},
        beard=0.75,
    ),
    "sol": _adult(
        "man",
        183,
        0.40,
        0.56,
        "mixed",
        {
            **_both(eye_scale_incr=-0.25, cheek_bones_incr=0.3),
            "mouth-scale-horiz-incr": 0.2,
            "chin-width-incr": 0.2,
        },
        beard=0.3,
    ),
    "hal": _adult(
        "man",
        182,
        0.48,
        0.52,
        "european",
        {
            **_both(eye_scale_incr=-0.35),
            "head-age-incr": 0.5,
            "chin-prominent-incr": 0.3,
            "nose-scale-vert-incr": 0.2,
        },
        0.82,
        0.35,
    ),
    "mia": _child(8, 130, 0.31, 0.6, "southern", {}),
    "ben": _child(7, 124, 0.29, 0.3, "european", {}),
    "abi": _child(11, 146, 0.42, 0.75, "african", {}),
    "leo": _child(12, 152, 0.44, 0.0, "mixed", {}),
}


class Shot(NamedTuple):
    """Somebody in a pose, the views of it, and the cuts of hair."""

    build: str
    pose: str
    views: tuple[str, ...]
    hair: tuple[str, ...]
    turn: int = 1
    """Whether the turned view turns the figure to its left (1) or to its right (-1)."""

    shoes: str = "sneaker"
    """A key of ``shoes.STYLES``."""

    def name(self, view: str) -> str:
        """Such as ada-contrapposto or tom-square-back."""
        return f"{self.build}-{self.pose}" + {"front": "", "three_quarter": "-turned", "back": "-back"}[view]

    def yaw(self, view: str) -> tuple[float, float]:
        """By how much a view turns the figure, and the head against it, degrees to the wearer's left."""
        yaw, look = YAWS[view]
        return yaw * self.turn, look * self.turn


YAWS = {"front": (0.0, 0.0), "three_quarter": (34.0, -20.0), "back": (180.0, 0.0)}
"""By how much a view turns a figure, and its head against it, degrees."""

FRONT, TURNED, BACK = ("front",), ("front", "three_quarter"), ("front", "back")

SHOTS = [
    Shot("ada", "contrapposto", TURNED, ("long", "ponytail"), shoes="loafer"),
    Shot("zola", "shift", BACK, ("afro", "bun"), shoes="boot"),
    Shot("mei", "walking", FRONT, ("long", "bob")),
    Shot("rosa", "hand_on_hip", TURNED, ("waves", "curly"), -1, shoes="flat"),
    Shot("vera", "bent", BACK, ("bob", "pixie"), shoes="flat"),
    Shot("ada", "stride", FRONT, ("low_bun", "bob")),
    Shot("zola", "crossed", FRONT, ("crop", "curly"), shoes="flat"),
    Shot("tom", "square", TURNED, ("short", "parted"), shoes="slip_on"),
    Shot("kwame", "contrapposto", BACK, ("crop", "fade")),
    Shot("ken", "wide", FRONT, ("fringe", "back"), shoes="loafer"),
    Shot("luis", "thigh", TURNED, ("short", "back"), -1, shoes="boot"),
    Shot("sol", "stride", FRONT, ("curly", "fade")),
    Shot("hal", "both_thighs", BACK, ("parted", "short"), shoes="loafer"),
    Shot("tom", "behind", FRONT, ("fade", "back")),
    Shot("kwame", "bent", FRONT, ("crop", "afro"), shoes="boot"),
    Shot("mia", "contrapposto", TURNED, ("bob", "ponytail")),
    Shot("ben", "wide", BACK, ("short", "fringe")),
    Shot("abi", "hand_on_hip", FRONT, ("curly", "bun"), shoes="slip_on"),
    Shot("leo", "thigh", FRONT, ("curly", "fade")),
    Shot("mei", "both_on_hips", FRONT, ("ponytail", "waves")),
    Shot("ada", "hand_on_hip", FRONT, ("waves", "long")),
    Shot("zola", "both_on_hips", FRONT, ("ponytail", "afro")),
]
"""In the order in which they are baked."""
