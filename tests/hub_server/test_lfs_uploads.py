"""LFS uploads to the Hub on loopback: in parts, checked on arrival, and resumed."""

from __future__ import annotations

import hashlib
import os

import httpx2
import pytest
from huggingface_hub import HfApi
from support.hub_clients import add, send
from support.hub_server import Hub

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


def test_a_large_file_goes_up_in_parts(hub: Hub, api: HfApi) -> None:
    hub.seed("alice/set")
    hub.part_size = 4000
    content = os.urandom(10_000)
    send(api, add("a.bin", content))
    assert [entry.received for entry in hub.requests("put_part")] == [4000, 4000, 2000]
    assert hub.read("alice/set", "a.bin") == content
    hub.faults.add("put_part", after=1, etag="0" * 32)
    with pytest.raises(RuntimeError) as refused:
        send(api, add("b.bin", os.urandom(9000)))
    assert "InvalidPart" in str(refused.value.__cause__)


def test_contents_are_checked_on_arrival(hub: Hub) -> None:
    hub.seed("alice/set")
    sha256 = hashlib.sha256(b"right").hexdigest()
    put = lambda size, body: httpx2.put(hub.signed_url("lfs", f"{sha256}/{size}"), content=body).status_code  # noqa: E731
    assert put(5, b"wrong") == 400
    assert put(6, b"right") == 400
    assert not hub.store.has(sha256)
    assert put(5, iter([b"ri", b"ght"])) == 200  # chunked
    assert hub.store.has(sha256, 5)
    verify = f"{hub.url}/datasets/alice/set.git/info/lfs/objects/verify"
    for oid, code in ((sha256, 200), ("0" * 64, 404)):
        headers = {"Authorization": "Bearer hf_alice"}
        assert httpx2.post(verify, json={"oid": oid, "size": 5}, headers=headers).status_code == code


def test_a_second_try_sends_only_what_is_missing(hub: Hub, api: HfApi) -> None:
    hub.seed("alice/set")
    operations = [add(f"{n}.bin", os.urandom(1000)) for n in range(10)]
    contents = [operation.path_or_fileobj for operation in operations]
    fault = hub.faults.add("put", after=4, times=99, status=403)
    with pytest.raises(RuntimeError, match="Error while uploading"):
        send(api, *operations)
    assert fault.hits >= 1
    hub.faults.clear()
    hub.log.clear()
    send(api, *(add(f"{n}.bin", content) for n, content in enumerate(contents)))
    assert len(hub.requests("put")) == 6
    assert [hub.read("alice/set", f"{n}.bin") for n in range(10)] == contents
