"""JSON from anybody: every number keeps its meaning, and one faulty object costs one row."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.readers import json_list
from datagen.readers.json_file import json_file, json_lines_file
from datagen.schemas import InputError

from .conftest import Opener, Reading, bytes_of, mutated, read, read_or_refuse

BOTH = pytest.mark.parametrize("opener", [json_file, json_lines_file])


def got(tmp_path: Path, content: bytes | str, opener: Opener = json_lines_file) -> Reading:
    path = tmp_path / "x.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read(opener(path, "x.json"))


# What is right comes out equal

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9)
NESTED = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
ROWS = st.lists(st.dictionaries(TEXT, NESTED, max_size=4), min_size=1, max_size=9)


def expected(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@given(
    rows=ROWS,
    ascii_only=st.booleans(),
    indent=st.none() | st.integers(0, 2),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    chunk=st.sampled_from([1, 2, 7, 1 << 18]),
)
def test_what_python_writes_reads_back_equal(
    folder: Path, rows: list[dict[str, Any]], ascii_only: bool, indent: int | None, encoding: str, chunk: int
) -> None:
    columns = tuple(dict.fromkeys(key for row in rows for key in row))
    wanted = [{key: expected(row.get(key)) for key in columns} for row in rows]
    lines = "\n".join(json.dumps(row, ensure_ascii=ascii_only) for row in rows)
    (folder / "x.jsonl").write_bytes(lines.encode(encoding))
    (folder / "x.json").write_bytes(json.dumps(rows, ensure_ascii=ascii_only, indent=indent).encode(encoding))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_list, "CHUNK", chunk)
        for file in (
            json_lines_file(folder / "x.jsonl", "x"),
            json_file(folder / "x.json", "x"),
        ):
            assert file.columns == columns
            assert read(file, rows=2).rows == wanted


PIECES = (b"{", b"}", b"[", b"]", b'"', b"\\", b'"a":', b'{"a":1}', b",", b"\n", b"null", b"\xff", b"\\ud800")


@given(content=bytes_of(*PIECES), start=st.sampled_from([b"", b'[{"a":1},', b'{"a":1}\n']))
def test_any_bytes_end_in_rows_refusals_or_a_sentence(folder: Path, content: bytes, start: bytes) -> None:
    (folder / "any.json").write_bytes(start + content)
    for opener in (json_file, json_lines_file):
        whole = read_or_refuse(opener, folder / "any.json")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(json_list, "CHUNK", 3)
            assert read_or_refuse(opener, folder / "any.json") == whole


LIST = json.dumps([{"a": 1, "b": 'é\\"', "c": [1, {"d": None}]}] * 4, ensure_ascii=False).encode()


@given(content=mutated(LIST))
def test_a_damaged_list_ends_in_rows_refusals_or_a_sentence(folder: Path, content: bytes) -> None:
    (folder / "any.json").write_bytes(content)
    read_or_refuse(json_file, folder / "any.json")


def test_numbers_keep_their_meaning(tmp_path: Path) -> None:
    written = ["1.10", "12345678901234567890123", "1e400", "-0", "NaN", "-Infinity", "true", "9" * 5000]
    found = got(tmp_path, '{"n": ' + '}\n{"n": '.join(written) + "}\n")
    assert [row["n"] for row in found.rows] == written


def test_nested_values_are_json_text_with_numbers(tmp_path: Path) -> None:
    found = got(tmp_path, '{"a": [1, "é", {"b": null}], "c": "1"}\n{"a": [' + "9" * 5000 + "]}")
    assert found.rows == [{"a": '[1, "é", {"b": null}]', "c": "1"}]
    assert found.reasons == {1: "holds a number with too many digits"}


@BOTH
def test_columns_are_the_keys_of_the_first_rows(
    tmp_path: Path, opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datagen.readers.json_file.BATCH_ROWS", 3)
    rows = [{"b": 1}, {"a": 2}, {"b": 3, "c": None}, {"late": 4, "a": 5}]
    lines = "\n".join(map(json.dumps, rows)) if opener is json_lines_file else json.dumps(rows)
    found = got(tmp_path, lines, opener)
    assert [list(row.values()) for row in found.rows] == [
        ["1", None, None],
        [None, "2", None],
        ["3", None, None],
        [None, "5", None],
    ]


def test_bad_lines_are_refused_one_by_one(tmp_path: Path) -> None:
    deep = "[" * 100_000
    found = got(
        tmp_path,
        b'\n{"a":1}\n{"a":1\n[1]\n5\n{"a":"caf\xe9"}\n{"a":"\\ud800"}\n{"a":"\\u0000"}\n\n{"a":\x00}\n'
        b'{"a":' + deep.encode() + b'}\n{"a":"' + b"x" * 1_000_000 + b'"}\n{"a":"\t2"}\r\n',
    )
    assert [row["a"] for row in found.rows] == ["1", "\t2"]
    assert list(found.reasons.values()) == [
        "is not JSON",
        "is not a JSON object",
        "is not a JSON object",
        "is not UTF-8",
        "holds half of a surrogate pair",
        "holds a NUL byte",
        "holds a NUL byte",
        "is nested too deeply",
        "is longer than 1 MB",
    ]
    assert found.invalid[3].text == r'{"a":"caf\xe9"}'


def test_faulty_elements_of_a_list_are_refused_one_by_one(tmp_path: Path) -> None:
    found = got(
        tmp_path,
        b'[{"a":1}, {bad: [1, 2]}, 5,\n"x,]", nul, {"a":2},, {"a":"caf\xe9"}, {"a":'
        + b"[" * 100_000
        + b"]" * 100_000
        + b'}, {"a":"'
        + b"]" * 2_000_000
        + b'"} {"a":"\\\\"}]',
        json_file,
    )
    assert [row["a"] for row in found.rows] == ["1", "2", "\\"]
    assert found.reasons == {
        1: "is not JSON",
        2: "is not a JSON object",
        3: "is not a JSON object",
        4: "is not JSON",
        6: "is not UTF-8",
        7: "is nested too deeply",
        8: "is longer than 1 MB",
    }


def test_a_list_that_is_cut_off_or_goes_on_is_told(tmp_path: Path) -> None:
    found = got(tmp_path, '[{"a":1},', json_file)
    assert (found.reasons, [part.reason for part in found.unread]) == (
        {},
        ["is cut off: the list has no end"],
    )
    found = got(tmp_path, '[{"a":1},{"a":2', json_file)
    assert (found.reasons, [part.start for part in found.unread]) == ({1: "is not JSON"}, [15])
    found = got(tmp_path, '[{"a":1}]\n[{"a":2}]', json_file)
    assert [row["a"] for row in found.rows] == ["1", "2"]
    found = got(tmp_path, '[{"a":1}]] x, {"a":2}]', json_file)
    assert [row["a"] for row in found.rows] == ["1", "2"]
    assert found.reasons == {1: "ends the list before its end"}


def test_json_lines_may_be_called_json(tmp_path: Path) -> None:
    assert len(got(tmp_path, '{"a":1}\n{"a":[2]}\n', json_file).rows) == 2
    assert len(got(tmp_path, '{"a":1}', json_file).rows) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        (" \n ", "is empty"),
        ('{"a": [1, 2], "b": [3, 4]}', "is not a list of objects; write it as [{...}, {...}], or one"),
        ('{"data": [{"a": 1}]}', "is not a list of objects"),
        ('{\n"a": 1}', "is not a list of objects"),
        ("5", "is not a list of objects"),
        ("[]", "has no rows: nothing in it is a JSON object"),
        ("[1, 2]", "has no rows"),
        ("[" * 300_000, "has no rows"),
        (json.dumps([dict.fromkeys(map(str, range(3000)))]), "has 3,000 columns; at most 2,000 can be read"),
    ],
)
def test_what_is_no_table_is_one_sentence(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(InputError, match="^x.json ") as error:
        got(tmp_path, content, json_file)
    assert said in str(error.value)


def test_a_file_without_an_object_is_one_sentence(tmp_path: Path) -> None:
    for content in ("", "[\n]\n", "no\n" * 9000):
        with pytest.raises(InputError, match="has no rows"):
            got(tmp_path, content)
    late = got(tmp_path, "no\n" * 9000 + '{"a":1}')
    assert late.numbers == [9000]


@BOTH
def test_packed_files(tmp_path: Path, opener: Opener) -> None:
    (tmp_path / "x.json.gz").write_bytes(gzip.compress(b'{"a":1}\n{"a":2}'))
    assert len(read(opener(tmp_path / "x.json.gz", "x")).rows) == 2
