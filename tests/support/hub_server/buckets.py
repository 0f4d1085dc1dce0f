"""Storage buckets: files by path, without commits, whose contents are in Xet storage."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from .calls import Call
from .downloads import file_reply
from .replies import Refusal, Reply
from .routes import route
from .store import now
from .uploads import xet_token

if TYPE_CHECKING:
    from . import Hub


@dataclass
class Bucket:
    """A bucket. `files`: path -> size, xetHash, mtime, uploadedAt."""

    id: str
    private: bool
    created: str
    files: dict[str, dict[str, Any]] = field(default_factory=dict)


class Buckets:
    """All buckets, each in a JSON file."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self.lock = folder, threading.RLock()
        found = [Bucket(**json.loads(path.read_text())) for path in folder.glob("*.json")]
        self.all = {bucket.id: bucket for bucket in found}

    def save(self, bucket: Bucket) -> None:
        """Keep a bucket, new or changed."""
        self.all[bucket.id] = bucket
        path = self._folder / f"{bucket.id.replace('/', '--')}.json"
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(asdict(bucket)))
        draft.replace(path)

    def delete(self, bucket: Bucket) -> None:
        """Remove a bucket; its contents stay."""
        del self.all[bucket.id]
        (self._folder / f"{bucket.id.replace('/', '--')}.json").unlink()


def read_bucket(hub: Hub, bucket: str) -> dict[str, bytes]:
    """Return the content of every file of a bucket."""
    files = hub.buckets.all[bucket].files
    return {path: hub.store.read(_stored(hub, file["xetHash"])) for path, file in files.items()}


def _stored(hub: Hub, xet_hash: str) -> str:
    """Rebuild a content, and return its SHA-256."""
    return hub.store.add(hub.store.cas.rebuild(xet_hash))


def _bucket(call: Call, repo: str, *, write: bool = False) -> Bucket:
    """Return a bucket, if the caller may read or write it; a private one does not exist for others."""
    bucket, accounts = call.hub.buckets.all.get(repo), call.hub.accounts
    name, namespace = call.identity.user if call.identity else None, repo.split("/")[0]
    if bucket is None or (bucket.private and not (name and accounts.reads_for(name, namespace))):
        status = 401 if name is None else 404
        raise Refusal(status, "Repository not found", "RepoNotFound")
    if write and not accounts.writes_for(call.user("write"), namespace):
        raise Refusal(403, "Forbidden: you may not write to this bucket")
    return bucket


@route("bucket_create", "POST /api/buckets/{repo}")
def create(call: Call, repo: str) -> Reply:
    """Create a bucket."""
    user, (namespace, name) = call.user("write"), repo.split("/")
    body, namespace = call.json(), user if namespace == "me" else namespace
    if not call.hub.accounts.writes_for(user, namespace):
        raise Refusal(403, f'You don\'t have the rights to create a bucket under the namespace "{namespace}"')
    repo = f"{namespace}/{name}"
    answer = {"url": f"{call.hub.url}/buckets/{repo}", "name": repo}
    with call.hub.buckets.lock:
        if repo in call.hub.buckets.all:
            return Reply(409, {"error": "You already created this bucket", **answer})
        private = body.get("visibility") == "private" or body.get("private") is True
        call.hub.buckets.save(Bucket(repo, private, now()))
    return Reply(200, answer)


@route("bucket_delete", "DELETE /api/buckets/{repo}")
def delete(call: Call, repo: str) -> Reply:
    """Delete a bucket."""
    call.hub.buckets.delete(_bucket(call, repo, write=True))
    return Reply(200, "OK")


@route("bucket_info", "GET /api/buckets/{repo}")
def info(call: Call, repo: str) -> Reply:
    """Describe a bucket."""
    bucket = _bucket(call, repo)
    size = sum(file["size"] for file in bucket.files.values())
    about = {"id": bucket.id, "private": bucket.private, "createdAt": bucket.created}
    return Reply(200, {**about, "size": size, "totalFiles": len(bucket.files)})


@route("bucket_tree", "GET /api/buckets/{repo}/tree")
def tree_root(call: Call, repo: str) -> Reply:
    """List a bucket."""
    return tree(call, repo, "")


@route("bucket_tree", "GET /api/buckets/{repo}/tree/{path}")
def tree(call: Call, repo: str, path: str) -> Reply:
    """List what begins with a prefix: all files, or files and folders of one level; page by page."""
    bucket = _bucket(call, repo)
    with call.hub.buckets.lock:
        files = {name: dict(file) for name, file in sorted(bucket.files.items()) if name.startswith(path)}
    rows: dict[str, dict[str, Any]] = {}
    for name, file in files.items():
        below = f"{path.rstrip('/')}/" if path and name.startswith(f"{path.rstrip('/')}/") else ""
        step, slash, _ = name[len(below) :].partition("/")
        if call.flag("recursive") or not slash:
            rows[name] = {"type": "file", "path": name, **file}
        else:
            folder = below + step
            rows[folder] = {"type": "directory", "path": folder, "uploadedAt": file["uploadedAt"]}
    start, most = int(call.query.get("cursor", ["0"])[0]), call.hub.tree_page
    page, headers = list(rows.values())[start : start + most], {}
    if start + most < len(rows):
        query = {name: values[0] for name, values in call.query.items()} | {"cursor": str(start + most)}
        place = f"{call.hub.url}/api/buckets/{repo}/tree{'/' + quote(path, safe='') if path else ''}"
        headers["Link"] = f'<{place}?{urlencode(query)}>; rel="next"'
    return Reply(200, page, headers)


@route("bucket_paths", "POST /api/buckets/{repo}/paths-info")
def paths_info(call: Call, repo: str) -> Reply:
    """Describe some files; those that are not there are left out."""
    files, paths = _bucket(call, repo).files, call.json().get("paths", [])
    return Reply(200, [{"type": "file", "path": path, **files[path]} for path in paths if path in files])


@route("bucket_batch", "POST /api/buckets/{repo}/batch")
def batch(call: Call, repo: str) -> Reply:
    """Add, copy and delete files; what fails is listed, and the rest is done (422 if all of it fails)."""
    bucket = _bucket(call, repo, write=True)
    operations = [json.loads(line) for line in call.body().splitlines() if line]
    failed = []
    with call.hub.buckets.lock:
        for each in operations:
            error = _apply(call.hub, bucket, each)
            if error:
                failed.append({"path": each["path"], "error": error})
        call.hub.buckets.save(bucket)
    done = len(operations) - len(failed)
    status = 422 if operations and not done else 200
    return Reply(status, {"success": not failed, "processed": len(operations), "failed": failed})


def _apply(hub: Hub, bucket: Bucket, operation: dict[str, Any]) -> str | None:
    """Do one operation of a batch; say what is wrong with it."""
    path, kind = operation["path"], operation["type"]
    if not re.fullmatch(r"[^/\0]+(/[^/\0]+)*", path) or {".", ".."} & set(path.split("/")):
        return "Invalid path"
    if kind == "deleteFile":
        bucket.files.pop(path, None)
        return None
    xet_hash = operation["xetHash"]
    try:
        size = hub.store.cas.size(xet_hash)
    except KeyError:
        return "The content was never uploaded"
    mtime = now(operation["mtime"] / 1000)
    bucket.files[path] = {"size": size, "xetHash": xet_hash, "mtime": mtime, "uploadedAt": now()}
    return None


@route("bucket_xet_write", "GET /api/buckets/{repo}/xet-write-token")
def write_token(call: Call, repo: str) -> Reply:
    """Hand out a token for writing to Xet storage."""
    _bucket(call, repo, write=True)
    return xet_token(call, "write")


@route("bucket_xet_read", "GET /api/buckets/{repo}/xet-read-token")
def read_token(call: Call, repo: str) -> Reply:
    """Hand out a token for reading from Xet storage."""
    _bucket(call, repo)
    return xet_token(call, "read")


@route("bucket_resolve", "GET /buckets/{repo}/resolve/{path}")
def resolve(call: Call, repo: str, path: str) -> Reply:
    """Send a file, or a range of it; HEAD is how clients ask for its size and its place in Xet storage."""
    file = _bucket(call, repo).files.get(path)
    if file is None:
        raise Refusal(404, "Entry not found", "EntryNotFound")
    token_url = f"{call.hub.url}/api/buckets/{repo}/xet-read-token"
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": f'"{file["xetHash"]}"',
        "X-Linked-Size": str(file["size"]),
        "X-Xet-Hash": file["xetHash"],
        "Link": f'<{token_url}>; rel="xet-auth"',
    }
    return file_reply(call, call.hub.store.path(_stored(call.hub, file["xetHash"])), headers)
