"""The command of the documentation, in both directions of --map."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image
from support.command import invoke


def test_the_example_of_the_documentation_works_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("red.png", "blue.png"):
        Image.new("RGB", (32, 32), name[:-4]).save(tmp_path / name)
    rows = [("Red Hat", "19.50", "red.png"), ("Blue Hat", "24.00", "blue.png")]
    lines = ["name,price_usd,photo", *(",".join(row) for row in rows)]
    (tmp_path / "shop.csv").write_text("\n".join(lines))
    words = ["--map", "name=title,price_usd=full_price,photo=image", "--set", "currency_code=USD"]
    done = invoke("pull", "shop.csv", *words)
    assert (done.exit_code, "THEIRS=OURS" in done.stderr) == (0, False), done.stderr
    table = pq.read_table(tmp_path / "shop" / "data")
    assert table["title"].to_pylist() == ["Red Hat", "Blue Hat"]
    assert table["full_price"].to_pylist() == [19.5, 24.0]
    assert set(table["currency_code"].to_pylist()) == {"USD"}
    assert "image" in table.column_names
    assert invoke("verify", "shop").exit_code == 0

    older = invoke("pull", "shop.csv", "--map", "title=name,full_price=price_usd,image=photo", *words[2:],
                   "--out", "older")  # fmt: skip
    assert older.exit_code == 0
    assert "THEIRS=OURS: --map name=title,price_usd=full_price,photo=image\n" in older.stderr
    assert pq.read_table(tmp_path / "older" / "data").equals(table)
