"""The sampler: latent products from (profile, seed, what is asked for, row) alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from datagen.product.acceptance import Acceptance
from datagen.product.blocks import BLOCK, Blocks, Tables
from datagen.product.choices import I32, I64
from datagen.product.codes import CodeBook
from datagen.product.conditions import PLAIN_LOOK
from datagen.product.product import RGB, Colourway, Product, Products
from datagen.product.profile import Profile
from datagen.product.selection import Selection
from datagen.product.vocabulary import OUTERWEAR
from datagen.schemas import InputError
from datagen.schemas.keyed import MAX_SEED, place, uniforms

PART_BLOCK = 512
"""Rows of a part that are sampled together; smaller, since a block of each part is kept in memory."""


class Sampler:
    """Products of a catalogue: row i depends on (profile, seed, selection, i) and on nothing else."""

    def __init__(self, profile: Profile, seed: int, selection: Selection | None = None) -> None:
        """Raises InputError for a seed outside [0, 2**64)."""
        if not 0 <= seed <= MAX_SEED:
            raise InputError(f"The seed {seed} is out of range: it is a whole number from 0 to {MAX_SEED}.")
        self.profile = profile
        self.seed = seed
        tables = Tables(profile)
        self.titles, self.prices = tables.titles, tables.prices
        self.codes = CodeBook(profile, seed)
        selection = selection or Selection()
        acceptance = Acceptance(selection.conditions, profile, self.titles)
        self._mixture = selection.mixture(seed)
        self._parts = (
            [
                Blocks(tables, place(seed, "part", part.name), PART_BLOCK, acceptance, part.cells)
                for part in selection.parts
            ]
            if self._mixture
            else [Blocks(tables, seed, BLOCK, acceptance)]
        )
        self._kind_names = list(profile.kinds)
        self._wearer = tables.wearer
        self._colourways = [
            Colourway(name, _rgb(c.ground), _rgb(c.band), _rgb(c.line), _rgb(c.accent))
            for name, c in profile.colourways.items()
        ]

    def products(self, start: int, stop: int) -> Products:
        """The products of the rows [start, stop). Raises InputError past the profile's last code."""
        products = self._mixed(start, stop) if self._mixture else self._parts[0].stretch(start, stop)
        return replace(products, number=self._numbers(products.row, products.kind))

    def _mixed(self, start: int, stop: int) -> Products:
        """The rows [start, stop) of a catalogue of parts."""
        assert self._mixture is not None  # noqa: S101 - the caller looked
        places = self._mixture.places(start, stop)
        batches, rows = [], []
        for part in np.unique(places.part) if len(places.part) else [0]:
            mine = np.flatnonzero(places.part == part)
            first = int(places.row[mine[0]]) if len(mine) else 0
            batch = self._parts[part].stretch(first, first + len(mine))  # a part's rows keep their order
            family = batch.family * len(self._parts) + part
            batches.append(replace(batch, row=mine + start, family=family))
            rows.append(mine)
        return Products.concatenate(batches).take(np.argsort(np.concatenate(rows)))

    def each(self, products: Products) -> Iterator[Product]:
        """The products of a batch one by one, as the renderer takes them."""
        for at in range(len(products)):
            yield self.one(products, at)

    def one(self, products: Products, at: int) -> Product:
        """The product at one position of a batch."""
        kind_name = self._kind_names[products.kind[at]]
        kind = self.profile.kinds[kind_name]
        look: dict[str, str] = {**PLAIN_LOOK, **kind.plain}
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
            figures=self.profile.looks.figures,
        )

    def _numbers(self, row: I64, kind: I32) -> I64:
        """Code numbers of some consecutive rows, whatever part they are of."""
        if not len(row):
            return np.empty(0, dtype=np.int64)
        first, last = int(row[0]) // BLOCK, int(row[-1]) // BLOCK
        u = np.concatenate([uniforms(self.seed, "code line", at, BLOCK) for at in range(first, last + 1)])
        return self.codes.numbers(row, kind, u[row - first * BLOCK])


def _rgb(colour: str) -> RGB:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
