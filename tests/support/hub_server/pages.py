"""What a browser shows: a plain page for the addresses that clients print."""

from __future__ import annotations

from html import escape

from .calls import Call
from .replies import Reply
from .routes import route

PAGE = "<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1>{body}"


@route("page", "GET /")
def home(call: Call) -> Reply:
    """List the repos that anyone may see."""
    repos = [repo for repo in list(call.hub.store.repos.values()) if not repo.private]
    links = [f"{'' if repo.type == 'model' else repo.type + 's/'}{repo.id}" for repo in repos]
    return _page("A Hub on loopback", [(f"/{link}", link) for link in links])


@route("page", "GET /{prefix}{repo}")
@route("page", "GET /{prefix}{repo}/(?:tree|commit|discussions)/{revision}")
def repo_page(call: Call, type: str, repo: str, revision: str = "main") -> Reply:
    """List the files of a repo."""
    found = call.repo(type, repo, "see")
    commit = call.commit(found, f"refs/pr/{revision}" if revision.isdigit() else revision)
    start = f"/{'' if type == 'model' else type + 's/'}{repo}/resolve/{commit.oid}"
    return _page(f"{repo} at {revision}", [(f"{start}/{path}", path) for path in commit.files])


def _page(title: str, links: list[tuple[str, str]]) -> Reply:
    items = "".join(f'<li><a href="{escape(target)}">{escape(text)}</a>' for target, text in links)
    body = PAGE.format(title=escape(title), body=f"<ul>{items}</ul>")
    return Reply(200, body, {"Content-Type": "text/html; charset=utf-8"})
