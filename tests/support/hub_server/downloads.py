"""What a client reads: resolve, and the contents behind it."""

from __future__ import annotations

import re
from pathlib import Path

from .calls import Call
from .replies import Refusal, Reply
from .routes import route


@route("resolve", "GET /{prefix}{repo}/resolve/{revision}/{path}")
def resolve(call: Call, type: str, repo: str, revision: str, path: str) -> Reply:
    """Send a small file; send to the storage for a large one. HEAD is how clients ask for size and ETag."""
    found = call.repo(type, repo, "read")
    commit = call.commit(found, revision)
    headers = {"X-Repo-Commit": commit.oid, "Accept-Ranges": "bytes"}
    file = commit.files.get(path)
    if file is None:
        raise Refusal(404, "Entry not found", "EntryNotFound", headers)
    name = path.rsplit("/", 1)[-1]
    headers["Content-Disposition"] = f"inline; filename*=UTF-8''{name}; filename=\"{name}\";"
    content = call.hub.store.path(file.sha256)
    if not file.lfs:
        return file_reply(call, content, {**headers, "ETag": f'"{file.etag}"'})
    headers |= {"X-Linked-ETag": f'"{file.sha256}"', "X-Linked-Size": str(file.size)}
    xet_hash = call.hub.store.cas.hash_of(file.sha256) if call.hub.xet else None
    if xet_hash:
        headers["X-Xet-Hash"] = xet_hash
        token_url = f"{call.hub.url}/api/{type}s/{repo}/xet-read-token/{commit.oid}"
        headers["Link"] = f'<{token_url}>; rel="xet-auth"'
    return Reply(302, b"", {**headers, "Location": call.hub.signed_url("blobs", file.sha256)})


@route("blob", "GET /storage/blobs/{hash}", auth="signed")
def blob(call: Call, hash: str) -> Reply:
    """Send a large file, or a range of it, from the origin of the storage."""
    call.hub.check_signature(call, "blobs", hash)
    path = call.hub.store.path(hash)
    if not path.exists():
        raise Refusal(404, "No such key")
    return file_reply(call, path, {"ETag": f'"{hash}"', "Accept-Ranges": "bytes"})


def file_reply(call: Call, path: Path, headers: dict[str, str]) -> Reply:
    """Return a file, or the one range of it that was asked for (206; 416 where it lies outside)."""
    size = path.stat().st_size
    headers = {"Content-Type": "application/octet-stream", **headers}
    wanted = read_range(call.headers.get("Range"), size)
    if wanted is None:
        return Reply(200, path, headers)
    start, stop = wanted
    if start >= stop:
        raise Refusal(416, "Requested range not satisfiable", headers={"Content-Range": f"bytes */{size}"})
    return Reply(206, path, {**headers, "Content-Range": f"bytes {start}-{stop - 1}/{size}"}, start, stop)


def read_range(header: str | None, size: int) -> tuple[int, int] | None:
    """Return start and stop of a Range header, None unless it names one range; start >= stop is a 416."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", (header or "").strip())
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        return max(size - int(match[2]), 0), size if int(match[2]) else 0
    return int(match[1]), min(int(match[2]) + 1, size) if match[2] else size
