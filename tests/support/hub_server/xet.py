"""Xet storage: files as chunks in xorbs, and the shards that say which chunks make which file.

The formats and the API are those of https://huggingface.co/docs/xet. What needs BLAKE3 (the hashes of chunks,
xorbs and files) is taken on trust; in exchange every file is rebuilt and its SHA-256 checked before a commit
may name it.
"""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RECORD = 48  # bytes of every record of a shard, and of its header
BOOKEND = b"\xff" * 32
SHARD_TAG = bytes.fromhex("556967456a7b815783a5bdd95ccdd14aa9")
FOOTER = 200  # bytes
WITH_VERIFICATION, WITH_SHA256 = 1 << 31, 1 << 30
LZ4_MAGIC = b"\x04\x22\x4d\x18"


@dataclass(frozen=True)
class Term:
    """Chunks `start` to `stop` of a xorb, `size` bytes when unpacked: one run of a file."""

    xorb: str
    size: int
    start: int
    stop: int


@dataclass(frozen=True)
class Chunk:
    """Where a chunk lies in its xorb (`offset` to `end`, with its header), its packing, its size unpacked."""

    offset: int
    end: int
    packing: int
    size: int


def hash_text(raw: bytes) -> str:
    """Return a hash as text: four little-endian 64-bit numbers, in hexadecimal."""
    return "".join(f"{number:016x}" for number in struct.unpack("<4Q", raw))


@dataclass(frozen=True)
class FileRecipe:
    """A file of a shard: its Xet hash, its SHA-256 if the shard gives it, and what it is made of."""

    name: str
    sha256: str | None
    terms: list[Term]


def read_shard(body: bytes) -> tuple[list[FileRecipe], dict[str, bytes]]:
    """Return the files of a shard, and by name the records of its xorbs; ValueError if broken."""
    if not body.startswith(b"HFRepoMetaData\0"):
        raise ValueError("not a shard")
    position = RECORD

    def record(layout: str) -> tuple[Any, ...]:
        nonlocal position
        if position + RECORD > len(body):
            raise ValueError("the shard is truncated")
        fields = struct.unpack_from(layout, body, position)
        position += RECORD
        return fields

    files, xorbs = [], {}
    while (header := record("<32sII8x"))[0] != BOOKEND:
        raw, flags, count = header
        rows = [record("<32sIIII") for _ in range(count)]
        terms = [Term(hash_text(xorb), size, start, stop) for xorb, _, size, start, stop in rows]
        if flags & WITH_VERIFICATION:
            position += RECORD * count
        sha256 = hash_text(record("<32s16x")[0]) if flags & WITH_SHA256 else None
        files.append(FileRecipe(hash_text(raw), sha256, terms))
    while (header := record("<32sII8x"))[0] != BOOKEND:
        start, count = position - RECORD, header[2]
        position += RECORD * count
        xorbs[hash_text(header[0])] = body[start:position]
    return files, xorbs


def write_shard(xorb: bytes) -> bytes:
    """Return a shard that describes one xorb, from its records: clients look there for chunks."""
    body = b"HFRepoMetaData\0" + SHARD_TAG + struct.pack("<QQ", 2, FOOTER)
    files, xorbs = len(body), len(body) + RECORD
    body += BOOKEND.ljust(RECORD, b"\0") + xorb + BOOKEND.ljust(RECORD, b"\0")
    end, created = len(body), int(time.time())
    tables = (end, 0) * 3  # where tables of files, xorbs and chunks would be: all empty
    footer = struct.pack("<QQQ6Q32xQQ", 1, files, xorbs, *tables, created, created + 7 * 24 * 3600)
    return body + footer + struct.pack("<48x24xQ", end)


def read_chunks(xorb: bytes) -> list[Chunk]:
    """List the chunks of a xorb; ValueError where it is broken."""
    chunks, offset = [], 0
    while offset + 8 <= len(xorb) and xorb[offset : offset + 7] != b"XETBLOB":
        if xorb[offset] != 0:
            raise ValueError("unknown version of a xorb chunk")
        packed, packing = int.from_bytes(xorb[offset + 1 : offset + 4], "little"), xorb[offset + 4]
        size = int.from_bytes(xorb[offset + 5 : offset + 8], "little")
        end = offset + 8 + packed
        if end > len(xorb) or packing > 2:
            raise ValueError("broken xorb chunk")
        chunks.append(Chunk(offset, end, packing, size))
        offset = end
    if not chunks:
        raise ValueError("a xorb without chunks")
    return chunks


def unpack_chunk(xorb: bytes, chunk: Chunk) -> bytes:
    """Return a chunk's bytes: stored (0), LZ4 (1), or LZ4 over the bytes grouped by place mod 4 (2)."""
    packed = xorb[chunk.offset + 8 : chunk.end]
    data = bytearray(packed if chunk.packing == 0 else unpack_lz4(packed))
    if chunk.packing == 2:
        grouped, data, place = data, bytearray(len(data)), 0
        for group in range(4):
            count = (len(data) - group + 3) // 4
            data[group::4] = grouped[place : place + count]
            place += count
    if len(data) != chunk.size:
        raise ValueError("a chunk unpacks to a size other than its header says")
    return bytes(data)


def unpack_lz4(frame: bytes) -> bytes:
    """Unpack one LZ4 frame, by lz4_Frame_format.md of github.com/lz4/lz4; checksums are not read."""
    if frame[:4] != LZ4_MAGIC:
        raise ValueError("not an LZ4 frame")
    flags = frame[4]
    position = 7 + (8 if flags & 0x08 else 0) + (4 if flags & 0x01 else 0)
    out = bytearray()
    while True:
        (size,) = struct.unpack_from("<I", frame, position)
        position += 4
        if size == 0:
            return bytes(out)
        length = size & 0x7FFFFFFF
        block = frame[position : position + length]
        position += length + (4 if flags & 0x10 else 0)
        if size >> 31:
            out += block
        else:
            _unpack_lz4_block(block, out)


def _unpack_lz4_block(block: bytes, out: bytearray) -> None:
    position, stop = 0, len(block)

    def extended(length: int) -> int:
        nonlocal position
        if length < 15:
            return length
        while True:
            byte = block[position]
            position += 1
            length += byte
            if byte != 255:
                return length

    while position < stop:
        token = block[position]
        position += 1
        literals = extended(token >> 4)
        out += block[position : position + literals]
        position += literals
        if position >= stop:
            return
        distance = block[position] | block[position + 1] << 8
        position += 2
        length = extended(token & 15) + 4
        start = len(out) - distance
        if distance >= length:
            out += out[start : start + length]
        else:  # the match overlaps what it writes: a pattern that repeats
            pattern = bytes(out[start:])
            out += (pattern * (length // distance + 1))[:length]


class Cas:
    """Xorbs and the recipes of files, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.xorbs, self.files = folder / "xorbs", folder / "files"
        self.shas, self.records = folder / "sha256", folder / "records"
        for part in (self.xorbs, self.files, self.shas, self.records):
            part.mkdir(parents=True, exist_ok=True)
        self._xorb_of: dict[str, str] = {}
        for path in self.records.iterdir():
            self._remember(path.name, path.read_bytes())

    def add_xorb(self, name: str, body: bytes) -> bool:
        """Store a xorb; say whether it was new. ValueError for a broken one."""
        read_chunks(body)
        if (self.xorbs / name).exists():
            return False
        _write(self.xorbs / name, body)
        return True

    def add_shard(self, body: bytes) -> bool:
        """Register the files of a shard; say whether any was new. ValueError if a chunk is missing."""
        files, xorbs = read_shard(body)
        new = False
        for file in files:
            for term in file.terms:
                chunks = self._chunks(term.xorb)[term.start : term.stop]
                if len(chunks) != term.stop - term.start or sum(chunk.size for chunk in chunks) != term.size:
                    raise ValueError(f"the shard names chunks that xorb {term.xorb} does not have")
            new |= not (self.files / file.name).exists()
            _write(self.files / file.name, json.dumps([vars(term) for term in file.terms]).encode())
            if file.sha256 is not None:
                _write(self.shas / file.sha256, file.name.encode())
        for name, records in xorbs.items():
            self._chunks(name)
            _write(self.records / name, records)
            self._remember(name, records)
        return new

    def shard_with(self, chunk: str) -> bytes | None:
        """Return a shard that describes the xorb with a chunk, which need not be sent again; or None."""
        name = self._xorb_of.get(chunk)
        return write_shard((self.records / name).read_bytes()) if name else None

    def _remember(self, name: str, records: bytes) -> None:
        for start in range(RECORD, len(records), RECORD):
            self._xorb_of[hash_text(records[start : start + 32])] = name

    def hash_of(self, sha256: str) -> str | None:
        """Return the Xet hash of the file with a SHA-256, None if no shard names it."""
        path = self.shas / sha256
        return path.read_text() if path.exists() else None

    def size(self, name: str) -> int:
        """Return the size of a file in bytes; KeyError for an unknown one."""
        return sum(term.size for term in self._terms(name))

    def rebuild(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a file."""
        for term in self._terms(name):
            xorb = (self.xorbs / term.xorb).read_bytes()
            for chunk in read_chunks(xorb)[term.start : term.stop]:
                yield unpack_chunk(xorb, chunk)

    def reconstruction(self, name: str, start: int, stop: int, url: Callable[[str], str]) -> dict[str, Any]:
        """Say how a client gets bytes `start` to `stop` of a file: the v1 answer of /v1/reconstructions."""
        terms: list[dict[str, Any]] = []
        fetch: dict[str, list[dict[str, Any]]] = {}
        skipped, position = 0, 0
        for term in self._terms(name):
            chunks = self._chunks(term.xorb)
            wanted: list[int] = []
            for number in range(term.start, term.stop):
                end = position + chunks[number].size
                if end > start and position < stop:
                    if not terms and not wanted:
                        skipped = start - position
                    wanted.append(number)
                position = end
            if not wanted:
                continue
            first, last = wanted[0], wanted[-1]
            span = {"start": first, "end": last + 1}
            size = sum(chunk.size for chunk in chunks[first : last + 1])
            terms.append({"hash": term.xorb, "unpacked_length": size, "range": span})
            place = {"start": chunks[first].offset, "end": chunks[last].end - 1}
            part = {"range": span, "url": url(term.xorb), "url_range": place}
            if part not in fetch.setdefault(term.xorb, []):
                fetch[term.xorb].append(part)
        return {"offset_into_first_range": skipped, "terms": terms, "fetch_info": fetch}

    def _terms(self, name: str) -> list[Term]:
        path = self.files / name
        if not path.exists():
            raise KeyError(name)
        return [Term(**term) for term in json.loads(path.read_bytes())]

    def _chunks(self, name: str) -> list[Chunk]:
        path = self.xorbs / name
        if not path.exists():
            raise ValueError(f"xorb {name} was never uploaded")
        return read_chunks(path.read_bytes())


def _write(path: Path, body: bytes) -> None:
    """Write a file so that no reader sees half of it."""
    draft = path.with_name(f".{path.name}.{id(body)}")
    draft.write_bytes(body)
    draft.replace(path)
