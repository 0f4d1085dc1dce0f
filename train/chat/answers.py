"""Answers parsed back into fields, with the template that the model was trained on.

The inverse of :meth:`datagen.train.chat.conversation.Template.text`, lenient where the meaning is clear:
whitespace and case of the words between fields, thousands separators, a currency, text before or after the
answer, a missing end.
"""

from __future__ import annotations

import re

from datagen.train.chat.conversation import (
    AMOUNT,
    END,
    AnswerField,
    Fields,
    Template,
    Value,
    number_of,
    separator,
)

MOST_LETTERS = 20_000
"""Longer answers are truncated to this length."""


class _ParseError(ValueError):
    pass


def parse(text: str, template: Template) -> Fields | None:
    """The fields of an answer, or None if one of them cannot be parsed.

    Text is returned on one line; a number as a float, or None if the answer says that it is missing. For
    every row, ``parse(template.text(fields), template) == fields`` with ``fields =
    template.fields(row)``.
    """
    text = next((part for part in END.split(text[:MOST_LETTERS]) if part.strip()), "")
    fields: Fields = {}
    at = 0
    try:
        for number, field in enumerate(template.answer_fields):
            if number == 0:
                at = _after(field.before, text, 0)
            last = number == len(template.answer_fields) - 1
            if field.field in template.numbers:
                fields[field.field], at = _number(text, at, template.missing)
                at = at if last else _after(field.after, text, at)
            else:
                fields[field.field], at = _text(text, at, field, last)
    except _ParseError:
        return None
    return fields


def _after(literal: str, text: str, at: int) -> int:
    """The position in ``text`` after the next ``literal`` from ``at`` on."""
    pattern = separator(literal)
    if pattern is None:
        return at
    found = pattern.search(text, at)
    if found is None:
        raise _ParseError
    return found.end()


def _text(text: str, at: int, field: AnswerField, last: bool) -> tuple[str, int]:
    at = _skip_space(text, at)
    pattern = separator(field.after)
    found = pattern.search(text, at) if pattern else None
    if found is not None:
        return " ".join(text[at : found.start()].split()), found.end()
    if not last:
        raise _ParseError
    return " ".join(text[at:].partition("\n")[0].split()), len(text)


def _number(text: str, at: int, missing: str) -> tuple[Value, int]:
    at = _skip_space(text, at)
    nothing = re.compile(re.escape(missing) + r"(?!\w|[.,][0-9])", re.IGNORECASE).match(text, at)
    if nothing is not None:
        return None, nothing.end()
    found = AMOUNT.match(text, at)
    value = number_of(found[1]) if found else None
    if found is None or value is None:
        raise _ParseError
    return value, found.end()


def _skip_space(text: str, at: int) -> int:
    return len(text) - len(text[at:].lstrip())
