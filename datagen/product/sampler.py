"""The sampler: draws latent products from (profile, seed, block of rows) alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from datagen.product.choices import I32, I64, Choices
from datagen.product.codes import CodeBook
from datagen.product.colourways import Families, alone
from datagen.product.prices import PriceModel
from datagen.product.product import RGB, Colourway, Product, Products
from datagen.product.profile import Profile
from datagen.product.titles import Titles
from datagen.product.vocabulary import OUTERWEAR
from datagen.schemas import InputError
from datagen.schemas.keyed import F64, MAX_SEED, U64, uniforms, words

BLOCK = 4096
"""Rows that are sampled together. Part of the meaning of a seed: another size would give other rows."""


class Sampler:
    """Products of a catalogue: row i depends on (profile, seed, i) and on nothing else."""

    def __init__(self, profile: Profile, seed: int) -> None:
        """Raises InputError for a seed outside [0, 2**64)."""
        if not 0 <= seed <= MAX_SEED:
            raise InputError(f"The seed {seed} is out of range: it is a whole number from 0 to {MAX_SEED}.")
        self.profile = profile
        self.seed = seed
        self.titles = Titles(profile)
        self.prices = PriceModel(profile, self.titles)
        self.codes = CodeBook(profile, seed)
        self._families = Families(profile)
        self._latest: tuple[int, Products] | None = None  # callers take a block piece by piece
        self._kind_names = list(profile.kinds)
        self._shelves = Choices([[(at, shelf.share) for at, shelf in enumerate(profile.shelves)]])
        ids = {name: at for at, name in enumerate(profile.kinds)}
        self._kinds = Choices(
            [[(ids[name], w) for name, w in shelf.kinds.items()] for shelf in profile.shelves]
        )
        self._wearer = np.array([shelf.wearer or profile.wearers[shelf.path[0]] for shelf in profile.shelves])
        self._no_family = np.array([not kind.families for kind in profile.kinds.values()])
        self._colourways = [
            Colourway(name, _rgb(c.ground), _rgb(c.band), _rgb(c.line), _rgb(c.accent))
            for name, c in profile.colourways.items()
        ]

    def products(self, start: int, stop: int) -> Products:
        """The products of the rows [start, stop). Raises InputError past the profile's last code."""
        batches = []
        for block in range(start // BLOCK, (stop - 1) // BLOCK + 1):
            first = block * BLOCK
            if self._latest is None or self._latest[0] != block:
                self._latest = (block, self._block(block))
            batch = self._latest[1]
            batches.append(batch.slice(max(start - first, 0), min(stop - first, BLOCK)))
        return Products.concatenate(batches) if batches else self._block(0).slice(0, 0)

    def each(self, products: Products) -> Iterator[Product]:
        """The products of a batch one by one, as the renderer takes them."""
        for at in range(len(products)):
            yield self.one(products, at)

    def one(self, products: Products, at: int) -> Product:
        """The product at one position of a batch."""
        kind_name = self._kind_names[products.kind[at]]
        kind = self.profile.kinds[kind_name]
        look: dict[str, str] = {"detail": "none", "size": "regular", **kind.plain}
        for slot, compiled in self.titles.slots.items():
            phrase = int(products.phrases[slot][at])
            word = compiled.words[phrase]
            if word is None:
                continue
            look.update(word.draw or ({slot: compiled.names[phrase]} if slot in look else {}))
        colourway = self._colourways[int(products.colourway[at])]
        if "colourway" in look:
            colourway = next(each for each in self._colourways if each.name == look["colourway"])
        noun = self.titles.nouns[int(products.phrases["noun"][at])]
        drawing = kind.drawings.get(noun) or kind.drawing or kind_name
        how = self.profile.looks.look(int(products.look[at]), outerwear=drawing in OUTERWEAR)
        return Product(
            row=int(products.row[at]),
            kind=drawing,
            wearer=str(self._wearer[products.shelf[at]]),
            size=look["size"],
            detail=look["detail"],
            pattern=look["pattern"],
            material=look["material"],
            colourway=colourway,
            cut=int(products.cut[at]),
            noise=int(products.noise[at]),
            worn=how.worn,
            view=how.view,
            backdrop=how.backdrop,
        )

    def _block(self, block: int) -> Products:
        """All products of one block. Draws of a family are those of its leader."""
        seed = self.seed

        def raw(purpose: str) -> U64:
            return words(seed, purpose, block, BLOCK)

        def own(purpose: str) -> F64:
            return uniforms(seed, purpose, block, BLOCK)

        member = self._families.members(seed, block, BLOCK)
        shelf = self._shelves.draw(0, own("shelf"))[member.leader]
        kind = self._kinds.draw(shelf, own("kind")[member.leader])
        # Where a kind has no families, what would have been one are products of that kind, each its own.
        member = alone(member, self._no_family[kind])
        leader = member.leader

        def of_leader(purpose: str) -> F64:
            return own(purpose)[leader]

        row = np.arange(BLOCK, dtype=np.int64) + block * BLOCK
        phrases = self.titles.draw(kind, lambda slot: of_leader(f"title/{slot}"))
        noise = (of_leader("price/noise1"), of_leader("price/noise2"), of_leader("price/noise3"))
        full = self.prices.full(kind, self._wearer[shelf], phrases, noise, of_leader("price/ending"))
        return Products(
            row=row,
            family=row[leader],
            shelf=shelf,
            kind=kind,
            phrases=phrases,
            colourway=self._families.colourways(kind, member, raw("colourway")),
            full=full,
            paid=self.prices.paid(full, of_leader("discount/whether"), of_leader("discount/off")),
            number=self._numbers(row, kind, own("code line")),
            cut=raw("cut")[leader],
            noise=raw("picture noise"),
            picture_form=own("picture form"),
            picture_raw=raw_matrix(seed, block),
            look=raw("picture look")[leader],
        )

    def _numbers(self, row: I64, kind: I32, u: F64) -> I64:
        """Code numbers of a block; rows past the capacity get -1: they are never made."""
        within = row < self.codes.capacity
        numbers = np.full(len(row), -1, dtype=np.int64)
        numbers[within] = self.codes.numbers(row[within], kind[within], u[within])
        return numbers


def raw_matrix(seed: int, block: int) -> U64:
    """Three raw words for each row of a block, shape (BLOCK, 3): the bytes of its picture id."""
    return words(seed, "picture id", block, 3 * BLOCK).reshape(BLOCK, 3)


def _rgb(colour: str) -> RGB:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
