"""Commands killed at random moments and started again, against the same commands left alone.

    python benchmarks/kills.py [--kills 50] [--only make,import,push,pull,train] [--seed 0]

Each round starts a command, kills its whole process group (SIGKILL) at a random moment of the time that it
takes undisturbed, does so again in two rounds of three, and then lets it end. The outcome must be that of the
undisturbed command: every file of a folder with its bytes, every file of the repository with its hash, every
logged loss of a training run. One line of figures for each command; exit code 1 where anything differs.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
DATAGEN = [sys.executable, "-m", "datagen"]
LONGEST = 300.0
"""Seconds after which a command that does not end counts as hanging."""


@dataclass(frozen=True)
class Case:
    """A command, the arguments to resume it with, and its outcome as text that can be compared."""

    arguments: list[str]
    again: list[str]
    outcome: Callable[[], str]
    clear: Callable[[], None]
    environment: dict[str, str]


@contextlib.contextmanager
def hub(workspace: Path) -> Iterator[dict[str, str]]:
    """A Hub on loopback, and the environment of a client that talks to it."""
    command = [sys.executable, "-m", "tests.support.hub_server", "--port", "0", "--quiet", "--folder"]
    with subprocess.Popen(
        [*command, str(workspace / "hub")], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as server:
        url = (server.stdout.readline() if server.stdout else "").split()[3].rstrip(",")
        try:
            yield {
                "HF_ENDPOINT": url,
                "HF_TOKEN": "hf_alice",
                "HF_HOME": str(workspace / "home"),
                "HF_HUB_DISABLE_XET": "1",
            }
        finally:
            server.kill()


@contextlib.contextmanager
def photo_shop() -> Iterator[int]:
    """The port of a server of pictures on loopback."""
    command = [sys.executable, "-m", "tests.support.photo_server", "--latency", "0.02"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            yield int(server.stdout.readline() if server.stdout else 0)
        finally:
            server.kill()


def digest(folder: Path) -> str:
    """SHA-256 over the names and bytes of all files of a folder."""
    lines = (
        f"{path.relative_to(folder)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def losses(run: Path) -> str:
    """The losses of a training run, to six digits."""
    lines = map(json.loads, (run / "log.jsonl").read_text().splitlines())
    found = {line["step"]: f"{line['loss']:.5f}" for line in lines if "loss" in line}
    return json.dumps(found, sort_keys=True)


LISTED = (
    "files = HfApi().list_repo_tree('alice/fresh', repo_type='dataset', recursive=True);"
    "print(sorted((file.path, file.blob_id) for file in files if hasattr(file, 'blob_id')))"
)
REMOVED = "HfApi().delete_repo('alice/fresh', repo_type='dataset', missing_ok=True)"


def hub_call(code: str, environment: dict[str, str]) -> str:
    """The output of a few lines of Python that call the Hub."""
    code = "from huggingface_hub import HfApi;" + code
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def remove_repository(environment: dict[str, str]) -> None:
    """Remove the repository of an earlier round."""
    hub_call(REMOVED, environment)


def start(case: Case, arguments: list[str], workspace: Path) -> subprocess.Popen[bytes]:
    """The command in a process group of its own, its output in a file."""
    with (workspace / "output.txt").open("wb") as output:
        return subprocess.Popen(
            [*DATAGEN, *arguments],
            cwd=workspace,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **case.environment},
            start_new_session=True,
        )


def ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether a command ended by itself and without an error."""
    try:
        return process.wait(timeout=LONGEST) == 0
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return False


def campaign(name: str, case: Case, kills: int, rng: random.Random, workspace: Path) -> bool:
    """Kill a command ``kills`` times, print what became of it, and return whether nothing differed."""
    case.clear()
    began = time.perf_counter()
    if not ended(start(case, case.arguments, workspace)):
        sys.exit(f"{name} fails undisturbed: {(workspace / 'output.txt').read_text()[-500:]}")
    undisturbed = time.perf_counter() - began
    expected = case.outcome()
    done = same = failed = 0
    while done < kills:
        case.clear()
        arguments = case.arguments
        for _ in range(rng.choice((1, 2, 2))):
            process = start(case, arguments, workspace)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=rng.uniform(0, undisturbed))
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                done += 1
            arguments = case.again
        # A command that was killed, or ended, after its last step finds its own finished outcome.
        success = ended(start(case, arguments, workspace))
        output = (workspace / "output.txt").read_text()
        if not success and "already exists" not in output:
            failed += 1
            print(output[-400:], file=sys.stderr)
        elif case.outcome() == expected:
            same += 1
        else:
            print(f"{name}: another outcome", file=sys.stderr)
            failed += 1
        print(f"{name}: {done} kills, {same} the same, {failed} not", file=sys.stderr, flush=True)
    print(
        f"{name}: {done} kills in {same + failed} runs of {undisturbed:.1f} s, {same} with the same outcome",
        flush=True,
    )
    return not failed


def cases(workspace: Path, port: int, hub_environment: dict[str, str]) -> dict[str, Case]:
    """All commands that are killed."""
    garden = [
        f"--schema={ROOT / 'tests/data/garden.yaml'}",
        f"--profile={ROOT / 'tests/data/garden.profile.yaml'}",
    ]
    small = ["--image-size=96x128", "--shard-rows=20", "--workers=2", "-q"]

    def remove(*names: str) -> None:
        for name in names:
            for path in workspace.glob(f"{name}*"):
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()

    def run(*arguments: str) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **hub_environment}
        subprocess.run(
            [*DATAGEN, *arguments], cwd=workspace, env=environment, check=True, stdout=subprocess.DEVNULL
        )

    run("make", "--rows=120", *garden, *small, "--out=set")
    run("push", "set", "alice/pushed", "-q")
    lines = [
        "title,price,image",
        *(f"Spade {at},{at + 1},http://127.0.0.1:{port}/good/{at}" for at in range(150)),
    ]
    (workspace / "shop.csv").write_text("\n".join(lines) + "\n")
    (workspace / "shop.yaml").write_text(
        "name: shop\ncolumns:\n  - {name: title, role: title}\n  - {name: price, role: price, which: full}\n"
        "  - {name: image, role: image}\n"
    )
    make = ["make", "--rows=300", *garden, *small, "--out=made"]
    imported = ["pull", "shop.csv", "--schema=shop.yaml", "--allow-private", "--out=imported", "-q"]
    pulled = ["pull", "alice/pushed", "--out=pulled", "-q"]
    push = ["push", "set", "alice/fresh", "-q"]
    train = ["train", "--synthetic=set", "--smoke", "--out=run", "-q"]
    nothing: dict[str, str] = {}
    found = {
        "make": Case(
            make, [*make, "--resume"], lambda: digest(workspace / "made"), lambda: remove("made"), nothing
        ),
        "import": Case(
            imported, imported, lambda: digest(workspace / "imported"), lambda: remove("imported"), nothing
        ),
        "pull": Case(
            pulled,
            pulled,
            lambda: digest(workspace / "pulled"),
            lambda: remove("pulled", "home"),
            hub_environment,
        ),
        "push": Case(
            push,
            push,
            lambda: hub_call(LISTED, hub_environment),
            lambda: remove_repository(hub_environment),
            hub_environment,
        ),
        "train": Case(
            train, [*train, "--resume"], lambda: losses(workspace / "run"), lambda: remove("run"), nothing
        ),
    }
    return found


def main() -> None:
    """Print a line of figures for each command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--only", default="make,import,push,pull,train")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder, photo_shop() as port:
        workspace = Path(folder)
        with hub(workspace) as environment:
            all_cases = cases(workspace, port, environment)
            sound = [
                campaign(name, all_cases[name], options.kills, rng, workspace)
                for name in options.only.split(",")
            ]
    sys.exit(not all(sound))


if __name__ == "__main__":
    main()
