"""Arrow arrays built from buffers equal those of pyarrow, without importing pandas."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.arrow import contents, numbers, text, texts

ROOT = Path(__file__).parents[2]


@given(st.lists(st.text()), st.lists(st.binary()))
def test_strings_and_bytes_are_those_of_pyarrow(strings: list[str], blobs: list[bytes]) -> None:
    assert texts(strings).equals(pa.array(strings, pa.string()))
    assert contents(blobs).equals(pa.array(blobs, pa.binary()))


@given(st.lists(st.integers(-(2**31), 2**31 - 1)), st.lists(st.booleans()))
def test_numbers_are_those_of_pyarrow(integers: list[int], flags: list[bool]) -> None:
    for dtype in ("int32", "int64", "float64"):
        values = np.array(integers, dtype=dtype)
        assert numbers(values).equals(pa.array(values))
        assert numbers(values[::2]).equals(pa.array(values[::2].copy()))
    bits = np.array(flags, dtype=bool)
    assert numbers(bits).equals(pa.array(bits))


@pytest.mark.parametrize("value", ["", "Piqué", "–"])
def test_a_scalar_is_that_of_pyarrow(value: str) -> None:
    assert text(value) == pa.scalar(value)


def test_making_a_dataset_imports_no_pandas(tmp_path: Path) -> None:
    make = ["make", "--rows", "3", "--image-size", "64x64", "--out", str(tmp_path / "set"), "-q"]
    code = "import sys, cli; cli.main(sys.argv[1:], standalone_mode=False); print('pandas' in sys.modules)"
    run = [sys.executable, "-c", code, *make]
    done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "False"
