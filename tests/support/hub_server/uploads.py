"""How contents are uploaded: LFS (whole or in parts) and Xet storage. A commit names them by SHA-256."""

from __future__ import annotations

import hashlib
import re
import shutil
from typing import Any

from .calls import Call
from .downloads import file_reply, read_range
from .replies import Refusal, Reply
from .routes import route

LFS_JSON = {"Content-Type": "application/vnd.git-lfs+json"}


@route("batch", "POST /{prefix}{repo}.git/info/lfs/objects/batch")
def lfs_batch(call: Call, type: str, repo: str) -> Reply:
    """Say for each content where to send it, or that it is already stored."""
    body = call.json()
    revision = (body.get("ref") or {}).get("name")
    upload = body.get("operation") != "download"
    proposes = revision is None or revision.startswith("refs/pr/")
    call.repo(type, repo, ("propose" if proposes else "write") if upload else "read")
    if body.get("hash_algo", "sha256") != "sha256":
        raise Refusal(409, "Only hash_algo sha256 is known")
    multipart = "multipart" in body.get("transfers", ["basic"])
    objects = [_lfs_object(call, type, repo, item, upload, multipart) for item in body.get("objects", [])]
    transfer = "multipart" if any("chunk_size" in _header(item) for item in objects) else "basic"
    return Reply(200, {"transfer": transfer, "objects": objects}, dict(LFS_JSON))


def _lfs_object(call: Call, type: str, repo: str, item: Any, upload: bool, multipart: bool) -> dict[str, Any]:
    hub = call.hub
    oid, size = item.get("oid"), item.get("size")
    if not (
        isinstance(oid, str) and re.fullmatch("[0-9a-f]{64}", oid) and isinstance(size, int) and size >= 0
    ):
        return {"oid": str(oid), "size": 0, "error": {"code": 422, "message": "oid or size is malformed"}}
    answer: dict[str, Any] = {"oid": oid, "size": size, "authenticated": True}
    stored = hub.store.has(oid, size)
    if not upload:
        download = {"actions": {"download": {"href": hub.signed_url("blobs", oid)}}}
        return answer | (download if stored else {"error": {"code": 404, "message": "Object does not exist"}})
    if stored:
        return answer
    upload_action: dict[str, Any] = {"href": hub.signed_url("lfs", f"{oid}/{size}")}
    if multipart and hub.part_size and size > hub.part_size:
        count = -(-size // hub.part_size)
        parts = {f"{n:05d}": hub.signed_url("parts", f"{oid}/{size}/{n}") for n in range(1, count + 1)}
        complete = hub.signed_url("complete", f"{oid}/{size}", origin=hub.url)
        upload_action = {"href": complete, "header": {"chunk_size": str(hub.part_size), **parts}}
    prefix = "" if type == "model" else f"{type}s/"
    verify = {"href": f"{hub.url}/{prefix}{repo}.git/info/lfs/objects/verify"}
    return answer | {"actions": {"upload": upload_action, "verify": verify}}


def _header(item: dict[str, Any]) -> dict[str, str]:
    header: dict[str, str] = item.get("actions", {}).get("upload", {}).get("header", {})
    return header


@route("put", "PUT /storage/lfs/{hash}/{number}", auth="signed")
def put(call: Call, hash: str, number: str) -> Reply:
    """Take one content, whole."""
    call.hub.check_signature(call, "lfs", f"{hash}/{number}")
    try:
        call.hub.store.add(call.stream(), hash)
    except ValueError as error:
        raise Refusal(400, f"XAmzContentSHA256Mismatch: {error}") from error
    if call.received != int(number):
        call.hub.store.path(hash).unlink()
        raise Refusal(400, f"The content has {call.received} bytes, not {number}")
    return Reply(200, b"", {"ETag": f'"{hash}"'})


@route("put_part", r"PUT /storage/parts/{hash}/{number}/(?P<part>\d+)", auth="signed")
def put_part(call: Call, hash: str, number: str, part: str) -> Reply:
    """Take one part of a content."""
    call.hub.check_signature(call, "parts", f"{hash}/{number}/{part}")
    folder = call.hub.store.uploads / hash
    folder.mkdir(exist_ok=True)
    body = call.body()
    (folder / part).write_bytes(body)
    return Reply(200, b"", {"ETag": f'"{_part_etag(body)}"'})


def _part_etag(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


@route("complete", "POST /storage/complete/{hash}/{number}", auth="signed")
def complete(call: Call, hash: str, number: str) -> Reply:
    """Join the parts of a content, if all arrived and none changed."""
    call.hub.check_signature(call, "complete", f"{hash}/{number}")
    folder, size = call.hub.store.uploads / hash, int(number)
    if call.hub.store.has(hash, size):  # a repeated call
        return Reply(200, {})
    listed = call.json().get("parts", [])
    count = -(-size // (call.hub.part_size or size))
    if [part.get("partNumber") for part in listed] != list(range(1, count + 1)):
        raise Refusal(400, f"InvalidPart: {count} parts were expected, in order")
    try:
        parts = [(folder / str(n)).read_bytes() for n in range(1, count + 1)]
    except FileNotFoundError as error:
        raise Refusal(400, "InvalidPart: a part was never uploaded") from error
    if any(part["etag"].strip('"') != _part_etag(body) for part, body in zip(listed, parts, strict=True)):
        raise Refusal(400, "InvalidPart: the ETag of a part is not the one that was answered")
    try:
        call.hub.store.add(parts, hash)
    except ValueError as error:
        raise Refusal(400, str(error)) from error
    shutil.rmtree(folder)
    return Reply(200, {})


@route("verify", "POST /{prefix}{repo}.git/info/lfs/objects/verify")
def verify(call: Call, type: str, repo: str) -> Reply:
    """Say whether a content was uploaded."""
    call.repo(type, repo, "propose")
    body = call.json()
    if not call.hub.store.has(body["oid"], body["size"]):
        raise Refusal(404, "The object was not uploaded")
    return Reply(200, {"message": "Object is good"}, dict(LFS_JSON))


@route("xet_write", "GET /api/{type}s/{repo}/xet-write-token/{revision}")
def xet_write_token(call: Call, type: str, repo: str, revision: str) -> Reply:
    """Hand out a token for writing to Xet storage; the revision may be "None", with ?create_pr=1."""
    proposes = call.flag("create_pr") or revision.startswith("refs/pr/")
    call.repo(type, repo, "propose" if proposes else "write")
    return xet_token(call, "write")


@route("xet_read", "GET /api/{type}s/{repo}/xet-read-token/{revision}")
def xet_read_token(call: Call, type: str, repo: str, revision: str) -> Reply:
    """Hand out a token for reading from Xet storage."""
    call.commit(call.repo(type, repo, "read"), revision)
    return xet_token(call, "read")


def xet_token(call: Call, scope: str) -> Reply:
    """Hand out a token for Xet storage, for scope "read" or "write"."""
    if not call.hub.xet:
        raise Refusal(404, "This Hub has no Xet storage")
    token, expiry = call.hub.cas_token(scope, expired=call.expired)
    url = f"{call.hub.storage_url}/cas"
    headers = {"X-Xet-Cas-Url": url, "X-Xet-Access-Token": token, "X-Xet-Token-Expiration": str(expiry)}
    return Reply(200, {"casUrl": url, "accessToken": token, "exp": expiry}, headers)


@route("xorb", "POST /cas/v1/xorbs/default/{hash}", auth="cas")
def xorb(call: Call, hash: str) -> Reply:
    """Take a xorb."""
    call.hub.check_cas_token(call, "write")
    try:
        return Reply(200, {"was_inserted": call.hub.store.cas.add_xorb(hash, call.body())})
    except ValueError as error:
        raise Refusal(400, str(error)) from error


@route("shard", "POST /cas/v1/shards", auth="cas")
def shard(call: Call) -> Reply:
    """Take a shard: from now on its files exist."""
    call.hub.check_cas_token(call, "write")
    try:
        return Reply(200, {"result": int(call.hub.store.cas.add_shard(call.body()))})
    except ValueError as error:
        raise Refusal(400, str(error)) from error


@route("chunk", r"GET /cas/v1/chunks/(?P<kind>default|default-merkledb)/{hash}", auth="cas")
def chunk(call: Call, kind: str, hash: str) -> Reply:
    """Say where a chunk is already stored, so that it need not be sent again."""
    call.hub.check_cas_token(call, "read")
    shard = call.hub.store.cas.shard_with(hash)
    if shard is None:
        raise Refusal(404, "No such chunk")
    return Reply(200, shard, {"Content-Type": "application/octet-stream"})


@route("reconstruction", "GET /cas/v1/reconstructions/{hash}", auth="cas")
def reconstruction(call: Call, hash: str) -> Reply:
    """Say which chunks of which xorbs make a file, or a range of it."""
    call.hub.check_cas_token(call, "read")
    cas = call.hub.store.cas
    try:
        size = cas.size(hash)
    except KeyError as error:
        raise Refusal(404, "No such file") from error
    start, stop = read_range(call.headers.get("Range"), size) or (0, size)
    if start >= stop:
        raise Refusal(416, "Requested range not satisfiable")
    return Reply(200, cas.reconstruction(hash, start, stop, lambda name: call.hub.signed_url("xorbs", name)))


@route("xorb_data", "GET /storage/xorbs/{hash}", auth="signed")
def xorb_data(call: Call, hash: str) -> Reply:
    """Send a range of a xorb."""
    call.hub.check_signature(call, "xorbs", hash)
    path = call.hub.store.cas.xorbs / hash
    if not path.exists():
        raise Refusal(404, "No such key")
    return file_reply(call, path, {"ETag": f'"{hash}"'})
