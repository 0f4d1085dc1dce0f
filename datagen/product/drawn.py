"""The section ``drawn`` of a profile: what the values of the user's own columns are drawn from.

Each column has one entry, which names one kind of values (``integer``, ``choice``, ``faker`` ...) and
its parameters. The values themselves are made in :mod:`datagen.columns.drawn_values`.
"""

from __future__ import annotations

import json
import math
import re
from abc import abstractmethod
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, ConfigDict, Field, JsonValue, RootModel, model_validator

from datagen.product.distributions import Distribution, Geometric, LogNormal, Normal, Poisson, Quantiles
from datagen.product.section import Section, Share, Weights
from datagen.schemas.schema import DType

LARGEST = 10**15
"""Bounds are within this: whole numbers up to here are exact as float64, with room to spare."""

SMALLEST_SHARE = 1e-6
"""The least share of a distribution that must lie within the bounds."""

LONGEST_TEXT = 2000
"""Characters of a text that a template makes."""

MOST_LETTERS = 200_000
"""Letters of all words of a template, a list counted as often as it is used."""

Bound = Annotated[float, Field(ge=-LARGEST, le=LARGEST)]


class _Range(Section):
    """Numbers from ``low`` to ``high``, both included: uniform, or of one distribution cut at the bounds."""

    normal: Normal | None = None
    log_normal: LogNormal | None = None
    quantiles: Quantiles | None = None

    @property
    def distributions(self) -> Mapping[str, Distribution | Quantiles | None]:
        """The distributions that the entry may name."""
        return {"normal": self.normal, "log_normal": self.log_normal, "quantiles": self.quantiles}

    @property
    def distribution(self) -> Distribution | Quantiles | None:
        """The distribution that the entry names; None for uniform values."""
        return next((each for each in self.distributions.values() if each is not None), None)

    @property
    def scale(self) -> int:
        """Values are whole multiples of 1 / ``scale``."""
        return 1

    @property
    @abstractmethod
    def grid(self) -> tuple[int, int]:
        """The lowest and the highest value, as multiples of 1 / ``scale``."""

    def shares(self, distribution: Distribution | Quantiles) -> tuple[float, float]:
        """The shares of a distribution below the lowest and below the highest value, rounding included."""
        low, high = self.grid
        return distribution.below((low - 0.5) / self.scale), distribution.below((high + 0.5) / self.scale)

    @model_validator(mode="after")
    def _bounds_hold_values(self) -> _Range:
        low, high = self.grid
        if low > high:
            raise ValueError("no value lies between from and to; from must not be above to")
        named = [name for name, each in self.distributions.items() if each is not None]
        if len(named) > 1:
            raise ValueError(f"{' and '.join(named)} cannot be combined; name one distribution")
        if self.distribution is not None:
            below_low, below_high = self.shares(self.distribution)
            if not below_high - below_low >= SMALLEST_SHARE:
                raise ValueError(f"the bounds exclude almost all of the {named[0]} distribution; widen them")
        return self


class Integers(_Range):
    """Whole numbers."""

    DTYPES: ClassVar[tuple[DType, ...]] = ("int64",)
    low: Annotated[int, Field(alias="from", ge=-LARGEST, le=LARGEST)]
    high: Annotated[int, Field(alias="to", ge=-LARGEST, le=LARGEST)]
    poisson: Poisson | None = None
    geometric: Geometric | None = None

    @property
    def distributions(self) -> Mapping[str, Distribution | Quantiles | None]:
        """The distributions that the entry may name; whole numbers have two more."""
        return {**super().distributions, "poisson": self.poisson, "geometric": self.geometric}

    @property
    def grid(self) -> tuple[int, int]:
        """The lowest and the highest value."""
        return self.low, self.high


class Floats(_Range):
    """Decimal numbers with at most ``decimals`` digits after the point."""

    DTYPES: ClassVar[tuple[DType, ...]] = ("float64",)
    low: Bound = Field(alias="from")
    high: Bound = Field(alias="to")
    decimals: int = Field(default=2, ge=0, le=9)

    @property
    def scale(self) -> int:
        """Values are whole multiples of 1 / ``scale``."""
        return int(10**self.decimals)

    @property
    def grid(self) -> tuple[int, int]:
        """The lowest and the highest value, as multiples of 1 / ``scale``."""
        low, high = (Fraction(repr(bound)) * self.scale for bound in (self.low, self.high))
        return math.ceil(low), math.floor(high)

    @model_validator(mode="after")
    def _decimals_are_exact(self) -> Floats:
        if max(abs(bound) for bound in self.grid) > LARGEST:
            raise ValueError(
                f"{self.decimals} decimals are too many for these bounds; at most 15 digits are exact"
            )
        return self


def _weights_by_text(value: object) -> object:
    """A list as equal weights, and every key as text: the column's dtype says what the values are."""
    if isinstance(value, list):
        value = {_text_of(each): 1.0 for each in value}
    if isinstance(value, dict):
        return {_text_of(key): weight for key, weight in value.items()}
    return value


def _text_of(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float | date):
        raise ValueError(f"{value!r} is neither text nor a number; write it in quotes")
    return str(value)


class Choice(RootModel[Annotated[Weights, BeforeValidator(_weights_by_text)]]):
    """Values with their weights. They are texts here; columns of numbers and dates read them as such."""

    model_config = ConfigDict(frozen=True)
    DTYPES: ClassVar[tuple[DType, ...]] = ("string", "int64", "float64", "date32")


class Lookup(Section):
    """What a table says of the value of another column: colour codes of colours, names of numbers.

    ``values``: by that value, as text; ``otherwise`` for those that the table has not.
    """

    DTYPES: ClassVar[tuple[DType, ...]] = ("string", "int64", "float64", "bool", "date32")
    of: str
    values: dict[str, str] = Field(min_length=1)
    otherwise: str = ""

    @model_validator(mode="before")
    @classmethod
    def _texts(cls, value: object) -> object:
        if isinstance(value, dict) and isinstance(value.get("values"), dict):
            table = {_text_of(key): _text_of(each) for key, each in value["values"].items()}
            return {**value, "values": table}
        return value


class Boolean(RootModel[Share]):
    """True in this share of the rows, else false."""

    model_config = ConfigDict(frozen=True)
    DTYPES: ClassVar[tuple[DType, ...]] = ("bool",)


class Dates(Section):
    """Days from ``first`` to ``last``, both included, each as likely as any other."""

    DTYPES: ClassVar[tuple[DType, ...]] = ("date32", "string")
    first: date = Field(alias="from")
    last: date = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Dates:
        if self.first > self.last:
            raise ValueError(f"from {self.first} is after to {self.last}")
        return self


_PART = re.compile(r"\\(.)|(#)|(\?)|\{([^{}]*)\}|([^\\#?{}]+)", re.DOTALL)


class Text(Section):
    """Texts of one template: ``#`` is a digit, ``?`` a capital letter, ``{name}`` a word of that list.

    A backslash takes the next character as it is.
    """

    DTYPES: ClassVar[tuple[DType, ...]] = ("string",)
    template: str = Field(min_length=1, max_length=500)
    words: dict[str, tuple[Annotated[str, Field(max_length=100)], ...]] = Field(default={})

    @model_validator(mode="before")
    @classmethod
    def _plain_template(cls, value: object) -> object:
        return {"template": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _template_is_legal(self) -> Text:
        for name, words in self.words.items():
            if not words:
                raise ValueError(f"the list {name} has no words")
            if "{" + name + "}" not in self.template:
                raise ValueError(f"the template does not use the list {name}")
        parts = self.parts()
        if sum(max(map(len, options)) for options in parts) > LONGEST_TEXT:
            raise ValueError(f"the template makes texts of more than {LONGEST_TEXT:,} characters")
        if sum(len(option) for options in parts for option in options) > MOST_LETTERS:
            raise ValueError(
                f"the words that the template uses have more than {MOST_LETTERS:,} letters in all"
            )
        return self

    def parts(self) -> list[tuple[str, ...]]:
        """The template part by part: the texts that each part can be. Raises ValueError."""
        parts: list[tuple[str, ...]] = []
        at = 0
        while at < len(self.template):
            match = _PART.match(self.template, at)
            if match is None:
                raise ValueError(
                    f"the template has a stray {self.template[at]!r} at character {at + 1}; "
                    "put a backslash before it"
                )
            escaped, digit, letter, name, plain = match.groups()
            if digit:
                parts.append(tuple("0123456789"))
            elif letter:
                parts.append(tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
            elif name is not None:
                if name not in self.words:
                    raise ValueError(f"the template uses the list {name!r}, which words does not have")
                parts.append(self.words[name])
            else:
                parts.append((escaped or plain,))
            at = match.end()
        return parts


class FakerCall(Section):
    """Whatever a provider method of Faker returns: its name, the locale, and its arguments by name."""

    DTYPES: ClassVar[tuple[DType, ...]] = ("string", "int64", "float64", "bool", "date32")
    method: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=80)
    locale: str = Field(default="en_US", pattern=r"^[A-Za-z]{2,3}([_-][A-Za-z]{2,8})*$", max_length=20)
    arguments: dict[str, JsonValue] = Field(default={})

    @model_validator(mode="before")
    @classmethod
    def _plain_name(cls, value: object) -> object:
        return {"method": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _arguments_are_plain(self) -> FakerCall:
        json.dumps(self.arguments, allow_nan=False)  # what profile.yaml cannot hold would read back otherwise
        return self


Values = Integers | Floats | Choice | Dates | Boolean | Text | FakerCall | Lookup


class DrawnValues(Section):
    """The entry of one column: one kind of values, and the share of rows whose value is missing."""

    integer: Integers | None = None
    float_: Floats | None = Field(default=None, alias="float")
    choice: Choice | None = None
    date_: Dates | None = Field(default=None, alias="date")
    boolean: Boolean | None = None
    text: Text | None = None
    faker: FakerCall | None = None
    lookup: Lookup | None = None
    missing: Annotated[float, Field(ge=0, lt=1)] = 0.0

    @model_validator(mode="after")
    def _one_kind(self) -> DrawnValues:
        if len(self._named) != 1:
            raise ValueError(
                "exactly one of integer, float, choice, date, boolean, text, faker and lookup must be given"
            )
        return self

    @property
    def values(self) -> Values:
        """The values that the entry names."""
        return self._named[0]

    @property
    def _named(self) -> list[Values]:
        every = (self.integer, self.float_, self.choice, self.date_, self.boolean, self.text)
        return [each for each in (*every, self.faker, self.lookup) if each is not None]
