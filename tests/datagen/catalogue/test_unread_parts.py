"""A pull of a source that is damaged in its middle keeps what it can read, says what not, and ends with 1."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from support.sets import ENVIRONMENT

from datagen import pull
from datagen.catalogue.importing import ImportResult
from datagen.cli import main
from datagen.schemas.folder import read_manifest

NESTED = b'[{"title":"Spade","price":1},' + b"[" * 30_000_000
ZEROS = gzip.compress(b"title,price\n" + b"0" * 50_000_000)
NO_ROWS = b'{"title":"Spade","price":1}\n' + b"nothing\n" * 900_000
SCHEMA = "name: shop\ncolumns:\n  - {name: title, role: title}\n  - {name: price, role: price, which: full}\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("shop.yaml").write_text(SCHEMA)


def invoke(*words: str) -> Result:
    return CliRunner().invoke(main, ["pull", *words, "--schema", "shop.yaml"])


def packed_and_cut() -> None:
    rows = "".join(f"Spade {at},{at + 1}\n" for at in range(20_000))
    content = gzip.compress(f"title,price\n{rows}".encode(), mtime=0)
    Path("shop.csv.gz").write_bytes(content[: len(content) // 2])


def test_what_was_read_is_kept_and_the_exit_code_is_1() -> None:
    packed_and_cut()
    done = invoke("shop.csv.gz", "--out", "out")
    assert done.exit_code == 1
    assert "unreadable" in done.stdout
    assert done.stderr.splitlines()[-1].startswith("Error: Part of shop.csv.gz could not be read (from byte ")
    manifest = read_manifest(Path("out"))
    assert manifest.origin is not None
    (part,) = manifest.origin.unread or ()
    assert part.reason == "is damaged or cut off (gzip)"
    assert manifest.rows + manifest.origin.rejected == manifest.origin.rows_read
    assert 1000 < manifest.rows < 20_000
    assert CliRunner().invoke(main, ["verify", "out"]).exit_code == 0


def test_scripts_and_the_library_get_the_places() -> None:
    packed_and_cut()
    done = invoke("shop.csv.gz", "--out", "out", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["unread"][0]["file"] == "shop.csv.gz"
    quiet = invoke("shop.csv.gz", "--out", "quiet", "--quiet")
    assert (quiet.exit_code, quiet.stdout) == (1, "")
    assert quiet.stderr.count("\n") == 1
    from datagen.catalogue.importing import ImportRequest

    result = pull("shop.csv.gz", "third", ImportRequest(schema="shop.yaml"))
    assert isinstance(result, ImportResult)
    assert len(result.unread) == 1


def test_a_sound_source_has_no_such_part() -> None:
    Path("shop.csv").write_text("title,price\nSpade,5\n")
    assert invoke("shop.csv", "--out", "out").exit_code == 0
    assert "unread" not in Path("out/manifest.json").read_text()


def test_a_list_that_is_cut_off_ends_with_1() -> None:
    Path("shop.json").write_text('[{"title": "Spade", "price": 5},{"title": "Fork", "pri')
    done = invoke("shop.json", "--out", "out")
    assert done.exit_code == 1
    assert "is cut off: the list has no end" in done.stderr


@pytest.mark.parametrize("name", ["shop.csv", "shop.json"])
def test_rows_that_a_damaged_one_swallowed_are_in_its_text(name: str) -> None:
    noise = "\0" + "x" * 3000
    if name == "shop.csv":
        text = f"title,price\nSpade,5\nFork {noise}, Rake, Hoe <002>,6\nAxe,7\n"
    else:
        objects = [{"title": f"Fork {noise} Rake <002>,", "price": 6}, {"title": "Axe", "price": 7}]
        text = json.dumps([{"title": "Spade", "price": 5}, *objects], ensure_ascii=False).replace(
            "\\u0000", "\0"
        )
    Path(name).write_text(text)
    assert invoke(name, "--out", "out").exit_code == 0
    (row,) = pq.read_table("out/rejected.parquet").to_pylist()
    assert row["column"] == ""
    assert "<002>" in row["values"]


@pytest.mark.parametrize("end", ['Spade 1500",x,y,1501', 'Spade 1500",1501'])
def test_rows_between_two_stray_quotes_are_all_in_the_rejected_one(end: str) -> None:
    lines = [f"Spade <{row:04d}>,{row + 1}" for row in range(2000)]
    lines[10], lines[1500] = f'"{lines[10]}', end
    Path("shop.csv").write_text("title,price\n" + "\n".join(lines))
    assert invoke("shop.csv", "--out", "out").exit_code == 0
    kept = [pq.read_table(path).to_pylist() for path in Path("out").rglob("*.parquet")]
    markers = set(re.findall(r"<\d{4}>", str(kept)))
    assert len(markers) == 1999  # the text of row 1500 has none


@pytest.mark.parametrize(
    ("name", "content", "options", "said"),
    [
        ("a.csv.gz", ZEROS, ["--max-bytes", "20MB"], "--max-bytes"),
        ("b.json", NESTED, ["--max-bytes", "9MB"], "--max-bytes"),
        ("c.csv", b'title,price\n"Spade' + b"x" * 30_000_000, ["--max-bytes", "20MB"], "--max-bytes"),
        ("d.csv", b"title,price\n" + b"Spade,1\n" * 500, ["--max-rows", "100"], "--max-rows"),
        ("e.jsonl", NO_ROWS, ["--row-timeout", "0.05"], "--row-timeout"),
    ],
)  # fmt: skip
def test_limits_end_a_pull_in_a_sentence(name: str, content: bytes, options: list[str], said: str) -> None:
    Path(name).write_bytes(content)
    began = time.monotonic()
    done = invoke(name, "--out", "out", *options)
    assert done.exit_code == 2, done.output
    assert f"give a larger {said}" in done.stderr or f"give a longer {said}" in done.stderr
    assert not Path("out").exists()
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("words", [["--max-bytes", "many"], ["--max-bytes", "5XB"], ["--max-rows", "few"]])
def test_a_limit_that_is_no_number_is_refused(words: list[str]) -> None:
    assert invoke("shop.yaml", "--out", "out", *words).exit_code == 2


def test_a_dictionary_that_unfolds_to_gigabytes_stays_small() -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    value = "x" * 50_000_000
    titles = pa.DictionaryArray.from_arrays(pa.array([0] * 4000, pa.int32()), pa.array([value]))
    pq.write_table(pa.table({"title": titles, "price": [1.0] * 4000}), "bomb.parquet", compression="zstd")
    assert Path("bomb.parquet").stat().st_size < 100_000
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))\n"
        "from datagen.cli import main\n"
        "main(['pull', 'bomb.parquet', '--schema', 'shop.yaml', '--out', 'out'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("Error: ")
