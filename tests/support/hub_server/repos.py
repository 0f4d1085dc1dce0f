"""Repos: creating, describing, listing them and their files."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlencode

import yaml

from .calls import Call
from .cards import card_tags, read_card
from .replies import Refusal, Reply
from .routes import route
from .store import Commit, Repo, StoredFile

TREE_PAGE = 1000  # entries per page, as on the Hub
TREE_PAGE_EXPANDED = 50


@route("whoami", "GET /api/whoami-v2")
def whoami(call: Call) -> Reply:
    """Say who the token belongs to."""
    call.user()
    assert call.identity is not None
    return Reply(200, call.hub.accounts.whoami(call.identity))


@route("create", "POST /api/repos/create")
def create(call: Call) -> Reply:
    """Create a repo in the user's namespace or in an organisation."""
    user = call.user()
    body = call.json()
    namespace, name, repo_type = (
        body.get("organization") or user,
        body.get("name"),
        body.get("type") or "model",
    )
    if (
        not isinstance(name, str)
        or not name
        or len(name) > 96
        or ".." in name
        or name.endswith((".git", "."))
    ):
        raise Refusal(400, f"Invalid repo name: {name!r}")
    if call.identity and (call.identity.role == "read" or not call.hub.accounts.writes_for(user, namespace)):
        raise Refusal(
            403, f'You don\'t have the rights to create a {repo_type} under the namespace "{namespace}"'
        )
    repo_id = f"{namespace}/{name}"
    prefix = "" if repo_type == "model" else f"{repo_type}s/"
    answer = {"url": f"{call.hub.url}/{prefix}{repo_id}", "name": repo_id, "id": f"{repo_type}-{repo_id}"}
    private = body.get("visibility") == "private" or body.get("private") is True
    try:
        call.hub.store.create(repo_type, repo_id, user, private=private)
    except FileExistsError:
        return Reply(409, {"error": f"You already created this {repo_type} repo", **answer})
    return Reply(200, answer)


@route("delete", "DELETE /api/repos/delete")
def delete(call: Call) -> Reply:
    """Delete a repo."""
    body = call.json()
    namespace = body.get("organization") or call.user()
    repo = call.repo(body.get("type") or "model", f"{namespace}/{body.get('name')}", "write")
    call.hub.store.delete(repo)
    return Reply(200, "OK")


@route("settings", "PUT /api/{type}s/{repo}/settings")
def settings(call: Call, type: str, repo: str) -> Reply:
    """Make a repo private, public, gated or open."""
    found = call.repo(type, repo, "write")
    body = call.json()
    with found.lock:
        if "visibility" in body or "private" in body:
            found.private = body.get("visibility") == "private" or body.get("private") is True
        if "gated" in body:
            if body["gated"] not in ("auto", "manual", False):
                raise Refusal(400, '"gated" must be one of "auto", "manual", false')
            found.gated = body["gated"]
        found.save()
    return Reply(200, {"private": found.private, "gated": found.gated})


@route("list", "GET /api/{type}s")
def list_repos(call: Call, type: str) -> Reply:
    """List the repos that the caller may see, by author or by a part of the name."""
    author, text = call.query.get("author", [None])[0], call.query.get("search", [""])[0]
    name = call.identity.user if call.identity else ""
    shown = [
        _info(call, repo, repo.commit(repo.branches["main"]))
        for repo in list(call.hub.store.repos.values())
        if repo.type == type
        and author in (None, repo.namespace)
        and text in repo.id
        and (not repo.private or call.hub.accounts.reads_for(name, repo.namespace))
    ]
    return Reply(200, shown)


@route("info", "GET /api/{type}s/{repo}")
def info(call: Call, type: str, repo: str) -> Reply:
    """Describe a repo at the head of main."""
    return info_at(call, type, repo, "main")


@route("info", "GET /api/{type}s/{repo}/revision/{revision}")
def info_at(call: Call, type: str, repo: str, revision: str) -> Reply:
    """Describe a repo at a revision."""
    found = call.repo(type, repo, "see")
    return Reply(200, _info(call, found, call.commit(found, revision)))


@route("auth_check", "GET /api/{type}s/{repo}/auth-check")
def auth_check(call: Call, type: str, repo: str) -> Reply:
    """Say whether the caller may read a repo."""
    call.repo(type, repo, "read")
    return Reply(200, {})


@route("auth_check", "GET /api/{type}s/{repo}/auth-check/write")
def auth_check_write(call: Call, type: str, repo: str) -> Reply:
    """Say whether the caller may write to a repo."""
    call.repo(type, repo, "write")
    return Reply(200, {})


def _info(call: Call, repo: Repo, commit: Commit) -> dict[str, Any]:
    readme = commit.files.get("README.md")
    try:
        card = read_card(call.hub.store.read(readme.sha256).decode(errors="replace")) if readme else None
    except yaml.YAMLError:  # a repo seeded by a test
        card = None
    siblings: list[dict[str, Any]] = []
    for file in commit.files.values():
        sibling: dict[str, Any] = {"rfilename": file.path}
        if call.flag("blobs"):
            sibling |= {"size": file.size, "blobId": file.oid}
            if file.lfs:
                sibling["lfs"] = {"sha256": file.sha256, "size": file.size, "pointerSize": file.pointer_size}
        siblings.append(sibling)
    answer = {
        "_id": hashlib.sha1(repo.id.encode(), usedforsecurity=False).hexdigest()[:24],
        "id": repo.id,
        "author": repo.namespace,
        "sha": commit.oid,
        "createdAt": repo.created,
        "lastModified": commit.date,
        "private": repo.private,
        "gated": repo.gated,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": [*card_tags(card or {}), "region:us"],
        "siblings": siblings,
        "usedStorage": sum(file.size for file in commit.files.values()),
    }
    if card is not None:
        answer["cardData"] = card
    return answer


@route("tree", "GET /api/{type}s/{repo}/tree/{revision}")
def tree_root(call: Call, type: str, repo: str, revision: str) -> Reply:
    """List the files of a repo."""
    return tree(call, type, repo, revision, "")


@route("tree", "GET /api/{type}s/{repo}/tree/{revision}/{path}")
def tree(call: Call, type: str, repo: str, revision: str, path: str) -> Reply:
    """List what is under a folder, page by page; the Link header names the next page."""
    found = call.repo(type, repo, "see")
    commit = call.commit(found, revision)
    prefix = f"{path.strip('/')}/" if path.strip("/") else ""
    recursive, expand = call.flag("recursive"), call.flag("expand")
    names = set()
    for name in commit.files:
        if name.startswith(prefix):
            parts = name[len(prefix) :].split("/")
            depths = range(1, len(parts) + 1) if recursive else [1]
            names |= {prefix + "/".join(parts[:depth]) for depth in depths}
    if prefix and not names:
        raise Refusal(
            404, f"{path} does not exist on {revision}", "EntryNotFound", {"X-Repo-Commit": commit.oid}
        )
    most = min(TREE_PAGE_EXPANDED if expand else TREE_PAGE, call.hub.tree_page)
    page = min(int(call.query.get("limit", [most])[0]), most)
    after = call.query.get("cursor", [""])[0]
    rest = sorted(name for name in names if name > after)
    headers = {}
    if len(rest) > page:
        query = {key: values[0] for key, values in call.query.items()} | {
            "cursor": rest[page - 1] if page else after
        }
        headers["Link"] = f'<{call.hub.url}{call.path}?{urlencode(query)}>; rel="next"'
    return Reply(200, [_entry(call, found, commit, name, expand) for name in rest[:page]], headers)


@route("paths", "POST /api/{type}s/{repo}/paths-info/{revision}")
def paths_info(call: Call, type: str, repo: str, revision: str) -> Reply:
    """Describe the files and folders asked for; what does not exist is left out."""
    found = call.repo(type, repo, "see")
    commit = call.commit(found, revision)
    if "json" in call.headers.get("Content-Type", ""):
        body = call.json()
        wanted, expand = body.get("paths", []), bool(body.get("expand"))
    else:
        form = parse_qs(call.body().decode())
        wanted, expand = form.get("paths", []), form.get("expand", [""])[0].lower() == "true"
    entries = []
    for path in wanted:
        is_folder = any(name.startswith(f"{path}/") for name in commit.files)
        if path in commit.files or is_folder:
            entries.append(_entry(call, found, commit, path, expand))
    return Reply(200, entries)


def _entry(call: Call, repo: Repo, commit: Commit, path: str, expand: bool) -> dict[str, Any]:
    """Describe a file or a folder."""
    file = commit.files.get(path)
    entry: dict[str, Any]
    if file is None:
        inside = "\n".join(
            f"{name} {f.oid}" for name, f in commit.files.items() if name.startswith(f"{path}/")
        )
        oid = hashlib.sha1(inside.encode(), usedforsecurity=False).hexdigest()
        entry = {"type": "directory", "oid": oid, "size": 0, "path": path}
    else:
        entry = {"type": "file", "oid": file.oid, "size": file.size, "path": path}
        if file.lfs:
            entry["lfs"] = {"oid": file.sha256, "size": file.size, "pointerSize": file.pointer_size}
            xet_hash = call.hub.store.cas.hash_of(file.sha256) if call.hub.xet else None
            if xet_hash:
                entry["xetHash"] = xet_hash
    if expand:
        last = _last_change(repo, commit, path)
        entry["lastCommit"] = {"id": last.oid, "title": last.title, "date": last.date}
    return entry


def _last_change(repo: Repo, commit: Commit, path: str) -> Commit:
    """Return the last commit that touched a file, or anything in a folder."""

    def content(at: Commit) -> list[StoredFile]:
        return [file for name, file in at.files.items() if name == path or name.startswith(f"{path}/")]

    history = list(repo.history(commit.oid))
    for newer, older in pairwise(history):
        if content(newer) != content(older):
            return newer
    return history[-1]


@route("commits", "GET /api/{type}s/{repo}/commits/{revision}")
def commits(call: Call, type: str, repo: str, revision: str) -> Reply:
    """List the commits of a revision, newest first."""
    found = call.repo(type, repo, "see")
    return Reply(
        200,
        [
            {
                "id": c.oid,
                "title": c.title,
                "message": c.message,
                "date": c.date,
                "authors": [{"user": c.author}],
            }
            for c in found.history(call.commit(found, revision).oid)
        ],
    )
