"""Real catalogues that may lie beside the repository: taken in whole. Skipped where they do not."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from support.command import invoke

REAL = Path(__file__).parents[4] / "shared" / "data"

pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason=f"the real catalogues are not there ({REAL})")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def pulled(source: str, *words: str) -> dict[str, object]:
    done = invoke("pull", REAL / source, "--out", "out", "--json", *words)
    assert done.exit_code == 0, done.stderr
    assert invoke("verify", "out", "--quiet").exit_code == 0
    told: dict[str, object] = json.loads(done.stdout)
    return told


def test_a_demo_shop_with_photos() -> None:
    columns = "image_file=image,image_file=product_code,price=full_price,currency=currency_code"
    levels = ",".join(f"category{level}=category{level}_code" for level in (1, 2, 3))
    told = pulled("luma/photos.csv", "--map", columns, "--map", levels)
    assert (told["rows"], told["rejected"], told["pictures"]) == (215, 0, "files")
    assert invoke("preview", "out").exit_code == 0
    for layout in ("csv", "imagefolder"):
        assert invoke("export", "out", "--format", layout).exit_code == 0


def test_real_rows_of_mixed_trust(tmp_path: Path) -> None:
    levels = ",".join(f"category{level}=category{level}_code" for level in (1, 2, 3))
    told = pulled("burberry/rows.csv", "--map", f"price_usd=full_price,price_usd=price,{levels}")
    assert told["rows_read"] == 389
    assert told["rows"] == 86
    rejected = pq.read_table(tmp_path / "out" / "rejected.parquet")
    assert set(rejected["reason"].to_pylist()) == {"is missing"}


def test_a_shop_with_other_columns() -> None:
    told = pulled("ssense/rows.csv", "--map", "description=title,price_usd=full_price")
    assert told["rows_read"] == 10967
    assert told["unused"] == ["type"]
