"""The table of routes: which handler answers which method and path."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import unquote

from .replies import Refusal, Reply

if TYPE_CHECKING:
    from .calls import Call


PLACEHOLDERS = {
    "type": r"(?P<type>dataset|model|space)",
    "prefix": r"(?P<prefix>datasets/|spaces/|)",
    "repo": r"(?P<repo>(?!(?:api|storage|cas)/)[\w.-]+/[\w.-]+?)",
    "revision": r"(?P<revision>refs(?:/|%2F)(?:pr|convert|heads)(?:/|%2F)[^/]+|[^/]+)",
    "path": r"(?P<path>.+)",
    "number": r"(?P<number>\d+)",
    "hash": r"(?P<hash>[0-9a-f]{64})",
    "namespace": r"(?P<namespace>[\w.-]+)",
    "job": r"(?P<job>[\w-]+)",
}
TYPE_OF_PREFIX = {"datasets/": "dataset", "spaces/": "space", "": "model"}


class Route(NamedTuple):
    """One row of the table of routes."""

    name: str
    method: str
    pattern: re.Pattern[str]
    auth: Literal["hub", "signed", "cas"]
    handler: Callable[..., Reply]


ROUTES: list[Route] = []


def route(
    name: str, target: str, auth: Literal["hub", "signed", "cas"] = "hub"
) -> Callable[[Callable[..., Reply]], Callable[..., Reply]]:
    """Enter a handler in the table. `target` is as in "POST /api/{type}s/{repo}/commit/{revision}".

    The handler gets the call, and the parts in braces by name (`prefix` arrives as `type`). `auth`: "hub" is
    a user's token or none; "signed", a link that carries its own permission and must come without any token,
    as at a storage provider; "cas", a token of Xet storage.
    """
    method, template = target.split(" ", 1)
    pattern = re.compile(
        re.sub(r"\{(\w+)\}", lambda match: PLACEHOLDERS[match[1]], template.replace(".git", r"\.git"))
    )

    def enter(handler: Callable[..., Reply]) -> Callable[..., Reply]:
        ROUTES.append(Route(name, method, pattern, auth, handler))
        return handler

    return enter


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """Return the route of a request and the parts of its path."""
    method = "GET" if method == "HEAD" else method
    for candidate in ROUTES:
        match = candidate.pattern.fullmatch(path)
        if match and candidate.method == method:
            parts = {name: unquote(value) for name, value in match.groupdict().items()}
            if "prefix" in parts:
                parts["type"] = TYPE_OF_PREFIX[parts.pop("prefix")]
            return candidate, parts
    return NOWHERE, {}


def _nowhere(call: Call) -> Reply:
    raise Refusal(404, f"Sorry, we can't find the page you are looking for: {call.method} {call.path}")


NOWHERE = Route("nowhere", "GET", re.compile(""), "cas", _nowhere)
