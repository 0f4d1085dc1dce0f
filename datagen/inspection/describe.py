"""``describe``: counts, shares, prices, title statistics and constants of a dataset."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from datagen.dataset.folder import Folder
from datagen.inspection.summaries import (
    Numbers,
    Summary,
    Values,
    numbers,
    read_column,
    summarise,
    value_counts,
)
from datagen.schemas.folder import ATTRIBUTES
from datagen.schemas.schema import (
    Category,
    Constant,
    ConvertedPrice,
    DiscountFlag,
    Image,
    Price,
    Title,
)

MOST_WORDS = 20
"""How many of the most frequent words of titles are given."""

SHOWN = ("kind", "pattern", "material", "colour", "wearer", "view")
"""The attributes that are counted, where a dataset has them."""


@dataclass(frozen=True)
class Titles:
    """Statistics of titles. ``repeated``: share of the rows whose title another row has, too."""

    rows: int
    distinct: int
    repeated: float
    characters: Numbers
    words: Numbers
    frequent_words: dict[str, int]


@dataclass(frozen=True)
class Description:
    """A dataset in numbers; every mapping is by column, except ``shown``, which is by attribute.

    ``median_price``: of each value of the category column ``by``. ``discounted``: share of the rows.
    """

    path: str
    schema: str
    origin: str
    rows: int
    bytes: int
    shards: int
    pictures: bool
    constants: dict[str, str]
    categories: dict[str, Values]
    prices: dict[str, Numbers]
    discounted: float | None
    by: str | None
    median_price: dict[str, float]
    titles: dict[str, Titles]
    others: dict[str, Summary]
    shown: dict[str, Values]

    def as_json(self) -> dict[str, Any]:
        """Everything as plain values."""
        return asdict(self)


def describe(folder: Folder) -> Description:
    """Describe a dataset, column by column. Raises InputError where a shard cannot be read."""
    schema, manifest = folder.schema, folder.manifest
    constants: dict[str, str] = {}
    categories: dict[str, Values] = {}
    prices: dict[str, Numbers] = {}
    titles: dict[str, Titles] = {}
    others: dict[str, Summary] = {}
    discounted: float | None = None
    for column in schema.columns:
        if isinstance(column, Image):
            continue
        cells = read_column(folder, column.name)
        if isinstance(column, Category):
            categories[column.name] = value_counts(cells)
        elif isinstance(column, Price | ConvertedPrice):
            prices[column.name] = numbers(cells)
        elif isinstance(column, Title):
            titles[column.name] = title_statistics(cells)
        elif isinstance(column, DiscountFlag):
            discounted = pc.mean(cells.cast(pa.float64())).as_py()
        else:
            summary = summarise(cells)
            if isinstance(column, Constant) or (summary.distinct == 1 and not summary.missing):
                constants[column.name] = str(cells[0].as_py())
            else:
                others[column.name] = summary
    by = _column_to_compare(categories)
    return Description(
        path=str(folder.path),
        schema=schema.name,
        origin=_origin(folder),
        rows=manifest.rows,
        bytes=sum(shard.bytes for shard in manifest.shards),
        shards=len(manifest.shards),
        pictures=folder.has_pictures,
        constants=constants,
        categories=categories,
        prices=prices,
        discounted=discounted,
        by=by,
        median_price=_median_prices(folder, by) if by else {},
        titles=titles,
        others=others,
        shown=_shown(folder),
    )


def title_statistics(cells: pa.ChunkedArray) -> Titles:
    """Statistics of a column of titles; words are split at white space."""
    values = cells.drop_null()
    counted = values.value_counts()
    once = pc.sum(pc.equal(counted.field("counts"), 1).cast(pa.int64())).as_py() or 0
    words = pc.utf8_split_whitespace(values)
    frequent: Counter[str] = Counter()
    for title, count in zip(
        counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True
    ):
        for word in set(title.split()):
            frequent[word] += count
    in_order = sorted(frequent.items(), key=lambda pair: (-pair[1], pair[0]))
    return Titles(
        rows=len(cells),
        distinct=len(counted),
        repeated=1 - once / max(1, len(values)),
        characters=numbers(pc.utf8_length(values)),
        words=numbers(pc.list_value_length(words)),
        frequent_words=dict(in_order[:MOST_WORDS]),
    )


def _origin(folder: Folder) -> str:
    recipe = folder.manifest.recipe
    if recipe is None:
        return "imported"
    return f"made from the profile {recipe.profile.name}, seed {recipe.seed}"


def _column_to_compare(categories: dict[str, Values]) -> str | None:
    """The category column by which prices say most: the last one with 2 to 40 values."""
    usable = [name for name, values in categories.items() if 2 <= values.distinct <= 40]
    return usable[-1] if usable else None


def _median_prices(folder: Folder, by: str) -> dict[str, float]:
    """Median full price of each value of a category column, dearest first; rows without a price left out."""
    price = next((column for column in folder.schema.of(Price) if column.which == "full"), None)
    if price is None:
        return {}
    table = pa.table({"by": read_column(folder, by), "price": read_column(folder, price.name)})
    table = table.filter(pc.is_finite(table["price"].cast(pa.float64())))
    median: dict[str, float] = {}
    for value in pc.unique(table["by"].drop_null()).to_pylist():
        median[value] = pc.quantile(table["price"].filter(pc.equal(table["by"], value)), q=0.5)[0].as_py()
    return dict(sorted(median.items(), key=lambda pair: (-pair[1], pair[0])))


def _shown(folder: Folder) -> dict[str, Values]:
    """What the pictures show, attribute by attribute, where the dataset has attributes."""
    if ATTRIBUTES not in folder.ground_truth:
        return {}
    column = read_column(folder, ATTRIBUTES)
    names = [column.type.field(at).name for at in range(column.type.num_fields)]
    return {name: value_counts(pc.struct_field(column, name)) for name in SHOWN if name in names}
