"""Baked surfaces: what a camera sees of a figure and of each garment it can wear, as small integer images.

One file holds a figure and all its garments (``packed.py`` says how); ``index.json`` lists them with sizes
and
digests, so that a layer is read alone, checked, and decoded when it is asked for.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from datagen.render.baked.packed import unpack_layer, unpack_mask
from datagen.render.cache import Cache
from datagen.schemas import InputError, RunFailed
from datagen.schemas.files import read_file

VERSION = 1
"""Of the files; a reader refuses any other."""

WIDTH, HEIGHT = 480, 640
"""The frame that every layer is a part of, pixels."""

PIXELS_PER_CM = 3.25
"""Of the frame, at the figure's frontal plane: 185 cm fill 601 pixels."""

GROUND = 622
"""The frame's row at which heels of a standing figure touch the ground."""

DATA = Path(__file__).parent / "data"
"""The layers that are installed with the package."""

FINE = 2
"""Heads and hair are stored in a frame that is this many times larger, for pictures that show them near."""

CACHE_BYTES = 24_000_000
"""Limit on the decoded layers that a process keeps: about 40 garments, or 9 figures with their garments."""

MOST_INDEX = 32 << 20
"""Bytes that an index can need at most."""

PARTS = (
    "none",
    *("skin_face", "skin_neck", "skin_torso", "skin_arm", "skin_leg", "hand", "foot", "ear", "nails"),
    *("lips", "eye_white", "iris", "pupil", "brows", "lashes", "hair", "shoe", "sole", "sock", "underwear"),
    *("body", "back", "sleeve_left", "sleeve_right", "leg_left", "leg_right", "inside"),
    *("collar", "lapel", "placket", "cuff", "hem", "waistband", "yoke", "pocket", "flap", "fly"),
    *("belt", "buckle", "belt_loop", "epaulette", "strap", "hood", "drawcord", "button", "zip", "neckband"),
    *("toe_cap", "heel_cap", "tongue", "lace", "eyelet", "welt", "outsole", "insole", "elastic", "lining"),
    *("handle", "edge", "base", "hardware", "stitch", "seam", "panel", "rib", "card", "fringe"),
    *("frame", "lens", "glass", "liquid", "stopper", "label", "dial", "index", "pearl", "stem"),
    *("rivet", "pleat", "tape", "stubble", "laces"),
)
"""What ``Layer.part`` counts through, for figures and garments alike. Left and right are the wearer's."""

Bytes = npt.NDArray[np.uint8]


class Layer(NamedTuple):
    """One surface as the camera sees it, cropped to its box. Outside of ``coverage`` values are repeated
    edges."""

    left: int
    """Column of the box's left edge in the frame."""
    top: int
    """Row of its upper edge."""
    coverage: Bytes
    """(height, width): how much of the pixel is covered, 255 being all of it."""
    part: Bytes
    """(height, width): an index into PARTS."""
    normal: npt.NDArray[np.int8]
    """(height, width, 2): the surface's normal in 1/127, x to the right and y down; its z is towards the
    camera."""
    cloth: npt.NDArray[np.int16]
    """(height, width, 2): place within the piece of cloth, across and along the warp, in half millimetres,
    growing
    to the right and down as the wearer stands; strands of hair: across and along them; 0 for skin."""
    open: Bytes
    """(height, width): the share of directions from which light arrives, 255 being all."""
    lit: Bytes
    """(height, width): the share of the key light (left, above, in front) that arrives; not how steeply it
    does."""
    depth: npt.NDArray[np.int16]
    """(height, width): millimetres towards the camera from the figure's frontal plane."""


class Figure(NamedTuple):
    """A body in a pose as one camera sees it, with head and shoes and without hair or clothes."""

    name: str
    wearer: str
    """"woman", "man" or "child"."""
    build: str
    age: str
    pose: str
    view: str
    """"front", "three_quarter" or "back"."""
    body: Layer
    keypoints: npt.NDArray[np.float32]
    """(17, 3): COCO's body points: column and row in the frame; 0 not in it, 1 hidden, 2 visible."""
    ground: npt.NDArray[np.float32]
    """(n, 4): where soles touch the ground: lines from (column, row) to (column, row)."""
    origin: str = ""
    """Whose skin and hair suit the face: a key of ``complexions.COMPLEXIONS``; "" for any."""
    head: Layer | None = None
    """Head and neck once more, in a frame ``FINE`` times as large; None where there is none."""


class Garment(NamedTuple):
    """A garment, or a cut of hair, as one figure wears it."""

    kind: str
    """A key of ``silhouettes.TABLE``, or "hair"."""
    cut: str
    figure: str
    closed: str
    """"open", "half" or "closed"."""
    rank: int
    """What lies on what: 0 legs and skirts, 1 tops and dresses, 2 jackets and knits over them, 3 coats, 4
    hair."""
    layer: Layer
    hides: Bytes
    """(HEIGHT, WIDTH // 8), the bits of a mask (``np.packbits``): where the body lies under this garment for
    good: no skin may show there."""
    zoom: int = 1
    """How many times larger than WIDTH x HEIGHT the layer's frame is: 1 or ``FINE``."""


_decoded: Cache[Figure | Garment] = Cache(CACHE_BYTES)


class Record(NamedTuple):
    """Where a layer is in its file, and its box."""

    file: str
    offset: int
    size: int
    sha256: str
    left: int
    top: int
    width: int
    height: int


class Index(NamedTuple):
    """What there is, without decoding it."""

    figures: dict[str, tuple[dict[str, Any], Record]]
    """Name -> the fields of the figure that are no layer, its record."""
    heads: dict[str, Record]
    """Name -> the record of the figure's head."""
    garments: dict[tuple[str, str, str], tuple[dict[str, Any], Record]]
    """(kind, cut, figure) -> the fields of the garment that are no layer, its record."""
    packshots: dict[tuple[str, str, str], tuple[dict[str, Any], Record]]
    """(kind, cut, view) of products without a wearer -> the fields that are no layer, its record."""
    sizes: dict[str, int]
    """Bytes of each file."""
    digest: str
    """SHA-256 (hex) of the index, which holds those of all layers."""


@functools.lru_cache(maxsize=4)
def index(folder: Path = DATA) -> Index:
    """What a folder of layers holds. Raises RunFailed for one that is missing, damaged or of another
    version."""
    path = folder / "index.json"
    try:
        content = read_file(path, MOST_INDEX)
    except (OSError, InputError) as error:
        raise RunFailed(f"{path} cannot be read ({_reason(error)}): install datagen again.") from None
    try:
        told = json.loads(content)
        version = told["version"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise RunFailed(f"{path} is damaged: install datagen again.") from None
    if version != VERSION:
        raise RunFailed(
            f"{path} has version {str(version)[:20]}, this datagen reads {VERSION}: install one of both."
        )
    try:
        figures, heads, garments, packshots, sizes = {}, {}, {}, {}, {}
        for file, entry in told["files"].items():
            if Path(file).name != file:
                raise ValueError(file)
            sizes[file] = int(entry["size"])
            if "packshots" in entry:
                for one in entry["packshots"]:
                    packshots[one["kind"], one["cut"], one["view"]] = one, _record(file, one["layer"])
                continue
            figure = entry["figure"]
            figures[str(figure["name"])] = figure, _record(file, figure["layer"])
            if "head" in figure:
                heads[str(figure["name"])] = _record(file, figure["head"], FINE)
            for one in entry["garments"]:
                zoom = one.setdefault("zoom", 1)
                if zoom not in (1, FINE):
                    raise ValueError(zoom)
                garments[one["kind"], one["cut"], figure["name"]] = one, _record(file, one["layer"], zoom)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RunFailed(f"{path} is damaged: install datagen again.") from None
    return Index(figures, heads, garments, packshots, sizes, hashlib.sha256(content).hexdigest())


def _record(file: str, told: list[Any], zoom: int = 1) -> Record:
    offset, size, sha256, left, top, width, height = told
    record = Record(file, int(offset), int(size), str(sha256), int(left), int(top), int(width), int(height))
    inside = record.left >= 0 and record.top >= 0 and record.width > 0 and record.height > 0
    if not inside or record.left + record.width > WIDTH * zoom or record.top + record.height > HEIGHT * zoom:
        raise ValueError(told)
    if record.offset < 0 or record.size < 0:
        raise ValueError(told)
    return record


def _reason(error: Exception) -> str:
    return str(error.strerror or error) if isinstance(error, OSError) else str(error)


def figure(name: str, folder: Path = DATA) -> Figure:
    """A figure, decoded. Raises InputError for a name that is not in the index, RunFailed for a damaged
    file."""
    known = index(folder)
    if name not in known.figures:
        raise InputError(
            f"There is no figure {name[:60]!r}: choose one of {', '.join(sorted(known.figures))}."
        )
    return _decoded.get(("", "", name, folder), lambda: _figure(name, folder, known), _size)  # type: ignore[return-value]


def _figure(name: str, folder: Path, known: Index) -> Figure:
    told, record = known.figures[name]
    layer, _ = read(folder, known, record)
    fields = {key: str(told[key]) for key in ("name", "wearer", "build", "age", "pose", "view")}
    return Figure(
        **fields,
        body=layer,
        keypoints=np.array(told["keypoints"], np.float32).reshape(17, 3),
        ground=np.array(told["ground"], np.float32).reshape(-1, 4),
        origin=str(told.get("origin", "")),
        head=read(folder, known, known.heads[name])[0] if name in known.heads else None,
    )


def garment(kind: str, cut: str, figure: str, folder: Path = DATA) -> Garment:
    """A garment, decoded. Raises InputError for one that is not in the index, RunFailed for a damaged
    file."""
    known = index(folder)
    if (kind, cut, figure) not in known.garments:
        raise InputError(
            f"No figure {figure[:60]!r} wears a {kind[:60]!r} of the cut {cut[:60]!r}: see index()."
        )
    key = kind, cut, figure, folder
    return _decoded.get(key, lambda: _garment(kind, cut, figure, folder, known), _size)  # type: ignore[return-value]


def _garment(kind: str, cut: str, figure: str, folder: Path, known: Index) -> Garment:
    told, record = known.garments[kind, cut, figure]
    layer, mask = read(folder, known, record)
    return Garment(kind, cut, figure, str(told["closed"]), int(told["rank"]), layer, mask, int(told["zoom"]))


def clear() -> None:
    """Forget what was decoded."""
    _decoded.clear()


def _size(one: Figure | Garment) -> int:
    """Bytes of what is decoded."""
    if isinstance(one, Figure):
        return _bytes(one.body) + (_bytes(one.head) if one.head is not None else 0)
    return _bytes(one.layer) + one.hides.nbytes


def _bytes(layer: Layer) -> int:
    return sum(plane.nbytes for plane in layer[2:] if any(plane.strides))


def read(folder: Path, known: Index, record: Record) -> tuple[Layer, Bytes]:
    """A layer of a file and the mask that follows it, its rows as bits, checked."""
    path = folder / record.file
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size != known.sizes[record.file]:
                raise RunFailed(f"{path} is cut short or of another version: install datagen again.")
            file.seek(record.offset)
            content = file.read(record.size)
    except OSError as error:
        raise RunFailed(f"{path} cannot be read ({_reason(error)}): install datagen again.") from None
    if hashlib.sha256(content).hexdigest() != record.sha256:
        raise RunFailed(f"{path} is damaged: install datagen again.")
    planes, rest = unpack_layer(content, record.width, record.height)
    layer = Layer(record.left, record.top, *planes)
    for plane in planes:
        plane.setflags(write=False)
    mask = unpack_mask(rest, WIDTH, HEIGHT)
    mask.setflags(write=False)
    return layer, mask
