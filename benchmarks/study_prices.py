"""By how much the models of a study miss prices, and on which side: one line for each arm of each study.

    python benchmarks/study_prices.py STUDY ...

It says: the median of said / true price over the test rows, averaged over seeds on a log scale. Off by: the
same of said / true or true / said, whichever is above 1.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from datagen.train.study.results import arm_name

TRUE, SAID = "true_", "said_"


def log_ratios(predictions: Path) -> list[float]:
    """The logarithm of said / true price of each row that has both."""
    table = pq.read_table(predictions)
    price = next(name.removeprefix(TRUE) for name in table.column_names if name.startswith("true_full_price"))
    pairs = zip(table[TRUE + price].to_pylist(), table[SAID + price].to_pylist(), strict=True)
    return [float(np.log(said / true)) for true, said in pairs if true and said]


def main() -> None:
    """See above."""
    for study in map(Path, sys.argv[1:]):
        found = defaultdict(list)
        for file in study.glob("cells/*/scores.json"):
            cell = json.loads(file.read_bytes())["cell"]
            ratios = log_ratios(file.with_name("predictions.parquet"))
            errors = np.median(ratios), np.median(np.abs(ratios))
            found[cell["real_rows"], cell["arm"], cell["share"]].append(errors)
        for (rows, arm, share), of_seeds in sorted(found.items()):
            high, off = np.exp(np.mean(of_seeds, axis=0))
            print(
                f"{study.name}: {rows} real rows, {arm_name(arm, share)}: says {high:.2f} times the true "
                f"price, off by a factor of {off:.2f} ({len(of_seeds)} seeds)"
            )


if __name__ == "__main__":
    main()
