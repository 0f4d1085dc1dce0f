"""A page to read from top to bottom: a title, sections, tables. It runs no script.

Every text is escaped where it is put in; titles and names of columns are anybody's.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

from datagen.schemas.pages.template import ROOM, filled, part, policy_hash, style
from datagen.schemas.text import printable

MOST_CHARACTERS = 300
"""Of a cell."""


def document(title: str, subtitle: str, look: str, body: str) -> str:
    """The page. ``title`` and ``subtitle`` are text, ``look`` is further CSS, ``body`` is HTML."""
    styles = style(ROOM, "document.css") + look
    values = {
        "title": text(title),
        "subtitle": text(subtitle, 1000),
        "style": styles,
        "style_hash": policy_hash(styles),
        "body": body,
    }
    return filled(part(ROOM, "document.html"), values)


def text(value: object, most: int = MOST_CHARACTERS) -> str:
    """A value as text that only shows, cut after ``most`` characters."""
    shown = str(value)
    return html.escape(printable(shown if len(shown) <= most else shown[: most - 1] + "…"), quote=True)


def table(title: str, columns: Sequence[str], right: Sequence[bool], rows: Sequence[Sequence[str]]) -> str:
    """A table as wide as it needs. ``right``: which columns are numbers; ``rows``: cells as HTML."""
    sides = [' class="right"' if each else "" for each in right]
    heads = "".join(
        f'<th scope="col"{side}>{text(name)}</th>' for side, name in zip(sides, columns, strict=True)
    )
    lines = ["".join(f"<td{side}>{cell}</td>" for side, cell in zip(sides, row, strict=True)) for row in rows]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{text(title)}">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )
