"""Depth of field: in a detail view, for which a camera comes near, what is not in focus is soft.

The blur is that of a thin lens: a point at distance d, with the focus at distance s, is a disc of diameter
f / N * f / (s - f) * |d - s| / d on the sensor (f: focal length, N: f-number; Ray, Applied Photographic
Optics, 3rd ed., chapter 22). At the distance from which a whole figure is seen, it is smaller than a pixel.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from datagen.render.planes import Bytes

FOCAL, STOP, SENSOR = 85.0, 4.0, 36.0
"""Focal length in mm, f-number, and the height of the sensor in mm: a portrait lens, opened for a detail."""

RADII = (0.0, 1.0, 2.0, 4.0)
"""Of the blurs that are mixed, in pixels."""

CENTRE = 3
"""What lies in the middle third of the picture, across and down, is in focus: its median distance."""

Distances = npt.NDArray[np.uint16]


def radii(distance: Distances, unit: float, height: int) -> npt.NDArray[np.float64]:
    """The radius of the blur of each pixel of a picture, in pixels.

    ``distance``: (height, width), mm from any plane before the product, 0 where there is none; ``unit``: px
    per cm of the product.
    """
    seen = distance > 0
    rows, columns = (slice(side // CENTRE, side - side // CENTRE) for side in distance.shape)
    middle = distance[rows, columns][seen[rows, columns]]
    if not len(middle):
        return np.zeros(distance.shape)
    # So that the picture's height is that of the sensor.
    focus = FOCAL * (1 + height / unit * 10 / SENSOR)
    off = distance.astype(np.float64) - float(np.median(middle))
    disc = FOCAL / STOP * FOCAL / (focus - FOCAL) * np.abs(off) / np.maximum(focus + off, FOCAL)
    return np.where(seen, disc / 2 * height / SENSOR, 0.0)


def focused(frame: Bytes, radius: npt.NDArray[np.float64]) -> None:
    """Blur the planes of a frame, (3, height, width), by a radius for each pixel, in place."""
    level = np.interp(radius, RADII, np.arange(len(RADII)))
    low = np.minimum(level.astype(np.intp), len(RADII) - 2)
    share = np.rint((level - low) * 256).astype(np.uint16)
    for plane in frame:
        image = Image.fromarray(plane)
        blurred = np.stack([np.asarray(image.filter(ImageFilter.BoxBlur(each))) for each in RADII])
        near, far = (
            np.take_along_axis(blurred, (low + more)[None], axis=0)[0].astype(np.uint16) for more in (0, 1)
        )
        plane[...] = (near * (256 - share) + far * share + 128) >> 8
