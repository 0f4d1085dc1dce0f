"""A row as a conversation: a question about its picture, and the answer to be learned.

    Template   which columns an answer contains, and how; the same for every model; part of a run's config
    Chat       what a model's chat format puts around a question and an answer

With the defaults, prompt and answer are those of the published recipe, character for character (in braces:
the columns that have these roles in the built-in schema):

    <|user|>\\n<|image_1|>What is shown in this image?<|end|><|assistant|>\\n
    Product: {title}, Category: {category}, Full Price: {price}<|end|>

A row's values are sanitised first (:meth:`Template.fields`), so that no title can end an answer early, inject
text into the chat, or be parsed as another field: for any row, parsing the answer (``answers.parse``)
gives back the same fields.
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
"""Field -> value in an answer: text, a number, or None for a missing number."""

ROLES = ("title", "category", "price")
DEFAULT_ANSWER = "Product: {{{title}}}, Category: {{{category}}}, Full Price: {{{price}}}"
"""The answer of the published recipe, to be filled with the columns that have these roles."""
MOST_LETTERS = 1000
"""Longer values are truncated to this length."""

END = re.compile(r"<\|[^|<>]{0,60}\|>|</?(?:s|eos|pad|unk|end_of_turn|end_of_utterance)>")
"""Special tokens of chat formats; an answer ends at the first of them."""
MARKUP = re.compile(rf"{END.pattern}|</?[\w-]{{1,60}}>")
"""Anything that looks like a special token of some tokenizer; removed from values."""
NOT_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

EUROPEAN = r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]{2}(?![0-9])"
NUMBER = re.compile(
    rf"{EUROPEAN}|[+-]?(?:[0-9]{{1,3}}(?:[,'\u2019\u00a0\u202f][0-9]{{3}})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?"
)
"""A number as prices are written: 2490, 2,490.00, 2'490 or 2.490,00."""
AMOUNT = re.compile(rf"(?:[A-Z]{{0,3}}[$€£¥]|[A-Z]{{3}})?\s*({NUMBER.pattern})(?![.,]?[0-9]|[eE][+-]?[0-9])")
"""A number, with or without a currency before it, that is not the start of something longer."""
FIELD = re.compile(r"[^\W\d](?:[\w -]*\w)?")
NUMBER_SPEC = re.compile(r"(,?\.[0-6]f)?")
LARGEST, DECIMALS = 1e15, 6
"""A number of LARGEST or more counts as missing; numbers are rounded to DECIMALS."""


class _Config(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Chat(_Config):
    """The texts around a question and an answer; the default is Phi-3-vision's, as in the published recipe.

    The prompt is before + picture + question + after, without ``picture`` if there is none. The model's
    turn is lead + answer + end.
    """

    before: str = "<|user|>\n"
    picture: str = "<|image_1|>"
    after: str = "<|end|><|assistant|>\n"
    lead: str = ""
    end: str = Field(default="<|end|>", min_length=1)

    def prompt(self, question: str, *, picture: bool = True) -> str:
        """The text to pass to the model's processor."""
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
    """The question and the form of the answer.

    ``question``: the user's message. ``answer``: text with fields in braces, each a column of the dataset; a
    number may have a format (``{price:.2f}``, ``{price:,.0f}``), nothing else is allowed in braces.
    ``title``, ``category`` and ``price`` name the fields that are scored as such, ``image`` the column
    with the picture. ``missing`` is written for a row without a value.
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
        """Drop roles that were not given and whose default column is not in the answer."""
        if not isinstance(given, Mapping) or not isinstance(given.get("answer", ""), str):
            return given
        columns = _default_columns()
        answer = given.get("answer", _default_answer())
        fields = {one.field for one in _answer_fields(answer)}
        absent = {role: None for role in ROLES if role not in given and columns.get(role) not in fields}
        return {**given, **absent}

    @model_validator(mode="after")
    def _is_legal(self) -> Template:
        names = [one.field for one in self.answer_fields]
        for role in ROLES:
            name = getattr(self, role)
            if name is not None and name not in names:
                raise ValueError(f"the {role} is {name!r}, which is not a field of the answer")
        for one in self.answer_fields:
            if one.field not in self.numbers:
                if _plain(self.missing, one.after) != self.missing:
                    raise ValueError(
                        f"the missing text {self.missing!r} cannot be distinguished from {one.after!r}"
                    )
                continue
            follows = one.after if one is not self.answer_fields[-1] else f"{one.after} "
            if re.search(r"[0-9]$|[.,'\u2019][0-9]*$", one.before) or re.match(
                r"[0-9]|([.,'\u2019]|[eE][+-]?)([0-9]|$)", follows
            ):
                raise ValueError(f"the text next to {{{one.field}}} would be parsed as part of the number")
        if self.image in names:
            raise ValueError(f"{self.image!r} is the picture column, which cannot be a field of the answer")
        if NUMBER.search(self.missing):
            raise ValueError(f"the missing text {self.missing!r} would be parsed as a number")
        return self

    @cached_property
    def answer_fields(self) -> tuple[AnswerField, ...]:
        """The fields, in the order of the answer."""
        return _answer_fields(self.answer)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a dataset must have: the fields and the picture."""
        return (*(one.field for one in self.answer_fields), self.image)

    @property
    def numbers(self) -> frozenset[str]:
        """The fields that are numbers: the price, and those with a number format."""
        return frozenset(one.field for one in self.answer_fields if one.spec or one.field == self.price)

    def fields(self, row: Mapping[str, Any]) -> Fields:
        """The sanitised values of a row's answer, with which scores compare.

        Text loses line breaks, special tokens, and words that separate the answer's own fields; a number
        (text that holds one is parsed) is rounded to what the answer prints. Empty text and NaN are
        missing.
        """
        return {one.field: self._value(one, row.get(one.field)) for one in self.answer_fields}

    def is_empty(self, row: Mapping[str, Any], missing: str | None = None) -> bool:
        """Whether a row has none of the answer's values, so that there is nothing to learn from it.

        ``missing``: another text that stands for no value in this dataset.
        """
        return all(value in (None, self.missing, missing) for value in self.fields(row).values())

    def text(self, fields: Mapping[str, Value]) -> str:
        """The answer with these values, without the chat's end token."""
        return "".join(one.before + self._format(one, fields[one.field]) for one in self.answer_fields) + (
            self.answer_fields[-1].after
        )

    def _format(self, field: AnswerField, value: Value) -> str:
        return number_text(value, field.spec) if isinstance(value, float) else value or self.missing

    def _value(self, field: AnswerField, value: Any) -> Value:
        if field.field in self.numbers:
            number = read_number(value) if isinstance(value, str) else _number(value)
            return None if number is None else float(number_text(number, field.spec).replace(",", ""))
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return self.missing
        return _plain(str(value)[: 4 * MOST_LETTERS], field.after) or self.missing


def number_text(number: float, spec: str = "") -> str:
    """A number as answers print it: 450.0 without a format, as in the published recipe."""
    return format(number, spec) if spec else np.format_float_positional(round(number, DECIMALS), trim="0")


def read_number(text: str) -> float | None:
    """The number in a text that is nothing but a number and perhaps a currency; else None."""
    found = re.fullmatch(rf"\s*{AMOUNT.pattern}\s*(?:[A-Z]{{3}}|[$€£¥])?\s*", text[:MOST_LETTERS])
    return None if found is None else number_of(found[1])


def number_of(written: str) -> float | None:
    """The value of a match of :data:`NUMBER`; None if it is implausibly large."""
    if re.fullmatch(EUROPEAN, written):
        written = written.replace(".", "").replace(",", ".")
    return _number(re.sub("[,'\u2019\u00a0\u202f]", "", written))


def separator(literal: str) -> re.Pattern[str] | None:
    """A pattern for the text between two fields, ignoring whitespace and case; None for whitespace alone."""
    parts = re.findall(r"\w+|[^\w\s]", literal)
    if not parts:
        return None
    begin = r"\b" if literal[0].isspace() and parts[0][0].isalnum() else ""
    end = r"\b" if literal[-1].isspace() and parts[-1][-1].isalnum() else ""
    return re.compile(begin + r"\s*".join(map(re.escape, parts)) + end, re.IGNORECASE)


def _plain(value: str, after: str) -> str:
    """``value`` on one line, without special tokens and without anything that matches ``after``."""
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
    """The fields of an answer template. Raises ValueError if it is malformed."""
    try:
        parsed = list(Formatter().parse(answer))
    except ValueError as error:
        raise ValueError(f"the answer {answer!r} is not a valid template ({error})") from None
    literals, names = [""], []
    for literal, name, spec, conversion in parsed:
        literals[-1] += literal
        if name is None:
            continue
        if not FIELD.fullmatch(name) or conversion or not NUMBER_SPEC.fullmatch(spec or ""):
            raise ValueError(
                f"{{{name}}} is not a valid field; write a column name, for numbers with a format like :.2f"
            )
        names.append((name, spec or ""))
        literals.append("")
    if not names:
        raise ValueError("the answer has no field; write a column in braces, such as {title}")
    twice = next((name for at, (name, _) in enumerate(names) if name in dict(names[:at])), None)
    if twice is not None:
        raise ValueError(f"{{{twice}}} appears twice in the answer")
    if any(not literal.strip() for literal in literals[1:-1]):
        raise ValueError(
            "two fields of the answer are separated by whitespace alone; put a word between them"
        )
    if any(END.search(literal) for literal in literals):
        raise ValueError(
            "the answer contains a special token; leave it out, the chat's end token is added anyway"
        )
    return tuple(
        AnswerField(literals[at], name, spec, literals[at + 1]) for at, (name, spec) in enumerate(names)
    )
