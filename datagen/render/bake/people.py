"""The figures that are baked: builds, faces, poses and views."""

from __future__ import annotations

from typing import NamedTuple

from datagen.render.bake.bodies import Build

ORIGINS = {
    "a": {"african": 1.0, "asian": 0.0, "caucasian": 0.0},
    "b": {"african": 0.0, "asian": 1.0, "caucasian": 0.0},
    "c": {"african": 0.0, "asian": 0.0, "caucasian": 1.0},
    "d": {"african": 0.4, "asian": 0.1, "caucasian": 0.5},
    "e": {"african": 0.1, "asian": 0.45, "caucasian": 0.45},
}


def _adult(
    wearer: str,
    height: float,
    weight: float,
    muscle: float,
    origin: str,
    face: dict[str, float],
    age: float = 0.6,
) -> Build:
    shape = {
        "gender": 1.0 if wearer == "woman" else 0.0, "age": age, "weight": weight, "muscle": muscle,
        "height": 0.6, "proportions": 0.9, "cupsize": 0.42, "firmness": 0.6, **ORIGINS[origin],
    }  # fmt: skip
    return Build(wearer, "adult", height, shape, face)


def _child(height: float, age: float, gender: float, origin: str, face: dict[str, float]) -> Build:
    shape = {
        "gender": gender, "age": age, "weight": 0.42, "muscle": 0.45, "height": 0.5, "proportions": 0.7,
        "cupsize": 0.0, "firmness": 0.5, **ORIGINS[origin],
    }  # fmt: skip
    return Build("child", f"{round(age * 24)}", height, shape, face)


BUILDS: dict[str, Build] = {
    "ada": _adult("woman", 177, 0.33, 0.45, "c", {"l-cheek-bones-incr": 0.4, "r-cheek-bones-incr": 0.4}),
    "mei": _adult("woman", 174, 0.32, 0.42, "b", {"mouth-scale-vert-incr": 0.2, "chin-width-incr": -0.3}),
    "zola": _adult("woman", 178, 0.36, 0.5, "a", {"l-cheek-bones-incr": 0.5, "r-cheek-bones-incr": 0.5}),
    "rosa": _adult(
        "woman", 172, 0.52, 0.42, "d", {"nose-scale-vert-incr": 0.2, "mouth-scale-horiz-incr": 0.2}
    ),
    "tom": _adult("man", 183, 0.40, 0.56, "c", {"chin-width-incr": 0.3, "chin-prominent-incr": 0.3}),
    "kwame": _adult("man", 180, 0.42, 0.6, "a", {"l-cheek-bones-incr": 0.3, "r-cheek-bones-incr": 0.3}),
    "ken": _adult("man", 181, 0.38, 0.52, "b", {"chin-width-incr": 0.2}),
    "luis": _adult("man", 180, 0.55, 0.55, "d", {"nose-hump-incr": 0.3}),
    "mia": _child(128, 0.31, 1.0, "e", {}),
    "ben": _child(126, 0.31, 0.0, "c", {}),
}


class Shot(NamedTuple):
    """Somebody in a pose, the views of it, and the cuts of hair."""

    build: str
    pose: str
    views: tuple[str, ...]
    hair: tuple[str, ...]
    wears: tuple[int, int]
    """Beside the basics: from which item of the wardrobe on, and each how-many-th."""

    def name(self, view: str) -> str:
        """Such as ada-contrapposto or tom-square-back."""
        return f"{self.build}-{self.pose}" + {"front": "", "three_quarter": "-turned", "back": "-back"}[view]


YAWS = {"front": (0.0, 0.0), "three_quarter": (34.0, -20.0), "back": (180.0, 0.0)}
"""By how much a view turns the figure, and the head against it, degrees to the wearer's left."""

SHOTS = [
    Shot("ada", "contrapposto", ("front", "three_quarter"), ("long", "bob", "bun"), (0, 2)),
    Shot("tom", "square", ("front",), ("short", "parted"), (1, 2)),
    Shot("zola", "shift", ("front",), ("afro", "curly", "bun"), (0, 3)),
    Shot("mia", "square", ("front",), ("bob", "curly"), (1, 3)),
    Shot("kwame", "contrapposto", ("front", "back"), ("crop", "afro"), (0, 2)),
    Shot("mei", "walking", ("front", "back"), ("long", "bob"), (1, 2)),
    Shot("ken", "wide", ("front", "three_quarter"), ("short", "back"), (1, 3)),
    Shot("rosa", "square", ("front",), ("waves", "bun"), (2, 3)),
    Shot("luis", "shift", ("front",), ("short", "curly"), (2, 3)),
    Shot("ben", "wide", ("front",), ("short", "crop"), (2, 3)),
]
"""In the order in which they are baked."""
