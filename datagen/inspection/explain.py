"""``explain``: the latent product behind a row: why this shelf, these words, this price, this picture."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from datagen.dataset.folder import Folder
from datagen.generation.recipe_of import recipe_of
from datagen.product.blocks import BLOCK
from datagen.product.product import Products
from datagen.product.profile import Profile
from datagen.product.sampler import Sampler
from datagen.product.titles import SILENT
from datagen.render.scene import is_worn
from datagen.schemas import InputError
from datagen.schemas.schema import Category


@dataclass(frozen=True)
class WordInTitle:
    """A word: where it stands, its chance among products of the kind, and what it does.

    ``effect``: factor on the price before the product is ranked within its kind; ``times``: factor on the
    price after that; ``draws``: what it fixes in the picture.
    """

    text: str
    slot: str
    chance: float
    effect: float
    times: float
    draws: dict[str, str]


@dataclass(frozen=True)
class PriceSteps:
    """How the price came about, in the catalogue's currency.

    ``law``: the name of the quantiles of the kind, ``median`` among them; ``rank``: the share of products of
    the kind that are cheaper, to which words and chance led; ``chance``: the factor that nothing shows, of
    the noise and of the move to a legal ending; ``times``: of words and wearer, after the law.
    """

    law: str
    median: float
    words: float
    chance: float
    rank: float
    times: float
    full: float
    paid: float
    endings: str


@dataclass(frozen=True)
class Colour:
    """Another row of the same product: its row number, code and colourway."""

    row: int
    code: str
    colourway: str


@dataclass(frozen=True)
class Explanation:
    """A row, from the product that was sampled first.

    ``row``: its number in the recipe. ``shelf``: category column -> value; ``shelf_share`` of the catalogue,
    ``kind_share`` of the shelf; ``noun_share`` of the nouns of the kind. ``picture``: what it shows.
    """

    code: str
    row: int
    title: str
    shelf: dict[str, str]
    shelf_share: float
    kind: str
    kind_share: float
    noun: str
    noun_share: float
    words: list[WordInTitle]
    silent: dict[str, float]
    colours: list[Colour]
    price: PriceSteps
    picture: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """Everything as plain values."""
        return asdict(self)


def explain(folder: Folder, code: str) -> Explanation:
    """Explain the row with a code. Raises InputError where there is none, or the dataset was not made."""
    recipe = recipe_of(folder)
    sampler, profile = recipe.sampler(), folder.profile
    assert profile is not None  # noqa: S101 - a recipe has one
    products, at = _find(sampler, recipe.rows, code, folder)
    kind_name, kind = list(profile.kinds.items())[products.kind[at]]
    shelf = profile.shelves[products.shelf[at]]
    noun = sampler.titles.nouns[int(products.phrases["noun"][at])]
    one = sampler.one(products, at)
    words = list(_words(sampler, profile, products, at, kind_name))
    said = {word.slot for word in words}
    levels = [column.name for column in folder.schema.of(Category)]
    path = [*shelf.path, *[folder.schema.missing] * (len(levels) - len(shelf.path))]
    return Explanation(
        code=code,
        row=int(products.row[at]),
        title=sampler.titles.compose(products.phrases)[at].as_py(),
        shelf=dict(zip(levels, path, strict=False)),
        shelf_share=shelf.share / sum(each.share for each in profile.shelves),
        kind=kind_name,
        kind_share=shelf.kinds[kind_name] / sum(shelf.kinds.values()),
        noun=noun,
        noun_share=kind.nouns[noun] / sum(kind.nouns.values()),
        words=words,
        silent={
            slot: 100 - sum(kind.slot(slot).values())
            for slot in sampler.titles.slots
            if slot not in said and kind.slot(slot)
        },
        colours=_colours(sampler, products, at),
        price=_price(sampler, profile, products, at, words, one.wearer),
        picture={
            "kind": one.kind,
            "wearer": one.wearer,
            "size": one.size,
            "detail": one.detail,
            "pattern": one.pattern,
            "material": one.material,
            "colourway": one.colourway.name,
            "colours": " ".join("#{:02x}{:02x}{:02x}".format(*rgb) for rgb in one.colourway[1:]),
            "shown": "worn by a figure" if is_worn(one) else "by itself",
            "view": one.view,
            "backdrop": one.backdrop,
        },
    )


def _find(sampler: Sampler, rows: int, code: str, folder: Folder) -> tuple[Products, int]:
    """The block of products with a code, and its position there. Raises InputError."""
    for start in range(0, rows, BLOCK):
        products = sampler.products(start, min(start + BLOCK, rows))
        codes = sampler.codes.text(products.number).to_pylist()
        if code in codes:
            return products, codes.index(code)
    raise InputError(f"{folder.path} has no product with the code {code!r}; datagen preview shows some.")


def _words(
    sampler: Sampler, profile: Profile, products: Products, at: int, kind_name: str
) -> Iterator[WordInTitle]:
    kind = profile.kinds[kind_name]
    for slot, compiled in sampler.titles.slots.items():
        phrase = int(products.phrases[slot][at])
        word = compiled.words[phrase]
        if phrase == SILENT or word is None:
            continue
        name = compiled.names[phrase]
        own = {slot: name} if slot in {"size", "detail", "pattern", "material"} else {}
        yield WordInTitle(
            text=compiled.phrases[phrase],
            slot=slot,
            chance=kind.slot(slot).get(name, 0.0) / 100,
            effect=math.exp(word.effect),
            times=word.times,
            draws=dict(word.draw) or own,
        )


def _colours(sampler: Sampler, products: Products, at: int) -> list[Colour]:
    """The other rows of the family; a family lies within a block."""
    same = np.flatnonzero(products.family == products.family[at])
    codes = sampler.codes.text(products.number).to_pylist()
    return [
        Colour(int(products.row[each]), codes[each], sampler.one(products, int(each)).colourway.name)
        for each in same
        if each != at
    ]


def _price(
    sampler: Sampler, profile: Profile, products: Products, at: int, words: list[WordInTitle], wearer: str
) -> PriceSteps:
    kind = list(profile.kinds.values())[products.kind[at]]
    law = profile.prices.laws[kind.price]
    times = math.prod(word.times for word in words) * profile.prices.wearers.get(wearer, 1.0)
    full = float(products.full[at])
    rank, score = sampler.prices.rank_and_score(int(products.kind[at]), full / times)
    words_factor = math.prod(word.effect for word in words)
    return PriceSteps(
        law=kind.price,
        median=sampler.prices.at_rank(int(products.kind[at]), 0.5),
        words=words_factor,
        chance=math.exp(score) / words_factor,
        rank=rank,
        times=times,
        full=full,
        paid=float(products.paid[at]),
        endings=law.ladder,
    )
