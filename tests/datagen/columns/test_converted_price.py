"""Converted prices are those of the real rows."""

from __future__ import annotations

import numpy as np
import pytest

from datagen.columns.converted_price import converted


@pytest.mark.parametrize(("usd", "eur"), [(2490, 2297.04), (820, 756.45)])
def test_conversion_gives_the_euro_prices_of_the_real_rows(usd: float, eur: float) -> None:
    assert converted(np.array([usd]), 0.922505, 2)[0] == eur
