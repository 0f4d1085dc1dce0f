"""A page is one file: a template, styles, data. It loads nothing and runs no script but its own.

A Content-Security-Policy with the hashes of its style and script says so; ``{{name}}`` in a template is
where a value goes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from importlib.resources import files

ROOM = "schemas.pages"


def part(room: str, name: str) -> str:
    """A file of a room of the package, such as ("inspection", "page/gallery.html")."""
    return (files(f"datagen.{room}") / name).read_text(encoding="utf-8")


def style(room: str, name: str) -> str:
    """The common style, and a page's own after it."""
    return part(ROOM, "base.css") + part(room, name)


def policy_hash(text: str) -> str:
    """The hash by which a Content-Security-Policy knows a script or a style."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def data_address(jpeg: bytes) -> str:
    """A picture as an address that holds it."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()


def filled(template: str, values: Mapping[str, str]) -> str:
    """A template with its values, in one pass: what a value holds is never taken for a placeholder."""
    return "".join(
        values.get(piece, piece) if at % 2 else piece
        for at, piece in enumerate(template.replace("}}", "{{").split("{{"))
    )
