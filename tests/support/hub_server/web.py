"""HTTP for the Hub: the server, its connections, identity, and faults."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from .calls import Call
from .faults import Entry, Fault
from .replies import Refusal, Reply
from .routes import Route, find_route

if TYPE_CHECKING:
    from . import Hub


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
            if fault.body is not None:
                return Reply(200, fault.body)
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
            if fault and fault.change and isinstance(reply.body, dict | list):
                reply.body = json.dumps(fault.change(reply.body))
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

    def _send_stream(self, reply: Reply, stream: Iterator[bytes], entry: Entry, fault: Fault | None) -> None:
        """Send what comes as it comes; a fault may cut it off."""
        entry.status, self.close_connection = reply.status, True
        self.send_response(reply.status)
        for name, value in {**reply.headers, "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.flush()
        for chunk in stream:
            entry.sent += self.wfile.write(chunk)
            self.wfile.flush()
            if fault and fault.cut is not None and entry.sent >= fault.cut:
                self._hang_up()
                return

    def _send(self, reply: Reply, entry: Entry, fault: Fault | None) -> None:
        if reply.stream is not None:
            self._send_stream(reply, reply.stream, entry, fault)
            return
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
