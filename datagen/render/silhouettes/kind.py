"""The table entry of a kind: its drawing function, and how the kind is photographed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from datagen.product.vocabulary import Fit
from datagen.render.layers import Sketch

CUTS = 2
"""Number of different silhouettes (cut buckets) of a kind; each also appears as its mirror image."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind is drawn and photographed. Positions and sizes are in hundredths of the picture's height."""

    draw: Callable[[Sketch], None]
    """Adds the layers to a sketch, in paint order."""
    zoom: float
    """Hundredths of the picture's height per cm."""
    at: float = 51.0
    """Height of the product's centre; of its foot if ``ground`` is above 0."""
    ground: float = 0.0
    """Weight of the shadow on the floor; 0 for a product that lies or hangs."""
    thick: float = 0.8
    """By how many cm a product that lies rises above the surface: the length of its shadow."""
    width: float = 64.0
    """The product's largest width."""
    height: float = 90.0
    """The product's largest height."""
    fits: tuple[str, ...] = ("length", "width")
    """The factors of a size word that change the shape: "length", "width", "scale", "taper"."""
    details: frozenset[str] = frozenset()
    """The details that change the shape."""
    shaped_by_wearer: bool = True
    """Whether the wearer changes the shape."""
    pattern_scale: float = 1.0
    """A factor on the size of patterns."""
    relief: str = ""
    """A texture that the kind always has, of ``fabrics.RELIEFS``."""
    two_tone: bool = False
    """Whether trims always have the second colour."""
    tilts: bool = True
    """Whether some cuts are photographed at a slight angle."""
    wear: str = ""
    """How a figure wears it: a key of ``CROPS`` in ``figure/dressed_figure.py``; "" if no figure wears it."""
    opens: float = 0.0
    """The share of cuts that figures wear open."""
    unzips: float = 0.0
    """The share of cuts that figures wear unzipped half-way."""

    def relevant_fit(self, fit: Fit) -> Fit:
        """The factors of a size word that change this kind's shape, the others being 1: fewer stencils."""
        return Fit(**{name: getattr(fit, name) for name in self.fits})
