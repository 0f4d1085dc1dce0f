"""Contact sheets of a report: pictures side by side, and those that give the synthetic set away."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from datagen.dataset.folder import Folder
from datagen.report.figures import ContactSheet, Picture
from datagen.report.pictures.sets import shown
from datagen.report.pictures.sides import Side, Sides
from datagen.report.pictures.told_apart import Compared
from datagen.schemas.keyed import F64, I64

SIDE_BY_SIDE, GIVEN_AWAY = 24, 12
"""Pictures of each side on the two sheets."""


@dataclass(frozen=True)
class Folders:
    """Where the pictures of the held real rows and of the synthetic ones are."""

    held: Folder
    synthetic: Folder


def contact_sheets(sides: Sides, found: Compared, folders: Folders) -> tuple[ContactSheet, ...]:
    """Both sheets. ``found``: the synthetic pictures against the held ones."""
    real, made = _side_by_side(sides.held, sides.synthetic)
    suspicion = found.score[len(sides.held) :]
    surely = _one_of_each_family(sides.synthetic, np.argsort(-suspicion, kind="stable"))
    missing = _one_of_each_family(sides.held, np.argsort(-found.neighbours.gap, kind="stable"))
    return (
        ContactSheet(
            "Side by side",
            _pictures(sides.held, real, folders.held),
            _pictures(sides.synthetic, made, folders.synthetic),
            "Drawn at random; where both sets have a category, pictures at the same place show the same one.",
        ),
        ContactSheet(
            "What gives them away",
            _pictures(sides.held, missing, folders.held),
            _pictures(sides.synthetic, surely, folders.synthetic),
            "Left, the real pictures that no synthetic one is near. Right, the synthetic pictures that the "
            "classifier is surest of.",
        ),
    )


def _side_by_side(held: Side, made: Side) -> tuple[list[int], list[int]]:
    """Pictures of each side, with the same category at the same place as far as there are any."""
    real_shelves, made_shelves = _shelves(held), _shelves(made)
    firsts = [_one_of_each_family(side, np.arange(len(side)), len(side)) for side in (held, made)]
    queues = []
    for shelves, order in ((real_shelves, firsts[0]), (made_shelves, firsts[1])):
        queue: dict[str, list[int]] = {}
        for at in order:
            queue.setdefault(shelves[at], []).append(at)
        queues.append(queue)
    common = [
        name for name, _ in Counter(real_shelves).most_common() if name in queues[1] and name in queues[0]
    ]
    pairs: list[tuple[int, int]] = []
    turn = 0
    while len(pairs) < SIDE_BY_SIDE and any(queues[0][name] and queues[1][name] for name in common):
        name = common[turn % len(common)]
        turn += 1
        if queues[0][name] and queues[1][name]:
            pairs.append((queues[0][name].pop(0), queues[1][name].pop(0)))
    left = SIDE_BY_SIDE - len(pairs)
    rest = [
        [at for at in order if at not in {pair[side] for pair in pairs}] for side, order in enumerate(firsts)
    ]
    return [pair[0] for pair in pairs] + rest[0][:left], [pair[1] for pair in pairs] + rest[1][:left]


def _shelves(side: Side) -> list[str]:
    return side.rows.shelves or [""] * len(side)


def _one_of_each_family(side: Side, order: I64, most: int = GIVEN_AWAY) -> list[int]:
    """The first pictures in an order, only one of each title family: colourways look alike."""
    seen: set[int] = set()
    kept = []
    for at in order.tolist():
        family = int(side.family[at])
        if family not in seen:
            seen.add(family)
            kept.append(at)
        if len(kept) == most:
            break
    return kept


def _pictures(side: Side, chosen: list[int], folder: Folder) -> tuple[Picture, ...]:
    titles, prices = side.rows.titles, side.rows.prices
    captions = [
        ", ".join(filter(None, [titles[at] if titles else "", _price(prices, at)])) or "no title"
        for at in chosen
    ]
    return shown(folder, [int(side.rows.numbers[at]) for at in chosen], captions)


def _price(prices: F64 | None, at: int) -> str:
    return "" if prices is None or not np.isfinite(prices[at]) else f"{prices[at]:,.0f}"
