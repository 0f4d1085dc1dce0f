"""Whatever a table holds, every row of it is kept or rejected, or the whole is refused in one sentence."""

from __future__ import annotations

import csv
import io
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.catalogue.pull import pull
from datagen.dataset.verify import verify_folder
from datagen.schemas import InputError, RunFailed


@settings(max_examples=60)
@given(
    st.binary(max_size=400) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_any_bytes_end_in_rows_rejections_or_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "any.csv").write_bytes(b"title,full_price,product_code,image\n" + content)
    try:
        result = pull(str(folder / "any.csv"), folder / "out")
    except (InputError, RunFailed) as error:
        assert "\n" not in str(error)
        assert not (folder / "out").exists()
    else:
        assert verify_folder(folder / "out").whole
        assert result.rows + result.rejected == result.rows_read
    finally:
        shutil.rmtree(folder)


@given(
    st.lists(st.tuples(st.text(max_size=8), st.text(max_size=6), st.text(max_size=6)), min_size=1, max_size=8)
)
@settings(max_examples=30)
def test_any_text_in_a_csv_is_counted_once(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    text = io.StringIO()
    csv.writer(text).writerows([("title", "full_price", "product_code"), ("Hat", "5", "1"), *rows])
    (folder / "any.csv").write_bytes(text.getvalue().encode("utf-8", "replace"))
    result = pull(str(folder / "any.csv"), folder / "out")
    assert result.rows_read == len(rows) + 1
    assert result.rows + result.rejected == result.rows_read
    assert verify_folder(folder / "out").whole
    shutil.rmtree(folder)
