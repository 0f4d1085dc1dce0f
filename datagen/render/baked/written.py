"""Layers written: one file for a figure with its garments, and the index over all files of a folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from datagen.render.baked.layers import PIXELS_PER_CM, VERSION, Figure, Garment, Layer
from datagen.render.baked.packed import pack_layer, pack_mask
from datagen.render.baked.packshots import Packshot
from datagen.schemas.files import write_file

SUFFIX = ".layers"


def write_figure(folder: Path, figure: Figure, garments: Iterable[Garment]) -> None:
    """Write ``NAME.layers``: a line of JSON that says what there is, then the layers. Raises OSError."""
    blobs: list[bytes] = []
    told = {
        **{key: getattr(figure, key) for key in ("name", "wearer", "build", "age", "pose", "view", "origin")},
        "keypoints": np.round(figure.keypoints.astype(float), 2).tolist(),
        "ground": np.round(figure.ground.astype(float), 2).tolist(),
        "layer": _add(blobs, figure.body, b""),
    }
    if figure.head is not None:
        told["head"] = _add(blobs, figure.head, b"")
    worn = [
        {
            **{key: getattr(each, key) for key in ("kind", "cut", "closed", "rank", "zoom")},
            "layer": _add(blobs, each.layer, pack_mask(each.hides)),
        }
        for each in sorted(garments, key=lambda each: (each.kind, each.cut))
    ]
    head = (
        json.dumps({"version": VERSION, "figure": told, "garments": worn}, separators=(",", ":")).encode()
        + b"\n"
    )
    write_file(folder / f"{figure.name}{SUFFIX}", head + b"".join(blobs))


def write_packshots(folder: Path, kind: str, shots: Iterable[Packshot]) -> None:
    """Write ``packshots-KIND.layers``, laid out like the file of a figure. Raises OSError."""
    blobs: list[bytes] = []
    told = [
        {
            **{key: getattr(each, key) for key in ("kind", "cut", "view", "scale", "mark", "badge")},
            "layer": _add(blobs, each.layer, b""),
        }
        for each in sorted(shots, key=lambda each: (each.cut, each.view))
    ]
    head = json.dumps({"version": VERSION, "packshots": told}, separators=(",", ":")).encode() + b"\n"
    write_file(folder / f"packshots-{kind}{SUFFIX}", head + b"".join(blobs))


def _add(blobs: list[bytes], layer: Layer, mask: bytes) -> list[Any]:
    """Append a layer, and tell where it is: offset behind the first line, size, digest, box."""
    blob = pack_layer(layer[2:]) + mask
    offset = sum(map(len, blobs))
    blobs.append(blob)
    height, width = layer.coverage.shape
    return [offset, len(blob), hashlib.sha256(blob).hexdigest(), layer.left, layer.top, width, height]


def write_index(folder: Path) -> None:
    """Write ``index.json`` over the files that a folder holds. Raises OSError."""
    files = {}
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        content = path.read_bytes()
        head, _, _ = content.partition(b"\n")
        told = json.loads(head)
        told.pop("version")
        figures = [told["figure"]] if "figure" in told else []
        for each in [*figures, *told.get("garments", ()), *told.get("packshots", ())]:
            for name in ("layer", "head"):
                if name in each:
                    each[name][0] += len(head) + 1
        files[path.name] = {
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            **told,
        }
    whole = {"version": VERSION, "pixels_per_cm": PIXELS_PER_CM, "files": files}
    write_file(folder / "index.json", json.dumps(whole, separators=(",", ":")) + "\n")
