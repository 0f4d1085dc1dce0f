"""Which column has which role, from values; names are hints where the values leave it open."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa

from datagen.columns.link import slugs
from datagen.fit.columns import hints
from datagen.fit.columns.codes import find_form
from datagen.fit.columns.drawn import Entry, fit_entry
from datagen.fit.columns.levels import find_levels, function_of
from datagen.fit.columns.links import (
    LinkForm,
    PictureForm,
    code_in_links,
    is_address,
    link_form,
    picture_form,
)
from datagen.fit.columns.observed import Observed, is_nested
from datagen.fit.columns.prices import PriceColumns, find_prices
from datagen.fit.folding import Fold, products_of
from datagen.fit.sample import NESTED, PICTURE

_EXAMPLES = 500
_NEARLY_UNIQUE = 0.98


@dataclass
class Roles:
    """What was found of each column, which is in one of these; ``left_out`` says why some have no role."""

    columns: list[Observed]
    missing: str
    image: str = ""
    title: Observed | None = None
    code: Observed | None = None
    code_in_link: pa.Array | None = None
    levels: list[Observed] = field(default_factory=list)
    prices: PriceColumns = field(default_factory=PriceColumns)
    links: dict[str, LinkForm] = field(default_factory=dict)
    pictures: dict[str, PictureForm] = field(default_factory=dict)
    constants: dict[str, str | int | float] = field(default_factory=dict)
    lookups: dict[str, tuple[Observed, dict[str, str]]] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    min_count: int = 5

    @cached_property
    def fold(self) -> Fold:
        """What folds values that too few products have; asked for when the title is known."""
        rows = len(self.columns[0].texts) if self.columns else 0
        titles = self.title.texts.to_pylist() if self.title is not None else None
        return Fold(products_of(titles, rows), self.min_count)

    @property
    def settled(self) -> set[str]:
        """The columns that have a role, or are left out."""
        single = {each.name for each in (self.title, self.code, *self.levels) if each is not None}
        named = (self.links, self.pictures, self.constants, self.lookups, self.entries, self.left_out)
        return single | self.prices.names | {name for each in named for name in each}

    def open(self) -> list[Observed]:
        """The columns that have no role yet."""
        settled = self.settled
        return [column for column in self.columns if column.name not in settled]


def find_roles(columns: list[Observed], not_looked_at: dict[str, str], missing: str, min_count: int) -> Roles:
    """The roles of some columns."""
    roles = Roles(columns, missing or "N.A.", min_count=min_count)
    for name, why in not_looked_at.items():
        if why == PICTURE and not roles.image:
            roles.image = name
        else:
            roles.left_out[name] = why
    for column in columns:
        if is_nested(column):
            roles.left_out[column.name] = NESTED
        elif column.distinct <= 1:
            _constant(column, roles)
    addresses = [each for each in roles.open() if is_address(each)]
    texts = [each for each in roles.open() if each not in addresses]
    roles.title = _title(texts, addresses)
    roles.code = _code([each for each in texts if each is not roles.title], addresses)
    _links(addresses, roles)
    numbers = [each for each in [*roles.open(), *columns] if each.is_number or each.dtype == "bool"]
    unsettled = {each.name for each in roles.open()}
    flags = [each for each in numbers if each.name in unsettled or each.name in roles.constants]
    few = [each for each in roles.open() if each.dtype == "string" and 1 < each.distinct <= 200]
    roles.prices = find_prices(list({each.name: each for each in flags}.values()), roles.title, few)
    for name in roles.prices.names:
        roles.constants.pop(name, None)
    roles.levels = find_levels(roles.open(), roles.title, roles.prices.full, roles.missing, roles.fold)
    _functions(roles)
    for column in roles.open():
        entry = fit_entry(column, roles.fold)
        if isinstance(entry, Entry):
            roles.entries[column.name] = entry
        else:
            roles.left_out[column.name] = entry
    return roles


def _constant(column: Observed, roles: Roles) -> None:
    """A column of one value; with gaps it is drawn instead, without any value it is the text for missing."""
    if not column.distinct:
        roles.constants[column.name] = roles.missing
    elif not column.texts.null_count:
        (value,) = column.counts
        if column.dtype == "bool":
            return
        number = {"int64": int, "float64": float}.get(column.dtype)
        roles.constants[column.name] = number(value) if number else value


def _title(texts: Sequence[Observed], addresses: Sequence[Observed]) -> Observed | None:
    best: tuple[float, Observed] | None = None
    for column in texts:
        if column.dtype != "string" or not 1.0 <= column.words <= 20 or column.letters > 150:
            continue
        linked = any(_contained(slugs(column.texts), each, column) > 0.5 for each in addresses)
        words = max(
            column.words, column.letters / 4 * (column.share(r"\p{Han}|\p{Hiragana}|\p{Katakana}") > 0.5)
        )
        several = column.distinct >= max(8, 0.02 * column.rows) if column.rows >= 50 else column.distinct > 4
        if not linked and not (several and words >= 1.4 and column.missing < 0.5):
            continue
        if not linked and column.share(r"[\p{L}]{2}") < 0.9:
            continue
        score = (
            math.log(1 + column.distinct) * min(words, 6.0) * (1.5 if hints.TITLE.search(column.name) else 1)
        )
        score += 100 * linked
        if best is None or score > best[0]:
            best = (score, column)
    return best[1] if best else None


def _code(columns: Sequence[Observed], addresses: Sequence[Observed]) -> Observed | None:
    best: tuple[float, Observed] | None = None
    for column in columns:
        if column.dtype not in ("string", "int64") or column.words != 1 or column.letters > 40:
            continue
        nearly = column.distinct >= _NEARLY_UNIQUE * column.rows and column.missing <= 1 - _NEARLY_UNIQUE
        if not nearly or column.share(r"[0-9]") < 0.9 or column.share(r"^-") > 0:
            continue
        form, share = find_form(column.texts)
        linked = any(_contained(column.texts, each, column) > 0.5 for each in addresses)
        hinted = bool(hints.CODE.search(column.name))
        plain = column.dtype == "string" or (column.rows >= 100 and share >= 0.5)
        if not form or not (linked or hinted or plain):
            continue
        score = 4 * linked + 2 * hinted + (column.dtype == "string") + share
        if best is None or score > best[0]:
            best = (score, column)
    return best[1] if best else None


def _contained(parts: pa.Array, address: Observed, column: Observed) -> float:
    """The share of the addresses, among some rows, that contain the part of their row."""
    step = max(1, column.rows // _EXAMPLES)
    at = pa.array(range(0, column.rows, step))
    pairs = zip(parts.take(at).to_pylist(), address.texts.take(at).to_pylist(), strict=True)
    found = [bool(part) and len(part) > 2 and part in link for part, link in pairs if link]
    return sum(found) / max(1, len(found))


def _links(addresses: Sequence[Observed], roles: Roles) -> None:
    for address in addresses:
        hinted = (
            hints.PICTURE.search(address.name)
            or address.share(r"(?i)\.(?:jpe?g|png|webp|avif)(?:\?|$)") > 0.5
        )
        form = picture_form(address)
        if form is not None and (hinted or not roles.title):
            roles.pictures[address.name] = form
            continue
        link = link_form(address, roles.title, roles.code) if not address.missing else None
        if link is None and roles.code is None and roles.code_in_link is None and not address.missing:
            roles.code_in_link = code_in_links(address)
            if roles.code_in_link is not None:
                code = Observed("", -1, "string", roles.code_in_link, roles.code_in_link)
                link = link_form(address, roles.title, code)
        if link is not None:
            roles.links[address.name] = link
        elif form is not None:
            roles.pictures[address.name] = form
        else:
            roles.left_out[address.name] = "addresses without a common form"


def _functions(roles: Roles) -> None:
    """Columns that follow from another one: from a level, a code of prices, or a choice."""
    for column in roles.open():
        sources = [each for each in [*roles.levels, *roles.open()] if each is not column]
        for other in sources:
            if other.name in roles.lookups or (
                column.distinct == other.distinct and other.at > column.at and other not in roles.levels
            ):
                continue
            table = function_of(column, other, roles.fold)
            if table is not None and column.dtype in ("string", "int64", "bool"):
                roles.lookups[column.name] = (other, table)
                break
