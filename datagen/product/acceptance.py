"""Which drawn products satisfy conditions, for arrays of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from datagen.product.choices import I32
from datagen.product.conditions import PLAIN_LOOK, Conditions
from datagen.product.naming import TitleTables
from datagen.product.profile import ATTRIBUTES, Profile
from datagen.schemas.keyed import F64

_NOT_FIXED = -1


class Acceptance:
    """The conditions on what is drawn after a kind, the looks and the prices, compiled to tables."""

    def __init__(self, conditions: Conditions, profile: Profile, titles: TitleTables) -> None:
        self._bounds = conditions.bounds
        self._discounts = profile.prices.discounts
        self._plain: dict[str, NDArray[np.bool_]] = {}
        self._fixed: dict[str, dict[str, NDArray[np.int8]]] = {}
        for attribute, allowed in conditions.looks.items():
            self._plain[attribute] = np.array(
                [_allows(profile, kind, attribute, allowed) for kind in profile.kinds]
            )
            self._fixed[attribute] = {}
            for slot, compiled in titles.slots.items():
                drawn = [
                    None if word is None else word.draw or ({slot: name} if slot in ATTRIBUTES else {})
                    for word, name in zip(compiled.words, compiled.names, strict=True)
                ]
                fixed = [
                    _NOT_FIXED if not each or attribute not in each else int(each[attribute] in allowed)
                    for each in drawn
                ]
                if max(fixed) > _NOT_FIXED:
                    self._fixed[attribute][slot] = np.array(fixed, dtype=np.int8)

    @property
    def asks(self) -> bool:
        """Whether there is any condition."""
        return bool(self._plain or self._bounds)

    @property
    def asks_prices(self) -> bool:
        """Whether there is a condition on prices."""
        return bool(self._bounds)

    @property
    def full_prices(self) -> tuple[float, float]:
        """The lowest and the highest full price that can satisfy the conditions."""
        low = max(
            [bound.low - 0.5 * bound.whole for bound in self._bounds], default=0.0
        )  # paid is at most full
        full = [bound.high + 0.5 * bound.whole for bound in self._bounds if bound.which == "full"]
        paid = [
            self._full_of(bound.high + 0.5 * bound.whole) for bound in self._bounds if bound.which == "paid"
        ]
        return low, min(full + paid, default=np.inf)

    def looks(self, kind: I32, phrases: Mapping[str, I32]) -> NDArray[np.bool_]:
        """Which products of some kinds and phrases show what the conditions say."""
        holds = np.ones(len(kind), dtype=bool)
        for attribute, plain in self._plain.items():
            shown = plain[kind]
            for slot, of_phrase in self._fixed[attribute].items():  # a later slot has the last word
                fixed = of_phrase[phrases[slot]]
                shown = np.where(fixed == _NOT_FIXED, shown, fixed == 1)
            holds &= shown
        return holds

    def prices(self, full: F64, paid: F64) -> NDArray[np.bool_]:
        """Which products of some full and paid prices are within the bounds."""
        holds = np.ones(len(full), dtype=bool)
        for bound in self._bounds:
            price = full if bound.which == "full" else paid
            price = np.round(price) if bound.whole else price
            holds &= (price >= bound.low) & (price <= bound.high)
        return holds

    def _full_of(self, paid: float) -> float:
        """A full price that no higher one can be reduced from to a paid price."""
        law = self._discounts
        if not law.share:
            return paid
        least = 1 - max(law.cuts)  # of the full price, before the reduced one is rounded
        return max(paid, (paid + law.round_to) / least) if least > 0 else np.inf


def _allows(profile: Profile, kind: str, attribute: str, allowed: frozenset[str]) -> bool:
    """Whether a kind shows an allowed word of an attribute where its title says nothing of it."""
    described = profile.kinds[kind]
    if attribute == "colourway" and attribute not in described.plain:
        palette = profile.palettes[described.palette]
        return all(name in allowed for name, weight in palette.items() if weight > 0)
    return described.plain.get(attribute, PLAIN_LOOK.get(attribute, "")) in allowed
