"""Rows of a small shop that is nobody's, as a source of any form may have them."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from datagen.fit.fitting import Fitted, fit
from datagen.fit.sample import take_sample
from datagen.readers import open_source

NOUNS = ("Coat", "Jacket", "Scarf", "Tote Bag", "Shirt")


def shop(rows: int = 400, seed: int = 1) -> list[dict[str, Any]]:
    """Rows with a title, a price and a kind."""
    draw = random.Random(seed)

    def row() -> dict[str, Any]:
        noun = draw.choice(NOUNS)
        words = (
            draw.choice(("Long", "Short", "Belted", "Quilted")),
            draw.choice(("Wool", "Cotton", "Linen", "Silk")),
        )
        price = draw.choice((90, 95, 120, 150, 190, 250)) * (1 + NOUNS.index(noun))
        return {"title": " ".join((*words, noun)), "price": price, "kind": noun.upper()}

    return [row() for _ in range(rows)]


def hardware(rows: int = 600) -> list[dict[str, Any]]:
    """A hardware shop in German: another trade, another language, decimal commas."""
    draw = random.Random(2)

    def row(at: int) -> dict[str, Any]:
        tool = draw.choice(("Bohrmaschine", "Säge", "Schrauber", "Zange"))
        volts = draw.choice(("18 V", "12 V", "230 V"))
        return {
            "Artikelnr": f"BM-{100000 + at * 7}",
            "Bezeichnung": f"{draw.choice(('Akku', 'Schlag', 'Tisch'))} {tool} {volts}",
            "Preis": f"{draw.choice((19, 29, 49, 99, 149))},{draw.choice((90, 99, 95))} €",
            "Gruppe": {"Bohrmaschine": "Bohren", "Schrauber": "Bohren"}.get(tool, "Handwerkzeug"),
            "Lager": draw.randint(0, 60),
            "Gewicht_kg": round(draw.lognormvariate(1, 0.5), 2),
            "Datum": f"2024-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}",
        }

    return [row(at) for at in range(rows)]


def write(rows: list[dict[str, Any]], path: Path) -> Path:
    """The rows as a CSV, JSON lines or Parquet file."""
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    else:
        pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def fit_file(path: Path, **options: Any) -> Fitted:
    """What is fitted to a file or a folder."""
    source = open_source(str(path), work=path.parent / "work")

    def tables(names: Any) -> Any:
        return (batch.table for batch in source.batches(names))

    return fit(take_sample(source.name, tables), tables, "shop", **options)


def roles(fitted: Fitted) -> dict[str, str]:
    """Role by column."""
    return {each.column: each.role for each in fitted.findings}
