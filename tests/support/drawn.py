"""The garden catalogue with user-defined columns, one for each kind of value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from support.sets import GARDEN

OWN: dict[str, tuple[str, dict[str, Any]]] = {
    "stock_level": ("int64", {"integer": {"from": 0, "to": 400}}),
    "sold": ("int64", {"integer": {"from": 0, "to": 400, "poisson": {"mean": 12}}}),
    "returned": ("int64", {"integer": {"from": 0, "to": 9, "geometric": {"mean": 0.5}}}),
    "weight": ("float64", {"float": {"from": 0.1, "to": 30, "log_normal": {"median": 2, "sigma": 0.7}}}),
    "score": ("float64", {"float": {"from": -1, "to": 1, "decimals": 3, "normal": {"mean": 0, "sd": 0.4}}}),
    "season": ("string", {"choice": {"spring": 3, "summer": 1, "never": 0}}),
    "shoe_size": ("float64", {"choice": [36, 37.5, 40]}),
    "boxes": ("int64", {"choice": {1: 8, 2: 1}}),
    "listed_on": ("date32", {"date": {"from": "2020-01-01", "to": "2023-12-31"}}),
    "checked_on": ("string", {"date": {"from": "2020-02-29", "to": "2020-02-29"}}),
    "returnable": ("bool", {"boolean": 0.8}),
    "batch": ("string", {"text": "SKU-####"}),
    "label_text": (
        "string",
        {"text": {"template": r"{tone} \#? {tone}", "words": {"tone": ["soft", "warm"]}}, "missing": 0.2},
    ),
    "reordered_on": ("date32", {"date": {"from": "2021-01-01", "to": "2021-12-31"}, "missing": 0.5}),
    "reserve": ("int64", {"integer": {"from": 5, "to": 9}, "missing": 0.3}),
    "margin": ("float64", {"choice": [0.5, 0.25], "missing": 0.3}),
    "tested": ("bool", {"boolean": 1.0, "missing": 0.4}),
    "supplier": ("string", {"faker": "company"}),
    "bought": ("int64", {"faker": {"method": "random_int", "arguments": {"min": 1, "max": 6}}}),
    "town": ("string", {"faker": {"method": "city", "locale": "de_DE"}}),
}
"""Column -> its dtype, and its entry in the profile."""


NO_FAKER = {name: value for name, value in OWN.items() if "faker" not in value[1]}


def drawn_values(own: dict[str, tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """The schema and the profile as plain values, with drawn columns before the picture."""
    files = {which: yaml.safe_load(path.read_text(encoding="utf-8")) for which, path in GARDEN.items()}
    *others, picture = files["schema"]["columns"]
    columns = [{"name": name, "role": "drawn", "dtype": dtype} for name, (dtype, _) in own.items()]
    files["schema"]["columns"] = [*others, *columns, picture]
    files["profile"]["drawn"] = {name: entry for name, (_, entry) in own.items()}
    return files


def drawn_catalogue(folder: Path, own: dict[str, tuple[str, dict[str, Any]]]) -> dict[str, Path]:
    """Schema and profile as files in ``folder``: options of ``make``."""
    paths = {"schema": folder / "own.yaml", "profile": folder / "own.profile.yaml"}
    for which, value in drawn_values(own).items():
        paths[which].write_text(yaml.safe_dump(value, sort_keys=False), encoding="utf-8")
    return paths
