"""Who wears a product, in which cut and with what: a pure function of the product and of what is baked."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from datagen.product.product import RGB, Product
from datagen.render.baked import layers
from datagen.render.composed.chosen_figures import shares, spread
from datagen.render.composed.complexions import complexion
from datagen.render.composed.cut_words import shown, shows, usual
from datagen.render.composed.frames import KNEES, window_of
from datagen.render.composed.kinds import (
    ALSO_BELOW_TOPS,
    ARMS_AWAY,
    COMPANIONS,
    COMPOSED,
    LOOSE,
    PAINTED,
    PLAIN_SIZES,
    SNUG,
    TRIMS,
    WAIST_WORDS,
)
from datagen.render.composed.window import Window
from datagen.render.figure.body import BUILDS
from datagen.render.figure.dressed_figure import CROPS, LOWER
from datagen.render.paint import marks_of
from datagen.render.random_stream import RandomStream, derive_key, salt
from datagen.render.silhouettes import TABLE

LOOKS = 8
"""Outfits of a kind and a wearer, if no word says more than is usual: a stencil costs as much as ten
pictures."""

LOOSE_LOOKS = (1, 3, 5, 6)
"""The looks of whole figures in trousers whose top hangs over the waist, where the figure has such a top."""

FEW_LOOKS = 2
"""Outfits of those with another size or detail."""

BELOW_KNEES = 13
"""How far below a figure's knees a picture that is cropped there still shows a hem, pixels of the frame."""

MARGIN = 0.04
"""How far beyond the picture's edges a figure is drawn, as a share of the height: it may be shifted."""

OPEN = ("coat", "jacket")
"""Garments (values of ``Kind.wear``) that can be worn open over another."""

ON_ANY = PAINTED - TRIMS.keys()
"""Emblems and reliefs: details that are painted on any stencil, so they ask for none of their own."""

VIEWS = {"detail": "front"}
"""Views of the vocabulary that are a crop of another."""


class Worn(NamedTuple):
    """A garment of an outfit: its role ("product", or the fill of a companion), kind and cut."""

    role: str
    kind: str
    cut: str


class Outfit(NamedTuple):
    """A figure of the baked data, the garments it wears, and how the picture is cropped."""

    figure: str
    worn: tuple[Worn, ...]
    crop: str
    magnified: bool
    detail: str
    """The product's detail, if it decides how parts are painted; "none" otherwise."""


def is_composed(product: Product) -> bool:
    """Whether a worn product is composed: its kind is switched over, and a baked cut shows its words."""
    return bool(choices_of(product))


def choices_of(product: Product) -> tuple[tuple[str, str], ...]:
    """Each (figure, cut) that can show a worn product, in the order of their names."""
    return _choices(product.kind, product.wearer, product.view, product.size, product.detail)


def outfit_of(product: Product) -> Outfit:
    """The outfit in a worn product's picture. Raises IndexError if no baked cut shows the product."""
    choices = choices_of(product)
    if not choices:
        raise IndexError(f"no baked cut shows a {product.kind} of this wearer, view, size and detail")
    word = "none" if product.detail in ON_ANY else product.detail
    # Looks of a kind and wearer are spread evenly over the figures and cuts that there are.
    start = derive_key(salt(product.kind), salt(product.wearer), salt(word))
    looks = [choices[(start + look * len(choices) // LOOKS) % len(choices)] for look in range(LOOKS)]
    if any(product.figures):
        looks = spread(shares(choices, product.figures), start, LOOKS, choices)
    among = list(range(LOOKS))
    if marks_of(product):
        # Marks on the front are seen whole only if it is closed. Looks stay the ones that others have.
        among = [look for look in among if _is_closed(product.kind, *looks[look])] or among
    if not {product.size, word} <= PLAIN_SIZES | {"none"} | usual(product.kind):
        among = among[:: -(-len(among) // FEW_LOOKS)]
    look = among[derive_key(product.cut, salt("outfit")) % len(among)]
    figure, cut = looks[look]
    # The key is that of the look, not of the product: all products of a look share a stencil.
    rng = RandomStream(salt(product.kind), salt(figure), salt(cut), look, 31)
    wear = TABLE[product.kind].wear
    crop = _crop(product, word, look)
    worn = [Worn("product", product.kind, cut)]
    for role in _needs(product.kind, cut, figure):
        over = crop == "full" and wear == "legs" and look in LOOSE_LOOKS and word not in WAIST_WORDS
        loose = _loose(figure) if over else ()
        worn.append(Worn(role, *rng.choice(loose or _companions(role, figure, top=wear == "top"))))
    hair = _cuts("hair", figure)
    if hair:
        worn.append(Worn("hair", "hair", rng.choice(hair)))
    if wear not in LOWER and (
        product.size in ("long", "mid_length") or (crop == "knee" and _is_long(product.kind, cut, figure))
    ):
        crop = "full"
    if product.view == "detail" and wear in LOWER:
        crop = "legs"
    from_paint = word if word in TRIMS else "none"
    return Outfit(figure, tuple(worn), crop, product.view == "detail", from_paint)


def laid_out(
    outfit: Outfit, size: tuple[int, int]
) -> tuple[layers.Figure, list[tuple[str, layers.Garment]], Window]:
    """The figure of an outfit, its garments with their roles, and what a picture of a size shows of them."""
    figure = layers.figure(outfit.figure)
    worn = [(each.role, layers.garment(each.kind, each.cut, outfit.figure)) for each in outfit.worn]
    margin = round(size[1] * MARGIN)
    return figure, worn, window_of(figure, outfit.crop, magnified=outfit.magnified, size=size, margin=margin)


def complexion_of(product: Product) -> dict[str, RGB]:
    """Colours of skin and hair of the figure that wears a composed product, by their fills."""
    told = layers.index().figures[outfit_of(product).figure][0]
    return complexion(told.get("origin", ""), told["age"], RandomStream(product.cut, 17))


def clear() -> None:
    """Forget what is baked."""
    for cached in (_choices, _cuts, _companions, _loose, shares):
        cached.cache_clear()


def _crop(product: Product, word: str, look: int) -> str:
    """The crop of a look: those of a kind and a wearer share out all crops by the weights of ``CROPS``."""
    crops = [name for name, weight in CROPS[TABLE[product.kind].wear] for _ in range(weight)]
    words = product.kind, product.wearer, product.size, word
    start = derive_key(*map(salt, words), 7) % len(crops)
    return crops[(start + look * len(crops) // LOOKS) % len(crops)]


def _is_long(kind: str, cut: str, figure: str) -> bool:
    """Whether a picture that ends at the knees would not show a garment's hem: nobody photographs it so."""
    knees = max(layers.index().figures[figure][0]["keypoints"][at][1] for at in KNEES)
    place = layers.index().garments[kind, cut, figure][1]
    return bool(place.top + place.height > knees + BELOW_KNEES)


@lru_cache(maxsize=4096)
def _choices(kind: str, wearer: str, view: str, size: str, detail: str) -> tuple[tuple[str, str], ...]:
    if kind not in COMPOSED or wearer not in BUILDS:
        return ()
    known = layers.index()
    found = []
    for name, cut, figure in sorted(known.garments):
        told = known.figures[figure][0]
        if name != kind or told["wearer"] != wearer or told["view"] != VIEWS.get(view, view):
            continue
        if shows(kind, cut, size, detail) and all(
            _companions(role, figure, top=False) for role in _needs(kind, cut, figure)
        ):
            found.append((figure, cut))
    return tuple(found)


def _needs(kind: str, cut: str, figure: str) -> tuple[str, ...]:
    """The roles of the garments that a figure wears besides the product."""
    wear = TABLE[kind].wear
    if kind == "swim_shorts":
        return ()
    if wear in LOWER:
        return ("inner",)
    needs = () if wear in ("dress", "swim") else ("below",)
    if wear in OPEN or not _is_closed(kind, figure, cut):
        return (*needs, "inner")
    return needs


def _is_closed(kind: str, figure: str, cut: str) -> bool:
    """Whether a garment is worn closed: only then are marks on its front seen whole."""
    return bool(layers.index().garments[kind, cut, figure][0]["closed"] == "closed")


@lru_cache(maxsize=4096)
def _cuts(kind: str, figure: str) -> tuple[str, ...]:
    return tuple(
        sorted(cut for name, cut, wearer in layers.index().garments if name == kind and wearer == figure)
    )


@lru_cache(maxsize=4096)
def _companions(role: str, figure: str, *, top: bool) -> tuple[tuple[str, str], ...]:
    """Each plain (kind, cut) that a figure can wear in a role, with a ``top`` or else, by its weight."""
    told = layers.index().figures[figure][0]
    kinds = COMPANIONS[role][str(told["wearer"])] + (ALSO_BELOW_TOPS if top and role == "below" else ())
    plain = [(kind, cut) for kind in kinds for cut in _cuts(kind, figure) if shown(cut) <= usual(kind)]
    # Between a body and an arm that is held away, what is wider than a jacket would be seen beside it.
    snug = [(kind, cut) for kind, cut in plain if cut in SNUG and told["pose"] in ARMS_AWAY]
    return tuple(snug if role == "inner" and snug else plain)


@lru_cache(maxsize=4096)
def _loose(figure: str) -> tuple[tuple[str, str], ...]:
    """Each plain (kind, cut) of a top that a figure can wear over the waist of trousers."""
    found = ((kind, cut) for kind in sorted(LOOSE) for cut in _cuts(kind, figure))
    return tuple((kind, cut) for kind, cut in found if shown(cut) <= usual(kind) and cut not in SNUG)
