"""Addresses: templates of slug and code, and forms of picture ids, found from examples."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import pyarrow as pa

from datagen.columns.link import slugs
from datagen.fit.columns.observed import Observed

EXAMPLES = 2_000
ADDRESS = r"^(?:https?:)?//|^www\.|^/[^ ]+/"
_PICTURE_FORMS = {
    "guid": re.compile(r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"),
    "sha1": re.compile(r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])"),
}
_UNIQUE_PART = re.compile(r"[0-9A-Za-z]*[0-9][0-9A-Za-z]*")


@dataclass(frozen=True)
class LinkForm:
    """A template, the share of the addresses that it makes exactly."""

    template: str
    share: float


@dataclass(frozen=True)
class PictureForm:
    """A template with {picture}, weights of the forms of ids, the share of addresses that have it."""

    template: str
    forms: dict[str, int]
    share: float


def is_address(column: Observed) -> bool:
    """Whether the texts are addresses."""
    return column.dtype == "string" and column.distinct > 1 and column.share(ADDRESS) > 0.95


def link_form(address: Observed, title: Observed | None, code: Observed | None) -> LinkForm | None:
    """The template of most addresses, of the title's slug and the code; None where there is none."""
    rows = _examples(address)
    links = address.texts.take(rows).to_pylist()
    nothing = [None] * len(links)
    codes = code.texts.take(rows).to_pylist() if code else nothing
    said = slugs(title.texts.take(rows)).to_pylist() if title else nothing
    found: Counter[str] = Counter()
    for link, slug, each in zip(links, said, codes, strict=True):
        form = _braces(link)
        if each and each in form:
            form = "{code}".join(form.rsplit(each, 1))
        if slug and slug in form:
            form = form.replace(slug, "{slug}", 1)
        if "{code}" in form or "{slug}" in form:
            found[form] += 1
    if not found:
        return None
    template, count = found.most_common(1)[0]
    return LinkForm(template, count / len(links)) if count >= 0.5 * len(links) else None


def code_in_links(address: Observed) -> pa.Array | None:
    """The part of each address that no other has, where the rest is the same in all; None: there is none."""
    links = address.texts.take(_examples(address)).to_pylist()
    shapes: Counter[str] = Counter()
    for link in links:
        parts = _UNIQUE_PART.findall(link)
        if parts:
            shapes[link.replace(max(parts, key=len), "\0", 1)] += 1
    if not shapes:
        return None
    shape, count = shapes.most_common(1)[0]
    if count < 0.95 * len(links):
        return None
    before, after = shape.split("\0", 1)
    known = address.texts.to_pylist()
    return pa.array(
        [
            each[len(before) : len(each) - len(after)]
            if each and each.startswith(before) and each.endswith(after)
            else None
            for each in known
        ],
        pa.string(),
    )


def picture_form(address: Observed) -> PictureForm | None:
    """The template of most addresses around a picture id; None where there are no such ids."""
    links = address.texts.take(_examples(address)).to_pylist()
    found: Counter[str] = Counter()
    forms: Counter[str] = Counter()
    for link in links:
        for name, pattern in _PICTURE_FORMS.items():
            if match := pattern.search(link):
                found[_braces(link[: match.start()]) + "{picture}" + _braces(link[match.end() :])] += 1
                forms[name] += 1
                break
    if not found:
        return None
    template, count = found.most_common(1)[0]
    return PictureForm(template, dict(forms), count / len(links)) if count >= 0.5 * len(links) else None


def _examples(address: Observed) -> pa.Array:
    known = [at for at, valid in enumerate(address.texts.is_valid().to_pylist()) if valid]
    step = max(1, len(known) // EXAMPLES)
    return pa.array(known[::step][:EXAMPLES], pa.int64())


def _braces(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
