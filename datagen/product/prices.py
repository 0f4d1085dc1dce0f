"""Price law: what is visible, plus noise, ranked within the quantiles of the kind.

    score = sum of the effects of the words, the kind and the shelf + noise    (log price, up to a constant)
    rank  = share of products of the kind with a lower score
    price = quantile function of the law at that rank, x wearer x times, moved to a legal ending

So the quantiles of each kind come out as the profile has them, and within a kind the price
follows from what the title says and the picture shows.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from datagen.product.choices import I32, Choices
from datagen.product.naming import TitleTables
from datagen.product.price_law import Band, PriceLaw, Prices, from_below
from datagen.product.profile import Profile
from datagen.schemas.keyed import F64, U64, mix, place, uniforms, unit, words

RANKS = 1024
"""Products of each kind that are sampled to learn how scores of the kind are spread."""

_NEIGHBOURS = 8
_APART = 1000.0  # scores of two kinds never come this near: an effect is at most 5, the noise at most 5 x 3


class Ladder:
    """The legal prices of one ladder, in order, with the weight of each one's ending."""

    def __init__(self, bands: tuple[Band, ...], bounds: tuple[float, float], decimals: int = 0) -> None:
        """``decimals``: digits after the point, the last of which steps and endings count."""
        scale = 10**decimals
        low, high = bounds[0] * scale, bounds[1] * scale
        prices, weights = [np.empty(0)], [np.empty(0)]
        for start, band in from_below(bands):
            total = sum(band.endings.values())
            start, below = start * scale, band.below * scale
            top = min(below, high + 1)
            bases = np.arange(int(start // band.step) * band.step, int(top) + 1, band.step, dtype=np.float64)
            endings = band.legal_endings
            candidates = (bases[:, None] + endings).ravel()
            shares = np.tile([band.endings[ending] / total for ending in endings], len(bases))
            legal = (candidates >= max(start, low)) & (candidates < top) & (candidates <= high)
            prices.append(candidates[legal] / scale)
            weights.append(shares[legal])
        self.prices: F64 = np.concatenate(prices)
        self.weights: F64 = np.concatenate(weights)

    def move(self, price: F64, near: float, u: F64) -> F64:
        """Each price moved to a legal one close by.

        The candidates are weighted by their ending's weight times a Gaussian of their distance
        with standard deviation ``near`` x price; ``u`` in [0, 1) picks.
        """
        middle = np.searchsorted(self.prices, price)
        first = (middle - _NEIGHBOURS).clip(0, max(0, len(self.prices) - 2 * _NEIGHBOURS))
        window = (first[:, None] + np.arange(2 * _NEIGHBOURS)).clip(0, len(self.prices) - 1)
        candidates = self.prices[window]
        away = ((candidates - price[:, None]) / (near * price[:, None])) ** 2 / 2
        away -= away.min(axis=1, keepdims=True)  # a price far from any legal one takes the nearest
        shares = np.cumsum(self.weights[window] * np.exp(-away), axis=1)
        picked = (shares <= u[:, None] * shares[:, -1:]).sum(axis=1).clip(0, window.shape[1] - 1)
        moved: F64 = candidates[np.arange(len(price)), picked]
        return moved

    def from_which(self, low: float, high: float) -> tuple[float, float]:
        """The lowest and the highest price that :meth:`move` may move to one from ``low`` to ``high``."""
        first, last = np.searchsorted(self.prices, [low, high])
        below, above = int(first) - 2 * _NEIGHBOURS, int(last) + 2 * _NEIGHBOURS
        return (
            float(self.prices[below]) if below >= 0 else 0.0,
            float(self.prices[above]) if above < len(self.prices) else np.inf,
        )


class PriceModel:
    """The price law of a profile, compiled and calibrated."""

    def __init__(self, profile: Profile, titles: TitleTables) -> None:
        self._prices: Prices = profile.prices
        self._titles = titles
        kinds = list(profile.kinds.values())
        self._effects = {
            name: np.array([word.effect if word else 0.0 for word in slot.words])
            for name, slot in titles.slots.items()
        }
        self._times = {
            name: np.array([word.times if word else 1.0 for word in slot.words])
            for name, slot in titles.slots.items()
        }
        self.ladders = {
            name: Ladder(bands, profile.prices.bounds, profile.prices.decimals)
            for name, bands in profile.prices.ladders.items()
        }
        names = list(self.ladders)
        of_kind = [names.index(profile.prices.laws[kind.price].ladder) for kind in kinds]
        self._ladder = np.array(
            [
                [names.index(shelf.ladder)] * len(kinds) if shelf.ladder else of_kind
                for shelf in profile.shelves
            ]
        )
        at_kind = {name: at for at, name in enumerate(profile.kinds)}
        self._effect = np.array([[kind.effect + shelf.effect for kind in kinds] for shelf in profile.shelves])
        for at, shelf in enumerate(profile.shelves):
            for name, effect in shelf.effects.items():
                self._effect[at, at_kind[name]] += effect
        self._at_rank = np.stack([_quantiles(profile.prices.laws[kind.price]) for kind in kinds])
        wearers = sorted(
            set(profile.wearers.values()) | {shelf.wearer for shelf in profile.shelves if shelf.wearer}
        )
        self._of_wearer = {wearer: profile.prices.wearers.get(wearer, 1.0) for wearer in wearers}
        self._off = Choices([list(enumerate(profile.prices.discounts.cuts.values()))])
        self._off_values = np.array(list(profile.prices.discounts.cuts))
        self._scores = self._calibrate(profile)
        first, last = (np.searchsorted(self._scores, self._scores, side) for side in ("left", "right"))
        self._middle = (first + last) // 2

    @property
    def by_title(self) -> float:
        """The share of products whose noise and ending follow from the words of their title."""
        return self._prices.by_title

    def full(self, shelf: I32, kind: I32, law: F64, u: F64) -> F64:
        """Full prices (float64) of some products from those of :meth:`law`; ``u``: for the ending."""
        price = law.copy()
        for at, ladder in enumerate(self.ladders.values()):
            mine = self._ladder[shelf, kind] == at
            if mine.any():
                price[mine] = ladder.move(price[mine], self._prices.near, u[mine])
        return price

    def law(
        self,
        shelf: I32,
        kind: I32,
        wearer: NDArray[np.str_],
        phrases: Mapping[str, I32],
        noise: tuple[F64, F64, F64],
    ) -> F64:
        """Prices (float64) of some products by the law, on any ending; ``noise``: three uniforms a row."""
        score = self._score(shelf, kind, phrases, noise)
        score += kind * _APART
        rank = np.searchsorted(self._scores, score)
        if self.by_title:  # all products of one title have one score: they take the middle of their ranks
            known = self._scores[rank.clip(0, len(self._scores) - 1)] == score
            rank[known] = self._middle[rank[known]]
        rank -= kind * RANKS
        price: F64 = self._at_rank[kind, rank.clip(0, RANKS - 1)]
        for name, times in self._times.items():
            price = price * times[phrases[name]]
        for name, factor in self._of_wearer.items():
            if factor != 1.0:
                price = np.where(wearer == name, price * factor, price)
        return price.clip(*self._prices.bounds)

    def at_rank(self, kind: int, rank: float) -> float:
        """The price below which a share of the products of a kind is, by its law."""
        return float(self._at_rank[kind, min(int(rank * RANKS), RANKS - 1)])

    def rank_and_score(self, kind: int, price: float) -> tuple[float, float]:
        """The rank of a law's price within its kind (0 to 1), and the score that leads to it."""
        rank = min(int(np.searchsorted(self._at_rank[kind], price)), RANKS - 1)
        return rank / RANKS, float(self._scores[kind * RANKS + rank] - kind * _APART)

    def within_reach(self, shelf: I32, kind: I32, law: F64, low: float, high: float) -> NDArray[np.bool_]:
        """Whether a full price from ``low`` to ``high`` may come of the law's price; False: it cannot."""
        lowest = np.array([ladder.from_which(low, high)[0] for ladder in self.ladders.values()])
        highest = np.array([ladder.from_which(low, high)[1] for ladder in self.ladders.values()])
        ladder = self._ladder[shelf, kind]
        reach: NDArray[np.bool_] = (law >= lowest[ladder]) & (law <= highest[ladder])
        return reach

    def paid(self, full: F64, u_whether: F64, u_off: F64) -> F64:
        """Prices after the profile's discounts (float64), never above the full price."""
        law = self._prices.discounts
        off = self._off_values[self._off.draw(np.zeros(len(full), dtype=np.int32), u_off)]
        reduced = np.maximum(np.round(full * (1 - off) / law.round_to), 1) * law.round_to
        reduced = np.round(reduced, 6)  # 1799 cents are 17.99, not 17.990000000000002
        return np.where(u_whether < law.share, np.minimum(reduced, full), full)

    def _score(self, shelf: I32, kind: I32, phrases: Mapping[str, I32], noise: tuple[F64, F64, F64]) -> F64:
        # Three uniforms, centred and scaled to variance 1: bell-shaped, and exact on every machine.
        score = (noise[0] + noise[1] + noise[2] - 1.5) * (2.0 * self._prices.noise)
        for name, effects in self._effects.items():
            score += effects[phrases[name]]
        score += self._effect[shelf, kind]
        return score

    def _calibrate(self, profile: Profile) -> F64:
        """Scores of RANKS products of each kind, sorted, kind after kind. Has its own fixed seed."""
        laws = [profile.prices.laws[kind.price] for kind in profile.kinds.values()]
        kind = np.repeat(np.arange(len(laws), dtype=np.int32), RANKS)
        if all(law.scores for law in laws):
            score = np.concatenate([_at_ranks(law.scores) for law in laws])
            return np.sort(kind * _APART + score)

        def draw(purpose: str) -> F64:
            return uniforms(0, f"calibration/{purpose}", 0, len(kind))

        shelf = _shelves_of_kinds(profile).draw(kind, draw("shelf"))
        phrases = self._titles.draw(shelf, kind, draw)
        noise = draw
        if self.by_title:
            own = words(0, "calibration/price/key", 0, len(kind))
            key = keys_of_prices(self._titles.keys(phrases), own, self.by_title)
            noise = lambda purpose: of_key(key, f"price/{purpose}")  # noqa: E731 - it replaces a function
        score = self._score(shelf, kind, phrases, (noise("noise1"), noise("noise2"), noise("noise3")))
        for at, law in enumerate(laws):
            if law.scores:
                score[at * RANKS : (at + 1) * RANKS] = _at_ranks(law.scores)
        return np.sort(kind * _APART + score)


def keys_of_prices(said: U64, own: U64, by_title: float) -> U64:
    """What decides the noise and the ending of each price: for a share of them its title, or else the row.

    ``said``: the numbers of the titles, the same in every catalogue; ``own``: a random word of each row.
    """
    return np.where(unit(own) < by_title, said, own)


def of_key(key: U64, purpose: str) -> F64:
    """One uniform for each key of :func:`keys_of_prices`."""
    return unit(mix(key + np.uint64(place(0, purpose, "price"))))


def _shelves_of_kinds(profile: Profile) -> Choices:
    """The shelves of each kind, by the shares of its products there."""
    groups: list[list[tuple[int, float]]] = []
    for name in profile.kinds:
        there = [
            (at, shelf.share * shelf.kinds[name] / sum(shelf.kinds.values()))
            for at, shelf in enumerate(profile.shelves)
            if shelf.kinds.get(name)
        ]
        # A kind that is nowhere is never drawn, but it has a place in the tables.
        groups.append(there if any(weight > 0 for _, weight in there) else [(0, 1.0)])
    return Choices(groups)


def _at_ranks(quantiles: Mapping[float, float]) -> F64:
    """Quantiles at RANKS evenly spaced ranks, linear between those given."""
    ranks = (np.arange(RANKS) + 0.5) / RANKS * 100
    return np.interp(ranks, list(quantiles), list(quantiles.values()))


def _quantiles(law: PriceLaw) -> F64:
    """The law at RANKS evenly spaced ranks, log-linear between the quantiles it gives."""
    logs = np.log(list(law.quantiles.values()))
    return np.exp(_at_ranks(dict(zip(law.quantiles, logs, strict=True))))
