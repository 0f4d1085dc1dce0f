"""Blocks of rows: the latent products of a catalogue, or of a part of one, drawn block by block."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from datagen.product.acceptance import Acceptance
from datagen.product.choices import I32, I64, Choices
from datagen.product.colourways import Families, Membership, alone
from datagen.product.naming import tables_of
from datagen.product.prices import PriceModel, keys_of_prices, of_key
from datagen.product.product import Products
from datagen.product.profile import Profile
from datagen.product.rarities import NOT_RARE, Rarities
from datagen.schemas import RunFailed
from datagen.schemas.keyed import F64, U64, further, unit, words

BLOCK = 4096
"""Rows that are sampled together. Part of the meaning of a seed: another size would give other rows."""

RAREST = 1 / 2000
"""The smallest share of products that conditions may leave; what is rarer takes too long to find."""

_MOST_ATTEMPTS = int(64 / RAREST)  # where the share is RAREST, one row in e**64 needs more
_CANDIDATES = 8192  # products that are drawn at once while some are still looked for
_HITS, _TRIED = 64, 1 << 16  # so many products that are accepted, or drawn, are enough to know the share

Cells = NDArray[np.float64]
"""The share of each kind (columns) on each shelf (rows) of a profile; 0: not there."""


def cells_of(profile: Profile) -> Cells:
    """The cells of a profile: shares of all its rows, up to a factor."""
    cells = np.zeros((len(profile.shelves), len(profile.kinds)))
    ids = {name: at for at, name in enumerate(profile.kinds)}
    for at, shelf in enumerate(profile.shelves):
        total = sum(shelf.kinds.values())
        for name, weight in shelf.kinds.items():
            cells[at, ids[name]] = shelf.share * weight / total
    return cells


class Tables:
    """The parts of a profile that all blocks of a catalogue draw from."""

    def __init__(self, profile: Profile) -> None:
        self.titles = tables_of(profile)
        self.prices = PriceModel(profile, self.titles)
        self.families = Families(profile)
        self.wearer = np.array([profile.wearer(shelf) for shelf in profile.shelves])
        self.no_family = np.array([not kind.families for kind in profile.kinds.values()])
        ids = {name: at for at, name in enumerate(profile.kinds)}
        self.shelves = [(at, shelf.share) for at, shelf in enumerate(profile.shelves)]
        self.kinds = [[(ids[name], w) for name, w in shelf.kinds.items()] for shelf in profile.shelves]
        self.rarities = {ids[name]: rarity.every for name, rarity in profile.rarities.items()}
        self.cells = cells_of(profile)


class Blocks:
    """The products of a catalogue or a part: row i depends on (profile, conditions, seed, i) alone.

    A product that does not satisfy the conditions is drawn again, with further words of the same streams,
    until one does, so those that do keep the shares that they have of one another in the catalogue.
    """

    def __init__(
        self, tables: Tables, seed: int, size: int, acceptance: Acceptance, cells: Cells | None = None
    ) -> None:
        """``size``: rows of a block; ``cells``: what the part has, None for the whole profile."""
        self._tables, self._seed, self._size, self._acceptance = tables, seed, size, acceptance
        shelves, kinds = tables.shelves, tables.kinds
        if cells is not None:
            shelves = list(enumerate(cells.sum(axis=1)))
            kinds = [
                [(kind, float(cells[at, kind])) for kind, _ in group] if cells[at].any() else group
                for at, group in enumerate(kinds)
            ]
        self._shelves, self._kinds = Choices([shelves]), Choices(kinds)
        # The numbers of a part's rows are asked for one by one, so a part has no rarities.
        rare = tables.rarities if cells is None else {}
        self._rarities = Rarities(rare, tables.cells, seed, size) if rare else None
        self._latest: tuple[int, Products] | None = None  # callers take a block piece by piece

    def stretch(self, start: int, stop: int) -> Products:
        """The products of the rows [start, stop), numbered from 0 within the part."""
        size, batches = self._size, []
        for at in range(start // size, max(start // size + 1, -(-stop // size))):
            if self._latest is None or self._latest[0] != at:
                self._latest = (at, self._block(at))
            first = at * size
            batches.append(self._latest[1].slice(max(start - first, 0), min(stop - first, size)))
        return Products.concatenate(batches)

    def share(self) -> float:
        """The share of products that satisfy the conditions, as some thousands of them show."""
        if not self._acceptance.asks:
            return 1.0
        found = tried = 0
        while found < _HITS and tried < _TRIED:
            draw = self._drawing(tried // self._size)
            rows = np.arange(self._size)
            found += int(self._accepted(draw, rows, np.zeros(self._size, dtype=np.uint64)).sum())
            tried += self._size
        return found / tried

    def _drawing(self, block: int) -> _Drawing:
        return _Drawing(self._seed, block, self._size)

    def _block(self, block: int) -> Products:
        """All products of one block. Draws of a family are those of its leader."""
        tables, draw = self._tables, self._drawing(block)
        own = np.arange(self._size)
        member = tables.families.members(self._seed, block, self._size)
        if self._rarities:
            draw.rare = self._rarities.rows(block, member)
        tried = self._attempts(draw, member) if self._acceptance.asks else None
        place = self._place(draw, member.leader, None if tried is None else tried.number[member.leader])
        # Where a kind has no families, what would have been one are products of that kind, each its own.
        member = alone(member, tables.no_family[place.kind])
        leader = member.leader
        drawn = leader if tried is None else tried.drawn[leader]
        attempt = None if tried is None else tried.number[drawn]
        phrases = tables.titles.draw(*place, lambda slot: draw.uniform(f"title/{slot}", drawn, attempt))
        price = self._price_uniforms(draw, phrases, drawn, attempt)
        law = self._law(place, phrases, price)
        full, paid = self._prices(draw, place, law, price, drawn, attempt)
        colourway = tables.families.colourways(place.kind, member, draw.words("colourway"))
        row = own + block * self._size
        return Products(
            row=row,
            family=row[leader],
            leads=leader == own,
            shelf=place.shelf,
            kind=place.kind,
            phrases=tables.titles.in_colours(phrases, colourway),
            colourway=colourway,
            full=full,
            paid=paid,
            number=np.full(self._size, -1, dtype=np.int64),
            cut=draw.words("cut")[leader],
            noise=draw.words("picture noise"),
            picture_form=unit(draw.words("picture form")),
            picture_raw=words(self._seed, "picture id", block, 3 * self._size).reshape(self._size, 3),
            look=draw.words("picture look")[leader],
        )

    def _place(self, draw: _Drawing, rows: I64, attempt: U64 | None) -> Place:
        """Shelf and kind of some rows."""
        u = draw.uniform("shelf", rows, attempt)
        shelf = self._shelves.draw(0, u)
        kind = self._kinds.draw(shelf, draw.uniform("kind", rows, attempt))
        if draw.rare is not None and self._rarities:
            rare = draw.rare[rows] if attempt is None else np.where(attempt == 0, draw.rare[rows], NOT_RARE)
            at = np.flatnonzero(rare != NOT_RARE)
            kind[at], shelf[at] = rare[at], self._rarities.shelves.draw(rare[at], u[at])
        return Place(shelf, kind)

    def _price_uniforms(
        self, draw: _Drawing, phrases: Mapping[str, I32], rows: I64, attempt: U64 | None
    ) -> Callable[[str], F64]:
        """Purpose -> one uniform for each of some rows: of the words of its title, or its own."""
        share = self._tables.prices.by_title
        if not share:
            return lambda purpose: draw.uniform(purpose, rows, attempt)
        key = keys_of_prices(self._tables.titles.keys(phrases), draw.raw("price/key", rows, attempt), share)
        return lambda purpose: of_key(key, purpose)

    def _law(self, place: Place, phrases: Mapping[str, I32], uniform: Callable[[str], F64]) -> F64:
        """Prices of some rows by the law of their kinds."""
        one, two, three = (uniform(f"price/noise{at}") for at in (1, 2, 3))
        return self._tables.prices.law(*place, self._tables.wearer[place.shelf], phrases, (one, two, three))

    def _prices(
        self,
        draw: _Drawing,
        place: Place,
        law: F64,
        uniform: Callable[[str], F64],
        rows: I64,
        attempt: U64 | None,
    ) -> tuple[F64, F64]:
        """Full and paid prices of some rows; ``uniform``: what :meth:`_price_uniforms` gave of them."""
        full = self._tables.prices.full(*place, law, uniform("price/ending"))
        whether, off = (draw.uniform(f"discount/{purpose}", rows, attempt) for purpose in ("whether", "off"))
        return full, self._tables.prices.paid(full, whether, off)

    def _attempts(self, draw: _Drawing, member: Membership) -> _Attempts:
        """Which attempt of each row that draws a product is the first that satisfies the conditions."""
        own = np.arange(self._size)
        attempt = np.zeros(self._size, dtype=np.uint64)
        leaders = np.flatnonzero(member.leader == own)
        found, missed = self._first_accepted(draw, leaders)
        if missed.any():
            raise RunFailed(
                f"No product that satisfies the conditions was found in {_MOST_ATTEMPTS:,} attempts; "
                "give wider conditions."
            )
        attempt[leaders] = found
        # Without families, what would have been one shares a shelf and a kind; each row has its own title.
        place = self._place(draw, member.leader, attempt[member.leader])
        single = np.flatnonzero(self._tables.no_family[place.kind] & (member.leader != own))
        attempt[single], missed = self._first_accepted(draw, single, place.of(single))
        own[single[missed]] = member.leader[
            single[missed]
        ]  # hardly ever: then it is the first row's product again
        return _Attempts(attempt, own)

    def _first_accepted(
        self, draw: _Drawing, rows: I64, place: Place | None = None
    ) -> tuple[U64, NDArray[np.bool_]]:
        """The first attempt of some rows that satisfies the conditions, and where there was none.

        ``place``: their shelves and kinds, where those are decided.
        """
        found = np.zeros(len(rows), dtype=np.uint64)
        open_rows, tried = np.arange(len(rows)), 0
        while len(open_rows) and tried < _MOST_ATTEMPTS:
            each = max(1, min(_CANDIDATES // len(open_rows), _MOST_ATTEMPTS - tried))
            who = np.repeat(open_rows, each)
            attempt = np.tile(np.arange(tried, tried + each, dtype=np.uint64), len(open_rows))
            there = None if place is None else place.of(who)
            accepted = self._accepted(draw, rows[who], attempt, there).reshape(-1, each)
            hit = accepted.any(axis=1)
            found[open_rows[hit]] = tried + accepted[hit].argmax(axis=1)
            open_rows, tried = open_rows[~hit], tried + each
        missed = np.zeros(len(rows), dtype=bool)
        missed[open_rows] = True
        return found, missed

    def _accepted(
        self, draw: _Drawing, rows: I64, attempt: U64, place: Place | None = None
    ) -> NDArray[np.bool_]:
        """Which attempts of some rows satisfy the conditions."""
        place = place or self._place(draw, rows, attempt)
        titles, prices = self._tables.titles, self._tables.prices
        phrases = titles.draw(*place, lambda slot: draw.uniform(f"title/{slot}", rows, attempt))
        holds = self._acceptance.looks(place.kind, phrases)
        if self._acceptance.asks_prices:
            at = np.flatnonzero(holds)
            said = {slot: ids[at] for slot, ids in phrases.items()}
            price = self._price_uniforms(draw, said, rows[at], attempt[at])
            law = self._law(place.of(at), said, price)
            near = prices.within_reach(*place.of(at), law, *self._acceptance.full_prices)
            holds[at], at, law = near, at[near], law[near]
            price = self._price_uniforms(
                draw, {slot: ids[at] for slot, ids in phrases.items()}, rows[at], attempt[at]
            )
            full, paid = self._prices(draw, place.of(at), law, price, rows[at], attempt[at])
            holds[at] = self._acceptance.prices(full, paid)
        return holds


class Place(NamedTuple):
    """Shelf and kind of some rows."""

    shelf: I32
    kind: I32

    def of(self, rows: I64) -> Place:
        """Those of some of the rows."""
        return Place(self.shelf[rows], self.kind[rows])


class _Attempts(NamedTuple):
    """For each row of a block: the number of its attempt, the row whose title and price it has, or itself."""

    number: U64
    drawn: I64


class _Drawing:
    """The random words of one block, by purpose, row and attempt."""

    def __init__(self, seed: int, block: int, size: int) -> None:
        self._seed, self._block, self._size = seed, block, size
        self._kept: dict[str, U64] = {}
        self.rare: I32 | None = None

    def words(self, purpose: str) -> U64:
        """One raw word for each row."""
        if purpose not in self._kept:
            self._kept[purpose] = words(self._seed, purpose, self._block, self._size)
        return self._kept[purpose]

    def uniform(self, purpose: str, rows: I64, attempt: U64 | None) -> F64:
        """A uniform for each of some rows."""
        return unit(self.raw(purpose, rows, attempt))

    def raw(self, purpose: str, rows: I64, attempt: U64 | None) -> U64:
        """A raw word for each of some rows. Attempt 0, or None, takes the row's own word."""
        own = self.words(purpose)[rows]
        return own if attempt is None else np.where(attempt == 0, own, further(own, attempt))
