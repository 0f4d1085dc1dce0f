"""Rows by SDV's Gaussian copula; needs sdv 2.

python sdv_copula.py fitted.csv made.csv ROWS TITLE PRICE
"""

from __future__ import annotations

import sys
import warnings

import pandas as pd
from sdv.metadata import Metadata
from sdv.single_table import GaussianCopulaSynthesizer

warnings.filterwarnings("ignore")
fitted, made, rows, title, price = sys.argv[1:]
table = pd.read_csv(fitted)
metadata = Metadata.detect_from_dataframes({"shop": table}, infer_keys=None)
for column in table.columns:  # else it takes titles for personal data and writes random tokens
    metadata.update_column(column, "shop", sdtype="numerical" if column == price else "categorical")
synthesizer = GaussianCopulaSynthesizer(metadata)
synthesizer.fit({"shop": table})
synthesizer.sample(int(rows))["shop"].to_csv(made, index=False)
