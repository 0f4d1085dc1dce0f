"""Sheets of everything that can be drawn: every kind, fabric and view, each with its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PIL import Image

from datagen.product.product import Colourway, House, Product
from datagen.product.vocabulary import BACKDROPS, DETAILS, KINDS, MATERIALS, PATTERNS, VIEWS
from datagen.render.captions import draw_text, text_width
from datagen.render.random_stream import derive_key, salt
from datagen.render.scene import draw

COLOURS = (
    Colourway("honey", (196, 164, 120), (60, 48, 40), (236, 230, 216), (176, 52, 48)),
    Colourway("navy", (44, 52, 84), (100, 112, 150), (230, 224, 206), (170, 60, 50)),
    Colourway("green", (70, 112, 80), (30, 34, 32), (230, 224, 206), (190, 150, 60)),
    Colourway("red", (170, 44, 44), (34, 30, 32), (234, 226, 210), (214, 178, 70)),
    Colourway("white", (236, 233, 226), (52, 62, 110), (130, 128, 126), (176, 60, 50)),
    Colourway("black", (38, 37, 39), (196, 184, 160), (120, 116, 112), (176, 52, 48)),
)
WOMENS = frozenset({"dress", "sweater_dress", "skirt", "blouse", "swimsuit"})
INK = (60, 58, 56)
STRIP, LETTERS = 18, 12
"""Height in pixels of the strip for a picture's name, and of the letters in it."""


class Cell(NamedTuple):
    """One picture of a sheet, and its name."""

    name: str
    product: Product


def _product(at: int, kind: str, **words: str) -> Product:
    look = {"size": "regular", "detail": "none", "pattern": "solid", "material": "cotton"} | words
    wearer = look.pop("wearer", "woman" if kind in WOMENS else ("woman", "man")[at % 2])
    view, backdrop = look.pop("view", "front"), look.pop("backdrop", "studio")
    colours = COLOURS[at % len(COLOURS)]
    keys = derive_key(salt(kind), at), derive_key(at, 5)
    return Product(
        at,
        kind,
        wearer,
        look["size"],
        look["detail"],
        look["pattern"],
        look["material"],
        colours,
        *keys,
        view=view,
        backdrop=backdrop,
    )


def kinds() -> list[Cell]:
    """Every kind."""
    return [Cell(kind, _product(at, kind)) for at, kind in enumerate(KINDS)]


def fabrics() -> list[Cell]:
    """Every pattern, on a shirt, a dress, a scarf and a tote in turn; every material; every relief."""
    cells = [
        Cell(name, _product(at, ("shirt", "dress", "scarf", "tote")[at % 4], pattern=name))
        for at, name in enumerate(PATTERNS)
    ]
    for at, name in enumerate(MATERIALS):
        kind = ("bomber_jacket", "top_handle_bag", "skirt", "bucket_hat")[at % 4]
        cells.append(Cell(name, _product(at, kind, material=name, view="detail")))
    cells += [
        Cell(name, _product(3, "sweater", detail=name, view="detail"))
        for name in DETAILS
        if name in ("ribbed", "cable")
    ]
    return cells


def views() -> list[Cell]:
    """Every view of some kinds, in front of every backdrop; and every wearer."""
    some = ("trench_coat", "shirt", "trousers", "dress", "tote", "sneakers")
    cells = [
        Cell(f"{view} {backdrop}", _product(at, kind, view=view, backdrop=backdrop))
        for at, kind in enumerate(some)
        for view, backdrop in zip(VIEWS, (list(BACKDROPS) * 2)[at % 3 :], strict=False)
    ]
    for at, wearer in enumerate(("woman", "man", "child", "baby")):
        cells.append(Cell(wearer, _product(at, "hoodie", wearer=wearer)))
    return cells


GRIDS: dict[str, Callable[[], list[Cell]]] = {"kind": kinds, "fabric": fabrics, "view": views}
"""Sheets by name."""


def sheet(cells: Sequence[Cell], house: House, size: tuple[int, int], columns: int) -> Image.Image:
    """All cells in rows of ``columns``: pictures of ``size`` pixels, names below."""
    width, height = size
    rows = -(-len(cells) // columns)
    result = Image.new("RGB", (columns * width, rows * (height + STRIP)), (255, 255, 255))
    for at, cell in enumerate(cells):
        x, y = at % columns * width, at // columns * (height + STRIP)
        result.paste(draw(cell.product, house, size), (x, y))
        name = cell.name.replace("_", " ")
        draw_text(result, (x + (width - text_width(name, LETTERS)) / 2, y + height), name, LETTERS, INK)
    return result
