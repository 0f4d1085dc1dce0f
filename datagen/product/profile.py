"""Profile: what a real catalogue looks like, as data.

Shares of shelves and kinds, the title grammar, the law of prices, the repetition of titles over
colourways, the forms of codes and picture ids. A profile is a small YAML file and holds no row of
a real set; every section says in ``source`` where its numbers come from, or ``modelled``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from datagen.product.looks import Looks
from datagen.schemas import InputError
from datagen.schemas.yaml_file import find, nearest, read_yaml, validate

SLOTS = ("size", "detail", "line", "pattern", "material", "shade")
"""The optional slots of a title, in the order in which they are drawn."""

ATTRIBUTES = ("size", "detail", "pattern", "material", "colourway")
"""What a word can fix in the picture."""


def _is_share(value: float) -> float:
    if not 0 <= value < 1e9:
        raise ValueError("a weight is a number from 0 up")
    return value


def _some_weight(weights: dict[str, float]) -> dict[str, float]:
    if not sum(weights.values()) > 0:
        raise ValueError("needs at least one entry with a weight above 0")
    return weights


def _is_slot(name: str) -> str:
    if name not in SLOTS:
        raise ValueError(f"{name!r} is no slot of a title ({', '.join(SLOTS)})")
    return name


def _is_attribute(name: str) -> str:
    if name not in ATTRIBUTES:
        raise ValueError(f"{name!r} is nothing that a picture shows ({', '.join(ATTRIBUTES)})")
    return name


SlotName = Annotated[str, AfterValidator(_is_slot)]
Attribute = Annotated[str, AfterValidator(_is_attribute)]
Weight = Annotated[float, Field(allow_inf_nan=False), AfterValidator(_is_share)]
Weights = Annotated[dict[str, Weight], AfterValidator(_some_weight)]
Effect = Annotated[float, Field(ge=-5, le=5)]
Percent = Annotated[float, Field(ge=0, le=100)]
HexColour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    source: str = ""


class HouseNames(_Section):
    """The made-up house whose lettering and letter pair stand on the pictures."""

    name: str = Field(pattern=r"^[A-Z][A-Z &]{1,23}$")
    letters: str = Field(pattern=r"^[A-Z]{2}$")


class Rate(_Section):
    """One unit of the catalogue's currency in another, and the decimals it is rounded to."""

    rate: float = Field(gt=0, lt=1e6)
    decimals: int = Field(default=2, ge=0, le=4)


class Shelf(_Section):
    """A place in the menu: its path of category values, its share of rows, the kinds on it."""

    path: tuple[str, ...] = Field(min_length=1, max_length=9)
    share: Weight
    kinds: Weights
    wearer: str = ""


class Word(_Section):
    """One choice of a title slot: how it is said, what it fixes in the picture, what it costs.

    ``effect`` is added to the log price before it is ranked within the law of the kind;
    ``times`` multiplies the price after the law (for the few pieces far above their kind).
    """

    say: Weights
    place: Literal["front", "noun"] = "front"
    draw: dict[Attribute, str] = {}
    silences: tuple[SlotName, ...] = ()
    effect: Effect = 0.0
    times: float = Field(default=1.0, gt=0, le=1000)

    @model_validator(mode="before")
    @classmethod
    def _plain_say(cls, value: object) -> object:
        if isinstance(value, dict) and isinstance(value.get("say"), str):
            return {**value, "say": {value["say"]: 1}}
        return value


class Kind(_Section):
    """A kind of product: its nouns, the chance in percent of each word in each slot, its colours, its law.

    ``plain`` says what the picture shows where no word was drawn.
    """

    nouns: Weights
    plain: dict[Attribute, str]
    size: dict[str, Percent] = {}
    detail: dict[str, Percent] = {}
    line: dict[str, Percent] = {}
    pattern: dict[str, Percent] = {}
    material: dict[str, Percent] = {}
    shade: dict[str, Percent] = {}
    drawing: str = ""
    palette: str
    price: str
    families: bool = True

    @model_validator(mode="after")
    def _chances_fit(self) -> Kind:
        for slot in SLOTS:
            total = sum(self.slot(slot).values())
            if total > 100 + 1e-9:
                raise ValueError(f"the chances of {slot} add up to {total:g} %, more than 100")
        return self

    def slot(self, slot: str) -> dict[str, float]:
        """The words of one slot and their chance in percent; the rest to 100 is silence."""
        words: dict[str, float] = getattr(self, slot)
        return words


class Families(_Section):
    """How many colourways a product comes in: weight of each family size."""

    sizes: dict[Annotated[int, Field(ge=1, le=32)], Weight] = Field(min_length=1)

    @model_validator(mode="after")
    def _some_family(self) -> Families:
        if not sum(self.sizes.values()) > 0:
            raise ValueError("needs at least one size with a weight above 0")
        return self


class PriceLaw(_Section):
    """Quantiles of the price of a group of kinds: percent -> price, and the ladder they end on."""

    quantiles: dict[Percent, Annotated[float, Field(gt=0, lt=1e9)]] = Field(min_length=2)
    ladder: str = "default"

    @model_validator(mode="after")
    def _quantiles_rise(self) -> PriceLaw:
        percents = list(self.quantiles)
        prices = list(self.quantiles.values())
        if percents != sorted(percents) or percents[0] != 0 or percents[-1] != 100:
            raise ValueError("quantiles go from 0 to 100 percent, in rising order")
        if prices != sorted(prices):
            raise ValueError("quantiles must not fall")
        return self


class Band(_Section):
    """Legal prices up to ``below``: those whose remainder by ``step`` is one of ``endings``."""

    below: float = Field(gt=0, le=1e9)
    step: int = Field(ge=1, le=100_000)
    endings: dict[Annotated[int, Field(ge=0)], Weight]

    @model_validator(mode="after")
    def _endings_fit(self) -> Band:
        if not any(weight > 0 for weight in self.endings.values()):
            raise ValueError("needs at least one ending with a weight above 0")
        wrong = next((ending for ending in self.endings if ending >= self.step), None)
        if wrong is not None:
            raise ValueError(f"the ending {wrong} is not below the step {self.step}")
        return self


class Discounts(_Section):
    """Share of rows sold below their full price, by how much, and to which unit that is rounded."""

    share: float = Field(default=0.0, ge=0, le=1)
    cuts: dict[Annotated[float, Field(gt=0, lt=1)], Weight] = {0.3: 1.0}
    round_to: float = Field(default=1.0, gt=0, le=1000)


class Prices(_Section):
    """The law of prices."""

    noise: float = Field(default=0.15, ge=0, le=5, description="s.d. of the log price that nothing shows")
    near: float = Field(default=0.03, gt=0, le=1, description="how far a price moves to its ending, relative")
    bounds: tuple[float, float]
    wearers: dict[str, Annotated[float, Field(gt=0, le=100)]] = {}
    laws: dict[str, PriceLaw] = Field(min_length=1)
    ladders: dict[str, tuple[Band, ...]] = Field(min_length=1)
    discounts: Discounts = Discounts()

    @model_validator(mode="after")
    def _ladders_exist(self) -> Prices:
        low, high = self.bounds
        if not 0 < low < high <= 10_000_000:
            raise ValueError("bounds are two prices above 0, the lower first")
        for name, law in self.laws.items():
            if law.ladder not in self.ladders:
                raise ValueError(f"the law {name} ends on the ladder {law.ladder!r}, which is not there")
        for name, bands in self.ladders.items():
            limits = [band.below for band in bands]
            if not limits or limits != sorted(set(limits)):
                raise ValueError(f"the bands of the ladder {name} must rise")
        return self


class CodeLine(_Section):
    """A range of numbers that codes are taken from, its share, and the kinds that always use it."""

    share: Weight = 0.0
    ranges: tuple[tuple[int, int], ...] = Field(min_length=1)
    kinds: tuple[str, ...] = ()


class Codes(_Section):
    """Code = prefix + number padded to ``digits`` + suffix.

    Each line serves the first rows of a catalogue, as many as the shortest line has numbers; all
    later rows are served by ``overflow``. Ranges include both ends and must not overlap.
    """

    prefix: str = Field(default="", max_length=20)
    digits: int = Field(ge=1, le=15)
    suffix: str = Field(default="", max_length=20)
    lines: dict[str, CodeLine] = Field(min_length=1)
    overflow: tuple[tuple[int, int], ...] = ()

    @model_validator(mode="after")
    def _ranges_are_apart(self) -> Codes:
        if not any(line.share > 0 for line in self.lines.values()):
            raise ValueError("at least one line needs a share")
        ranges = sorted([r for line in self.lines.values() for r in line.ranges] + list(self.overflow))
        for low, high in ranges:
            if not 0 <= low <= high < 10**self.digits:
                raise ValueError(
                    f"the range {low} to {high} is not within {self.digits} digits, lower end first"
                )
        for (_, before), (after, _) in pairwise(ranges):
            if after <= before:
                raise ValueError(f"two ranges overlap at {after}")
        return self


class Pictures(_Section):
    """The forms of picture ids, and the share of rows whose picture address is the missing text."""

    forms: dict[Literal["guid", "sha1"], Weight]
    missing: float = Field(default=0.0, ge=0, le=1)

    @model_validator(mode="after")
    def _some_form(self) -> Pictures:
        if not sum(self.forms.values()) > 0:
            raise ValueError("needs at least one form with a weight above 0")
        return self


class ColourSet(_Section):
    """Four colours: the ground, the wide band, the fine line and the accent of a check."""

    ground: HexColour
    band: HexColour
    line: HexColour
    accent: HexColour


class Profile(_Section):
    """Everything that generation needs to know of a catalogue. See the module's text."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=60)
    about: str = ""
    schema_name: str = Field(alias="schema")
    house: HouseNames
    rates: dict[str, Rate] = {}
    wearers: dict[str, str]
    shelves: tuple[Shelf, ...] = Field(min_length=1)
    words: dict[SlotName, dict[str, Word]]
    kinds: dict[str, Kind] = Field(min_length=1)
    families: Families
    colourways: dict[str, ColourSet] = Field(min_length=1)
    palettes: dict[str, Weights] = Field(min_length=1)
    prices: Prices
    codes: Codes
    pictures: Pictures
    looks: Looks = Looks()

    @model_validator(mode="after")
    def _names_are_known(self) -> Profile:
        depth = len(self.shelves[0].path)
        for shelf in self.shelves:
            where = " / ".join(shelf.path)
            if len(shelf.path) != depth:
                raise ValueError(f"the shelf {where} has {len(shelf.path)} levels, the first one has {depth}")
            for kind_name in shelf.kinds:
                _known(kind_name, self.kinds, f"the shelf {where} holds the kind")
            if not shelf.wearer:
                _known(shelf.path[0], self.wearers, f"no wearer is given for the shelf {where}:")
        if not sum(shelf.share for shelf in self.shelves) > 0:
            raise ValueError("at least one shelf needs a share above 0")
        paths = [shelf.path for shelf in self.shelves]
        twice = next((path for at, path in enumerate(paths) if path in paths[:at]), None)
        if twice is not None:
            raise ValueError(f"the shelf {' / '.join(twice)} stands twice")
        largest = max(size for size, weight in self.families.sizes.items() if weight > 0)
        for name, palette in self.palettes.items():
            for colourway in palette:
                _known(colourway, self.colourways, f"the palette {name} holds the colourway")
        for name, kind in self.kinds.items():
            for slot in SLOTS:
                for word in kind.slot(slot):
                    _known(word, self.words.get(slot, {}), f"the kind {name} has the {slot} word")
            _known(kind.price, self.prices.laws, f"the kind {name} has the price law")
            _known(kind.palette, self.palettes, f"the kind {name} has the palette")
            colours = sum(weight > 0 for weight in self.palettes[kind.palette].values())
            if kind.families and colours < largest:
                raise ValueError(
                    f"the palette {kind.palette} has {colours} colourways, "
                    f"fewer than the largest family ({largest})"
                )
        for slot, words in self.words.items():
            for name, spoken in words.items():
                if slot in spoken.silences:
                    raise ValueError(f"the {slot} word {name} silences its own slot")
                if "colourway" in spoken.draw:
                    _known(
                        spoken.draw["colourway"],
                        self.colourways,
                        f"the {slot} word {name} draws the colourway",
                    )
        for name, line in self.codes.lines.items():
            for kind_name in line.kinds:
                _known(kind_name, self.kinds, f"the code line {name} serves the kind")
        return self

    def digest(self) -> str:
        """SHA-256 (hex) of the profile's content, in its order (the order decides what a number draws)."""
        plain = self.model_dump(mode="json", by_alias=True)
        return hashlib.sha256(json.dumps(plain, ensure_ascii=False).encode()).hexdigest()

    def only(self, asked: dict[int, set[str]]) -> Profile:
        """The profile with only the shelves whose value at each asked level (from 1) is one of those given.

        Raises InputError when a value is unknown or no shelf is left.
        """
        for level, values in asked.items():
            known = {shelf.path[level - 1] for shelf in self.shelves}
            for value in sorted(values - known):
                raise InputError(f"No category {value!r} at level {level}: {nearest(value, known)}.")
        kept = tuple(
            shelf
            for shelf in self.shelves
            if shelf.share > 0 and all(shelf.path[level - 1] in values for level, values in asked.items())
        )
        if not kept:
            wanted = " and ".join("/".join(sorted(values)) for values in asked.values())
            raise InputError(f"No shelf of the profile {self.name} lies under {wanted} at once.")
        return self.model_copy(update={"shelves": kept})


def load_profile(source: str | Path) -> Profile:
    """The built-in profile of that name, or the one in a YAML file. Raises InputError."""
    path = find(source, ".profile.yaml")
    return validate(Profile, read_yaml(path), str(path))


def _known(name: str, known: Collection[str], what: str) -> None:
    if name not in known:
        raise ValueError(f"{what} {name!r}, which is not there ({nearest(name, known)})")
