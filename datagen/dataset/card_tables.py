"""The tables of a card: columns, constants, sample rows, what pictures show, figures and bars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from datagen.columns.ground_truth import ABOUT, DTYPES, KEYPOINT_NAMES, LABELS, VISIBILITY
from datagen.columns.rules import rules
from datagen.dataset.card_figures import Figures, price_classes, quantiles, sample_rows
from datagen.dataset.folder import Folder
from datagen.schemas.folder import ATTRIBUTES, DEPTH, KEYPOINTS, MAPS, MASK, NORMALS
from datagen.schemas.markdown import bar, code, escape, table
from datagen.schemas.schema import Drawn, Image

MOST_BARS, MOST_LISTED = 12, 60
"""Values of a category that get a bar, and values of an attribute that are listed."""

Named = Sequence[tuple[str, int]]
"""Names, as Markdown, each with a number of rows."""


def column_table(folder: Folder) -> str:
    """Every column: its type, what it is, and what holds for its values."""
    schema = folder.schema
    held = {rule.column: rule.text for rule in rules(schema, folder.profile)}
    rows: list[tuple[str, ...]] = []
    for column in schema.columns:
        if folder.has_pictures or not isinstance(column, Image):
            if folder.manifest.origin:
                rule = held.get(column.name, "")
            else:  # what a drawn column keeps stands in the profile, not in the schema
                rule = held.get(column.name, column.rule) if isinstance(column, Drawn) else column.rule
            rows.append((code(column.name), column.dtype, escape(column.about, 500), escape(rule, 500)))
    for name in folder.ground_truth:
        rows.append((code(name), DTYPES[name], ABOUT[name], "see below"))
    return table(["column", "type", "what it is", "rule"], rows)


def constants(figures: Figures) -> list[str]:
    """The columns that have one value, from which nothing can be learnt; empty without any."""
    rows = [(code(name), code(value)) for name, value in figures.constants.items()]
    heading = "Constant columns, with the same value in every row:"
    return [heading, table(["column", "value"], rows)] if rows else []


def samples(folder: Folder) -> list[str]:
    """A few rows, turned so that they fit a page. Rows of a real catalogue are not copied into its card."""
    columns = sample_rows(folder)
    shown = len(next(iter(columns.values()), []))
    numbers = [f"row {folder.manifest.rows * at // shown:,}" for at in range(shown)]
    rows = [
        (code(name), *(code(value, _width(value)) for value in values)) for name, values in columns.items()
    ]
    return ["## Sample rows", table(["", *numbers], rows)] if shown else []


def _width(value: object) -> int:
    """The letters of a value that are shown: an address cannot be wrapped, and three share a line."""
    return 80 if " " in str(value) else 30


def what_pictures_show(folder: Folder, figures: Figures) -> list[str]:
    """What the columns of ground truth hold; empty without any."""
    paragraphs = []
    if ATTRIBUTES in folder.ground_truth:
        paragraphs.append(
            f"`{ATTRIBUTES}` holds what the picture was drawn from, not what somebody saw in it: the `kind` "
            "of product and for whom it is cut (`wearer`); the words `size`, `detail`, `pattern` and "
            "`material`; the `palette`, a name and four colours as #rrggbb (`ground` is that of the product, "
            "the others are those of patterns and trims; in the picture, light falls on them); the `parts` "
            "that can be seen; whether a figure wears it (`worn`); `view` and `backdrop`; and the `box` that "
            "bounds it: x0, y0, x1, y1 in pixels from the upper left corner, x1 and y1 just outside."
        )
        words = [(code(word), str(len(found)), _listed(found)) for word, found in figures.attributes.items()]
        paragraphs.append(table(["attribute", "values", "products with each"], words, {1}))
    if MASK in folder.ground_truth:
        labels = [(str(label), meaning) for label, meaning in LABELS.items()]
        paragraphs.append(
            f"`{MASK}` is a PNG of the picture's size whose pixels are labels; opened with Pillow, "
            f'`numpy.asarray(row["{MASK}"])` is an array of them. Its palette is only for the eye.\n\n'
            + table(["label", "what the pixel shows"], labels)
        )
    if KEYPOINTS in folder.ground_truth:
        meanings = [(str(value), meaning) for value, meaning in VISIBILITY.items()]
        paragraphs.append(
            f"`{KEYPOINTS}` are the {len(KEYPOINT_NAMES)} body keypoints of COCO, in its order, each as x "
            "and y in pixels from the upper left corner and a number for its visibility: "
            f"{', '.join(KEYPOINT_NAMES)}. Left and right are those of the person.\n\n"
            + table(["visibility", "what it means"], meanings)
        )
    if NORMALS in folder.ground_truth:
        paragraphs.append(
            f"`{NORMALS}` is an RGB PNG of the picture's size: 128 + 127 times the components of the unit "
            "vector in which a surface faces, x to the right, y up and z towards the camera; 0, 0, 0 where "
            "there is no product and no person."
        )
    if DEPTH in folder.ground_truth:
        paragraphs.append(
            f"`{DEPTH}` is a 16-bit PNG of the picture's size: millimetres from the plane of the camera, "
            "nearer is less; 0 where there is no product and no person. A product without a wearer is "
            "enlarged to fill the picture; its millimetres are its own, and its camera is as much nearer."
        )
    maps = [name for name in MAPS if name in folder.ground_truth]
    if maps:
        paragraphs.append(
            "A row whose picture is drawn from a silhouette has no geometry, and null in place of maps: "
            f'`rows.filter(lambda cell: cell is not None, input_columns="{maps[0]}")` leaves them out.'
        )
    return ["## What the pictures show", *paragraphs] if paragraphs else []


def statistics(folder: Folder, figures: Figures) -> list[str]:
    """A table of figures, and the prices and categories as bars."""
    manifest, price = folder.manifest, folder.schema.price("full")
    rows = [("rows", f"{manifest.rows:,}")]
    rows += [
        (f"rows of the split {code(name)}", f"{held:,}") for name, held in manifest.rows_by_split.items()
    ]
    if manifest.recipe:
        rows.append(("products, colourways not counted", f"{manifest.families:,}"))
    if price is not None and figures.prices:
        values = quantiles(figures.prices, (0, 5, 25, 50, 75, 95, 100))
        shown = ", ".join(f"{value:,.0f}" for value in values)
        rows.append((f"{code(price.name)}: min, 5, 25, 50, 75, 95 %, max", shown))
    sections = [table(["figure", "value"], rows)]
    classes = price_classes(figures.prices)
    if price is not None and classes:
        named = [(f"{low:,.10g} to {high:,.10g}", rows) for low, high, rows in classes]
        sections.append(_bars(code(price.name), named))
    for name, counted in figures.categories.items():
        most = [(code(value, 48), times) for value, times in _most_frequent(counted or Counter())]
        if len(most) > 1:
            sections.append(_bars(code(name), most[:MOST_BARS], most[MOST_BARS:]))
    return sections


def _bars(heading: str, named: Named, others: Named = ()) -> str:
    """A plot without a picture: a line with a bar for each name, and one without for all others together."""
    total = sum(rows for _, rows in [*named, *others])
    largest = max(rows for _, rows in named)
    lines = [(name, rows, bar(rows / largest)) for name, rows in named]
    if others:
        lines.append((f"{len(others):,} more", sum(rows for _, rows in others), ""))
    cells = [(name, f"{rows:,}", f"{100 * rows / total:.1f} %", drawn) for name, rows, drawn in lines]
    return table([heading, "rows", "share", ""], cells, {1, 2})


def _listed(values: Counter[str | None]) -> str:
    """The most frequent values with their numbers of rows, in a cell."""
    most = _most_frequent(values)
    rest = len(most) - MOST_LISTED
    shown = ", ".join(f"{code(value, 48)} {rows:,}" for value, rows in most[:MOST_LISTED])
    return shown + (f", and {rest:,} more" if rest > 0 else "")


def _most_frequent(values: Counter[str | None]) -> list[tuple[str | None, int]]:
    """Values with their rows, the most frequent first; those of the same number by name."""
    return sorted(values.items(), key=lambda pair: (-pair[1], pair[0] or ""))
