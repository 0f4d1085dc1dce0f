"""What an engine runs on."""

from __future__ import annotations

import socket
from contextlib import closing
from typing import NamedTuple

from datagen.schemas import InputError

SECONDS_TO_CONNECT = 5.0


class Machines(NamedTuple):
    """``workers``: processes on this machine; ``address``: of a running cluster, None for none."""

    workers: int = 1
    address: str | None = None


def check_address(engine: str, address: str) -> None:
    """Raises InputError where nothing listens at ``HOST:PORT``, with or without a scheme before it."""
    host, colon, port = address.rpartition("://")[2].partition("/")[0].rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit() and int(port) < 65536):
        raise InputError(f"--address {address!r} is not the address of a {engine} cluster; give HOST:PORT.")
    try:
        with closing(socket.create_connection((host.strip("[]"), int(port)), SECONDS_TO_CONNECT)):
            pass
    except OSError as error:
        raise InputError(
            f"Nothing answers at {address} ({error.strerror or error}); give the --address of a running "
            f"{engine} cluster, or leave it out to use this machine."
        ) from None
