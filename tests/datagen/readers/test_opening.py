"""A path or a dataset id: what is meant is plain, and what cannot be opened is one sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.sets import ENVIRONMENT, ROOT

from datagen.readers import Source, open_source
from datagen.readers.layout import KEYWORDS
from datagen.schemas import InputError, RunFailed

from .conftest import read


def opened(path: Path | str, **options: str) -> Source:
    return open_source(str(path), work=Path("never-made"), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["x.csv", "x.CSV", "x.tsv", "x.txt"])
def test_text_files(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("a\tb\n1\t2\n")
    source = opened(tmp_path / name)
    assert (source.name, source.columns, source.typed, source.root) == (name, ("a", "b"), False, tmp_path)
    assert (source.files, source.commit, source.config, source.split) == ((name,), None, None, None)
    assert read(source) == read(source)


@pytest.mark.parametrize("name", ["x.json", "x.jsonl", "x.ndjson", "x.jsonl.gz"])
def test_json_files(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('{"a": 1}\n')
    assert read(opened(tmp_path / name)).rows == [{"a": "1"}]


def test_a_relative_path_has_a_root_that_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.csv").write_text("a\n1\n")
    monkeypatch.chdir(tmp_path)
    source = opened("x.csv")
    monkeypatch.chdir("/")
    assert source.root == tmp_path


def test_what_exists_here_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "owner" / "name").mkdir(parents=True)
    (tmp_path / "owner" / "name" / "x.csv").write_text("a\n1\n")
    monkeypatch.chdir(tmp_path)
    assert opened("owner/name").files == ("x.csv",)


def test_a_folder_laid_out_like_a_repository(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for split, at in (("train", 0), ("train", 1), ("test", 0)):
        table = pa.table({"a": [f"{split} {at}"]})
        pq.write_table(table, tmp_path / f"data/{split}-{at:05d}-of-00002.parquet")
    (tmp_path / "preview.jpg").touch()
    source = opened(tmp_path)
    assert (source.typed, source.config, source.split, source.root) == (True, "default", "train", tmp_path)
    assert [row["a"] for row in read(source).rows] == ["train 0", "train 1"]
    assert [row["a"] for row in read(opened(tmp_path, split="test")).rows] == ["test 0"]
    (tmp_path / "README.md").write_text("---\nconfigs:\n- {config_name: x, data_files: data/test*}\n---\n")
    assert [row["a"] for row in read(opened(tmp_path)).rows] == ["test 0"]
    (tmp_path / "README.md").write_text("---\nconfigs: [\n---\n")
    with pytest.raises(InputError, match="README.md"):
        opened(tmp_path)


def test_a_set_of_ours_is_a_source(whole_set: Path) -> None:
    source = opened(whole_set)
    assert len(source.files) == 3
    pictures = [cell for row in read(source).rows for cell in row.values() if isinstance(cell, dict)]
    assert len(pictures) == 24
    assert all(picture["bytes"].startswith(b"\xff\xd8") for picture in pictures)


def test_a_folder_of_pictures(tmp_path: Path) -> None:
    for name in ("train/a.jpg", "train/metadata.csv", ".hidden/metadata.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("file_name,title\na.jpg,A\n")
    source = opened(tmp_path)
    assert source.root == tmp_path
    assert read(source).rows == [{"image": {"bytes": None, "path": "train/a.jpg"}, "title": "A"}]


def test_a_single_table_of_a_folder_has_its_own_folder_as_root(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "x.csv").write_text("a\n1\n")
    assert opened(tmp_path).root == tmp_path / "sub"


@pytest.mark.parametrize("linked", ["x.csv", "sub"])
def test_a_link_that_leads_out_of_a_folder_is_not_followed(tmp_path: Path, linked: str) -> None:
    (tmp_path / "secret.csv").write_text("password\nhunter2\n")
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / linked).symlink_to(tmp_path / "secret.csv" if linked == "x.csv" else tmp_path)
    with pytest.raises(InputError, match=r"is a link that leads out of|has no rows that can be read"):
        opened(tmp_path / "given")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "none.csv",
            "There is no file or folder 'none.csv'; give one, or a dataset of the Hub as owner/name.",
        ),
        ("owner/none.parquet", "There is no file or folder 'owner/none.parquet'"),
        ("owner/none.zip", "There is no file or folder"),
        ("none", "There is no file or folder 'none'"),
        ("./a/b", "There is no file or folder './a/b'"),
        ("a/b/c", "There is no file or folder"),
        ("", "There is no file or folder ''"),
        ("a\0b", "There is no file or folder"),
        ("x" * 9999, "There is no file or folder"),
        (
            "https://example.org/x.csv",
            "is neither a file nor a dataset id; give owner/name, or a file you downloaded",
        ),
        ("hf://datasets/a/b", "is neither a file nor a dataset id"),
        ("a/b--c", "'a/b--c' is not a valid name for a dataset on the Hub"),
    ],
)
def test_what_is_not_there_is_one_sentence(source: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        opened(source)
    assert said in str(error.value)
    assert str(error.value).isprintable()


@given(source=st.text(max_size=30).filter(lambda text: "/" not in text))
def test_any_name_is_opened_or_refused(source: str) -> None:
    try:
        opened(source, revision="none", split=next(iter(KEYWORDS)))
    except (InputError, RunFailed) as error:
        assert len(str(error).splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("x.xlsx", "is not a table in a known format; save it as CSV."),
        ("x.zip", "unpack it"),
        ("x.pkl", "pickles can run code and are never opened; save it as Parquet."),
        ("x", "give a file that ends in .csv, .tsv"),
        ("x.parquet", "cannot be read ("),
        ("x.arrow", "cannot be read ("),
        ("x.csv.gz", "x.csv.gz is empty; a table needs a header."),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(InputError) as error:
        opened(tmp_path / name)
    assert said in str(error.value)
    assert str(error.value).endswith(".")


def test_options_that_say_nothing_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a\n1\n")
    for options in ({"config": "a"}, {"split": "train"}):
        with pytest.raises(InputError, match="is a single file, so --config and --split do not apply"):
            opened(tmp_path / "x.csv", **options)
    with pytest.raises(InputError, match="--revision is for datasets of the Hub"):
        opened(tmp_path / "x.csv", revision="main")
    with pytest.raises(InputError, match="names one revision and --revision v2 another"):
        opened("owner/name@v1", revision="v2")


def test_a_pipe_is_one_sentence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.csv")
    with pytest.raises(InputError, match="is not a regular file, which can be read more than once; save it"):
        opened(tmp_path / "x.csv")


def test_an_empty_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no rows that can be read \(it contains nothing\)"):
        opened(tmp_path)


def test_a_damaged_shard_is_named_without_its_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "x.parquet").write_bytes(b"PAR1" * 9)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"^set/x.parquet cannot be read \("):
        opened("set")


def test_local_files_need_no_pandas_and_no_hub(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,é\n")
    (tmp_path / "x.jsonl").write_text('{"a": null}\n{"a": 2}')
    pq.write_table(pa.table({"a": ["b"]}), tmp_path / "x.parquet")
    code = (
        "import sys; from pathlib import Path; from datagen.readers import open_source\n"
        "for name in ('x.csv', 'x.jsonl', 'x.parquet'):\n"
        "    source = open_source(name, work=Path('w'))\n"
        "    print(sum(len(batch.rows) for batch in source.batches()))\n"
        "print(sorted({'pandas', 'datasets', 'huggingface_hub', 'torch'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split("\n")[:4] == ["1", "2", "1", "[]"]


def write_rows(path: Path, rows: int) -> None:
    table = pa.table({f"column {at}": [f"{at} {row} xxxxxxxxxx" for row in range(rows)] for at in range(8)})
    if path.suffix == ".csv":
        pyarrow.csv.write_csv(table, path)
    elif path.suffix == ".jsonl":
        path.write_text("\n".join(map(json.dumps, table.to_pylist())))
    elif path.suffix == ".parquet":
        pq.write_table(table, path, row_group_size=10_000)
    else:
        with pa.OSFile(str(path), "wb") as out, pa.ipc.new_stream(out, table.schema) as writer:
            writer.write_table(table, 1000)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["x.csv", "x.jsonl", "x.parquet", "x.arrow"])
def test_memory_does_not_grow_with_the_rows(tmp_path: Path, name: str) -> None:
    code = (
        "import re, sys; from pathlib import Path; from datagen.readers import open_source\n"
        "print(sum(len(batch.rows) for batch in open_source(sys.argv[1], work=Path('w')).batches()))\n"
        "print(re.search(r'VmHWM:\\s*(\\d+)', Path('/proc/self/status').read_text())[1])\n"
    )
    peaks = []  # not ru_maxrss, in which a child begins with what its parent has
    for rows in (10_000, 60_000):
        write_rows(tmp_path / name, rows)
        command = [sys.executable, "-c", code, str(tmp_path / name)]
        done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=True)
        assert int(done.stdout.split()[0]) == rows
        peaks.append(int(done.stdout.split()[1]))
    assert peaks[1] - peaks[0] < 15_000, "kilobytes more for six times the rows"


REAL = ROOT.parent / "shared" / "data"


@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [("burberry/rows.csv", 389, 13), ("luma/photos.csv", 215, 15), ("ssense/rows.csv", 10967, 4)],
)
def test_real_tables(name: str, rows: int, columns: int) -> None:
    if not REAL.is_dir():
        pytest.skip("the real tables are not beside this checkout")
    source = opened(REAL / name)
    found = read(source)
    assert (len(found.rows), len(source.columns), found.invalid) == (rows, columns, [])
