"""Profile: what a real catalogue looks like, as data.

Shares of shelves and kinds, the title grammar, the law of prices, the repetition of titles over
colourways, the forms of codes and picture ids. A profile is a small YAML file and holds no row of
a real set; every section says in ``source`` where its numbers come from, or ``modelled``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from datagen.product.code_forms import GUIDS, NUMBERED, Codes, Pictures
from datagen.product.drawn import DrawnValues
from datagen.product.grammar import Grammar
from datagen.product.looks import Looks
from datagen.product.price_law import Prices, Rate
from datagen.product.section import Percent, Section, Weight, Weights, require_weight
from datagen.schemas import InputError
from datagen.schemas.validation_errors import FieldError
from datagen.schemas.yaml_file import find, nearest, read_yaml, validate

SLOTS = ("size", "detail", "line", "pattern", "material", "shade")
"""The optional slots of a title, in the order in which they are drawn."""

ATTRIBUTES = ("size", "detail", "pattern", "material", "colourway")
"""What a word can fix in the picture."""


def _is_slot(name: str) -> str:
    if name not in SLOTS:
        raise ValueError(f"{name!r} is not a slot of a title ({', '.join(SLOTS)})")
    return name


def _is_attribute(name: str) -> str:
    if name not in ATTRIBUTES:
        raise ValueError(f"{name!r} is not an attribute of a picture ({', '.join(ATTRIBUTES)})")
    return name


SlotName = Annotated[str, AfterValidator(_is_slot)]
Attribute = Annotated[str, AfterValidator(_is_attribute)]
Effect = Annotated[float, Field(ge=-5, le=5)]
HexColour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]


class HouseNames(Section):
    """The made-up house whose lettering and letter pair appear on the pictures."""

    name: str = Field(pattern=r"^[A-Z][A-Z &]{1,23}$")
    letters: str = Field(pattern=r"^[A-Z]{2}$")


class Shelf(Section):
    """A place in the menu: its path of category values, its share of rows, the kinds on it.

    ``effect`` is added to the log price of what stands there; ``effects`` is that of single kinds, on top.
    ``ladder`` has the endings of its prices, by default the ladder of the kind's law.
    """

    path: tuple[str, ...] = Field(max_length=9)
    share: Weight
    kinds: Weights
    wearer: str = ""
    effect: Effect = 0.0
    effects: dict[str, Effect] = Field(default={})
    ladder: str = ""


class Word(Section):
    """One choice of a title slot: how it is said, what it fixes in the picture, what it costs.

    ``effect`` is added to the log price before it is ranked within the law of the kind;
    ``times`` multiplies the price after the law (for the few pieces far above their kind).
    """

    say: Weights
    place: Literal["front", "noun"] = "front"
    draw: dict[Attribute, str] = Field(default={})
    silences: tuple[SlotName, ...] = ()
    effect: Effect = 0.0
    times: float = Field(default=1.0, gt=0, le=1000)

    @model_validator(mode="before")
    @classmethod
    def _plain_say(cls, value: object) -> object:
        if isinstance(value, dict) and isinstance(value.get("say"), str):
            return {**value, "say": {value["say"]: 1}}
        return value


class Kind(Section):
    """A kind of product: its nouns, the chance in percent of each word in each slot, its colours, its law.

    ``plain`` says what the picture shows where no word was drawn. ``drawing`` is the kind of the renderer,
    by default the one of the same name; ``drawings`` gives another one to some of the nouns. ``effect`` is
    added to the log price, where several kinds have one price law.
    """

    nouns: Weights
    plain: dict[Attribute, str]
    size: dict[str, Percent] = Field(default={})
    detail: dict[str, Percent] = Field(default={})
    line: dict[str, Percent] = Field(default={})
    pattern: dict[str, Percent] = Field(default={})
    material: dict[str, Percent] = Field(default={})
    shade: dict[str, Percent] = Field(default={})
    drawing: str = ""
    drawings: dict[str, str] = Field(default={})
    palette: str
    price: str
    families: bool = True
    effect: Effect = 0.0

    @model_validator(mode="after")
    def _chances_fit(self) -> Kind:
        for slot in SLOTS:
            total = sum(self.slot(slot).values())
            if total > 100 + 1e-9:
                raise ValueError(f"the chances of {slot} add up to {total:g} %, more than 100")
        for noun in self.drawings:
            if noun not in self.nouns:
                raise ValueError(f"drawings names {noun!r}, which is not a noun: {nearest(noun, self.nouns)}")
        return self

    def slot(self, slot: str) -> dict[str, float]:
        """The words of one slot and their chance in percent; the rest to 100 is silence."""
        words: dict[str, float] = getattr(self, slot)
        return words


class FamilySizes(Section):
    """How many colourways a product comes in: weight of each family size."""

    sizes: dict[Annotated[int, Field(ge=1, le=32)], Weight] = Field(min_length=1)

    @model_validator(mode="after")
    def _some_family(self) -> FamilySizes:
        require_weight(self.sizes.values(), "size")
        return self


class Rarity(Section):
    """A kind that every catalogue has: one row in each stretch of so many rows, besides its share."""

    every: Literal[256, 512, 1024, 2048, 4096]


class ColourSet(Section):
    """Four colours: the ground, the wide band, the fine line and the accent of a check.

    ``say`` is how the titles of a grammar name the colourway, by default its own name.
    """

    ground: HexColour
    band: HexColour
    line: HexColour
    accent: HexColour
    say: str = ""


class Profile(Section):
    """Everything that generation needs to know of a catalogue. See the module's text."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=60)
    about: str = ""
    schema_name: str = Field(alias="schema")
    house: HouseNames
    rates: dict[str, Rate] = Field(default={})
    wearers: dict[str, str]
    shelves: tuple[Shelf, ...] = Field(min_length=1)
    words: dict[SlotName, dict[str, Word]] = Field(default={})
    grammar: Grammar | None = None
    kinds: dict[str, Kind] = Field(min_length=1)
    rarities: dict[str, Rarity] = Field(default={})
    families: FamilySizes
    colourways: dict[str, ColourSet] = Field(min_length=1)
    palettes: dict[str, Weights] = Field(min_length=1)
    prices: Prices
    codes: Codes = NUMBERED
    pictures: Pictures = GUIDS
    looks: Looks = Looks()
    drawn: dict[str, DrawnValues] = Field(default={})

    @model_validator(mode="after")
    def _names_are_known(self) -> Profile:
        depth = len(self.shelves[0].path)
        for at, shelf in enumerate(self.shelves):
            where = " / ".join(shelf.path)
            if len(shelf.path) != depth:
                raise FieldError(
                    f"the shelf {where} has {len(shelf.path)} levels, the first one has {depth}",
                    "shelves",
                    at,
                )
            for kind_name in shelf.kinds:
                what = f"the shelf {where} holds the kind"
                _known(kind_name, self.kinds, what, "shelves", at, "kinds", kind_name)
            for kind_name in shelf.effects:
                what = f"the shelf {where} has an effect of the kind"
                _known(kind_name, shelf.kinds, what, "shelves", at, "effects", kind_name)
            if shelf.ladder:
                what = f"the shelf {where} has the ladder"
                _known(shelf.ladder, self.prices.ladders, what, "shelves", at, "ladder")
            if not shelf.wearer:
                if not depth:
                    raise FieldError("a shelf without a category needs a wearer of its own", "shelves", at)
                _known(shelf.path[0], self.wearers, f"the shelf {where} needs the wearer of", "shelves", at)
        if not sum(shelf.share for shelf in self.shelves) > 0:
            raise FieldError("at least one shelf must have a share above 0", "shelves")
        paths = [shelf.path for shelf in self.shelves]
        repeated = next((at for at, path in enumerate(paths) if path in paths[:at]), None)
        if repeated is not None:
            raise FieldError(f"the shelf {' / '.join(paths[repeated])} appears twice", "shelves", repeated)
        largest = max(size for size, weight in self.families.sizes.items() if weight > 0)
        for name, palette in self.palettes.items():
            for colourway in palette:
                what = f"the palette {name} holds the colourway"
                _known(colourway, self.colourways, what, "palettes", name, colourway)
        if self.grammar is not None and self.words:
            raise FieldError("titles have either words or a grammar, not both; delete one", "grammar")
        for name, kind in self.kinds.items():
            for slot in SLOTS:
                for word in kind.slot(slot):
                    what = f"the kind {name} has the {slot} word"
                    _known(word, self.words.get(slot, {}), what, "kinds", name, slot, word)
            _known(kind.price, self.prices.laws, f"the kind {name} has the price law", "kinds", name, "price")
            _known(kind.palette, self.palettes, f"the kind {name} has the palette", "kinds", name, "palette")
            colours = sum(weight > 0 for weight in self.palettes[kind.palette].values())
            if kind.families and colours < largest:
                raise FieldError(
                    f"the palette {kind.palette} has {colours} colourways, "
                    f"fewer than the largest family ({largest})",
                    "palettes",
                    kind.palette,
                )
        for slot, words in self.words.items():
            for name, each in words.items():
                if slot in each.silences:
                    raise FieldError(f"the {slot} word {name} silences its own slot", "words", slot, name)
                if "colourway" in each.draw:
                    what = f"the {slot} word {name} draws the colourway"
                    _known(each.draw["colourway"], self.colourways, what, "words", slot, name)
        for name in self.rarities:
            _known(name, self.kinds, "rarities has the kind", "rarities", name)
        for name, line in self.codes.lines.items():
            for kind_name in line.kinds:
                _known(kind_name, self.kinds, f"the code line {name} serves the kind", "codes", "lines", name)
        return self

    def digest(self) -> str:
        """SHA-256 (hex) of the profile's content, in its order (the order decides what a number draws)."""
        # Profiles from before a section or a field existed keep their digest.
        plain = self.model_dump(mode="json", by_alias=True)
        later = [
            (plain, ("drawn", "grammar", "rarities")),
            (plain["prices"], ("decimals", "by_title")),
            (plain["codes"], ("template",)),
            (plain["looks"], ("bodies", "ages", "poses", "origins")),
        ]
        later += [(kind, ("drawings", "effect")) for kind in plain["kinds"].values()]
        later += [(shelf, ("effect", "effects", "ladder")) for shelf in plain["shelves"]]
        later += [(colours, ("say",)) for colours in plain["colourways"].values()]
        later += [(law, ("scores",)) for law in plain["prices"]["laws"].values()]
        later += [(entry, ("lookup",)) for entry in plain["drawn"].values()]
        ranges = [entry[kind] for entry in plain["drawn"].values() for kind in ("integer", "float")]
        later += [(each, ("quantiles",)) for each in ranges if each]
        for section, names in later:
            for name in names:
                if not section[name]:
                    del section[name]
        return hashlib.sha256(json.dumps(plain, ensure_ascii=False).encode()).hexdigest()

    def wearer(self, shelf: Shelf) -> str:
        """Who wears what stands on a shelf."""
        return shelf.wearer or self.wearers[shelf.path[0]]

    def only(
        self,
        levels: Mapping[int, Collection[str]],
        kinds: Collection[str] | None = None,
        wearers: Collection[str] | None = None,
        wanted: str = "",
    ) -> Profile:
        """The profile with only some shelves, and only some kinds on them; None: all of them.

        ``levels`` has the allowed values of some category levels, from 1. What is left keeps its shares.
        Raises InputError where nothing is left; ``wanted`` says in its message what was asked for.
        """
        shelves = []
        for shelf in self.shelves:
            there = {
                name: weight
                for name, weight in shelf.kinds.items()
                if weight > 0 and (kinds is None or name in kinds)
            }
            on_a_path = all(shelf.path[level - 1] in values for level, values in levels.items())
            if not (shelf.share > 0 and there and on_a_path):
                continue
            if wearers is not None and self.wearer(shelf) not in wearers:
                continue
            if kinds is not None:
                share = shelf.share * (sum(there.values()) / sum(shelf.kinds.values()))
                shelf = shelf.model_copy(update={"kinds": there, "share": share})
            shelves.append(shelf)
        if not shelves:
            under = wanted or " and ".join("/".join(sorted(values)) for values in levels.values())
            raise InputError(
                f"The profile {self.name} has no product that matches {under}; change the conditions."
            )
        return self.model_copy(update={"shelves": tuple(shelves)})

    def in_colourways(self, colourways: Collection[str]) -> Profile:
        """The profile with palettes of these colourways only, except where a palette has none of them.

        Kinds that are left with fewer colourways than the largest family come in one colourway each.
        """
        narrowed = {
            name: {each: weight for each, weight in palette.items() if each in colourways}
            for name, palette in self.palettes.items()
        }
        palettes = {
            name: narrow if any(narrow.values()) else self.palettes[name] for name, narrow in narrowed.items()
        }
        largest = max(size for size, weight in self.families.sizes.items() if weight > 0)
        kinds = {
            name: kind
            if sum(weight > 0 for weight in palettes[kind.palette].values()) >= largest
            else kind.model_copy(update={"families": False})
            for name, kind in self.kinds.items()
        }
        return self.model_copy(update={"palettes": palettes, "kinds": kinds})


def profile_of(schema: str | Path, name: str) -> Path:
    """The file of the built-in profile of a schema's name. Raises InputError where there is none."""
    try:
        return find(name, ".profile.yaml")
    except InputError:
        beside = Path(schema).with_suffix(".profile.yaml")
        which = f" {beside}" if beside.is_file() else ", a YAML file that says what the catalogue looks like"
        raise InputError(
            f"There is no built-in profile for the schema {name!r} of {schema}; give --profile{which}."
        ) from None


def load_profile(source: str | Path) -> Profile:
    """The built-in profile of that name, or the one in a YAML file. Raises InputError."""
    path = find(source, ".profile.yaml")
    return validate(Profile, read_yaml(path), str(path), path)


def _known(name: str, known: Collection[str], what: str, *inside: int | str) -> None:
    if name not in known:
        raise FieldError(f"{what} {name!r}, which does not exist ({nearest(name, known)})", *inside)
