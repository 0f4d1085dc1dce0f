"""``datagen describe``: a dataset in numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from datagen.commands.command import Command
from datagen.commands.options import folder_argument, json_option

if TYPE_CHECKING:
    from datagen.inspection.describe import Description
    from datagen.inspection.summaries import Summary, Values


@click.command(cls=Command)
@folder_argument
@click.option(
    "--top",
    type=click.IntRange(1),
    metavar="N",
    default=12,
    show_default=True,
    help="Values shown per column.",
)
@json_option
def describe(folder: Path, top: int, as_json: bool) -> None:
    """Show what a dataset holds, in numbers.

    Shares of the categories, prices, title statistics, constants, and the values of every other column.

    \b
    Example:
      datagen describe burberry-3040
    """
    from datagen.dataset.folder import open_folder
    from datagen.inspection.describe import describe as describe_folder
    from datagen.schemas.terminal import show_json

    description = describe_folder(open_folder(folder))
    if as_json:
        show_json(description.as_json())
        return
    _show(description, top)


def _show(it: Description, top: int) -> None:
    from datagen.schemas.terminal import show_table, size

    facts = [
        ("rows", f"{it.rows:,}"),
        ("schema", it.schema),
        ("origin", it.origin),
        ("pictures", "yes" if it.pictures else "none"),
        ("on disk", f"{size(it.bytes)}, {it.shards:,} shard{'s' * (it.shards != 1)}"),
    ]
    if it.discounted is not None:
        facts.append(("discounted", f"{100 * it.discounted:.1f} % of the rows"))
    show_table(it.path, facts)
    if it.constants:
        show_table("Constants", list(it.constants.items()))
    for name, values in it.categories.items():
        if values.distinct > 1:
            _show_values(name, values, top, it.median_price if name == it.by else {})
        else:
            show_table(name, [(value, "every row") for value in values.counts])
    if it.prices:
        headings = ("price", "lowest", "5 %", "median", "mean", "95 %", "highest", "distinct")
        rows = []
        for name, price in it.prices.items():
            low, five, _, middle, _, ninety_five, high = price.quantiles or (0.0,) * 7
            amounts = (low, five, middle, price.mean, ninety_five, high)
            rows.append((name, *(f"{amount:,.2f}" for amount in amounts), f"{price.distinct:,}"))
        show_table("Prices", rows, headings, right_aligned=range(1, 8))
    for name, titles in it.titles.items():
        least, _, _, middle, _, _, most = titles.characters.quantiles or (0.0,) * 7
        words = titles.words.quantiles or (0.0,) * 7
        frequent = ", ".join(f"{word} {count:,}" for word, count in titles.frequent_words.items())
        show_table(
            name,
            [
                ("distinct", f"{titles.distinct:,} of {titles.rows:,}"),
                ("repeated", f"{100 * titles.repeated:.1f} % of the rows have a title of another row"),
                ("characters", f"{least:.0f} to {most:.0f}, median {middle:.0f}"),
                ("words", f"{words[0]:.0f} to {words[-1]:.0f}, mean {titles.words.mean:.1f}"),
                ("frequent words", frequent),
            ],
        )
    if it.others:
        show_table("Other columns", [(name, _in_words(other)) for name, other in it.others.items()])
    for name, values in it.shown.items():
        _show_values(f"shown: {name}", values, top, {})


def _show_values(name: str, values: Values, top: int, median_price: dict[str, float]) -> None:
    """A table of the most frequent values, and the median price of each where there is one."""
    from datagen.schemas.terminal import show_table

    headings = [name, "rows", "share", *["median price"] * bool(median_price)]
    rows = []
    for value, count in list(values.counts.items())[:top]:
        price = [f"{median_price[value]:,.2f}" if value in median_price else ""] * bool(median_price)
        rows.append([value, f"{count:,}", f"{100 * count / values.rows:.1f} %", *price])
    left = values.rows - values.missing - sum(list(values.counts.values())[:top])
    if values.distinct > top:
        rows.append([f"{values.distinct - top:,} more", f"{left:,}", f"{100 * left / values.rows:.1f} %"])
        rows[-1] += [""] * bool(median_price)
    show_table("", rows, headings, right_aligned=range(1, len(headings)))


def _in_words(summary: Summary) -> str:
    """One column in one line."""
    from datagen.inspection.summaries import Numbers, Values

    missing = f", {summary.missing:,} missing" * bool(summary.missing)
    if isinstance(summary, Numbers):
        if not summary.quantiles:
            return "no number" + missing
        low, high, middle = summary.quantiles[0], summary.quantiles[-1], summary.quantiles[3]
        shown = (f"{number:,.10g}" for number in (low, high, middle))
        return "{} to {}, median {}, ".format(*shown) + f"{summary.distinct:,} distinct{missing}"
    if isinstance(summary, Values):
        most = ", ".join(f"{value} {count:,}" for value, count in list(summary.counts.items())[:6])
        more = f" and {summary.distinct - 6:,} more" * (summary.distinct > 6)
        return f"{most}{more}{missing}"
    return (
        f"{summary.distinct:,} distinct, {summary.shortest:,} to {summary.longest:,} characters, "
        f"such as {summary.example}{missing}"
    )
