"""Damaged files given to the commands that read them: none may crash, run away, or lose a row unseen.

    python benchmarks/fuzz.py [--inputs 3000] [--seed 0] [--only csv,json,...]

Every input is a sound file that was damaged at random: bits turned over, bytes cut out, put in or doubled,
the end cut off, a hostile word put in. It is given to the real command, in a process with an address space
of 6 GB. It is a fault if the command ends with a traceback, takes over 60 seconds, or, for a table, if a row
whose marker still stands in the damaged file is neither kept nor rejected while the command says that all is
well (exit code 0). One line of figures for each kind of input; exit code 1 where there is any fault.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
ADDRESS_SPACE = 6 << 30
LONGEST = 60
"""Seconds that an input may take."""

BATCH = 60
"""Inputs for each process, so that memory of one kind is not counted for the next."""

ROWS = 40
WORDS = (
    b'"', b"\n", b"\r\n", b"\0", b",", b"{", b"}", b"[", b"]", b":", b"null", b"NaN", b"1e999", b"-",
    b"&a ", b"*a", b"!!python/object/apply:os.system [id]", b"<!-- datagen end default/train -->",
    b"\xff\xfe", b"\xc3", b"\xe2\x80\xae", b"\x1b[31m", b"9" * 40, b"../../../etc/passwd", b"'", b"\\",
    b"<script>", b"\xef\xbb\xbf",
)  # fmt: skip
"""Pieces that mean something to a reader."""

SCHEMA = """name: shop
columns:
  - {name: code, role: code}
  - {name: title, role: title}
  - {name: price, role: price, which: full}
"""


def damage(content: bytes, rng: random.Random) -> bytes:
    """The content with one to four faults."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        at = rng.randrange(len(content) + 1)
        size = min(len(content) - at, rng.choice((1, 2, 7, 50, 400)))
        match rng.randrange(6):
            case 0:
                flipped = bytearray(content)
                for _ in range(rng.choice((1, 3, 20))):
                    if flipped:
                        flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
                content = bytes(flipped)
            case 1:
                content = content[:at] + content[at + size :]
            case 2:
                content = content[:at] + rng.choice(WORDS) + content[at:]
            case 3:
                content = (
                    content[:at] + content[at : at + size] * rng.choice((2, 3, 50)) + content[at + size :]
                )
            case 4:
                content = content[:at] + rng.randbytes(size) + content[at + size :]
            case _:
                content = content[: max(1, at)]
    return content


def marker(row: int) -> str:
    """What tells a row of a table, wherever it is found."""
    return f"mark{row:04d}end"


def table_rows() -> list[dict[str, Any]]:
    """The rows of every sound table."""
    return [
        {"code": f"C{row:05d}", "title": f'Spade, "{row}" {marker(row)}', "price": 10.0 + row}
        for row in range(ROWS)
    ]


def _csv(separator: str) -> bytes:
    import csv

    file = io.StringIO()
    lines = csv.DictWriter(file, ["code", "title", "price"], delimiter=separator)
    lines.writeheader()
    lines.writerows(table_rows())
    return file.getvalue().encode()


def _arrow(write: Callable[[Any, Any], None]) -> bytes:
    import pyarrow as pa

    file = io.BytesIO()
    write(pa.Table.from_pylist(table_rows()), file)
    return file.getvalue()


def _parquet(table: Any, file: Any) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table, file, compression="none", use_dictionary=False, row_group_size=10)


def _stream(table: Any, file: Any) -> None:
    import pyarrow as pa

    with pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=10)


def tables() -> dict[str, tuple[str, bytes]]:
    """Kind of table -> its file name and sound content."""
    lines = "".join(json.dumps(row) + "\n" for row in table_rows()).encode()
    return {
        "csv": ("shop.csv", _csv(",")),
        "tsv": ("shop.tsv", _csv("\t")),
        "csv.gz": ("shop.csv.gz", gzip.compress(_csv(","), mtime=0)),
        "json": ("shop.json", json.dumps(table_rows()).encode()),
        "json.indented": ("shop.json", json.dumps(table_rows(), indent=1).encode()),
        "jsonl": ("shop.jsonl", lines),
        "jsonl.gz": ("shop.jsonl.gz", gzip.compress(lines, mtime=0)),
        "parquet": ("shop.parquet", _arrow(_parquet)),
        "arrow": ("shop.arrow", _arrow(_stream)),
    }


class Fault(Exception):
    """What must not happen."""


def command(*words: object) -> tuple[int, str]:
    """Run a command in this process: its exit code and output. Raises Fault where it crashes."""
    from click.testing import CliRunner

    from datagen.cli import main

    done = CliRunner().invoke(main, [str(word) for word in words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise Fault("".join(traceback.format_exception(done.exception))[-2000:])
    if "Traceback (most recent call last)" in done.output:
        raise Fault(done.output[-2000:])
    return done.exit_code, done.output


def pull_table(place: Path, name: str, content: bytes) -> int:
    """Import a damaged table; Fault where a marker is lost unseen."""
    import pyarrow.parquet as pq

    (place / name).write_bytes(content)
    (place / "shop.yaml").write_text(SCHEMA)
    code, output = command(
        "pull", place / name, "--schema", place / "shop.yaml", "--out", place / "out", "-q"
    )
    if code:
        return code
    seen = ""
    for path in sorted((place / "out").rglob("*.parquet")):
        rows_here = pq.read_table(path).to_pylist()
        seen += json.dumps(rows_here, default=str, ensure_ascii=False)
    if not name.endswith((".csv", ".tsv", ".json", ".jsonl")):
        rows = json.loads((place / "out" / "manifest.json").read_text())["origin"]["rows_read"]
        if rows != ROWS:
            raise Fault(f"exit code 0, but {rows} rows of {ROWS} are kept or rejected\n{output}")
        return code
    found = set(re.findall(r"mark\d{4}end", seen))
    expected = set(re.findall(r"mark\d{4}end", content.decode("utf-8", "replace")))
    if lost := sorted(expected - found):
        raise Fault(f"exit code 0, but {len(lost)} rows are neither kept nor rejected: {lost[:5]}\n{output}")
    return code


def check_pair(place: Path, name: str, content: bytes) -> int:
    """Check a damaged schema or profile."""
    sound = {"garden.yaml", "garden.profile.yaml"} - {name}
    for other in sound:
        shutil.copy(ROOT / "tests" / "data" / other, place / other)
    (place / name).write_bytes(content)
    return command("schema", place / "garden.yaml", "--validate", "--profile", place / "garden.profile.yaml")[
        0
    ]


def pull_picture(place: Path, name: str, content: bytes) -> int:
    """Import a folder with a damaged picture; whatever is kept must be accepted by verify."""
    folder = place / "photos"
    folder.mkdir()
    (folder / name).write_bytes(content)
    (folder / "metadata.jsonl").write_text(
        json.dumps({"file_name": name, "code": "A1", "title": "Spade", "price": 5.0}) + "\n"
    )
    schema = place / "shop.yaml"
    schema.write_text(SCHEMA + "  - {name: image, role: image}\n")
    code, _ = command("pull", folder, "--schema", schema, "--out", place / "out", "-q")
    if code == 0:
        for words in (("verify",), ("export", "--format", "csv"), ("preview", "--out", place / "p.jpg")):
            checked, output = command(words[0], place / "out", *words[1:])
            if checked:
                raise Fault(f"pull kept a picture that {words[0]} refuses: {output}")
    return code


def check_folder(place: Path, name: str, content: bytes) -> int:
    """Check a dataset folder with one damaged file, and show it."""
    shutil.copytree(sound_folder(), place / "set")
    (place / "set" / name).write_bytes(content)
    code, _ = command("verify", place / "set", "-q")
    for words in (["describe"], ["export", "--format", "jsonl"], ["preview", "--out", place / "p.jpg"]):
        command(words[0], place / "set", *words[1:])
    return code


_SOUND: list[Path] = []


def sound_folder() -> Path:
    """A small dataset, made once for each process."""
    if not _SOUND:
        from datagen import make

        place = Path(tempfile.mkdtemp(prefix="fuzz-sound-")) / "set"
        data = ROOT / "tests" / "data"
        _SOUND.append(
            make(
                12,
                place,
                schema=data / "garden.yaml",
                profile=data / "garden.profile.yaml",
                image_size=(64, 64),
            ).path
        )
    return _SOUND[0]


def pictures() -> dict[str, bytes]:
    """One sound picture of each kind, by file name."""
    from PIL import Image

    picture = Image.effect_noise((64, 48), 60).convert("RGB")
    found = {}
    for name, kind in (("a.jpg", "JPEG"), ("a.png", "PNG"), ("a.webp", "WEBP")):
        file = io.BytesIO()
        picture.save(file, kind)
        found[name] = file.getvalue()
    return found


Check = Callable[[Path, str, bytes], int]


def kinds() -> dict[str, list[tuple[Check, str, bytes]]]:
    """Kind of input -> the ways to make one: check, file name, sound content."""
    data, folder = ROOT / "tests" / "data", sound_folder()
    shard = next(iter(sorted((folder / "data").iterdir())))
    return {
        **{kind: [(pull_table, name, content)] for kind, (name, content) in tables().items()},
        "schema": [(check_pair, "garden.yaml", (data / "garden.yaml").read_bytes())],
        "profile": [(check_pair, "garden.profile.yaml", (data / "garden.profile.yaml").read_bytes())],
        "picture": [(pull_picture, name, content) for name, content in pictures().items()],
        "manifest": [(check_folder, "manifest.json", (folder / "manifest.json").read_bytes())],
        "folder's schema and profile": [
            (check_folder, name, (folder / name).read_bytes()) for name in ("schema.yaml", "profile.yaml")
        ],
        "shard": [(check_folder, f"data/{shard.name}", shard.read_bytes())],
    }


def one(kind: str, ways: list[tuple[Check, str, bytes]], number: int, seed: int) -> dict[str, Any]:
    """Try one input; what became of it."""
    rng = random.Random(f"{seed}/{kind}/{number}")
    check, name, content = rng.choice(ways)
    damaged = damage(content, rng)
    place = Path(tempfile.mkdtemp(prefix="fuzz-"))
    began = time.perf_counter()
    result: dict[str, Any] = {"kind": kind, "number": number, "fault": ""}
    signal.alarm(LONGEST)
    try:
        result["code"] = check(place, name, damaged)
    except Fault as fault:
        result["fault"] = str(fault)
    except _TooLong:
        result["fault"] = f"still running after {LONGEST} s"
    except MemoryError:
        result["fault"] = "out of memory"
    finally:
        signal.alarm(0)
    result["seconds"] = time.perf_counter() - began
    result["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    if result["fault"]:
        kept = Path(tempfile.gettempdir()) / f"fault-{kind.split()[0]}-{number}-{Path(name).name}"
        kept.write_bytes(damaged)
        result["file"] = str(kept)
    shutil.rmtree(place)
    return result


class _TooLong(BaseException):
    """The alarm; not an Exception, so that nothing catches it on the way."""


def _ring(signum: int, frame: object) -> None:
    raise _TooLong


def batch(kind: str, first: int, count: int, seed: int) -> None:
    """Try some inputs in this process, and print a JSON line for each."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    signal.signal(signal.SIGALRM, _ring)
    ways = kinds()[kind]
    for number in range(first, first + count):
        print(json.dumps(one(kind, ways, number, seed)), flush=True)


def results(kind: str, count: int, seed: int) -> Iterator[dict[str, Any]]:
    """The results of all inputs of a kind, batch by batch; a process that dies is a fault of its input."""
    for first in range(0, count, BATCH):
        size = min(BATCH, count - first)
        words = [sys.executable, __file__, "--batch", kind, str(first), str(size), "--seed", str(seed)]
        done = subprocess.run(
            words, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
        )
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        yield from lines
        if len(lines) < size:
            text = f"the process died with {done.returncode}: {done.stderr[-1500:]}"
            number = first + len(lines)
            yield {"kind": kind, "number": number, "fault": text, "seconds": 0.0, "peak": 0.0}


def main() -> None:
    """Print a line of figures for each kind of input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=3000, help="over all kinds")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="kinds, separated by commas")
    parser.add_argument("--batch", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.batch:
        kind, first, count = options.batch
        batch(kind, int(first), int(count), options.seed)
        return
    chosen = options.only.split(",") if options.only else list(kinds())
    each = -(-options.inputs // len(chosen))
    tried = faults = 0
    for kind in chosen:
        found = list(results(kind, each, options.seed))
        wrong = [result for result in found if result["fault"]]
        for result in wrong[:5]:
            print(f"{kind} {result['number']} {result.get('file', '')}\n{result['fault']}", file=sys.stderr)
        codes = Counter(result["code"] for result in found if "code" in result)
        ends = ", ".join(f"{codes[code]} with {code}" for code in sorted(codes))
        slowest, peak = max(result["seconds"] for result in found), max(result["peak"] for result in found)
        costs = f"slowest {slowest:.1f} s, peak {peak:.0f} MB"
        print(f"{kind}: {len(found)} inputs, {ends}; {len(wrong)} faults; {costs}", flush=True)
        tried, faults = tried + len(found), faults + len(wrong)
    print(f"{tried} inputs, {faults} faults")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
