"""Writing a fitted schema and profile as YAML that people read and edit: comments, and sections in order."""

from __future__ import annotations

from typing import Any

import yaml

from datagen.fit.fitting import Fitted
from datagen.product.profile import Profile
from datagen.schemas import InputError, Schema
from datagen.schemas.text import printable
from datagen.schemas.yaml_file import MAX_BYTES, validate

_SECTIONS = {
    "house": "The made-up house whose lettering and letters stand on the pictures.",
    "rates": "Prices in other currencies: price x rate, rounded.",
    "wearers": "Who wears what stands on a shelf of this department: woman, man, child or baby.",
    "shelves": "The menu: a path of category values, its share of the rows, and the kinds on it.",
    "words": "The words of a title by slot.",
    "grammar": "How titles are put together, learned from the source's: no title is in here.",
    "kinds": "What is sold. `drawing` is the kind of the renderer that is nearest; edit it where another is.",
    "families": "In how many colourways a product comes: weight of each size.",
    "colourways": "Four colours each: ground, band, line, accent.",
    "palettes": "The colourways of each kind, with weights.",
    "prices": "What products cost: quantiles by law, ladders of legal endings, discounts.",
    "codes": "Numbers of codes. The ranges are free in the source, so that no made code is one of its codes.",
    "pictures": "Forms of the ids in picture addresses, and the share of rows without one.",
    "drawn": "Columns that follow from nothing else (or, with `lookup`, from one column).",
}
"""What each section says, in the order of docs/profile.md."""


def loaded(fitted: Fitted) -> tuple[Schema, Profile]:
    """The schema and the profile as objects. Raises InputError where what was fitted contradicts itself."""
    return validate(Schema, fitted.schema, "the fitted schema"), validate(
        Profile, fitted.profile, "the fitted profile"
    )


def schema_text(fitted: Fitted, source: str) -> str:
    """The schema as YAML."""
    schema = dict(fitted.schema)
    columns = schema.pop("columns")
    lines = [f"# Columns of {printable(source)}, found from its values by `datagen profile`."]
    lines += [
        f"# Left out: {printable(f.column)} ({f.rule})." for f in fitted.findings if f.role == "left out"
    ]
    lines += [*(f"{name}: {_flow(value)}" for name, value in schema.items()), "columns:"]
    lines += [f"  - {_flow(column)}" for column in columns]
    return "\n".join(lines) + "\n"


def profile_text(fitted: Fitted, source: str, min_count: int) -> str:
    """The profile as YAML. Raises InputError where it is too long to be read back."""
    looked = f"{fitted.looked_at:,} rows" + (
        f" (an even sample of {fitted.rows:,})" if fitted.looked_at < fitted.rows else ""
    )
    lines = [
        f"# What the catalogue {printable(source)} looks like, fitted to {looked} by `datagen profile`.",
        f"# Values that fewer than {min_count} products have are folded: not in here. It holds no row.",
    ]
    for each in fitted.findings:
        if each.folded:
            lines.append(f"# Folded in {printable(each.column)}: {each.folded}.")
        if each.role == "left out":
            lines.append(f"# Left out: {printable(each.column)} ({each.rule}).")
    lines.append("# Edit what you like; docs/profile.md says what each section means.")
    first = {name: value for name, value in fitted.profile.items() if name not in _SECTIONS}
    lines += [f"{name}: {_flow(value)}" for name, value in first.items() if value]
    for name, about in _SECTIONS.items():
        if name in fitted.profile:
            lines += ["", f"# {about}", _section(name, fitted.profile[name]).rstrip()]
    text = "\n".join(lines) + "\n"
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise InputError(
            f"The profile of {source} would be longer than {MAX_BYTES:,} bytes; give a larger --min-count."
        )
    return text


def _section(name: str, value: Any) -> str:
    """A section with one line for each of its entries, where it has several."""
    if isinstance(value, list):
        return "\n".join([f"{name}:", *(f"  - {_flow(each)}" for each in value)])
    return _yaml({name: value})


def _yaml(value: Any) -> str:
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(
        yaml.dump(
            value, Dumper=dumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None
        )
    )


def _flow(value: Any) -> str:
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text: str = yaml.dump(
        value, Dumper=dumper, sort_keys=False, allow_unicode=True, width=10_000, default_flow_style=True
    )
    return text.strip().removesuffix("...").strip()
