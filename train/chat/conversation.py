"""A row as a conversation: the question that is asked of its picture, and the answer that is to be learned.

    Template   which columns an answer tells, and how; the same for every model; part of a run's config
    Chat       what a model's chat format puts around a question and an answer

With the defaults, prompt and answer are those of the published recipe, character for character (in braces:
the columns that have these roles in the built-in schema):

    <|user|>\\n<|image_1|>What is shown in this image?<|end|><|assistant|>\\n
    Product: {title}, Category: {category}, Full Price: {price}<|end|>

A row's values are made plain before they are told (:meth:`Template.fields`), so that no title can end an
answer early, put words into the model's chat, or be read back as another field: whatever the row, reading the
answer back (``answers.parse``) gives the fields that were told.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache, cached_property
from string import Formatter
from typing import Any, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from datagen.schemas import DEFAULT_SCHEMA, Schema, load_schema
from datagen.schemas.schema import Category, Image, Title

Value = str | float | None
Fields = dict[str, Value]
"""What an answer tells, by field: text, a number, or None for a number that is missing."""

ROLES = ("title", "category", "price")
DEFAULT_ANSWER = "Product: {{{title}}}, Category: {{{category}}}, Full Price: {{{price}}}"
"""The answer of the published recipe, to be filled with the columns that have these roles."""
MOST_LETTERS = 1000
"""A longer value is cut here."""

END = re.compile(r"<\|[^|<>]{0,60}\|>|</?(?:s|eos|pad|unk|end_of_turn|end_of_utterance)>")
"""Special tokens as chats use them: where one stands, an answer ends."""
MARKUP = re.compile(rf"{END.pattern}|</?[\w-]{{1,60}}>")
"""Whatever looks like a special token of some tokenizer; taken out of values."""
NOT_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

EUROPEAN = r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]{2}(?![0-9])"
NUMBER = re.compile(
    rf"{EUROPEAN}|[+-]?(?:[0-9]{{1,3}}(?:[,'\u2019\u00a0\u202f][0-9]{{3}})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?"
)
"""A number as people write prices: 2490, 2,490.00, 2'490 or 2.490,00."""
AMOUNT = re.compile(rf"(?:[A-Z]{{0,3}}[$€£¥]|[A-Z]{{3}})?\s*({NUMBER.pattern})(?![.,]?[0-9]|[eE][+-]?[0-9])")
"""A number with a currency before it or without, and not the beginning of something longer."""
FIELD = re.compile(r"[^\W\d](?:[\w -]*\w)?")
NUMBER_SPEC = re.compile(r"(,?\.[0-6]f)?")
LARGEST, DECIMALS = 1e15, 6
"""A number that is not below LARGEST is missing, and none is told to more than so many decimals."""


class _Config(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Chat(_Config):
    """The texts around a question and an answer; the default is Phi-3-vision's, as the recipe wrote it.

    The prompt is before + picture + question + after, without ``picture`` where there is none. The model's
    turn is lead + answer + end.
    """

    before: str = "<|user|>\n"
    picture: str = "<|image_1|>"
    after: str = "<|end|><|assistant|>\n"
    lead: str = ""
    end: str = Field(default="<|end|>", min_length=1)

    def prompt(self, question: str, *, picture: bool = True) -> str:
        """The text that the model's processor is given."""
        return self.before + self.picture * picture + question + self.after


class AnswerField(NamedTuple):
    """One field of an answer: the text before it, its name, its number format, and the text after it."""

    before: str
    field: str
    spec: str
    after: str


def role_columns(schema: Schema) -> dict[str, str]:
    """Role -> column of a schema: ``title``, ``category`` (the last level), ``price`` (the full one) and
    ``image``, as far as the schema has them.
    """
    levels = schema.of(Category)
    columns = {
        "title": schema.one(Title),
        "category": levels[-1] if levels else None,
        "price": schema.price("full"),
        "image": schema.one(Image),
    }
    return {role: column.name for role, column in columns.items() if column is not None}


def _default_answer() -> str:
    return DEFAULT_ANSWER.format_map(_default_columns())


@cache
def _default_columns() -> dict[str, str]:
    return role_columns(load_schema(DEFAULT_SCHEMA))


class Template(_Config):
    """What is asked and answered.

    ``question``: the user's words. ``answer``: text with fields in braces, each a column of the data set; a
    number may have a format (``{price:.2f}``, ``{price:,.0f}``), and nothing else may stand in
    braces. ``title``, ``category`` and ``price`` say which fields are scored as such, ``image`` which column
    holds the picture. ``missing`` is told where a row has no value.
    """

    question: str = Field(default="What is shown in this image?", max_length=2000)
    answer: str = Field(default_factory=_default_answer, max_length=2000)
    title: str | None = Field(default_factory=lambda: _default_columns()["title"])
    category: str | None = Field(default_factory=lambda: _default_columns()["category"])
    price: str | None = Field(default_factory=lambda: _default_columns()["price"])
    image: str = Field(default_factory=lambda: _default_columns()["image"], min_length=1)
    missing: str = Field(default="N.A.", pattern=r"^\S(.*\S)?$", max_length=40)

    @model_validator(mode="before")
    @classmethod
    def _roles_of_the_answer(cls, given: Any) -> Any:
        """A role that nobody named falls away where the answer does not tell its column."""
        if not isinstance(given, Mapping) or not isinstance(given.get("answer", ""), str):
            return given
        columns = _default_columns()
        answer = given.get("answer", _default_answer())
        fields = {told.field for told in _answer_fields(answer)}
        absent = {role: None for role in ROLES if role not in given and columns.get(role) not in fields}
        return {**given, **absent}

    @model_validator(mode="after")
    def _is_legal(self) -> Template:
        names = [told.field for told in self.answer_fields]
        for role in ROLES:
            name = getattr(self, role)
            if name is not None and name not in names:
                raise ValueError(f"the {role} is {name!r}, which the answer does not tell")
        for told in self.answer_fields:
            if told.field not in self.numbers:
                if _plain(self.missing, told.after) != self.missing:
                    raise ValueError(f"the missing text {self.missing!r} cannot be told from {told.after!r}")
                continue
            follows = told.after if told is not self.answer_fields[-1] else f"{told.after} "
            if re.search(r"[0-9]$|[.,'\u2019][0-9]*$", told.before) or re.match(
                r"[0-9]|([.,'\u2019]|[eE][+-]?)([0-9]|$)", follows
            ):
                raise ValueError(f"the text beside {{{told.field}}} would be read as part of the number")
        if self.image in names:
            raise ValueError(f"{self.image!r} is the picture, which an answer cannot tell")
        if NUMBER.search(self.missing):
            raise ValueError(f"the missing text {self.missing!r} would be read as a number")
        return self

    @cached_property
    def answer_fields(self) -> tuple[AnswerField, ...]:
        """The fields in the order in which the answer tells them."""
        return _answer_fields(self.answer)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a data set must have: the fields and the picture."""
        return (*(told.field for told in self.answer_fields), self.image)

    @property
    def numbers(self) -> frozenset[str]:
        """The fields that are numbers: the price, and those with a number format."""
        return frozenset(told.field for told in self.answer_fields if told.spec or told.field == self.price)

    def fields(self, row: Mapping[str, Any]) -> Fields:
        """What the answer tells of a row: its values, plain. Scores compare with these.

        Text loses line breaks, special tokens, and words that separate the answer's own fields; a number
        (text that holds one is read) is rounded as the answer prints it. Empty text and NaN are missing.
        """
        return {told.field: self._value(told, row.get(told.field)) for told in self.answer_fields}

    def text(self, fields: Mapping[str, Value]) -> str:
        """The answer that tells some fields, without the chat's end."""
        return "".join(told.before + self._say(told, fields[told.field]) for told in self.answer_fields) + (
            self.answer_fields[-1].after
        )

    def _say(self, told: AnswerField, value: Value) -> str:
        return number_text(value, told.spec) if isinstance(value, float) else value or self.missing

    def _value(self, told: AnswerField, value: Any) -> Value:
        if told.field in self.numbers:
            number = read_number(value) if isinstance(value, str) else _number(value)
            return None if number is None else float(number_text(number, told.spec).replace(",", ""))
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return self.missing
        return _plain(str(value)[: 4 * MOST_LETTERS], told.after) or self.missing


def number_text(number: float, spec: str = "") -> str:
    """A number as an answer prints it: 450.0 without a format, as the published recipe does."""
    return format(number, spec) if spec else np.format_float_positional(round(number, DECIMALS), trim="0")


def read_number(text: str) -> float | None:
    """The number that a text is, with a currency before or after it or without; None where it is none."""
    found = re.fullmatch(rf"\s*{AMOUNT.pattern}\s*(?:[A-Z]{{3}}|[$€£¥])?\s*", text[:MOST_LETTERS])
    return None if found is None else number_of(found[1])


def number_of(written: str) -> float | None:
    """The value of what :data:`NUMBER` found; None where it is too large to be meant."""
    if re.fullmatch(EUROPEAN, written):
        written = written.replace(".", "").replace(",", ".")
    return _number(re.sub("[,'\u2019\u00a0\u202f]", "", written))


def separator(literal: str) -> re.Pattern[str] | None:
    """What finds a text between two fields, whatever its spaces and case; None where it is only space."""
    parts = re.findall(r"\w+|[^\w\s]", literal)
    if not parts:
        return None
    begin = r"\b" if literal[0].isspace() and parts[0][0].isalnum() else ""
    end = r"\b" if literal[-1].isspace() and parts[-1][-1].isalnum() else ""
    return re.compile(begin + r"\s*".join(map(re.escape, parts)) + end, re.IGNORECASE)


def _plain(value: str, after: str) -> str:
    """``value`` in one line, without special tokens, and so that ``after`` is found only behind it."""
    value = NOT_TEXT.sub(" ", value)
    while (bare := MARKUP.sub(" ", value)) != value:
        value = bare
    value = " ".join(value.split())[:MOST_LETTERS].strip()
    ends = separator(after)
    while ends and (found := ends.search(value + after)) and found.start() < len(value):
        value = " ".join((value[: found.start()] + " " + value[found.end() :]).split())
    return value


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if abs(number) < LARGEST else None


def _answer_fields(answer: str) -> tuple[AnswerField, ...]:
    """The fields of an answer. Raises ValueError where it is no legal template."""
    try:
        parsed = list(Formatter().parse(answer))
    except ValueError as error:
        raise ValueError(f"the answer {answer!r} is no template ({error})") from None
    literals, names = [""], []
    for literal, name, spec, conversion in parsed:
        literals[-1] += literal
        if name is None:
            continue
        if not FIELD.fullmatch(name) or conversion or not NUMBER_SPEC.fullmatch(spec or ""):
            raise ValueError(
                f"{{{name}}} is no field; write a column's name, for a number with a format such as :.2f"
            )
        names.append((name, spec or ""))
        literals.append("")
    if not names:
        raise ValueError("the answer tells no column; write one in braces, such as {title}")
    twice = next((name for at, (name, _) in enumerate(names) if name in dict(names[:at])), None)
    if twice is not None:
        raise ValueError(f"the answer tells {{{twice}}} twice")
    if any(not literal.strip() for literal in literals[1:-1]):
        raise ValueError("two fields of the answer have nothing but space between them; put a word there")
    if any(END.search(literal) for literal in literals):
        raise ValueError("the answer holds a special token; the chat's own end is added to it")
    return tuple(
        AnswerField(literals[at], name, spec, literals[at + 1]) for at, (name, spec) in enumerate(names)
    )
