"""``datagen diff``: two datasets, row by row and in numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from datagen.commands.command import Command
from datagen.commands.completion import DatasetFolder
from datagen.commands.options import json_option

if TYPE_CHECKING:
    from datagen.inspection.diff import Difference, Rows


@click.command(cls=Command)
@click.argument("a", type=DatasetFolder())
@click.argument("b", type=DatasetFolder())
@click.option(
    "--top",
    type=click.IntRange(1),
    metavar="N",
    default=6,
    show_default=True,
    help="Values shown per column.",
)
@json_option
def diff(a: Path, b: Path, top: int, as_json: bool) -> None:
    """Compare two datasets A and B.

    Rows are matched by their codes: which are only in A or B, and which columns changed. Then the shares of
    the categories, the prices and the titles, side by side. "Shares differ by 10 %" means that 10 % of the
    rows of one dataset would need another category to have the shares of the other.

    \b
    Example:
      datagen diff real burberry-3040
    """
    from datagen.dataset.folder import open_folder
    from datagen.inspection.diff import diff as diff_folders
    from datagen.schemas.terminal import show_json

    difference = diff_folders(open_folder(a), open_folder(b))
    if as_json:
        show_json(difference.as_json())
        return
    _show(difference, top)


def _show(it: Difference, top: int) -> None:
    from datagen.schemas.terminal import show, show_table
    from datagen.schemas.text import count

    if it.same:
        show(f"{it.a} and {it.b} hold the same {count(it.row_counts[0], 'row')}.")
        return
    facts = [("rows", f"{it.row_counts[0]:,} and {it.row_counts[1]:,}")]
    for names, side in ((it.columns_only_a, "A"), (it.columns_only_b, "B")):
        if names:
            facts.append((f"columns only in {side}", ", ".join(names)))
    facts += [(f"type of {name}", f"{a} and {b}") for name, (a, b) in it.types.items()]
    if it.rows is None:
        facts.append(("rows not matched", it.unmatched))
    else:
        facts += _matches(it.rows)
    show_table(f"A: {it.a}\nB: {it.b}", facts)
    if it.rows and it.rows.changed:
        _show_changes(it.rows)
    for name, shares in it.shares.items():
        if shares.distance:
            largest = [
                (value, f"{100 * a:.1f} %", f"{100 * b:.1f} %", f"{100 * (b - a):+.1f}")
                for value, (a, b) in list(shares.largest.items())[:top]
                if a != b
            ]
            show_table(
                f"Shares differ by {100 * shares.distance:.1f} %",
                largest,
                (name, "A", "B", "points"),
                right_aligned=(1, 2, 3),
            )
    prices = []
    for name, (a_price, b_price) in it.prices.items():
        if a_price == b_price or not (a_price.quantiles and b_price.quantiles):
            continue
        for side, price in (("A", a_price), ("B", b_price)):
            low, five, _, middle, _, ninety_five, high = price.quantiles
            amounts = (low, five, middle, price.mean, ninety_five, high)
            prices.append((f"{name}, {side}", *(f"{amount:,.2f}" for amount in amounts)))
    if prices:
        headings = ("price", "lowest", "5 %", "median", "mean", "95 %", "highest")
        show_table("Prices", prices, headings, right_aligned=range(1, 7))
    for name, (of_a, of_b) in it.titles.items():
        if of_a == of_b and not it.new_titles[name]:
            continue
        rows = [
            ("distinct", f"{of_a.distinct:,}", f"{of_b.distinct:,}"),
            ("rows whose title is repeated", f"{100 * of_a.repeated:.1f} %", f"{100 * of_b.repeated:.1f} %"),
            ("mean characters", f"{of_a.characters.mean:.1f}", f"{of_b.characters.mean:.1f}"),
            ("mean words", f"{of_a.words.mean:.2f}", f"{of_b.words.mean:.2f}"),
            ("distinct titles that A lacks", "", f"{100 * it.new_titles[name]:.1f} %"),
        ]
        show_table("", rows, (name, "A", "B"), right_aligned=(1, 2))


def _matches(rows: Rows) -> list[tuple[str, str]]:
    """How the rows match, as names and values."""
    matches = [(f"in both, by {rows.by}", f"{rows.both:,}")]
    for side, count, first in (("A", rows.only_a, rows.first_only_a), ("B", rows.only_b, rows.first_only_b)):
        more = " ..." * (count > len(first))
        matches.append((f"only in {side}", f"{count:,}" + f" ({', '.join(first)}{more})" * bool(count)))
    return matches


def _show_changes(rows: Rows) -> None:
    from datagen.schemas.terminal import show_table

    changes = []
    for name, column in rows.changed.items():
        example = column.examples[0]
        changes.append((name, f"{column.rows:,}", f"{example.code}: {example.a} -> {example.b}"))
    show_table("Changed cells", changes, ("column", "rows", "example"), right_aligned=(1,))
