"""<|image_1|>, <|image_2|>, ...: how a text names its pictures, and whose picture is whose."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from datagen.schemas import InputError
from datagen.train.phi3_vision.image_processing import Picture

PLACEHOLDER = re.compile(r"<\|image_([0-9]+)\|>")

Pictures: TypeAlias = "Picture | Sequence[Picture | Sequence[Picture] | None] | None"
Conversation: TypeAlias = "Sequence[Mapping[str, Any]]"


def count_names(text: str, which: str) -> int:
    """How many pictures a text names; `which` stands for the text in an error.

    Raises:
        InputError: The numbers are not 1, 2, 3, ... in this order. The model takes pictures as they come,
            whatever their number says, so any other order would show it one picture under the name of
            another.
    """
    numbers = PLACEHOLDER.findall(text)
    for due, number in enumerate(numbers, start=1):
        if number != str(due):
            raise InputError(
                f"{which} names <|image_{number[:12]}|> where <|image_{due}|> is due; "
                "number its pictures 1, 2, 3, ... in the order in which they stand"
            )
    return len(numbers)


def deal_out(images: Pictures, named: Sequence[int]) -> list[Picture]:
    """All pictures in the order in which the texts name them.

    Args:
        images: None, one picture, a flat list that is dealt out by the count of names, or a list with one
            entry a text: a list of pictures, one picture, or None.
        named: How many pictures each text names.

    Raises:
        InputError: A text has more or fewer pictures than names.
    """
    entries: list[Any] = (
        [] if images is None else list(images) if isinstance(images, (list, tuple)) else [images]
    )
    if not any(entry is None or isinstance(entry, (list, tuple)) for entry in entries):
        _check_count("the text" if len(named) == 1 else "the batch", sum(named), len(entries))
        return entries
    if len(entries) != len(named):
        raise InputError(
            f"there are {len(named)} texts but lists of pictures for {len(entries)}; give one list a text"
        )
    pictures: list[Picture] = []
    for k, (entry, names) in enumerate(zip(entries, named, strict=True)):
        own = [] if entry is None else list(entry) if isinstance(entry, (list, tuple)) else [entry]
        _check_count(name_of(k, len(named)), names, len(own))
        pictures.extend(own)
    return pictures


def write_names(conversation: Conversation) -> tuple[list[dict[str, Any]], list[Picture]]:
    """A conversation whose contents are plain texts that name their pictures, and the pictures that came with
    it.

    A content may be a text or a list of parts, `{"type": "text", "text": ...}` and `{"type": "image"}`, the
    latter with or without its picture under "image". A picture becomes its name and a line break, as in the
    model card's examples; numbers run on through the whole conversation, after those that the texts already
    name.

    Raises:
        InputError: There is no message, or a message or a part is of another form, or only tells where its
            picture could be fetched.
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
                    f"message {number} tells where its picture is; open it and give it in the part, "
                    '{"type": "image", "image": ...}'
                )
            else:
                raise InputError(
                    f'message {number} has a part of type {str(kind)[:40]!r}; "text" and "image" are read'
                )
        messages.append({**message, "content": text})
    return messages, pictures


def name_of(k: int, count: int) -> str:
    """Text number `k` from 0 of `count`, as an error calls it."""
    return "the text" if count == 1 else f"text {k + 1} of {count}"


def _check_count(which: str, names: int, given: int) -> None:
    if names != given:
        raise InputError(
            f"{which} names {names} picture{'s' * (names != 1)} but {given} {'is' if given == 1 else 'are'} "
            "given; name each picture once, <|image_1|> first"
        )
