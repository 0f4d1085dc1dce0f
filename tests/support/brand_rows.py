"""Rows of a made-up shop of many brands, most of few products."""

from __future__ import annotations

import random

_SYLLABLES = ("bar", "ten", "lo", "mi", "ras", "dun", "kel", "vo", "sa", "nor", "ti", "gan")
_WORDS = {
    "Coat": ("Long", "Belted", "Wool"),
    "Shirt": ("Poplin", "Striped", "Boxy"),
    "Scarf": ("Fringed", "Silk", "Knit"),
}
FREQUENT, RARE = 30, 20

Row = tuple[str, str, str, float]
"""Department, brand, title, price."""


def brand_names(many: int) -> list[str]:
    draw, found = random.Random(5), dict[str, None]()
    while len(found) < many:
        found["".join(draw.choice(_SYLLABLES) for _ in range(3)).capitalize()] = None
    return list(found)


def shop_of_brands() -> list[Row]:
    """Thirty brands of twenty products, and twenty of two, which cost four times as much."""
    draw, names, rows = random.Random(2), brand_names(FREQUENT + RARE), list[Row]()
    for at, name in enumerate(names):
        few = at >= FREQUENT
        for each in range(2 if few else 20):
            noun = draw.choice(list(_WORDS))
            words = " ".join(draw.sample(_WORDS[noun], draw.randint(1, 3)))
            title = f"{words} {chr(65 + each)}{at:02} {noun}"
            rows.append(
                (
                    "mens" if each % 2 else "womens",
                    name,
                    title,
                    draw.choice((90, 120, 150)) * (4 if few else 1),
                )
            )
    draw.shuffle(rows)
    return rows
