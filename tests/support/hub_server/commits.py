"""How changes arrive: which files go where (preupload), the check of the card, and the commit."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from fnmatch import fnmatch
from typing import Any

from .calls import Call
from .cards import check_card
from .replies import Refusal, Reply
from .routes import route
from .store import REGULAR_LIMIT, Commit, Repo, StoredFile, lfs_file, now

PREUPLOAD_LIMIT = 256  # files per call
Files = dict[str, StoredFile]


@route("preupload", "POST /api/{type}s/{repo}/preupload/{revision}")
def preupload(call: Call, type: str, repo: str, revision: str) -> Reply:
    """Say for each file whether it goes into git or to LFS, whether it is ignored, and what exists now."""
    found = call.repo(type, repo, _need(call, revision))
    commit = call.commit(found, revision)
    body = call.json()
    files = body.get("files", [])
    if len(files) > PREUPLOAD_LIMIT:
        raise Refusal(400, f"At most {PREUPLOAD_LIMIT} files a call")
    lfs_patterns = _lfs_patterns(_text(call, commit, ".gitattributes"))
    ignored = _ignore_patterns(body.get("gitIgnore") or _text(call, commit, ".gitignore"))
    answers = []
    for file in files:
        path = check_path(file["path"])
        sample = base64.b64decode(file.get("sample", ""))
        lfs = file["size"] > 0 and (
            file["size"] > REGULAR_LIMIT or b"\0" in sample or _matches(path, lfs_patterns)
        )
        answer = {
            "path": path,
            "uploadMode": "lfs" if lfs else "regular",
            "shouldIgnore": _matches(path, ignored),
        }
        if path in commit.files:
            answer["oid"] = commit.files[path].etag
        answers.append(answer)
    return Reply(200, {"files": answers, "commitOid": commit.oid})


@route("validate_yaml", "POST /api/validate-yaml")
def validate_yaml(call: Call) -> Reply:
    """Check the front matter of a README.md: 400 with the errors, or 200 with warnings."""
    body = call.json()
    errors, warnings = check_card(body.get("content", ""), body.get("repoType", "model"))
    answer = {
        "errors": [{"message": message} for message in errors],
        "warnings": [{"message": message} for message in warnings],
    }
    return Reply(400 if errors else 200, answer)


@route("commit", "POST /api/{type}s/{repo}/commit/{revision}")
def commit(call: Call, type: str, repo: str, revision: str) -> Reply:
    """Make a commit: on a branch, on a pull request, or with ?create_pr=1 as a new pull request."""
    found = call.repo(type, repo, _need(call, revision))
    lines = list(_operations(call.body()))
    if not lines or lines[0][0] != "header":
        raise Refusal(400, "The first line must be the header")
    header = lines[0][1]
    title = header.get("summary")
    if not isinstance(title, str) or not title.strip():
        raise Refusal(400, '"summary" is not allowed to be empty')
    author = call.user("write")
    with found.lock:
        base = call.commit(found, revision)
        creates = call.flag("create_pr")
        if not creates and revision not in found.branches:
            raise Refusal(400, f"Commits go on a branch or a pull request; {revision} is neither")
        parent = header.get("parentCommit")
        if parent is not None and parent != base.oid:
            raise Refusal(412, "A commit has happened since. Please refresh and try again.")
        files = _apply(call, type, base, lines[1:])
        url = f"{call.hub.url}/{'' if type == 'model' else type + 's/'}{repo}"
        answer: dict[str, Any] = {"success": True, "hookOutput": ""}
        if creates:
            pull = open_discussion(found, title, author, header.get("description", ""), pull_request=True)
            revision = f"refs/pr/{pull['num']}"
            pull["status"] = "open"
            found.branches[revision] = base.oid
            answer["pullRequestUrl"] = f"{url}/discussions/{pull['num']}"
        made = found.write(revision, files, title=title, message=header.get("description", ""), author=author)
    return Reply(200, {**answer, "commitOid": made.oid, "commitUrl": f"{url}/commit/{made.oid}"})


def open_discussion(repo: Repo, title: str, author: str, text: str, *, pull_request: bool) -> dict[str, Any]:
    """Open a discussion or a pull request; its branch starts at main."""
    number, date = len(repo.discussions) + 1, now()
    comment = {"edited": False, "hidden": False, "latest": {"raw": text}}
    event = {
        "id": f"{number}-0",
        "type": "comment",
        "createdAt": date,
        "author": {"name": author},
        "data": comment,
    }
    discussion = {
        "num": number,
        "title": title,
        "author": {"name": author},
        "createdAt": date,
        "status": "draft" if pull_request else "open",
        "isPullRequest": pull_request,
        "repo": {"name": repo.id, "type": repo.type},
        "events": [event],
    }
    if pull_request:
        discussion |= {
            "changes": {"base": "refs/heads/main"},
            "base": repo.branches["main"],
            "filesWithConflicts": [],
        }
        repo.branches[f"refs/pr/{number}"] = repo.branches["main"]
    repo.discussions.append(discussion)
    return discussion


def check_path(path: object) -> str:
    """Return a path inside a repo; refuse what would lead out of it, or into git's own folder."""
    parts = path.split("/") if isinstance(path, str) else []
    if (
        not parts
        or any(part in ("", ".", "..", ".git") for part in parts)
        or "\0" in str(path)
        or "\\" in str(path)
    ):
        raise Refusal(400, f"Invalid path in the repo: {path!r}")
    return "/".join(parts)


def _need(call: Call, revision: str) -> Any:
    return "propose" if call.flag("create_pr") or revision.startswith("refs/pr/") else "write"


def _operations(body: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the lines of a commit: what to do, and with what."""
    for number, line in enumerate(body.splitlines(), 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
            yield item["key"], item["value"]
        except (ValueError, KeyError, TypeError) as error:
            raise Refusal(400, f"Line {number} of the commit is malformed") from error


def _apply(call: Call, repo_type: str, base: Commit, operations: list[tuple[str, dict[str, Any]]]) -> Files:
    """Return the files of a commit's tree after its operations."""
    files: Files = dict(base.files)
    for key, value in operations:
        path = check_path(str(value.get("path", "")).removesuffix("/"))
        if key == "file":
            files[path] = _regular_file(call, repo_type, path, value)
        elif key == "lfsFile":
            files[path] = _lfs_file(call, path, value)
        elif key == "deletedFile":
            if files.pop(path, None) is None:
                raise Refusal(404, f"{path} is not in the repo, it cannot be deleted", "EntryNotFound")
        elif key == "deletedFolder":
            inside = [name for name in files if name.startswith(path + "/")]
            if not inside:
                raise Refusal(404, f"{path} is not in the repo, it cannot be deleted", "EntryNotFound")
            for name in inside:
                del files[name]
        else:
            raise Refusal(400, f"Unknown operation {key!r}")
    folders = {"/".join(name.split("/")[:depth]) for name in files for depth in range(1, name.count("/") + 1)}
    if clash := folders & files.keys():
        raise Refusal(400, f"{min(clash)} would be a file and a folder")
    return files


def _regular_file(call: Call, repo_type: str, path: str, value: dict[str, Any]) -> StoredFile:
    text = value.get("content", "")
    try:
        content = (
            base64.b64decode(text, validate=True) if value.get("encoding") == "base64" else text.encode()
        )
    except binascii.Error as error:
        raise Refusal(400, f"The content of {path} is not base64") from error
    if len(content) > REGULAR_LIMIT:
        raise Refusal(400, f"{path} is larger than 10 MiB: upload it through LFS or Xet")
    if path == "README.md":
        errors, _ = check_card(content.decode(errors="replace"), repo_type)
        if errors:
            raise Refusal(400, "Invalid metadata in README.md: " + "; ".join(errors))
    return call.hub.store.add_file(path, content, lfs=False)


def _lfs_file(call: Call, path: str, value: dict[str, Any]) -> StoredFile:
    sha256, size, store = value.get("oid"), value.get("size"), call.hub.store
    if value.get("algo") != "sha256" or not isinstance(sha256, str) or len(sha256) != 64:
        raise Refusal(400, f"The LFS file {path} must be named by its SHA-256")
    if not store.has(sha256):
        raise Refusal(400, f"The LFS object {sha256} of {path} was not uploaded")
    stored = store.path(sha256).stat().st_size
    if size not in (None, stored):  # a copied file comes without its size
        raise Refusal(400, f"The LFS object of {path} has {stored} bytes, not {size}")
    return lfs_file(path, sha256, stored)


def _text(call: Call, commit: Commit, path: str) -> str:
    file = commit.files.get(path)
    return call.hub.store.read(file.sha256).decode(errors="replace") if file else ""


def _lfs_patterns(gitattributes: str) -> list[str]:
    return [line.split()[0] for line in gitattributes.splitlines() if "filter=lfs" in line.split()]


def _ignore_patterns(gitignore: str) -> list[str]:
    lines = (line.strip() for line in gitignore.splitlines())
    return [line for line in lines if line and not line.startswith(("#", "!"))]


def _matches(path: str, patterns: list[str]) -> bool:
    """Say whether a path matches a pattern of git: by its name, a folder above it, or the whole."""
    parts = path.split("/")
    for pattern in patterns:
        bare = pattern.strip("/")
        if fnmatch(path, bare) or fnmatch(path, f"{bare}/*"):
            return True
        if "/" not in bare and any(
            fnmatch(part, bare) for part in parts[: -1 if pattern.endswith("/") else None]
        ):
            return True
    return False
