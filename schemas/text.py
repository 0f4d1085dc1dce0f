"""Text for a person: counts in words, and characters that a terminal obeys instead of showing."""

from __future__ import annotations

import re

_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, delete, C1: a terminal moves its cursor, changes its title, takes commands
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # text runs in the other direction, so that names lie
    "\u2028\u2029\ufeff\ufff9-\ufffb"  # lines and annotations that are not seen
    "\ud800-\udfff]"  # half a character: cannot be encoded
)


def printable(text: object) -> str:
    r"""A text with visible escapes for control characters, so that no name or message controls the terminal.

    Line breaks and tabs are escaped too: whoever means several lines prints several.

    >>> printable("a\x1b[2Jb\n\u202ec")
    'a\\x1b[2Jb\\n\\u202ec'
    """
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], str(text))


def json_printable(text: str) -> str:
    r"""JSON text of the same value; control characters other than line breaks are written as \uXXXX."""
    return _CONTROL.sub(lambda found: found[0] if found[0] == "\n" else f"\\u{ord(found[0]):04x}", text)


def without_secrets(text: str) -> str:
    """A text in which no URL has a user, a password or a query, since these may be secrets.

    >>> without_secrets("GET https://me:key@hub.example/a?token=t: refused")
    'GET https://hub.example/a: refused'
    """
    text = re.sub(r"(?<=://)[^/?#\s]*@", "", text)
    return re.sub(r"(://[^?#\s]*)[?#][^\s,;:)\"']*", r"\1", text)


def count(number: int, thing: str) -> str:
    """A number of things, in words.

    >>> count(1, "shard"), count(1_200, "shard"), count(2, "category")
    ('1 shard', '1,200 shards', '2 categories')
    """
    if number == 1:
        return f"1 {thing}"
    if re.search("[^aeiou]y$", thing):
        return f"{number:,} {thing[:-1]}ies"
    return f"{number:,} {thing}{'es' if thing.endswith('s') else 's'}"
