"""A run behind an address: the answers of ``predict`` over HTTP, and what is refused."""

from __future__ import annotations

import base64
import json
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from support.sets import DATAGEN, ENVIRONMENT
from support.tiny_base import encoded
from support.tiny_run import overfit, run_folder

from datagen.cli import main
from datagen.train.config import CONFIG, load_config

PHOTO = encoded(90, 60, 0, "JPEG")
ADDRESS = "data:image/jpeg;base64," + base64.b64encode(PHOTO).decode()
PICTURE = {"type": "image_url", "image_url": {"url": ADDRESS}}
QUESTION = {"type": "text", "text": "What is shown in this image?"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, garden_set: Path) -> Path:
    folder = tmp_path_factory.mktemp("serving") / "run"
    overfit(folder, run_folder(folder, garden_set), steps=30)
    return folder


@pytest.fixture(scope="module")
def port(run: Path) -> Iterator[int]:
    """A server of the run; it ends well when it is told to."""
    command = [*DATAGEN, "serve", str(run), "--port", "0", "--max-new-tokens", "8"]
    process = subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    told = re.search(r"http://127\.0\.0\.1:(\d+)/v1", process.stdout.readline())
    if told is None:
        process.kill()
        pytest.fail(process.communicate()[1])
    yield int(told[1])
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=60)[1] == ""
    assert process.returncode == 0


def post(port: int, body: object) -> tuple[int, Any]:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    connection.request("POST", "/v1/chat/completions", data, {"Content-Type": "application/json"})
    response = connection.getresponse()
    found = json.loads(response.read())
    connection.close()
    return response.status, found


def asking(*parts: object, **options: object) -> dict[str, object]:
    return {"model": "any", "messages": [{"role": "user", "content": list(parts)}], **options}


def test_the_answer_is_that_of_predict(run: Path, port: int, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(PHOTO)
    words = ["predict", str(run), str(tmp_path / "photo.jpg"), "--json", "--max-new-tokens", "8"]
    predicted = json.loads(CliRunner().invoke(main, words).output)["answer"]
    assert predicted
    for request in (asking(PICTURE), asking(QUESTION, PICTURE, temperature=0.7)):
        status, found = post(port, request)
        assert status == 200
        assert found["choices"] == [
            {
                "index": 0,
                "message": {"role": "assistant", "content": predicted},
                "finish_reason": "length",
            }
        ]
        assert (found["object"], found["model"]) == ("chat.completion", str(run))
    _, found = post(port, asking(PICTURE, max_completion_tokens=1))
    assert predicted.startswith(found["choices"][0]["message"]["content"])
    assert len(found["choices"][0]["message"]["content"]) < len(predicted)


def test_the_model_is_listed(run: Path, port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/v1/models")
    assert json.loads(connection.getresponse().read())["data"][0]["id"] == str(run)
    connection.close()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "the request: Invalid JSON"),
        (b"[" * 100_000, "the request: Invalid JSON"),
        ({"messages": []}, "messages: List should have at least 1 item"),
        (asking(), "The message has 0 pictures; send one."),
        (asking(PICTURE, PICTURE), "The message has 2 pictures; send one."),
        (asking({**PICTURE, "image_url": {"url": "http://127.0.0.1:1/x.jpg"}}), "image_url.url: String"),
        (asking({**PICTURE, "image_url": {"url": "/etc/hostname"}}), "image_url.url: String should match"),
        (asking({**PICTURE, "image_url": {"url": "data:image/png;base64,?"}}), "is not in base64."),
        (asking({**PICTURE, "image_url": {"url": "data:image/png;base64,AAAA"}}), "is not a JPEG, PNG"),
        (asking(PICTURE, {"type": "text", "text": "x" * 3000}), "String should have at most 2000"),
        (asking(PICTURE, {"type": "text", "text": "<|image_2|>"}), "image"),
        (asking(PICTURE, max_tokens=10**9), "max_tokens: Input should be less than or equal to 4096"),
        (asking(PICTURE, stream=True), "stream: Input should be False"),
        ({"messages": [{"role": "user", "content": "Hello"}]}, "The message has 0 pictures; send one."),
        ({"messages": [{"role": "system", "content": "x"}]}, "role: Input should be 'user'"),
    ],
)
def test_what_is_refused_is_one_sentence_and_the_server_goes_on(body: object, says: str, port: int) -> None:
    status, found = post(port, body)
    assert status == 400, found
    assert says in found["error"]["message"]
    assert "\n" not in found["error"]["message"]
    assert post(port, asking(PICTURE))[0] == 200


def test_a_damaged_picture_is_refused(port: int) -> None:
    half = "data:image/jpeg;base64," + base64.b64encode(PHOTO[: len(PHOTO) // 2]).decode()
    status, found = post(port, asking({**PICTURE, "image_url": {"url": half}}))
    assert status == 400
    assert found["error"]["message"].startswith("The picture cannot be read")


def test_a_port_in_use_and_an_index_are_refused(run: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        words = ["serve", str(run), "--port", str(taken.getsockname()[1])]
        done = CliRunner().invoke(main, words)
    assert done.exit_code == 2
    assert "cannot be used (address already in use); give another --port or --host." in done.stderr
    assert done.stderr.count("\n") == 1
    near = tmp_path / "near"
    near.mkdir()
    load_config(None, {"data.real": "shop", "retrieval.index": "shop.index"}).save(near / CONFIG)
    told = CliRunner().invoke(main, ["serve", str(near)])
    assert told.exit_code == 2
    assert "use datagen predict" in told.stderr
