"""The sections of a profile that say what products cost: quantiles, legal endings, discounts, rates."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, model_validator

from datagen.product.section import Percent, Section, Share, Weight, require_weight


class Rate(Section):
    """One unit of the catalogue's currency in another, and the decimals it is rounded to."""

    rate: float = Field(gt=0, lt=1e6)
    decimals: int = Field(default=2, ge=0, le=4)


class PriceLaw(Section):
    """Quantiles of the price of a group of kinds: percent -> price, and the ladder they end on.

    ``scores`` are quantiles of the score that ranks a product: the sum of all effects and the noise. Without
    them they are those of the products that the profile makes.
    """

    quantiles: dict[Percent, Annotated[float, Field(gt=0, lt=1e9)]] = Field(min_length=2)
    ladder: str = "default"
    scores: dict[Percent, Annotated[float, Field(ge=-100, le=100)]] = Field(default={})

    @model_validator(mode="after")
    def _quantiles_rise(self) -> PriceLaw:
        percents = list(self.quantiles)
        prices = list(self.quantiles.values())
        if percents != sorted(percents) or percents[0] != 0 or percents[-1] != 100:
            raise ValueError("quantiles must go from 0 to 100 percent, in increasing order")
        if prices != sorted(prices):
            raise ValueError("quantiles must not decrease")
        if self.scores:
            percents, scores = list(self.scores), list(self.scores.values())
            if percents != sorted(percents) or percents[0] != 0 or percents[-1] != 100:
                raise ValueError("scores must go from 0 to 100 percent, in increasing order")
            if scores != sorted(scores):
                raise ValueError("scores must not decrease")
        return self


class Band(Section):
    """Legal prices up to ``below``: those whose remainder by ``step`` is one of ``endings``."""

    below: float = Field(gt=0, le=1e9)
    step: int = Field(ge=1, le=100_000)
    endings: dict[Annotated[int, Field(ge=0)], Weight]

    @model_validator(mode="after")
    def _endings_fit(self) -> Band:
        require_weight(self.endings.values(), "ending")
        wrong = next((ending for ending in self.endings if ending >= self.step), None)
        if wrong is not None:
            raise ValueError(f"the ending {wrong} is not below the step {self.step}")
        return self

    @property
    def legal_endings(self) -> list[int]:
        """The endings that prices of this band may have, in rising order."""
        return sorted(ending for ending, weight in self.endings.items() if weight > 0)

    def first_from(self, price: float) -> float:
        """The lowest number from ``price`` up that has one of the band's endings."""
        return min(
            ending + self.step * math.ceil((price - ending) / self.step) for ending in self.legal_endings
        )


class Discounts(Section):
    """Share of rows sold below their full price, by how much, and to which unit that is rounded."""

    share: Share = 0.0
    cuts: dict[Annotated[float, Field(gt=0, lt=1)], Weight] = Field(default={0.3: 1.0})
    round_to: float = Field(default=1.0, gt=0, le=1000)

    @model_validator(mode="after")
    def _some_cut(self) -> Discounts:
        require_weight(self.cuts.values(), "cut")
        return self


class Prices(Section):
    """The law of prices. Steps and endings of the ladders count the last of ``decimals`` digits."""

    noise: float = Field(default=0.15, ge=0, le=5, description="s.d. of the log price that nothing shows")
    near: float = Field(default=0.03, gt=0, le=1, description="how far a price moves to its ending, relative")
    by_title: Share = Field(
        default=0.0,
        description="share of products whose noise and ending follow from the words of their title",
    )
    bounds: tuple[float, float]
    decimals: int = Field(default=0, ge=0, le=3)
    wearers: dict[str, Annotated[float, Field(gt=0, le=100)]] = Field(default={})
    laws: dict[str, PriceLaw] = Field(min_length=1)
    ladders: dict[str, tuple[Band, ...]] = Field(min_length=1)
    discounts: Discounts = Discounts()

    @model_validator(mode="after")
    def _ladders_exist(self) -> Prices:
        low, high = self.bounds
        if not 0 < low < high <= 10_000_000:
            raise ValueError("bounds must be two prices above 0, the lower first")
        for name, law in self.laws.items():
            if law.ladder not in self.ladders:
                raise ValueError(f"the law {name} uses the ladder {law.ladder!r}, which does not exist")
        for name, bands in self.ladders.items():
            limits = [band.below for band in bands]
            if not limits or limits != sorted(set(limits)):
                raise ValueError(f"the bands of the ladder {name} must be in increasing order")
            scale = 10**self.decimals
            firsts = (
                (band.first_from(max(start, low) * scale) / scale, band) for start, band in from_below(bands)
            )
            if not any(first < band.below and first <= high for first, band in firsts):
                raise ValueError(
                    f"the ladder {name} has no price within the bounds {low:g} to {high:g}; "
                    "widen them, or add a band with an ending between them"
                )
        return self


def from_below(bands: tuple[Band, ...]) -> Iterator[tuple[float, Band]]:
    """Each band of a ladder with the price from which it holds."""
    start = 0.0
    for band in bands:
        yield start, band
        start = band.below
