"""Branches, tags and pull requests, which name commits; and discussions."""

from __future__ import annotations

from typing import Any

from .calls import Call
from .commits import check_path, open_discussion
from .replies import Refusal, Reply
from .routes import route
from .store import Repo, now


@route("refs", "GET /api/{type}s/{repo}/refs")
def refs(call: Call, type: str, repo: str) -> Reply:
    """List branches, tags and, if asked for, pull requests."""
    found = call.repo(type, repo, "see")
    pulls = {name: oid for name, oid in found.branches.items() if name.startswith("refs/pr/")}
    branches = {name: oid for name, oid in found.branches.items() if name not in pulls}

    def rows(names: dict[str, str], prefix: str) -> list[dict[str, str]]:
        return [
            {"name": name, "ref": prefix + name, "targetCommit": oid} for name, oid in sorted(names.items())
        ]

    answer = {
        "branches": rows(branches, "refs/heads/"),
        "converts": [],
        "tags": rows(found.tags, "refs/tags/"),
    }
    if call.flag("include_prs"):
        answer["pullRequests"] = [
            {"name": name.removeprefix("refs/"), "ref": name, "targetCommit": oid}
            for name, oid in pulls.items()
        ]
    return Reply(200, answer)


@route("tag", "POST /api/{type}s/{repo}/tag/{revision}")
def create_tag(call: Call, type: str, repo: str, revision: str) -> Reply:
    """Tag a revision."""
    found = call.repo(type, repo, "write")
    name = check_path(call.json().get("tag"))
    with found.lock:
        target = call.commit(found, revision)
        if name in found.tags:
            raise Refusal(409, f"Tag {name} already exists")
        found.tags[name] = target.oid
        found.save()
    return Reply(200, {"success": True})


@route("tag", "DELETE /api/{type}s/{repo}/tag/{revision}")
def delete_tag(call: Call, type: str, repo: str, revision: str) -> Reply:
    """Remove a tag."""
    found = call.repo(type, repo, "write")
    with found.lock:
        if found.tags.pop(revision, None) is None:
            raise Refusal(404, f"Tag {revision} does not exist", "RevisionNotFound")
        found.save()
    return Reply(200, {"success": True})


@route("branch", "POST /api/{type}s/{repo}/branch/{revision}")
def create_branch(call: Call, type: str, repo: str, revision: str) -> Reply:
    """Make a branch, from main or from the revision named."""
    found = call.repo(type, repo, "write")
    name = check_path(revision)
    if name.startswith("refs/"):
        raise Refusal(400, f"Invalid reference for a branch: {name}")
    start = call.json().get("startingPoint") or "main"
    with found.lock:
        if name in found.branches:
            raise Refusal(409, f"Reference already exists: {name}")
        found.branches[name] = call.commit(found, start).oid
        found.save()
    return Reply(200, {"success": True})


@route("branch", "DELETE /api/{type}s/{repo}/branch/{revision}")
def delete_branch(call: Call, type: str, repo: str, revision: str) -> Reply:
    """Remove a branch other than main."""
    found = call.repo(type, repo, "write")
    with found.lock:
        if revision == "main" or revision.startswith("refs/"):
            raise Refusal(403, f"{revision} is protected, it cannot be deleted")
        if found.branches.pop(revision, None) is None:
            raise Refusal(404, f"Branch {revision} does not exist", "RevisionNotFound")
        found.save()
    return Reply(200, {"success": True})


@route("discussion", "GET /api/{type}s/{repo}/discussions")
def discussions(call: Call, type: str, repo: str) -> Reply:
    """List discussions and pull requests, newest first."""
    found = call.repo(type, repo, "see")
    listed = [
        discussion
        for discussion in reversed(found.discussions)
        if call.query.get("type", ["all"])[0]
        in ("all", "pull_request" if discussion["isPullRequest"] else "discussion")
        and call.query.get("status", ["all"])[0]
        in ("all", "open" if discussion["status"] in ("open", "draft") else "closed")
    ]
    return Reply(200, {"discussions": listed, "count": len(listed), "start": 0})


@route("discussion", "POST /api/{type}s/{repo}/discussions")
def create_discussion(call: Call, type: str, repo: str) -> Reply:
    """Open a discussion, or a pull request without changes so far."""
    found = call.repo(type, repo, "propose")
    body = call.json()
    title = str(body.get("title") or "").strip()
    if not 3 <= len(title) <= 200:
        raise Refusal(400, "The title must have 3 to 200 characters")
    with found.lock:
        opened = open_discussion(
            found,
            title,
            call.user("write"),
            body.get("description", ""),
            pull_request=bool(body.get("pullRequest")),
        )
        found.save()
    return Reply(200, {"num": opened["num"], "pullRequest": opened["isPullRequest"]})


@route("discussion", "GET /api/{type}s/{repo}/discussions/{number}")
def discussion(call: Call, type: str, repo: str, number: str) -> Reply:
    """Describe a discussion or a pull request, with all its events."""
    return Reply(200, _discussion(call.repo(type, repo, "see"), number))


@route("discussion", "POST /api/{type}s/{repo}/discussions/{number}/comment")
def comment(call: Call, type: str, repo: str, number: str) -> Reply:
    """Add a comment."""
    found = call.repo(type, repo, "propose")
    data = {"edited": False, "hidden": False, "latest": {"raw": call.json().get("comment", "")}}
    return Reply(200, {"newMessage": _add_event(call, found, number, "comment", data)})


@route("discussion", "POST /api/{type}s/{repo}/discussions/{number}/status")
def change_status(call: Call, type: str, repo: str, number: str) -> Reply:
    """Open or close a discussion or a pull request."""
    found = call.repo(type, repo, "propose")
    status = call.json().get("status")
    if status not in ("open", "closed"):
        raise Refusal(400, 'status must be "open" or "closed"')
    _discussion(found, number)["status"] = status
    return Reply(200, {"newStatus": _add_event(call, found, number, "status-change", {"status": status})})


@route("discussion", "POST /api/{type}s/{repo}/discussions/{number}/merge")
def merge(call: Call, type: str, repo: str, number: str) -> Reply:
    """Bring the changes of a pull request to main, if main did not change the same files."""
    found = call.repo(type, repo, "write")
    with found.lock:
        pull = _discussion(found, number)
        if not pull["isPullRequest"] or pull["status"] in ("closed", "merged"):
            raise Refusal(400, "This is no open pull request")
        base, ours, theirs = (
            found.commit(oid).files
            for oid in (pull["base"], found.branches["main"], found.branches[f"refs/pr/{number}"])
        )
        changed = {path for path in {*base, *theirs} if base.get(path) != theirs.get(path)}
        if any(ours.get(path) not in (base.get(path), theirs.get(path)) for path in changed):
            raise Refusal(409, "There are conflicts with main")
        files = {path: file for path, file in ours.items() if path not in changed}
        files |= {path: theirs[path] for path in changed if path in theirs}
        merged = found.write("main", files, title=f"{pull['title']} (#{number})", author=call.user("write"))
        pull["status"], pull["changes"]["mergeCommitId"] = "merged", merged.oid
        _add_event(call, found, number, "status-change", {"status": "merged"})
    return Reply(200, {"success": True})


def _discussion(repo: Repo, number: str) -> dict[str, Any]:
    if not 1 <= int(number) <= len(repo.discussions):
        raise Refusal(404, f"Discussion {number} does not exist")
    return repo.discussions[int(number) - 1]


def _add_event(call: Call, repo: Repo, number: str, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    with repo.lock:
        events = _discussion(repo, number)["events"]
        event = {"id": f"{number}-{len(events)}", "type": kind, "createdAt": now(), "data": data}
        event["author"] = {"name": call.user("write")}
        events.append(event)
        repo.save()
    return event
