"""Markdown of cards: values that may hold anything, as text that only shows, and tables.

A value from a catalogue or a schema must not become HTML, a picture, a link, a heading, a further cell of its
table, or one of the marks between which a card is rewritten. CommonMark and the tables and links of
GitHub's dialect are the rules here, and the Hub follows them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from datagen.schemas.text import printable

MOST_LETTERS = 120
_SPECIAL = re.compile(r"[\\`*_{}\[\]#~$^]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "@": "&#64;"}
_LINK = re.compile(r":(?=//)|(?<=\bwww)\.", re.IGNORECASE)
"""Where a dialect makes a link of plain text; as is ``@``."""
_NOT_IN_CODE = re.compile(r"[`|]|<!--|\\$|^ | $|^$")
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def escape(text: object, most: int = MOST_LETTERS) -> str:
    """A text on one line, cut after ``most`` letters, that shows as it is within a paragraph or a cell."""
    text = _SPECIAL.sub(r"\\\g<0>", _one_line(text, most))
    text = "".join(_ENTITIES.get(letter, letter) for letter in text)
    return _LINK.sub(lambda found: f"&#{ord(found[0])};", text)


def code(value: object, most: int = MOST_LETTERS) -> str:
    """A value as code; as escaped text where it holds what code cannot, and as "empty" without a letter."""
    if value is None:
        return "*missing*"
    text = _one_line(str(value).lower() if isinstance(value, bool) else value, most)
    if not text.strip():
        return "*empty*"
    return escape(text, len(text)) if _NOT_IN_CODE.search(text) else f"`{text}`"


def _one_line(text: object, most: int) -> str:
    # Cut before and after: printable makes six letters of one.
    text = printable(re.sub(r"[\r\n\t]+", " ", str(text)[: most + 1]))
    return text if len(text) <= most else text[: most - 1] + "…"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], right_aligned: Collection[int] = ()) -> str:
    """A table; the cells are Markdown already. ``right_aligned``: positions of the columns with numbers."""
    rule = ["---:" if at in right_aligned else "---" for at in range(len(headings))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [headings, rule, *rows])


def bar(share: float, width: int = 20) -> str:
    """A horizontal bar of ``share`` of the full ``width`` (in letters), in eighths of a letter.

    >>> bar(0.5, 4), bar(0.1, 4), bar(0, 4)
    ('██', '▍', '')
    """
    eighths = max(round(8 * width * share), share > 0)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
