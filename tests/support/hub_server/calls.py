"""A request as a handler sees it: its query and body, who calls, and which repos the caller may use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qs, urlsplit

from .accounts import Identity
from .replies import BLOCK, Refusal
from .store import Commit, Repo

if TYPE_CHECKING:
    from .web import Handler

Need = Literal["see", "read", "propose", "write"]


class Call:
    """One request, as a handler sees it."""

    def __init__(self, handler: Handler) -> None:
        self.hub = handler.hub
        self.method = handler.command
        target = urlsplit(handler.path)
        self.path = target.path
        self.query = parse_qs(target.query, keep_blank_values=True)
        self.headers = handler.headers
        self.host = self.headers.get("Host", "")
        self.identity: Identity | None = None
        self.received = 0
        self.expired = False  # a fault: the token to be handed out is no longer valid
        self._socket = handler.rfile
        self._chunks = self._read_body()

    @property
    def token(self) -> str | None:
        """The bearer token that was sent."""
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None

    def flag(self, name: str) -> bool:
        """Say whether a parameter of the query is on."""
        return self.query.get(name, [""])[0].lower() in ("1", "true")

    def stream(self) -> Iterator[bytes]:
        """Yield what is left of the body."""
        return self._chunks

    def body(self) -> bytes:
        """Return what is left of the body."""
        return b"".join(self._chunks)

    def json(self) -> dict[str, Any]:
        """Return the body, which has to be a JSON object."""
        try:
            data = json.loads(self.body() or b"{}")
        except ValueError as error:
            raise Refusal(400, f"The body is not JSON: {error}") from error
        if not isinstance(data, dict):
            raise Refusal(400, "The body must be a JSON object")
        return data

    def user(self, role: str = "read") -> str:
        """Return the user's name; refuse the anonymous, and for role "write" a token that may only read."""
        if self.identity is None:
            raise Refusal(401, "Invalid username or password.", headers={"WWW-Authenticate": "Bearer"})
        if role == "write" and self.identity.role == "read":
            raise Refusal(403, "Forbidden: your token may only read. Use a token with the role write")
        return self.identity.user

    def repo(self, repo_type: str, repo_id: str, need: Need) -> Repo:
        """Return a repo, if the caller may: see that it exists, read its contents, propose changes, or write.

        A private repo does not exist for those who may not see it; without any token that is a 401.
        """
        repo = self.hub.store.repos.get((repo_type, repo_id))
        name = self.identity.user if self.identity else None
        accounts = self.hub.accounts
        if repo is None or (repo.private and not (name and accounts.reads_for(name, repo.namespace))):
            if name is None:
                raise Refusal(401, "Invalid username or password.", "RepoNotFound")
            raise Refusal(404, "Repository not found", "RepoNotFound")
        if need == "see":
            return repo
        if need == "read":
            if repo.gated and not (
                name and (accounts.reads_for(name, repo.namespace) or name in repo.granted)
            ):
                status = 403 if name else 401
                raise Refusal(
                    status, f"Access to {repo_type} {repo.id} is restricted: request it first", "GatedRepo"
                )
            return repo
        user = self.user("write")
        if need == "write" and not accounts.writes_for(user, repo.namespace):
            raise Refusal(
                403, "Forbidden: pass `create_pr=1` as a query parameter to create a Pull Request instead"
            )
        return repo

    def commit(self, repo: Repo, revision: str) -> Commit:
        """Return the commit that a revision of a repo names."""
        commit = repo.find(revision)
        if commit is None:
            raise Refusal(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return commit

    def _read_body(self) -> Iterator[bytes]:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            while size := int(self._socket.readline().split(b";")[0] or b"0", 16):
                yield from self._read_exactly(size)
                self._socket.readline()
            while self._socket.readline().strip():  # trailers
                pass
        else:
            yield from self._read_exactly(int(self.headers.get("Content-Length") or 0))

    def _read_exactly(self, size: int) -> Iterator[bytes]:
        while size > 0:
            chunk = self._socket.read(min(size, BLOCK))
            if not chunk:
                raise ConnectionError("the client stopped in the middle of a body")
            size -= len(chunk)
            self.received += len(chunk)
            yield chunk
