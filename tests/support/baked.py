"""A small wardrobe of baked layers made of boxes and cylinders: a figure, what it wears, and hair."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from datagen.render.baked.layers import HEIGHT, PARTS, WIDTH, Figure, Garment, Layer
from datagen.render.baked.written import write_figure, write_index

Box = tuple[int, int, int, int]
MIDDLE = 240

ARMS: dict[str, Box] = {"skin_arm": (160, 160, 184, 330), "hand": (160, 330, 184, 360)}
BODY: dict[str, Box] = {
    "skin_face": (210, 40, 270, 118),
    "skin_neck": (222, 112, 258, 140),
    "skin_torso": (190, 136, 290, 330),
    "skin_leg": (194, 330, 286, 600),
    "shoe": (190, 596, 290, 622),
}
DEEP = {
    "skin_face": 100,
    "skin_neck": 60,
    "skin_torso": 100,
    "skin_leg": 80,
    "shoe": 120,
    "skin_arm": 60,
    "hand": 160,
}
"""Depths of the middle of a part, in millimetres."""


def layer_of(parts: dict[str, Box], deep: dict[str, int]) -> Layer:
    """A layer of upright half cylinders, one for each box (x0, y0, x1, y1) of the frame."""
    x0, y0 = min(box[0] for box in parts.values()), min(box[1] for box in parts.values())
    x1, y1 = max(box[2] for box in parts.values()), max(box[3] for box in parts.values())
    shape = (y1 - y0, x1 - x0)
    coverage, part = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    normal, cloth = np.zeros((*shape, 2), np.int8), np.zeros((*shape, 2), np.int16)
    depth = np.zeros(shape, np.int16)
    for name, (a, b, c, d) in parts.items():
        at = slice(b - y0, d - y0), slice(a - x0, c - x0)
        across = (np.arange(a, c) + 0.5 - (a + c) / 2) / ((c - a) / 2)
        coverage[at], part[at] = 255, PARTS.index(name)
        normal[at][..., 0] = np.round(127 * across * 0.98)
        cloth[at][..., 0] = np.round((np.arange(a, c) - MIDDLE) * 20 / 3.25)
        cloth[at][..., 1] = np.round((np.arange(b, d) - y0) * 20 / 3.25)[:, None]
        depth[at] = deep[name] * np.sqrt(1 - across * across * 0.96)
    full = np.full(shape, 255, np.uint8)
    return Layer(x0, y0, coverage, part, normal, cloth, full, full.copy(), depth)


def hides(*boxes: Box) -> npt.NDArray[np.uint8]:
    """A mask of the frame, as bits."""
    mask = np.zeros((HEIGHT, WIDTH), np.bool_)
    for a, b, c, d in boxes:
        mask[b:d, a:c] = True
    return np.packbits(mask, axis=1)


def figure(name: str = "ada-square", wearer: str = "woman") -> Figure:
    """A person in front of the camera, with one arm at the side, its hand before the hip."""
    points = np.zeros((17, 3), np.float32)
    places = {
        0: (240, 90),
        1: (250, 79),
        2: (230, 79),
        5: (286, 160),
        6: (194, 160),
        11: (262, 322),
        12: (218, 322),
    }
    places |= {13: (262, 460), 14: (218, 460), 15: (262, 596), 16: (218, 596)}
    for at, place in places.items():
        points[at] = *place, 2
    ground = np.array([[196, 621, 284, 621]], np.float32)
    body = layer_of({**BODY, **ARMS}, DEEP)
    return Figure(name, wearer, "ada", "adult", "square", "front", body, points, ground)


def garments(figure: str = "ada-square") -> list[Garment]:
    """A T-shirt, trousers, a coat, an open jacket and hair."""
    none = hides()
    tee = {
        "body": (184, 130, 296, 345),
        "sleeve_right": (152, 150, 192, 210),
        "neckband": (216, 128, 264, 136),
    }
    low = {"body": (188, 320, 292, 602)}
    coat = {
        "body": (178, 126, 302, 470),
        "sleeve_right": (150, 146, 192, 326),
        "collar": (212, 120, 268, 140),
    }
    wide = {
        "inside": (200, 130, 280, 330),
        "body": (178, 126, 204, 350),
        "sleeve_right": (150, 146, 192, 326),
    }
    flat = {
        "body": 125,
        "sleeve_right": 90,
        "sleeve_left": 90,
        "neckband": 110,
        "collar": 130,
        "inside": -80,
        "hair": 110,
    }
    return [
        Garment(
            "t_shirt",
            "regular",
            figure,
            "closed",
            1,
            layer_of(tee, flat),
            hides((190, 140, 290, 330), (160, 160, 184, 204)),
        ),
        Garment(
            "trousers", "straight", figure, "closed", 0, layer_of(low, flat), hides((194, 326, 286, 598))
        ),
        Garment(
            "trench_coat",
            "regular",
            figure,
            "closed",
            3,
            layer_of(coat, flat),
            hides((190, 136, 290, 330), (160, 160, 184, 326)),
        ),
        Garment("field_jacket", "open", figure, "open", 2, layer_of(wide, flat), hides((160, 160, 184, 326))),
        Garment("hair", "bob", figure, "closed", 4, layer_of({"hair": (208, 36, 272, 70)}, flat), none),
    ]


def write_wardrobe(folder: Path) -> None:
    """Write the wardrobe's files: a woman's and a man's."""
    for name, wearer in (("ada-square", "woman"), ("tom-square", "man")):
        write_figure(folder, figure(name, wearer), garments(name))
    write_index(folder)
