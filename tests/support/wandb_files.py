"""What an offline run of Weights & Biases wrote: its records, read without the service and without an
account.

A ``.wandb`` file is a header of 7 bytes and blocks of 32 KiB of records in the format of LevelDB's log:
checksum, length, kind (whole, first, middle, last), payload; put together, a payload is a protobuf
``Record``.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HEADER, BLOCK = 7, 32_768


def records(folder: Path) -> Iterator[Any]:
    """All records of the runs below a folder, in order of the files' names."""
    from wandb.proto.wandb_internal_pb2 import Record

    for path in sorted(folder.rglob("*.wandb")):
        for payload in _payloads(path.read_bytes()):
            record = Record()
            record.ParseFromString(payload)
            yield record


def history(folder: Path) -> list[dict[str, Any]]:
    """The logged lines."""
    lines = []
    for record in records(folder):
        if record.WhichOneof("record_type") == "history":
            items = record.history.item
            lines.append(
                {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in items}
            )
    return lines


def _payloads(data: bytes) -> Iterator[bytes]:
    at, parts = HEADER, b""
    while at + 7 <= len(data):
        room = BLOCK - at % BLOCK
        if room < 7:
            at += room
            continue
        _, length, kind = struct.unpack_from("<IHB", data, at)
        parts += data[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):
            yield parts
            parts = b""
