"""The real errors whose wording is read: a release that words one otherwise fails here."""

from __future__ import annotations

import io
import os
import socket
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import httpcore2
import pyarrow as pa
import pytest
from PIL import Image
from support.hub_server import Hub

from datagen.library_messages import (
    database_is_locked,
    picture_is_cut_off,
    server_hung_up,
    text_is_not_utf8,
    xet_status,
)

UPLOAD = """
from huggingface_hub import CommitOperationAdd, HfApi
from datagen.library_messages import xet_status
api = HfApi()
api.create_repo("alice/set", repo_type="dataset")
addition = CommitOperationAdd("data.parquet", bytes(range(256)) * 9000)
try:
    api.preupload_lfs_files("alice/set", [addition], repo_type="dataset")
except Exception as error:
    while error.__cause__ is not None:
        error = error.__cause__
    print(type(error).__name__, xet_status(error))
"""


@pytest.mark.slow
def test_hf_xet_writes_the_status_into_its_error(tmp_path: Path) -> None:
    with Hub(tmp_path / "hub") as hub:
        hub.faults.add("xorb", times=10**6, status=403)
        done = subprocess.run(
            [sys.executable, "-c", UPLOAD],
            env=os.environ | hub.environment("alice"),
            capture_output=True,
            text=True,
            timeout=100,
        )
    assert done.stdout.split() == ["ConnectionError", "403"], done.stdout + done.stderr[-2000:]


def test_an_error_without_a_status_has_none() -> None:
    assert xet_status(ConnectionError("Connection refused")) is None
    assert xet_status(ValueError("HTTP status client error (403 Forbidden)")) is None


@pytest.mark.parametrize(("answer", "hung_up"), [(b"", True), (b"what?\r\n\r\n", False)])
def test_httpcore2_says_that_the_server_sent_nothing(answer: bytes, hung_up: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        with (
            httpcore2.ConnectionPool() as pool,
            pytest.raises(httpcore2.RemoteProtocolError) as raised,
        ):
            pool.request("GET", f"http://127.0.0.1:{server.getsockname()[1]}/")
        thread.join()
    assert server_hung_up(raised.value) is hung_up


@pytest.mark.parametrize(("start", "cut_off"), [(b"", True), (b"\xff\xd8\xff", False)])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_pillow_says_that_a_picture_is_truncated(kind: str, start: bytes, cut_off: bool) -> None:
    out = io.BytesIO()
    Image.radial_gradient("L").save(out, kind)
    content = out.getvalue()[: len(out.getvalue()) // 2] if cut_off else start + bytes(100)
    with pytest.raises(OSError, match=".") as raised, Image.open(io.BytesIO(content)) as image:
        image.load()
    assert picture_is_cut_off(raised.value) is cut_off


def test_pyarrow_says_that_text_is_not_utf8() -> None:
    text = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xff")]
    )
    with pytest.raises(pa.ArrowInvalid) as raised:
        text.validate(full=True)
    assert text_is_not_utf8(raised.value)
    with pytest.raises(pa.ArrowInvalid) as raised:
        pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\x7f\0\0\0"), pa.py_buffer(b"a")])
    assert not text_is_not_utf8(raised.value)


def test_sqlite_says_that_the_database_is_locked(tmp_path: Path) -> None:
    first = sqlite3.connect(tmp_path / "x", isolation_level=None)
    second = sqlite3.connect(tmp_path / "x", timeout=0, isolation_level=None)
    first.execute("BEGIN EXCLUSIVE")
    with pytest.raises(sqlite3.OperationalError) as raised:
        second.execute("BEGIN EXCLUSIVE")
    assert database_is_locked(raised.value)
    with pytest.raises(sqlite3.OperationalError) as raised:
        first.execute("SELECT * FROM missing")
    assert not database_is_locked(raised.value)
    first.close()
    second.close()
