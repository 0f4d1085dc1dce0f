"""Rows by mostlyai's TabularARGN: ``python mostlyai_argn.py fitted.csv made.csv ROWS TITLE PRICE ENCODING``.

``ENCODING`` of the title: TABULAR_CATEGORICAL or TABULAR_CHARACTER. Needs mostlyai-engine 2.
"""

from __future__ import annotations

import sys
import tempfile

import pandas as pd
from mostlyai import engine

fitted, made, rows, title, price, encoding = sys.argv[1:]
table = pd.read_csv(fitted)
engine.init_logging()
engine.set_random_state(0)
with tempfile.TemporaryDirectory() as folder:
    kinds = dict.fromkeys(table.columns, "TABULAR_CATEGORICAL")
    kinds |= {title: encoding, price: "TABULAR_NUMERIC_AUTO"}
    engine.split(tgt_data=table, tgt_encoding_types=kinds, workspace_dir=folder)
    engine.analyze(workspace_dir=folder)
    engine.encode(workspace_dir=folder)
    engine.train(workspace_dir=folder)
    engine.generate(sample_size=int(rows), rare_category_replacement_method="SAMPLE", workspace_dir=folder)
    pd.read_parquet(f"{folder}/SyntheticData").to_csv(made, index=False)
