"""``datagen explain``: why a row is as it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from datagen.commands.command import Command
from datagen.commands.options import folder_argument, json_option

if TYPE_CHECKING:
    from datagen.inspection.explain import Explanation


@click.command(cls=Command)
@folder_argument
@click.argument("code")
@json_option
def explain(folder: Path, code: str, as_json: bool) -> None:
    """Explain a row of a made dataset: its product.

    Why this shelf, these words, this price and this picture: each row and its picture are computed from one
    product, which the profile and the seed give again at any time. CODE is the product code of the row.

    \b
    Example:
      datagen explain burberry-3040 80595081
    """
    from datagen.dataset.folder import open_folder
    from datagen.inspection.explain import explain as explain_row
    from datagen.schemas.terminal import show_json

    explanation = explain_row(open_folder(folder), code)
    if as_json:
        show_json(explanation.as_json())
    else:
        _show(explanation)


def _show(it: Explanation) -> None:
    from datagen.schemas.terminal import show_table

    shelf = " / ".join(it.shelf.values())
    show_table(
        f"{it.code}  {it.title}  (row {it.row:,})",
        [
            ("shelf", f"{shelf}: {100 * it.shelf_share:.1f} % of the catalogue"),
            ("kind", f"{it.kind}: {100 * it.kind_share:.0f} % of the shelf"),
            ("noun", f"{it.noun}: {100 * it.noun_share:.0f} % of the kind"),
            ("colourways", _colours(it)),
        ],
    )
    words = [
        (
            word.text,
            word.slot,
            f"{100 * word.chance:.3g} %",
            _factor(word.effect * word.times) or "-",
            ", ".join(f"{name} {value}" for name, value in word.draws.items()) or "-",
        )
        for word in it.words
    ]
    words += [("(nothing)", slot, f"{chance:.3g} %", "-", "-") for slot, chance in it.silent.items()]
    if words:
        show_table("Words", words, ("word", "slot", "chance", "price", "draws"), right_aligned=(2, 3))
    price = it.price
    steps = [
        (f"law {price.law}", f"median {price.median:,.0f}"),
        ("words", _factor(price.words) or "no effect"),
        ("chance", f"{_factor(price.chance) or 'no effect'}: noise, and the move to a legal ending"),
        ("rank", f"dearer than {100 * price.rank:.0f} % of its kind"),
    ]
    if price.times != 1:
        steps.append(("after the law", f"x {price.times:g} by its words and wearer"))
    steps.append(("full price", f"{price.full:,.2f}, an ending of the ladder {price.endings}"))
    if price.paid != price.full:
        steps.append(("paid", f"{price.paid:,.2f}, {100 * (1 - price.paid / price.full):.0f} % off"))
    show_table("Price", steps)
    show_table("Picture", list(it.picture.items()))


def _colours(it: Explanation) -> str:
    own = it.picture["colourway"]
    others = ", ".join(f"{other.colourway} ({other.code})" for other in it.colours)
    return f"{own}; the same product in {others}" if others else f"{own}, the only one of this product"


def _factor(factor: float) -> str:
    """1.1 as "+10 %"; nothing where it changes nothing."""
    percent = round(100 * (factor - 1))
    return f"{percent:+d} %" if percent else ""
