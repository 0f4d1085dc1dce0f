"""Rows fitted by datagen, by SDV's Gaussian copula and by mostlyai's TabularARGN, on the same halves.

    python -m venv peers && peers/bin/pip install sdv==2.0.0 mostlyai-engine==2.7.3
    python benchmarks/peers.py rows.csv --peers peers/bin/python --levels type,brand --title description \\
        --price price_usd

The halves and the figures are those of benchmarks/fit_titles.py; one line for each generator. The others
run in an environment of their own, with every column's type given to them, and mostlyai with titles as
categories and as characters. Their settings are their defaults.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import tempfile
import time
from pathlib import Path

from fit_titles import Row, figures, halves, made_from, options_of, read_rows

SCRIPTS = Path(__file__).parent / "peers"
PEERS = {
    "SDV Gaussian copula": ("sdv_copula.py", ()),
    "mostlyai, titles as categories": ("mostlyai_argn.py", ("TABULAR_CATEGORICAL",)),
    "mostlyai, titles as characters": ("mostlyai_argn.py", ("TABULAR_CHARACTER",)),
}


def made_by(
    python: str, name: str, rows: list[Row], many: int, columns: tuple[list[str], str, str]
) -> tuple[list[Row], float]:
    """Rows made by another generator, and the seconds that it took to fit and to make them."""
    levels, title, price = columns
    script, options = PEERS[name]
    with tempfile.TemporaryDirectory() as folder:
        fitted, made = Path(folder, "fitted.csv"), Path(folder, "made.csv")
        with fitted.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*levels, title, price])
            writer.writerows([*row[0], row[1], row[2]] for row in rows)
        began = time.perf_counter()
        command = [python, str(SCRIPTS / script), str(fitted), str(made), str(many), title, price, *options]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - began
        return read_rows(str(made), levels, title, price), seconds


def main() -> None:
    """Print the lines."""
    options = options_of(__doc__)
    options.formatter_class = argparse.RawDescriptionHelpFormatter
    options.add_argument("--peers", required=True, help="the Python of the others' environment")
    options.add_argument("--rows", type=int, default=3000)
    given = options.parse_args()
    columns = (given.levels.split(","), given.title, given.price)
    fitted, other = halves(read_rows(given.file, *columns), given.seed)
    real = other[: given.rows]
    print(f"{len(fitted):,} rows fitted, {len(real):,} made and compared with {len(real):,} others")
    made, seconds = made_from(fitted, len(real), given.min_count, given.seed)
    print(f"datagen: {figures(made, fitted, other, real)}, {seconds:.0f} s", flush=True)
    for name in PEERS:
        made, seconds = made_by(given.peers, name, fitted, len(real), columns)
        print(f"{name}: {figures(made, fitted, other, real)}, {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
