"""The columns of ground truth, which say what a picture shows: words, a mask, keypoints, normals, depth.

They are added on request only, behind the columns of the schema. Their content comes from
:mod:`datagen.render.truth`, :mod:`datagen.render.keypoints` and :mod:`datagen.render.maps`; their form in
files is defined here.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from datagen.arrow import contents, numbers, texts
from datagen.schemas import InputError, Schema
from datagen.schemas.folder import ATTRIBUTES, DEPTH, KEYPOINTS, MASK, NORMALS

if TYPE_CHECKING:
    from PIL import Image

    from datagen.product.product import RGB, Product


Labels = NDArray[np.uint8]
"""The labels of a mask, shape (height, width)."""

BACKDROP, SUBJECT, FIGURE_LABEL = 0, 1, 2
LABELS = {
    BACKDROP: "backdrop, with the shadows on it",
    SUBJECT: "subject: the product",
    FIGURE_LABEL: "figure: the person who wears it, and their other clothes",
}
"""What the pixels of a mask mean."""

Depth = NDArray[np.uint16]
"""Distances from the plane of the camera in millimetres, shape (height, width); 0 where nothing is."""

Normals = NDArray[np.uint8]
"""Unit vectors as colours, shape (height, width, 3): 128 + 127 times x, y and z; 0 where nothing is."""

Keypoints = NDArray[np.int32]
"""Body keypoints, shape (17, 3): x, y in pixels and visibility, in the order of :data:`KEYPOINT_NAMES`."""

KEYPOINT_NAMES = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder",
    "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee",
    "right_knee", "left_ankle", "right_ankle",
)  # fmt: skip
"""The keypoints of COCO, in its order. Left and right are those of the person, not of the picture."""

SKELETON = (
    (16, 14), (14, 12), (17, 15), (15, 13), (12, 13), (6, 12), (7, 13), (6, 7), (6, 8), (7, 9), (8, 10),
    (9, 11), (2, 3), (1, 2), (1, 3), (2, 4), (3, 5), (4, 6), (5, 7),
)  # fmt: skip
"""Pairs of keypoints that viewers join by a line, counted from 1, as in COCO."""

MIRRORED = (0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15)
"""Which keypoint takes the place of each in a mirrored picture: left and right change places."""

ABSENT, HIDDEN, VISIBLE = 0, 1, 2
VISIBILITY = {
    ABSENT: "absent: outside the picture, on the far side of the head, or nobody wears it; x and y are 0",
    HIDDEN: "hidden: under cloth or hair, behind glasses or behind something else",
    VISIBLE: "visible: skin or face",
}
"""What the third number of a keypoint means."""

UNIT = 127
"""How many steps of a colour a component of a normal has from 0 to 1; 0 is the colour 128."""

ENDS = {MASK: "-mask.png", NORMALS: "-normals.png", DEPTH: "-depth.png"}
"""The columns of files: each is called by its product's code and this."""

MASK_END = ENDS[MASK]

_WORD, _FLAG, _PIXELS = ({"dtype": dtype, "_type": "Value"} for dtype in ("string", "bool", "int32"))

FEATURES: dict[str, dict[str, Any]] = {
    ATTRIBUTES: {
        "kind": _WORD,
        "wearer": _WORD,
        "size": _WORD,
        "detail": _WORD,
        "pattern": _WORD,
        "material": _WORD,
        "palette": {"name": _WORD, "ground": _WORD, "band": _WORD, "line": _WORD, "accent": _WORD},
        "parts": {"feature": _WORD, "_type": "List"},
        "worn": _FLAG,
        "view": _WORD,
        "backdrop": _WORD,
        "box": {"feature": _PIXELS, "length": 4, "_type": "List"},
    },
    MASK: {"_type": "Image"},
    KEYPOINTS: {
        "feature": {"feature": _PIXELS, "length": 3, "_type": "List"},
        "length": len(KEYPOINT_NAMES),
        "_type": "List",
    },
    NORMALS: {"_type": "Image"},
    DEPTH: {"_type": "Image"},
}
"""The columns as ``datasets`` writes them into metadata: name -> feature."""

ABOUT = {
    ATTRIBUTES: "what the picture shows, in the words of the renderer",
    MASK: "which pixels are the product, as a PNG of the picture's size",
    KEYPOINTS: "where the wearer's joints are: x, y and visibility of 17 body keypoints",
    NORMALS: "which way surfaces face, as a PNG of the picture's size; null for some pictures",
    DEPTH: "how far away surfaces are, as a 16-bit PNG of the picture's size; null for some pictures",
}

OPTIONS = {
    ATTRIBUTES: "--attributes",
    MASK: "--masks",
    KEYPOINTS: "--keypoints",
    NORMALS: "--normals",
    DEPTH: "--depth",
}
"""The options of ``datagen make`` that add the columns."""

DTYPES = {ATTRIBUTES: "struct", MASK: "image", KEYPOINTS: "list", NORMALS: "image", DEPTH: "image"}
"""The types of the columns in a word."""

_COLOURS = ((24, 24, 24), (240, 140, 40), (70, 130, 220))
"""How a viewer shows the labels."""


def arrow_type(feature: dict[str, Any]) -> pa.DataType:
    """The Arrow type that ``datasets`` gives a feature of :data:`FEATURES`."""
    kind = feature.get("_type")
    if kind == "Value":
        return {"string": pa.string(), "bool": pa.bool_(), "int32": pa.int32()}[feature["dtype"]]
    if kind == "Image":
        return pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    if kind == "List":
        return pa.list_(arrow_type(feature["feature"]), feature.get("length", -1))
    return pa.struct([(name, arrow_type(child)) for name, child in feature.items()])


TYPES = {name: arrow_type(feature) for name, feature in FEATURES.items()}


def refuse_taken(schema: Schema, names: Sequence[str]) -> None:
    """Raises InputError where a schema has a column of its own under one of these names."""
    taken = next((column.name for column in schema.columns if column.name in names), None)
    if taken is not None:
        raise InputError(
            f"The schema {schema.name} has a column {taken!r}, which is also the name of a column "
            "of ground truth; rename it in the schema, or make the dataset without ground truth."
        )


def sampled(product: Product) -> dict[str, Any]:
    """The attributes that are the product's own, independent of how the picture is composed."""
    name, *colours = product.colourway
    keys = ("ground", "band", "line", "accent")
    return {
        "kind": product.kind,
        "wearer": product.wearer,
        "size": product.size,
        "detail": product.detail,
        "pattern": product.pattern,
        "material": product.material,
        "palette": {"name": name, **{key: hexed(rgb) for key, rgb in zip(keys, colours, strict=True)}},
        "view": product.view,
        "backdrop": product.backdrop,
    }


def bounds(labels: Labels) -> tuple[int, int, int, int]:
    """The box (x0, y0, x1, y1) around the subject of a mask, x1 and y1 just outside; zeros where none is."""
    return box_around(labels == SUBJECT)


def box_around(true: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """The box (x0, y0, x1, y1) around what is true, x1 and y1 just outside; zeros where nothing is."""
    rows, columns = np.flatnonzero(true.any(axis=1)), np.flatnonzero(true.any(axis=0))
    if not len(rows):
        return 0, 0, 0, 0
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def hexed(rgb: RGB) -> str:
    """A colour as text.

    >>> hexed((214, 30, 4))
    '#d61e04'
    """
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def mask_png(mask: Labels) -> bytes:
    """A mask (uint8, height x width) as a PNG with a palette: its pixels are the labels themselves.

    Two bits a pixel and run lengths: a fifth of the time and half the bytes of a grey PNG by Pillow's
    defaults, and a viewer shows colours where grey values of 0 to 2 would all be black.
    """
    from PIL import Image

    picture = Image.fromarray(mask)
    picture.putpalette([value for colour in _COLOURS for value in colour])
    return _png(picture)


def map_png(values: Depth | Normals) -> bytes:
    """A map as a PNG: depth (uint16, height x width) of 16 bits a pixel, normals (uint8, height x width x 3)
    in colour.

    Run lengths: three eighths of the time of Pillow's defaults for as many bytes.
    """
    from PIL import Image

    return _png(Image.fromarray(values))


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", compress_type=zlib.Z_RLE)
    return file.getvalue()


def array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Plain values without nulls as an Arrow array of one of the types in :data:`TYPES`."""
    if pa.types.is_struct(kind):
        fields = [array([value[field.name] for value in values], field.type) for field in kind]
        return pa.StructArray.from_arrays(fields, fields=list(kind))
    if pa.types.is_fixed_size_list(kind):
        return pa.FixedSizeListArray.from_arrays(_joined(values, kind), type=kind)
    if pa.types.is_list(kind):
        ends = np.cumsum([0, *map(len, values)], dtype=np.int32)
        return pa.ListArray.from_arrays(numbers(ends), _joined(values, kind), type=kind)
    if pa.types.is_string(kind):
        return texts(values)
    if pa.types.is_binary(kind):
        return contents(values)
    return numbers(np.array(values, np.bool_ if pa.types.is_boolean(kind) else np.int32))


def _joined(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    return array([each for value in values for each in value], kind.value_type)
