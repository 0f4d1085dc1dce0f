"""What all sections of a profile have in common: their base, and numbers that mean a weight or a share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Section(BaseModel):
    """A part of a profile; ``source`` says where its numbers come from, or ``modelled``."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    source: str = ""


def _is_weight(value: float) -> float:
    if not 0 <= value < 1e9:
        raise ValueError("a weight must be a number from 0 up to 1e9")
    return value


def require_weight(weights: Iterable[float], what: str = "entry") -> None:
    """Raises ValueError where no weight is above 0; ``what`` names what the weights are of."""
    if not sum(weights) > 0:
        raise ValueError(f"at least one {what} must have a weight above 0")


def _some_weight(weights: dict[str, float]) -> dict[str, float]:
    require_weight(weights.values())
    return weights


Weight = Annotated[float, Field(allow_inf_nan=False), AfterValidator(_is_weight)]
"""Relative to its neighbours."""

Weights = Annotated[dict[str, Weight], AfterValidator(_some_weight)]
"""Weights by name, at least one of them above 0."""

Percent = Annotated[float, Field(ge=0, le=100)]
Share = Annotated[float, Field(ge=0, le=1)]
