"""Real catalogues that may lie beside the repository: taken in whole. Skipped where they do not."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from support.sets import run

REAL = Path(__file__).parents[4] / "shared" / "data"

pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason=f"the real catalogues are not there ({REAL})")


def pulled(tmp_path: Path, source: str, *words: str) -> dict[str, object]:
    done = run("pull", REAL / source, "--out", "out", "--json", *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert run("verify", "out", "--quiet", cwd=tmp_path).returncode == 0
    told: dict[str, object] = json.loads(done.stdout)
    return told


def test_a_demo_shop_with_photos(tmp_path: Path) -> None:
    columns = "image_file=image,image_file=product_code,price=full_price,currency=currency_code"
    levels = ",".join(f"category{level}=category{level}_code" for level in (1, 2, 3))
    told = pulled(tmp_path, "luma/photos.csv", "--map", columns, "--map", levels)
    assert (told["rows"], told["rejected"], told["pictures"]) == (215, 0, "files")
    assert run("preview", "out", cwd=tmp_path).returncode == 0
    for layout in ("csv", "imagefolder"):
        assert run("export", "out", "--format", layout, cwd=tmp_path).returncode == 0


def test_real_rows_of_mixed_trust(tmp_path: Path) -> None:
    levels = ",".join(f"category{level}=category{level}_code" for level in (1, 2, 3))
    told = pulled(tmp_path, "burberry/rows.csv", "--map", f"price_usd=full_price,price_usd=price,{levels}")
    assert told["rows_read"] == 389
    assert told["rows"] == 86
    rejected = pq.read_table(tmp_path / "out" / "rejected.parquet")
    assert set(rejected["reason"].to_pylist()) == {"is missing"}


def test_a_shop_with_other_columns(tmp_path: Path) -> None:
    told = pulled(tmp_path, "ssense/rows.csv", "--map", "description=title,price_usd=full_price")
    assert told["rows_read"] == 10967
    assert told["unused"] == ["type"]
