"""HTTP for the Hub: a table of routes, requests and answers, identity, faults, and the server itself."""

from __future__ import annotations

import json
import re
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from .accounts import Identity
from .faults import Entry, Fault
from .store import Commit, Repo

if TYPE_CHECKING:
    from . import Hub

Need = Literal["see", "read", "propose", "write"]
BLOCK = 1 << 20
PLACEHOLDERS = {
    "type": r"(?P<type>dataset|model|space)",
    "prefix": r"(?P<prefix>datasets/|spaces/|)",
    "repo": r"(?P<repo>(?!(?:api|storage|cas)/)[\w.-]+/[\w.-]+?)",
    "revision": r"(?P<revision>refs(?:/|%2F)(?:pr|convert|heads)(?:/|%2F)[^/]+|[^/]+)",
    "path": r"(?P<path>.+)",
    "number": r"(?P<number>\d+)",
    "hash": r"(?P<hash>[0-9a-f]{64})",
}
TYPE_OF_PREFIX = {"datasets/": "dataset", "spaces/": "space", "": "model"}


class Refusal(Exception):
    """An error: a status, a sentence, and the X-Error-Code that the official client looks at."""

    def __init__(
        self, status: int, message: str, code: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.headers = status, message, code, headers or {}

    def reply(self) -> Reply:
        """Return the error as an answer."""
        headers = {"X-Error-Message": " ".join(self.message.split()), **self.headers}
        if self.code:
            headers["X-Error-Code"] = self.code
        return Reply(self.status, {"error": self.message}, headers)


@dataclass
class Reply:
    """An answer. `body` is JSON when a dict or a list; of a file, bytes `start` to `stop` are sent."""

    status: int = 200
    body: bytes | str | dict[str, Any] | list[Any] | Path | None = None
    headers: dict[str, str] = field(default_factory=dict)
    start: int = 0
    stop: int | None = None

    def chunks(self) -> tuple[int, Iterator[bytes]]:
        """Return the length of the body and its bytes."""
        if isinstance(self.body, Path):
            stop = self.body.stat().st_size if self.stop is None else self.stop
            return stop - self.start, _read_file(self.body, self.start, stop)
        if isinstance(self.body, (dict, list)):
            self.headers.setdefault("Content-Type", "application/json; charset=utf-8")
            data = json.dumps(self.body).encode()
        else:
            data = self.body.encode() if isinstance(self.body, str) else self.body or b""
            data = data[self.start : self.stop]
        return len(data), iter([data] if data else [])


class Route(NamedTuple):
    """One row of the table of routes."""

    name: str
    method: str
    pattern: re.Pattern[str]
    auth: Literal["hub", "signed", "cas"]
    handler: Callable[..., Reply]


ROUTES: list[Route] = []


def route(
    name: str, target: str, auth: Literal["hub", "signed", "cas"] = "hub"
) -> Callable[[Callable[..., Reply]], Callable[..., Reply]]:
    """Enter a handler in the table. `target` is as in "POST /api/{type}s/{repo}/commit/{revision}".

    The handler gets the call, and the parts in braces by name (`prefix` arrives as `type`). `auth`: "hub" is
    a user's token or none; "signed", a link that carries its own permission and must come without any token,
    as at a storage provider; "cas", a token of Xet storage.
    """
    method, template = target.split(" ", 1)
    pattern = re.compile(
        re.sub(r"\{(\w+)\}", lambda match: PLACEHOLDERS[match[1]], template.replace(".git", r"\.git"))
    )

    def enter(handler: Callable[..., Reply]) -> Callable[..., Reply]:
        ROUTES.append(Route(name, method, pattern, auth, handler))
        return handler

    return enter


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """Return the route of a request and the parts of its path."""
    method = "GET" if method == "HEAD" else method
    for candidate in ROUTES:
        match = candidate.pattern.fullmatch(path)
        if match and candidate.method == method:
            parts = {name: unquote(value) for name, value in match.groupdict().items()}
            if "prefix" in parts:
                parts["type"] = TYPE_OF_PREFIX[parts.pop("prefix")]
            return candidate, parts
    return NOWHERE, {}


def _nowhere(call: Call) -> Reply:
    raise Refusal(404, f"Sorry, we can't find the page you are looking for: {call.method} {call.path}")


NOWHERE = Route("nowhere", "GET", re.compile(""), "cas", _nowhere)


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
        """The bearer token that came along."""
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
                    status, f"Access to {repo_type} {repo.id} is restricted: ask for it first", "GatedRepo"
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


class Handler(BaseHTTPRequestHandler):
    """Serves one connection, request after request."""

    protocol_version = "HTTP/1.1"
    server_version = "hub_server"
    disable_nagle_algorithm = True
    wbufsize = -1
    hub: Hub

    def do_GET(self) -> None:
        """Answer one request of any method."""
        call = Call(self)
        found, parts = find_route(call.method, call.path)
        authorized = "Authorization" in self.headers
        entry = Entry(call.method, call.path, call.query, found.name, call.host, authorized)
        self.hub.log.append(entry)
        fault = self.hub.faults.take(found.name, call.method, call.path)
        entry.fault = fault
        call.expired = fault is not None and fault.expired
        try:
            reply = self._answer(call, found, parts, entry, fault)
            for _ in call.stream():  # what the handler did not want to read
                pass
            entry.received = call.received
            if reply is None:
                self._hang_up()
            else:
                self._send(reply, entry, fault)
        except OSError:  # the client went away
            entry.received = call.received
            self.close_connection = True

    do_HEAD = do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    def _answer(
        self, call: Call, found: Route, parts: dict[str, str], entry: Entry, fault: Fault | None
    ) -> Reply | None:
        """Return the answer, None where the connection is to be dropped instead."""
        if fault:
            time.sleep(fault.delay)
            if fault.drop and fault.when == "before":
                return None
            if fault.drop and fault.when == "during":
                self._read_half(call)
                return None
        try:
            if fault and fault.status and fault.when == "before":
                raise _refusal(fault)
            self._identify(call, found)
            entry.user = call.identity.user if call.identity else None
            quota = self.hub.count(call, found)
            reply = found.handler(call, **parts)
            reply.headers.update(quota)
            if fault and fault.status:
                raise _refusal(fault)
        except Refusal as refusal:
            reply = refusal.reply()
        except (ConnectionError, TimeoutError):
            raise
        except Exception as error:  # a bug of this server must be seen in the test that met it
            self.hub.crashes.append(error)
            traceback.print_exc(file=sys.stderr)
            reply = Refusal(500, f"hub_server is broken: {error!r}").reply()
        return None if fault and fault.drop else reply

    def _identify(self, call: Call, found: Route) -> None:
        """Find out who calls; refuse tokens that are unknown, or that should not have come here."""
        if found.auth == "signed" and "Authorization" in self.headers:
            raise Refusal(400, "Only one auth mechanism allowed: this link is signed, and a token came along")
        if found.auth == "hub" and call.token is not None:
            call.identity = self.hub.accounts.identify(call.token)
            if call.identity is None:
                raise Refusal(401, "Invalid credentials in Authorization header")

    def _read_half(self, call: Call) -> None:
        """Read some of the body, as a server does that dies in the middle of an upload."""
        half = int(self.headers.get("Content-Length") or 0) // 2
        for _ in call.stream():
            if call.received >= half:
                return

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, reply: Reply, entry: Entry, fault: Fault | None) -> None:
        length, chunks = reply.chunks()
        limit = length
        if fault and fault.etag is not None:
            for name in ("ETag", "X-Linked-ETag"):
                if name in reply.headers:
                    reply.headers[name] = fault.etag and f'"{fault.etag}"'
        if fault and fault.truncate is not None:
            length = limit = min(length, fault.truncate)
        if fault and fault.cut is not None:
            limit = min(length, fault.cut)
        entry.status = reply.status
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            if value:
                self.send_header(name, value)
        if "Content-Length" not in reply.headers:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command != "HEAD":
            for chunk in chunks:
                entry.sent += self.wfile.write(chunk[: limit - entry.sent])
        self.wfile.flush()
        if limit < length and self.command != "HEAD":
            self._hang_up()

    def log_message(self, format: str, *args: object) -> None:
        """Print a line a request, if the Hub was asked to."""
        if self.hub.verbose:
            sys.stderr.write(f"{self.log_date_time_string()} {format % args}\n")


class Server(ThreadingHTTPServer):
    """The listening socket, and the connections that have to be closed with it."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, hub: Hub, port: int) -> None:
        self.open: set[socket.socket] = set()
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", port), type("HubHandler", (Handler,), {"hub": hub}))

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in its own thread, and remember it."""
        with self.lock:
            self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection, and forget it."""
        with self.lock:
            self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet about clients that went away; tell of anything else."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def close(self) -> None:
        """Stop listening and cut every connection: kept-alive ones would go on being served."""
        self.shutdown()
        self.server_close()
        with self.lock:
            for connection in self.open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue


def _refusal(fault: Fault) -> Refusal:
    status = fault.status or 500
    return Refusal(status, fault.message or HTTPStatus(status).phrase, fault.code, dict(fault.headers))


def _read_file(path: Path, start: int, stop: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while start < stop and (chunk := file.read(min(BLOCK, stop - start))):
            start += len(chunk)
            yield chunk
