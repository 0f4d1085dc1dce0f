"""Which graphics cards have the memory for a run, and which built-in recipe would fit a smaller one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from datagen.train.config import AUTO, RECIPES, RunConfig, load_config
from datagen.train.models.memory import CARDS, MemoryEstimate, estimate, fits
from datagen.train.run.outline import Outline


class Card(NamedTuple):
    """A size of card, in GB. ``checkpointing``: whether the run fits with it only; None if it does not fit.

    ``recipe``: for a card that the run does not fit, the built-in recipe that would, with the same base and
    data; None if there is none.
    """

    gigabytes: int
    checkpointing: bool | None
    recipe: str | None

    def as_json(self) -> dict[str, Any]:
        """Values for JSON."""
        return {
            "gb": self.gigabytes,
            "fits": self.checkpointing is not None,
            "checkpointing": self.checkpointing,
            "recipe": self.recipe,
        }


def cards(
    outline: Outline, config: RunConfig, tokens: int, picture_tokens: int, processor: Any
) -> tuple[Card, ...]:
    """For each size of card whether the run fits, with some room (``memory.fits``)."""
    chosen = config.training.gradient_checkpointing
    ways = [
        (way, estimate(*outline, config, tokens, picture_tokens, checkpointing=way))
        for way in ((False, True) if chosen is None else (chosen,))
    ]
    recipes = [
        (name, _memory(outline, _recipe(name, config), tokens, picture_tokens, processor))
        for name in sorted((path.stem for path in RECIPES.glob("gpu-*gb.yaml")), key=_size, reverse=True)
    ]
    return tuple(_card(size, ways, recipes) for size in CARDS)


def _card(
    size: int, ways: Sequence[tuple[bool, MemoryEstimate]], recipes: Sequence[tuple[str, MemoryEstimate]]
) -> Card:
    available = size * 1e9
    way = next((way for way, needed in ways if fits(needed, available)), None)
    if way is not None:
        return Card(size, way, None)
    return Card(size, None, next((name for name, needed in recipes if fits(needed, available)), None))


def in_words(found: Sequence[Card]) -> list[str]:
    """What to say about cards in the plan of a run that this machine cannot make."""
    fitting = [card for card in found if card.checkpointing is not None]
    lines = []
    if not fitting:
        lines.append(f"No card of up to {found[-1].gigabytes} GB has the memory for it.")
    else:
        stored = next((card for card in fitting if not card.checkpointing), None)
        without = (
            ""
            if stored is None or stored is fitting[0]
            else (f", and from {stored.gigabytes} GB on without checkpointing, which is faster")
        )
        lines.append(f"It fits cards of {fitting[0].gigabytes} GB and more{without}.")
    smaller: dict[str, int] = {}
    for card in found:
        if card.recipe is not None:
            smaller.setdefault(card.recipe, card.gigabytes)
    lines += [f"On a card of {size} GB, --recipe {name} fits." for name, size in smaller.items()]
    return lines


def _size(name: str) -> int:
    """The GB in the name of a recipe."""
    return int("".join(letter for letter in name if letter.isdigit()))


def _recipe(name: str, config: RunConfig) -> RunConfig:
    """A built-in recipe with the base of another configuration."""
    return load_config(RECIPES / f"{name}.yaml", {"data.real": "any", "model.base": config.model.base})


def _memory(
    outline: Outline, recipe: RunConfig, tokens: int, picture_tokens: int, processor: Any
) -> MemoryEstimate:
    """The memory of a recipe for the same samples, with pictures of no more crops than it allows."""
    slots = getattr(processor.image_processor, "most_image_tokens", None)
    pictures = picture_tokens
    if slots is not None:
        crops = recipe.model.num_crops
        most = recipe.model.most_crops if not isinstance(crops, int) else crops
        pictures = slots(most) if crops != AUTO else min(slots(most), picture_tokens)
    whole = tokens - picture_tokens + pictures
    return estimate(*outline, recipe, whole, pictures, checkpointing=True)
