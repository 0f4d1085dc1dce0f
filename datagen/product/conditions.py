"""Conditions on products, as text: ``category=BAGS``, ``kind=trench coat``, ``pattern=check``, ``price<500``.

Several values of one name are alternatives; conditions on different names, and bounds on a price, must all
hold. Upper and lower case, blanks, hyphens and underscores are alike.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from datagen.product.grammar import NOUN
from datagen.product.profile import ATTRIBUTES, SLOTS, Kind, Profile
from datagen.schemas import InputError, Schema
from datagen.schemas.schema import Category, Price
from datagen.schemas.yaml_file import nearest

Values = str | float | Sequence[str | float]
Where = Mapping[str, Values] | Sequence[str] | str
"""Conditions as texts, or by name: ``{"category": ["BAGS", "SHOES"], "price": "<500"}``."""

KIND, WEARER, PRICE = "kind", "wearer", "price"

PLAIN_LOOK = {"detail": "none", "size": "regular"}
"""What a product shows where neither its kind nor a word of its title says anything."""

UNSELECTABLE = {
    "constant": "which is the same in every row",
    "code": "which follows from the number of the row",
    "title": "which is composed of what the product is",
    "link": "which is composed of other columns",
    "picture_link": "which is made up for each row",
    "converted_price": "which follows from a price",
    "discount_flag": "which follows from the prices",
    "drawn": "which is drawn without regard to the product",
    "image": "which is drawn from the product",
}
"""Role -> what a column of that role is instead of something to select by."""

_CONDITION = re.compile(
    r"\s*(?P<name>[^<>=]*[^<>=\s])\s*(?P<operator><=|>=|<|>|=)\s*(?P<value>.*\S)\s*", re.DOTALL
)
_BOUND = re.compile(r"\s*(?P<operator><=|>=|<|>|=)?\s*(?P<number>[^<>=]*\S)\s*")
_NUMBER = r"\d{1,12}(?:\.\d{1,6})?"
_RANGE = re.compile(rf"\s*({_NUMBER})\s*\.\.\s*({_NUMBER})\s*")


@dataclass(frozen=True)
class Bound:
    """The lowest and the highest price allowed, of the full or the paid price, as a column shows it."""

    which: Literal["full", "paid"]
    whole: bool
    low: float = 0.0
    high: float = np.inf


@dataclass(frozen=True)
class Conditions:
    """What products must be. ``None`` or an absent name: anything.

    ``levels``: category level, from 1, -> its values; ``looks``: attribute of the picture -> its words;
    ``texts``: the same conditions as :func:`read_where` takes them, in one spelling; ``said``: in words.
    """

    levels: dict[int, frozenset[str]] = field(default_factory=dict)
    kinds: frozenset[str] | None = None
    wearers: frozenset[str] | None = None
    looks: dict[str, frozenset[str]] = field(default_factory=dict)
    bounds: tuple[Bound, ...] = ()
    texts: dict[str, list[str]] = field(default_factory=dict)
    said: str = ""


class Names:
    """What products of a catalogue can be selected by: names, and the values that each of them has."""

    def __init__(self, schema: Schema, profile: Profile) -> None:
        self.levels = {column.name: column.level for column in schema.of(Category)}
        self.prices = {column.name: column for column in schema.of(Price)}
        if self.prices and PRICE not in self.prices:
            self.prices[PRICE] = schema.price("paid") or next(iter(self.prices.values()))
        self._roles = {column.name: column.role for column in schema.columns}
        self._profile = profile

    def find(self, name: str, among: Collection[str] | None = None, verb: str = "selected") -> str:
        """The name in its own spelling. Raises InputError where there is none, with the nearest one."""
        known = list(dict.fromkeys([*self.levels, KIND, WEARER, *ATTRIBUTES, *self.prices]))
        known = [each for each in known if among is None or each in among]
        found = _alike(name, known)
        if not found:
            raise InputError(f"Products cannot be {verb} by {self._refused(name, known)}.")
        return found[0]

    def _refused(self, name: str, known: Sequence[str]) -> str:
        """A name that is refused: the column that it is, if any, or the nearest name; and all names known."""
        column = next(iter(_alike(name, self._roles)), None)
        role = self._roles.get(column) if column else None
        if role in UNSELECTABLE:
            return f"{column!r}, {UNSELECTABLE[role]}; known: {', '.join(sorted(known))}"
        return f"{name!r}: {near(name, known)}"

    def values(self, name: str) -> list[str]:
        """The values that a name other than a price has, in the profile's order."""
        shelves = [shelf for shelf in self._profile.shelves if shelf.share > 0]
        if name in self.levels:
            return list(dict.fromkeys(shelf.path[self.levels[name] - 1] for shelf in shelves))
        if name == KIND:
            there = {kind for shelf in shelves for kind, weight in shelf.kinds.items() if weight > 0}
            return [kind for kind in self._profile.kinds if kind in there]
        if name == WEARER:
            return list(dict.fromkeys(self._profile.wearer(shelf) for shelf in shelves))
        kinds = [self._profile.kinds[kind] for kind in self.values(KIND)]
        return list(dict.fromkeys(word for kind in kinds for word in shown(self._profile, kind, name)))

    def match(self, name: str, value: str) -> list[str]:
        """The values that a text means, several where only their spelling differs. Raises InputError."""
        found, known = self.alike(name, value), self.values(name)
        if not found:
            raise InputError(f"No {name} {value!r}: {near(value, known)}.")
        return found

    def alike(self, name: str, value: str) -> list[str]:
        """The same, or nothing where there is none."""
        known = self.values(name)
        return [value] if value in known else _alike(value, known)


def read_where(where: Where | None, schema: Schema, profile: Profile) -> Conditions:
    """Conditions that somebody wrote. Raises InputError for a name or a value that the catalogue lacks."""
    names = Names(schema, profile)
    chosen: dict[str, list[str]] = {}
    bounds: list[Bound] = []
    prices: dict[str, list[str]] = {}
    for written, operator, value in _split(where):
        name = names.find(written)
        if name in names.prices:
            column = names.prices[name]
            for low, high, text in bounds_of(name, operator, value):
                bounds.append(Bound(column.which, column.dtype != "float64", low, high))
                prices.setdefault(name, []).append(text)
        elif operator != "=":
            raise InputError(f"{name} cannot be compared by {operator}; write {name}=VALUE.")
        else:
            whole = isinstance(where, Mapping) or names.alike(name, value)
            parts = [value] if whole else [part.strip() for part in value.split(",") if part.strip()]
            chosen.setdefault(name, []).extend(each for part in parts for each in names.match(name, part))
    for name, values in chosen.items():
        chosen[name] = [value for value in names.values(name) if value in values]
    return Conditions(
        levels={names.levels[name]: frozenset(chosen[name]) for name in chosen if name in names.levels},
        kinds=_some(chosen, KIND, names),
        wearers=_some(chosen, WEARER, names),
        looks={
            name: frozenset(chosen[name])
            for name in ATTRIBUTES
            if name in chosen and name not in names.levels
        },
        bounds=tuple(bounds),
        texts={**chosen, **prices},
        said=" and ".join(
            [f"{name}={', '.join(values)}" for name, values in chosen.items()]
            + [name + text for name, texts in prices.items() for text in texts]
        ),
    )


def restrict(profile: Profile, conditions: Conditions) -> Profile:
    """The profile with only the shelves, kinds and colourways that can satisfy the conditions.

    Raises InputError where none can. The products that are left keep their shares of one another.
    """
    kinds = conditions.kinds
    for attribute, words in conditions.looks.items():
        able = {name for name, kind in profile.kinds.items() if words & set(shown(profile, kind, attribute))}
        kinds = frozenset(able if kinds is None else kinds & able)
    narrowed = profile.only(conditions.levels, kinds, conditions.wearers, conditions.said)
    colourways = conditions.looks.get("colourway")
    return narrowed.in_colourways(colourways) if colourways else narrowed


def shown(profile: Profile, kind: Kind, attribute: str) -> list[str]:
    """The words of a picture's attribute that products of a kind may have."""
    if attribute == "colourway" and attribute not in kind.plain:
        words = [name for name, weight in profile.palettes[kind.palette].items() if weight > 0]
    else:
        words = [kind.plain.get(attribute, PLAIN_LOOK.get(attribute, ""))]
    for slot in SLOTS:
        for name, chance in kind.slot(slot).items():
            drawn = profile.words[slot][name].draw or ({slot: name} if slot in ATTRIBUTES else {})
            if chance > 0 and attribute in drawn:
                words.append(drawn[attribute])
    if profile.grammar is not None:
        units = profile.grammar.units.values()
        words += [unit.draw[attribute] for unit in units if attribute in unit.draw]
    return [word for word in dict.fromkeys(words) if word]


def shows(profile: Profile, kind: Kind, said: Mapping[str, str], conditions: Conditions) -> bool:
    """Whether a product of a kind, whose title says words by slot, shows what the conditions say.

    A colourway that neither the kind nor the title fixes is left to the palette.
    """
    look = {**PLAIN_LOOK, **kind.plain}
    for slot in SLOTS:
        if slot in said:
            look.update(profile.words[slot][said[slot]].draw or ({slot: said[slot]} if slot in look else {}))
    if profile.grammar is not None:
        for place in sorted(set(said) - {NOUN}, key=int):
            unit = profile.grammar.units.get(said[place])
            look.update(unit.draw if unit else {})
    return all(look[name] in words for name, words in conditions.looks.items() if name in look)


def _some(chosen: Mapping[str, list[str]], name: str, names: Names) -> frozenset[str] | None:
    return frozenset(chosen[name]) if name in chosen and name not in names.levels else None


def _split(where: Where | None) -> Iterable[tuple[str, str, str]]:
    """Every condition as name, operator and value."""
    if where is None:
        return
    if isinstance(where, Mapping):
        for name, values in where.items():
            for value in [values] if isinstance(values, str | int | float) else values:
                yield name, "=", str(value)
        return
    for text in [where] if isinstance(where, str) else where:
        found = _CONDITION.fullmatch(text)
        if found is None:
            raise InputError(
                f"{text!r} is not a condition: write NAME=VALUE, or 'price<500' in quotation marks."
            )
        yield found["name"], found["operator"], found["value"]


def bounds_of(name: str, operator: str, value: str) -> Iterable[tuple[float, float, str]]:
    """The lowest and the highest price, and one spelling, of each condition on a price."""
    between = _RANGE.fullmatch(value)
    if between and operator == "=":
        yield from bounds_of(name, ">=", between[1])
        yield from bounds_of(name, "<=", between[2])
        return
    found = _BOUND.fullmatch(value)
    if found is None or (found["operator"] and operator != "=") or not re.fullmatch(_NUMBER, found["number"]):
        raise InputError(
            f"The {name} {value!r} is not a number; write {name}<500, {name}>=200 or {name}=200..500."
        )
    sign, number = found["operator"] or operator, float(found["number"])
    low = {">": np.nextafter(number, np.inf), "<": 0.0, "<=": 0.0}.get(sign, number)
    high = {"<": np.nextafter(number, -np.inf), ">": np.inf, ">=": np.inf}.get(sign, number)
    yield float(low), float(high), f"{sign}{number:.12g}"


def near(text: str, known: Iterable[str]) -> str:
    """The end of a refusal, as :func:`nearest` writes it, where spelling is no matter."""
    known = list(known)
    spelled = {_fold(each): each for each in known}
    close = difflib.get_close_matches(_fold(text), spelled, n=1, cutoff=0.5)
    return nearest(spelled[close[0]] if close else text, known)


def _alike(text: str, known: Iterable[str]) -> list[str]:
    return [each for each in known if _fold(each) == _fold(text)]


def _fold(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text).strip().casefold()
