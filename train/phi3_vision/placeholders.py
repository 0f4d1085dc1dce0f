"""The placeholders <|image_1|>, <|image_2|>, ... of a text, and the pictures that belong to them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from datagen.schemas import InputError
from datagen.train.phi3_vision.image_processing import Picture

PLACEHOLDER = re.compile(r"<\|image_([0-9]+)\|>")

Pictures: TypeAlias = "Picture | Sequence[Picture | Sequence[Picture] | None] | None"
Conversation: TypeAlias = "Sequence[Mapping[str, Any]]"


def count_placeholders(text: str, which: str) -> int:
    """Number of picture placeholders in a text; `which` is the text's name in errors.

    Raises:
        InputError: The numbers are not 1, 2, 3, ... in this order. The model takes pictures in order,
            regardless of their numbers, so any other order would confuse them.
    """
    numbers = PLACEHOLDER.findall(text)
    for due, number in enumerate(numbers, start=1):
        if number != str(due):
            raise InputError(
                f"{which} has <|image_{number[:12]}|> where <|image_{due}|> is expected; "
                "number its pictures 1, 2, 3, ... in order of appearance"
            )
    return len(numbers)


def assign_pictures(images: Pictures, named: Sequence[int]) -> list[Picture]:
    """All pictures in the order of their placeholders in the texts.

    Args:
        images: None, one picture, a flat list that is distributed by the count of placeholders, or a list
        with
            one entry per text: a list of pictures, one picture, or None.
        named: Number of placeholders in each text.

    Raises:
        InputError: A text has more or fewer pictures than placeholders.
    """
    entries: list[Any] = (
        [] if images is None else list(images) if isinstance(images, (list, tuple)) else [images]
    )
    if not any(entry is None or isinstance(entry, (list, tuple)) for entry in entries):
        _check_count("the text" if len(named) == 1 else "the batch", sum(named), len(entries))
        return entries
    if len(entries) != len(named):
        raise InputError(
            f"there are {len(named)} texts but lists of pictures for {len(entries)}; give one list per text"
        )
    pictures: list[Picture] = []
    for k, (entry, names) in enumerate(zip(entries, named, strict=True)):
        own = [] if entry is None else list(entry) if isinstance(entry, (list, tuple)) else [entry]
        _check_count(name_of(k, len(named)), names, len(own))
        pictures.extend(own)
    return pictures


def write_placeholders(conversation: Conversation) -> tuple[list[dict[str, Any]], list[Picture]]:
    """A conversation with plain texts and placeholders as contents, and the pictures that it contained.

    A content may be a text or a list of parts, `{"type": "text", "text": ...}` and `{"type": "image"}`, the
    latter with or without its picture under "image". A picture becomes its placeholder and a line break, as
    in the model card's examples; numbers continue through the whole conversation, after those already in the
    texts.

    Raises:
        InputError: There is no message, a message or a part is malformed, or a part has only the address of
            its picture.
    """
    if not conversation:
        raise InputError("a conversation needs at least one message")
    messages: list[dict[str, Any]] = []
    pictures: list[Picture] = []
    names = 0
    for number, message in enumerate(conversation, start=1):
        content = message.get("content") if isinstance(message, Mapping) else None
        if not isinstance(content, (str, list, tuple)) or not isinstance(message.get("role"), str):
            raise InputError(f"message {number} needs a role and a content, a text or a list of parts")
        text = ""
        parts: list[Any] = [content] if isinstance(content, str) else list(content)
        for part in parts:
            kind = (
                "text" if isinstance(part, str) else part.get("type") if isinstance(part, Mapping) else None
            )
            if kind == "text":
                words = part if isinstance(part, str) else part.get("text")
                if not isinstance(words, str):
                    raise InputError(f"message {number} has a text part without a text")
                text += words
                names += len(PLACEHOLDER.findall(words))
            elif kind == "image" and not {"url", "path", "base64"} & set(part):
                names += 1
                text += f"<|image_{names}|>\n"
                if part.get("image") is not None:
                    pictures.append(part["image"])
            elif kind in ("image", "image_url"):
                raise InputError(
                    f"message {number} has only the address of its picture; open it and give it as "
                    '{"type": "image", "image": ...}'
                )
            else:
                raise InputError(
                    f"message {number} has a part of type {str(kind)[:40]!r}; "
                    'only "text" and "image" are supported'
                )
        messages.append({**message, "content": text})
    return messages, pictures


def name_of(k: int, count: int) -> str:
    """The name of text number `k`, from 0, of `count` in errors."""
    return "the text" if count == 1 else f"text {k + 1} of {count}"


def _check_count(which: str, names: int, given: int) -> None:
    if names != given:
        raise InputError(
            f"{which} refers to {names} picture{'s' * (names != 1)} but {given} "
            f"{'is' if given == 1 else 'are'} given; refer to each picture once, <|image_1|> first"
        )
