"""Schema: which columns a catalogue has, in which order, and what each one is.

The schema names the columns; the code knows only their roles. Another catalogue is another YAML
file with the same roles under other names. What a role does is in :mod:`datagen.columns`.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from string import Formatter
from typing import Annotated, ClassVar, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictFloat,
    StrictInt,
    StrictStr,
    model_validator,
)

from datagen.schemas.validation_errors import FieldError
from datagen.schemas.yaml_file import find, read_yaml, validate

DType = Literal["string", "int64", "float64", "bool", "date32", "image"]


def _one_line_of_text(name: str) -> str:
    if not name.isprintable():
        raise ValueError("a column name must be one line of printable text")
    return name


class Column(BaseModel):
    """What every column has; one subclass for each role."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    DTYPES: ClassVar[tuple[DType, ...]] = ("string",)

    name: Annotated[str, AfterValidator(_one_line_of_text)] = Field(min_length=1, max_length=100)
    dtype: DType = "string"
    about: str = ""

    @model_validator(mode="after")
    def _dtype_fits_role(self) -> Column:
        if self.dtype not in self.DTYPES:
            role = getattr(self, "role", "?")
            raise ValueError(f"a {role} column is {' or '.join(self.DTYPES)}, not {self.dtype}")
        return self

    @property
    def rule(self) -> str:
        """What holds for every value of this column, in a few words."""
        raise TypeError(f"{type(self).__name__} has no rule")


class Constant(Column):
    """The same value in every row."""

    DTYPES = ("string", "int64", "float64")
    role: Literal["constant"]
    value: StrictStr | StrictInt | StrictFloat

    @model_validator(mode="after")
    def _value_is_of_dtype(self) -> Constant:
        expected = {"string": str, "int64": int, "float64": float}[self.dtype]
        if not isinstance(self.value, expected):
            raise ValueError(f"the value {self.value!r} is not a {self.dtype}")
        return self

    @property
    def rule(self) -> str:
        return f"always {self.value}"


class Category(Column):
    """One level of the shelf that a product is on; level 1 is the widest."""

    role: Literal["category"]
    level: int = Field(ge=1, le=9)

    @property
    def rule(self) -> str:
        return "one of the menu" if self.level == 1 else f"legal under level {self.level - 1}"


class Code(Column):
    """The key of a product, unique in the catalogue."""

    DTYPES = ("string", "int64")
    role: Literal["code"]
    pattern: str = ".+"

    @model_validator(mode="after")
    def _pattern_compiles(self) -> Code:
        try:
            re.compile(self.pattern)
        except (re.error, RecursionError, OverflowError) as error:
            raise ValueError(f"{self.pattern!r} is not a regular expression ({error})") from None
        _check_re2(self.pattern)
        return self

    @property
    def rule(self) -> str:
        return f"unique, matches {self.pattern}"


class Title(Column):
    """The name of the product as the shop writes it."""

    role: Literal["title"]

    @property
    def rule(self) -> str:
        return "legal for a kind of the shelf"


class Link(Column):
    """The address of the product's page, made of its title's slug and its code.

    A slug is the title in lower case, accents stripped (NFKD without its marks), every " and " deleted,
    and every other run of characters that are neither a to z nor 0 to 9 replaced by one hyphen, none at
    either end.
    """

    role: Literal["link"]
    template: str
    FIELDS: ClassVar[frozenset[str]] = frozenset({"slug", "code"})

    @model_validator(mode="after")
    def _template_is_legal(self) -> Link:
        _check_template(self.template, self.FIELDS)
        return self

    @property
    def rule(self) -> str:
        return self.template


class PictureLink(Column):
    """The address of the product's picture, made of a picture id."""

    role: Literal["picture_link"]
    template: str
    FIELDS: ClassVar[frozenset[str]] = frozenset({"picture"})

    @model_validator(mode="after")
    def _template_is_legal(self) -> PictureLink:
        _check_template(self.template, self.FIELDS)
        return self

    @property
    def rule(self) -> str:
        return f"{self.template} or the missing text"


class Price(Column):
    """A price in the catalogue's own currency: before (full) or after a discount (paid)."""

    DTYPES = ("float64", "int64")
    dtype: DType = "float64"
    role: Literal["price"]
    which: Literal["full", "paid"]

    @property
    def rule(self) -> str:
        return "on a legal ending" if self.which == "full" else "at most the full price"


class ConvertedPrice(Column):
    """A price column in another currency: price x the profile's rate, rounded to the rate's decimals."""

    DTYPES = ("float64",)
    dtype: DType = "float64"
    role: Literal["converted_price"]
    source: str
    currency: str

    @property
    def rule(self) -> str:
        return f"{self.source} x {self.currency} rate, rounded"


class DiscountFlag(Column):
    """1 (true) where the paid price is below the full price, else 0 (false)."""

    DTYPES = ("int64", "bool")
    dtype: DType = "int64"
    role: Literal["discount_flag"]

    @property
    def rule(self) -> str:
        return "1 if paid < full, else 0"


class Drawn(Column):
    """A column of the user's own, with values drawn as the profile says in ``drawn`` under its name."""

    DTYPES = ("string", "int64", "float64", "bool", "date32")
    role: Literal["drawn"]

    @property
    def rule(self) -> str:
        return "drawn as the profile says"


class Other(Column):
    """A column of a real catalogue whose values follow from no other column; none can be made."""

    DTYPES = ("string", "int64", "float64", "bool", "date32")
    role: Literal["other"]

    @property
    def rule(self) -> str:
        return "any value"


class Image(Column):
    """The picture itself, added to the real columns."""

    DTYPES = ("image",)
    dtype: DType = "image"
    role: Literal["image"]

    @property
    def rule(self) -> str:
        return "its bytes, path = code.jpg"


AnyColumn = Annotated[
    Constant
    | Category
    | Code
    | Title
    | Link
    | PictureLink
    | Price
    | ConvertedPrice
    | DiscountFlag
    | Drawn
    | Other
    | Image,
    Field(discriminator="role"),
]

ColumnType = TypeVar("ColumnType", bound=Column)

MOST_COLUMNS = 2_000
"""Of a schema; no catalogue is wider, and some checks compare every two columns."""


class Schema(BaseModel):
    """An ordered list of columns with their roles."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=60)
    title: str = ""
    about: str = ""
    missing: str = "N.A."
    columns: tuple[AnyColumn, ...] = Field(min_length=1, max_length=MOST_COLUMNS)

    @model_validator(mode="after")
    def _columns_fit_together(self) -> Schema:
        names = [column.name for column in self.columns]
        first = {name: at for at, name in reversed(list(enumerate(names)))}
        repeated = next((at for at, name in enumerate(names) if first[name] != at), None)
        if repeated is not None:
            raise FieldError(f"two columns are called {names[repeated]!r}", "columns", repeated)
        for role in (Code, Title, Image, DiscountFlag):
            if len(self.of(role)) > 1:
                raise FieldError(
                    f"more than one column is the {role.__name__.lower()}",
                    "columns",
                    self._at(self.of(role)[1]),
                )
        for which in ("full", "paid"):
            prices = [column for column in self.of(Price) if column.which == which]
            if len(prices) > 1:
                raise FieldError(f"more than one column is the {which} price", "columns", self._at(prices[1]))
        levels = [column.level for column in self.of(Category)]
        if levels != list(range(1, len(levels) + 1)):
            raise FieldError(
                f"the category levels are {levels}; they must be 1, 2, 3 ... in column order",
                "columns",
                self._at(self.of(Category)[0]),
            )
        for converted in self.of(ConvertedPrice):
            if converted.source not in {column.name for column in self.of(Price)}:
                raise FieldError(
                    f"{converted.name} converts {converted.source!r}, which is not a price column",
                    "columns",
                    self._at(converted),
                    "source",
                )
        return self

    def _at(self, column: Column) -> int:
        return next(at for at, each in enumerate(self.columns) if each is column)

    def of(self, role: type[ColumnType]) -> list[ColumnType]:
        """The columns of one role, in order."""
        return [column for column in self.columns if isinstance(column, role)]

    def one(self, role: type[ColumnType]) -> ColumnType | None:
        """The first column of a role, or None."""
        return next(iter(self.of(role)), None)

    def price(self, which: Literal["full", "paid"]) -> Price | None:
        """The column of the full or of the paid price, or None."""
        return next((column for column in self.of(Price) if column.which == which), None)


def load_schema(source: str | Path) -> Schema:
    """The built-in schema of that name, or the one in a YAML file. Raises InputError."""
    path = find(source, ".yaml")
    return validate(Schema, read_yaml(path), str(path), path)


def _check_re2(pattern: str) -> None:
    """Raises ValueError for what Python's expressions have and RE2, which checks the rows, has not."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        pc.match_substring_regex(pa.nulls(1, pa.string()), f"^(?:{pattern})$")
    except (pa.ArrowInvalid, UnicodeError) as error:
        reason = str(error).splitlines()[0].removeprefix("Invalid regular expression: ")
        raise ValueError(
            f"{pattern!r} is not an expression of RE2 ({reason}); leave out what only Python "
            "knows, such as lookaround, references and \\Z"
        ) from None


def _check_template(template: str, fields: frozenset[str]) -> None:
    """Raises ValueError unless the template uses each of ``fields``, plainly, and nothing else."""
    try:
        parts = [(name, spec, conversion) for _, name, spec, conversion in Formatter().parse(template)]
    except ValueError as error:
        raise ValueError(f"{template!r} is not a template ({error})") from None
    used = [name for name, _, _ in parts if name is not None]
    if set(used) - fields or any(spec or conversion for _, spec, conversion in parts):
        raise ValueError(f"the template may hold only {_braced(fields)}, written plainly")
    if not used or len(used) != len(set(used)):
        raise ValueError(f"the template must hold {_braced(fields)}, each at most once")


def _braced(fields: frozenset[str]) -> str:
    return " and ".join("{" + field + "}" for field in sorted(fields))


def schema_digest(schema: Schema) -> str:
    """SHA-256 (hex) of a schema's content."""
    return hashlib.sha256(schema.model_dump_json().encode()).hexdigest()
