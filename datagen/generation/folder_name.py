"""The name of a dataset's folder where none is given: short, safe, and another one for other options.

``shop-3040``, ``shop-3040-seed7``, ``shop-500-wear-hats``, ``shop-1000-no-images``.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from datagen.generation.recipe import write_recipe

LONGEST_SELECTION = 40
"""Characters of a selection in words; a longer one becomes a digest."""


BOUNDS = {"<=": "to ", ">=": "from ", "<": "below ", ">": "above "}


def _selection(value: Any) -> str:
    """The values and bounds of conditions, in lower case, without their names."""
    return "-".join(filter(None, map(_word, _leaves(value))))


def _word(text: str) -> str:
    for sign, said in BOUNDS.items():
        text = text.replace(sign, said)
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _leaves(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        value = value.values()
    if isinstance(value, str) or not isinstance(value, Iterable):
        yield str(value)
        return
    for each in value:
        yield from _leaves(each)


WORDS: dict[str, Callable[[Any], str]] = {
    "where": _selection,
    "count": lambda counts: "-".join(f"{_word(value)}{rows}" for value, rows in counts.items()),
    "balance": lambda column: f"balanced-{_word(column)}",
    "splits": lambda shares: "-".join(f"{_word(name)}{100 * share:.0f}" for name, share in shares.items()),
    "image_size": lambda size: "no-images" if size is None else "{}x{}".format(*size),
    "attributes": lambda _: "attributes",
    "masks": lambda _: "masks",
    "keypoints": lambda _: "keypoints",
    "normals": lambda _: "normals",
    "depth": lambda _: "depth",
    "min_count": lambda least: f"min{least}",
    "fold_names": lambda _: "folded-names",
    "seed": lambda seed: f"seed{seed}",
    "jpeg_quality": lambda quality: f"q{quality}",
    "shard_rows": lambda rows: f"by{rows}",
}
"""Option -> how it is said where it is not the default, in the order in which the name says them."""

SAID = frozenset({"rows", "schema", "profile"})
"""Options that the name begins with."""


def folder_name(profile: str, rows: int, options: Mapping[str, Any]) -> str:
    """The name for a dataset of a profile's name with these options of ``write_recipe``.

    Options that :data:`WORDS` does not have, and long selections, are said by a digest of six letters.
    """
    defaults = {name: each.default for name, each in inspect.signature(write_recipe).parameters.items()}
    others = {
        name: value
        for name, value in options.items()
        if name not in SAID and value not in (defaults.get(name), {}, (), [])
    }
    words = [WORDS[name](others.pop(name)) for name in WORDS if _is_short(name, others)]
    if others:
        text = json.dumps(others, sort_keys=True, default=str)
        words.append(hashlib.sha256(text.encode()).hexdigest()[:6])
    return "-".join([profile, str(rows), *words])


def _is_short(name: str, options: Mapping[str, Any]) -> bool:
    return name in options and 0 < len(WORDS[name](options[name])) <= LONGEST_SELECTION
