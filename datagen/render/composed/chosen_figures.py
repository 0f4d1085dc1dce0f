"""Which figures wear the products of a catalogue that asks for shares of bodies, ages, poses or origins."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

from datagen.product.looks import Figures
from datagen.render.baked import layers

Choice = tuple[str, str]
"""A figure, and a cut that it can wear."""

ROUNDS = 30
"""Of fitting shares to one attribute after another; they come out right where the figures allow it."""

STARTS = 1 << 20
"""Places at which choices can begin."""

TOLD = {"bodies": "build", "ages": "age", "poses": "pose", "origins": "origin"}
"""What the index of the baked data calls each attribute of a figure."""


@lru_cache(maxsize=4096)
def shares(choices: tuple[Choice, ...], figures: Figures) -> tuple[float, ...]:
    """The share of each choice, by iterative proportional fitting to the weights of each attribute.

    All have equal shares of an attribute of which no figure that can wear the product has any weight.
    """
    found = [1.0 / len(choices)] * len(choices)
    asked = []
    for name, wanted in figures._asdict().items():
        weights = dict(wanted)
        words = [str(layers.index().figures[figure][0][TOLD[name]]) for figure, _ in choices]
        if sum(weights.get(word, 0.0) for word in set(words)) > 0:
            asked.append((weights, words))
    for _ in range(ROUNDS if len(asked) > 1 else 1):
        for weights, words in asked:
            found = _fitted(found, weights, words)
    return tuple(found)


def _fitted(before: Sequence[float], weights: dict[str, float], words: Sequence[str]) -> list[float]:
    """Shares that are in proportion to the weights of words, as far as any are left of these."""
    held = dict.fromkeys(words, 0.0)
    for word, share in zip(words, before, strict=True):
        held[word] += share
    most = sum(weights.get(word, 0.0) for word in held if held[word] > 0)
    if not most > 0:
        return list(before)
    return [
        share * weights.get(word, 0.0) / most / held[word] if held[word] > 0 else 0.0
        for word, share in zip(words, before, strict=True)
    ]


def spread(shares_of: Sequence[float], start: int, count: int, choices: Sequence[Choice]) -> list[Choice]:
    """``count`` choices, each as often as its share says, beginning anywhere: evenly spaced on a line on
    which every choice is as long as its share."""
    ends = list(accumulate(shares_of))
    first = (start % STARTS) / STARTS
    return [choices[bisect_right(ends, (first + at) / count * ends[-1])] for at in range(count)]
