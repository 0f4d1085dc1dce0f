"""What the renderer must know about a kind besides its drawing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from datagen.product.vocabulary import Fit
from datagen.render.layers import Sketch

CUTS = 2
"""Cut buckets per kind: how many different silhouettes of a kind there are; each has a mirror image too."""


@dataclass(frozen=True, slots=True)
class Kind:
    """``draw`` adds layers to a sketch. ``zoom`` is picture hundredths per cm, ``at`` the height in
    the picture (hundredths) of the product's centre; of its foot where ``ground`` (its weight) is above 0.

    ``width`` and ``height`` bound the product in hundredths of the picture's height. ``fits`` names
    the parts of a size word that matter ("length", "width", "scale", "taper"); ``details`` the details that
    change the shape; ``worn`` whether the wearer does. ``relief`` is a texture the kind always has,
    ``two_tone`` gives its trims the second colour. ``wear`` says how a figure wears it ("coat", "jacket",
    "top", "dress", "wrap", "legs", "skirt", "swim"); "" is always photographed lying or standing.
    ``opens`` is the share of its cuts that figures wear open, ``unzips`` the share worn unzipped half-way.
    """

    draw: Callable[[Sketch], None]
    zoom: float
    at: float = 51.0
    ground: float = 0.0
    width: float = 64.0
    height: float = 90.0
    fits: tuple[str, ...] = ("length", "width")
    details: frozenset[str] = frozenset()
    shaped_by_wearer: bool = True
    pattern_scale: float = 1.0
    relief: str = ""
    two_tone: bool = False
    tilts: bool = True
    wear: str = ""
    opens: float = 0.0
    unzips: float = 0.0

    def relevant_fit(self, fit: Fit) -> Fit:
        """The size word reduced to what this kind heeds, so that stencils are shared."""
        return Fit(**{name: getattr(fit, name) for name in self.fits})
