"""A hardware shop in German, made up: nouns first, compounds, sizes at the end, prices in cents."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.fit.products import ProductRows
from datagen.product.profile import Profile

Row = tuple[str, str, str, float]
"""Department, group, title, price."""

_FINISHES = ["verzinkt", "Edelstahl A2", "Edelstahl A4", "brüniert", "Messing", "schwarz", "feuerverzinkt"]
_SCREWS = {
    "Sechskantschraube": (["DIN 933", "DIN 931"], ["M4", "M5", "M6", "M8", "M10", "M12"]),
    "Zylinderschraube": (["DIN 912", "DIN 7984"], ["M3", "M4", "M5", "M6", "M8"]),
    "Senkkopfschraube": (["Torx", "Pozidriv"], ["3,5", "4,0", "4,5", "5,0", "6,0"]),
    "Spanplattenschraube": (["Torx", "Teilgewinde"], ["3,0", "3,5", "4,0", "5,0"]),
    "Gewindestange": (["DIN 975"], ["M6", "M8", "M10", "M12", "M16"]),
}
_MAKERS = ["Hartwig", "Nordwerk", "Kellermann", "Brandt & Söhne", "Feldhaus", "Ostheim", "Rühl"]
_TOOLS = {
    "Akku-Bohrschrauber": (95, ["12 V", "18 V"], "Elektrowerkzeug"),
    "Bohrhammer": (160, ["SDS-Plus", "SDS-Max"], "Elektrowerkzeug"),
    "Winkelschleifer": (75, ["115 mm", "125 mm", "230 mm"], "Elektrowerkzeug"),
    "Stichsäge": (85, ["mit Pendelhub", "18 V"], "Elektrowerkzeug"),
    "Schlosserhammer": (14, ["300 g", "500 g", "1000 g"], "Handwerkzeug"),
    "Kombizange": (17, ["160 mm", "180 mm", "200 mm"], "Handwerkzeug"),
    "Wasserwaage": (22, ["40 cm", "60 cm", "100 cm"], "Handwerkzeug"),
    "Ringschlüssel": (9, ["10 mm", "13 mm", "17 mm", "19 mm"], "Handwerkzeug"),
}
_COLOURS = ["weiß", "anthrazit", "moosgrün", "lichtgrau", "seidenmatt", "nussbraun"]
_PAINTS = {"Wandfarbe": 28, "Buntlack": 16, "Holzlasur": 24, "Grundierung": 19}
_SERIES = ["Alto", "Profi", "Kraft", "Terra", "Vario", "Solid", "Duro", "Primo", "Maxx", "Neo"]


def hardware_rows(rows: int = 1500, seed: int = 1) -> list[Row]:
    """Rows of the shop; the same for the same seed."""
    draw = random.Random(seed)
    makers = [(draw.choice(["Profi", "Basic", "Premium"]), maker) for maker in _MAKERS]
    series = [f"{draw.choice(_SERIES)} {draw.choice('ABKTX')}{draw.randint(10, 99)}" for _ in range(60)]
    found: list[Row] = []
    while len(found) < rows:
        what = draw.random()
        if what < 0.5:
            noun, (norms, sizes) = draw.choice(list(_SCREWS.items()))
            size, finish = draw.choice(sizes), draw.choice(_FINISHES)
            length = draw.choice([10, 12, 16, 20, 25, 30, 40, 50, 60, 80, 100])
            norm = draw.choice(norms) + " " if draw.random() < 0.6 else ""
            pack = f", {draw.choice([10, 25, 50, 100, 200])} Stück" if draw.random() < 0.5 else ""
            title = f"{noun} {norm}{size} x {length} mm, {finish}{pack}"
            base = 2.5 + length / 12 + 2 * ("Edelstahl" in finish) + 3 * ("200" in pack or "100" in pack)
            group = ("Befestigung", "Gewinde" if size.startswith("M") else "Schrauben")
        elif what < 0.85:
            noun, (price, details, department) = draw.choice(list(_TOOLS.items()))
            grade, maker = draw.choice(makers)
            name = f" {draw.choice(series)}" if draw.random() < 0.6 else ""
            title = f"{noun} {maker}{name} {draw.choice(details)}"
            base = price * {"Basic": 0.7, "Profi": 1.2, "Premium": 1.8}[grade]
            group = ("Werkzeug", department)
        else:
            noun, price = draw.choice(list(_PAINTS.items()))
            litres = draw.choice(["0,75", "2,5", "5", "10"])
            title = f"{noun} {draw.choice(_COLOURS)}, {litres} l"
            base = price * float(litres.replace(",", ".")) ** 0.6 / 2
            group = ("Farbe", "Innen" if noun == "Wandfarbe" else "Lacke")
        price = int(base * draw.uniform(0.8, 1.25)) + draw.choice([0.99, 0.99, 0.99, 0.95, 0.49])
        found.append((*group, title, round(price, 2)))
    return found


def rows_of(shop: list[Row]) -> ProductRows:
    """The rows as a fit takes them."""
    return ProductRows(
        [pa.array([row[0] for row in shop]), pa.array([row[1] for row in shop])],
        pa.array([row[2] for row in shop]),
        np.array([row[3] for row in shop]),
    )


def profile_of(sections: dict[str, Any]) -> Profile:
    """A profile of fitted sections."""
    rest = {
        "name": "shop",
        "schema": "shop",
        "house": {"name": "FERN AND ELM", "letters": "FE"},
        "codes": {"digits": 9, "lines": {"a": {"share": 1, "ranges": [[0, 999_999_999]]}}},
        "pictures": {"forms": {"guid": 1}},
    }
    return Profile.model_validate({**rest, **sections})
