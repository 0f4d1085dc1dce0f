"""Lists of the Hub, page by page, without the pages that a server could send for ever."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huggingface_hub import HfApi

MOST_EMPTY_PAGES = 10
"""The client follows each link to a next page, and would never end where all of them are empty."""


class OddPage(Exception):
    """A page that the real Hub would not send, in words."""


def listed(api: HfApi, path: str, *, recursive: bool) -> Iterator[dict[str, Any]]:
    """The entries of a list: ``path`` is that of the API, such as ``datasets/owner/name/tree/main``.

    The caller says how many entries are too many. Raises OddPage, and what the client raises.
    """
    from huggingface_hub.utils import (  # type: ignore[attr-defined]  # documented, not typed
        build_hf_headers,
        hf_raise_for_status,
        http_backoff,
    )

    url: str | None = f"{api.endpoint}/api/{path}"
    headers = build_hf_headers(token=api.token, library_name=api.library_name)
    params, empty = {"recursive": recursive}, 0
    while url is not None:
        response = http_backoff("GET", url, params=params or None, headers=headers)
        hf_raise_for_status(response)
        page, url, params = response.json(), response.links.get("next", {}).get("url"), {}
        if not isinstance(page, list) or not all(isinstance(each, dict) for each in page):
            raise OddPage("a list that is none")
        empty += not page
        if empty > MOST_EMPTY_PAGES:
            raise OddPage(f"a list with over {MOST_EMPTY_PAGES} empty pages")
        yield from page
