"""How products are photographed: on a figure or by themselves, from which side, before which backdrop.

A profile gives the shares; one raw word for each family decides, so all colourways of a product share
figure, view and backdrop.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal, NamedTuple

from pydantic import BeforeValidator, Field, model_validator

from datagen.product.section import Percent, Section, Weight, require_weight

STEPS = 1 << 21
"""Three choices are taken from 21 bits each of one raw word."""


class Look(NamedTuple):
    """One decision; ``view`` and ``backdrop`` are words of ``render.vocabulary``."""

    worn: bool
    view: str
    backdrop: str


Wanted = tuple[tuple[str, float], ...]
"""Words and their weights; none if any will do."""


class Figures(NamedTuple):
    """Which figures a catalogue shows: how much of each body, age, pose and origin."""

    bodies: Wanted = ()
    ages: Wanted = ()
    poses: Wanted = ()
    origins: Wanted = ()


ANYBODY = Figures()

Age = Annotated[Literal["adult", "older", "7", "8", "11", "12"], BeforeValidator(str)]
Pose = Literal[
    "square", "wide", "contrapposto", "shift", "crossed", "bent", "stride", "walking", "thigh", "both_thighs",
    "hand_on_hip", "both_on_hips", "behind",
]  # fmt: skip


class Looks(Section):
    """Percent of outerwear and of other clothes that a figure wears, and weights of views and backdrops.

    ``bodies``, ``ages``, ``poses`` and ``origins`` are weights of figures; where one is empty, all that can
    wear a product do.
    """

    outerwear: Percent = 100.0
    clothing: Percent = 100.0
    views: dict[Literal["front", "three_quarter", "back", "detail"], Weight] = Field(default={"front": 1.0})
    backdrops: dict[Literal["studio", "white", "colour"], Weight] = Field(default={"studio": 1.0})
    bodies: dict[Literal["slim", "full"], Weight] = Field(default={})
    ages: dict[Age, Weight] = Field(default={})
    poses: dict[Pose, Weight] = Field(default={})
    origins: dict[Literal["african", "asian", "european", "mixed", "southern"], Weight] = Field(default={})

    @model_validator(mode="after")
    def _some_weight(self) -> Looks:
        for name in ("views", "backdrops", *Figures._fields):
            weights: dict[str, float] = getattr(self, name)
            if weights or name not in Figures._fields:
                require_weight(weights.values(), f"entry of {name}")
        return self

    @cached_property
    def figures(self) -> Figures:
        """What the four kinds of weights say."""
        return Figures(*(tuple(getattr(self, name).items()) for name in Figures._fields))

    def look(self, raw: int, *, outerwear: bool) -> Look:
        """The look that a raw 64-bit word decides."""
        who, side, behind = (((raw >> shift) % STEPS) / STEPS for shift in (43, 22, 1))
        return Look(
            100 * who < (self.outerwear if outerwear else self.clothing),
            _pick(dict[str, float](self.views.items()), side),
            _pick(dict[str, float](self.backdrops.items()), behind),
        )


def _pick(weights: Mapping[str, float], u: float) -> str:
    """The word at the share ``u`` in [0, 1) of all weights."""
    left = u * sum(weights.values())
    picked = ""
    for word, weight in weights.items():
        if weight > 0:
            picked = word
            left -= weight
            if left < 0:
                break
    return picked
