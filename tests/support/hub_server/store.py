"""What the Hub keeps, in a folder: contents by their SHA-256, and repos as chains of commits.

objects/ab/abcd...                   every content once, named by its SHA-256
xet/                                 xorbs and file recipes (xet.py)
uploads/                             parts of uploads under way
repos/dataset/alice/set/repo.json    visibility, branches, tags, discussions
repos/dataset/alice/set/commits/     one JSON file per commit: parent, title, and every file of the tree
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .xet import Cas

REGULAR_LIMIT = 10 * 1024 * 1024  # bytes: the Hub keeps larger files out of git
LARGE = """
    7z arrow avro bin bz2 ckpt gz h5 joblib lz4 mds model npy npz onnx ot parquet pb pickle pkl pt pth rar
    safetensors tar tflite tgz wasm xz zip zst pcm sam raw aac flac mp3 ogg wav bmp gif png tiff jpg jpeg webp
    mp4 webm
""".split()  # noqa: SIM905 - words read better
GITATTRIBUTES = "".join(f"*.{ending} filter=lfs diff=lfs merge=lfs -text\n" for ending in LARGE).encode()


@dataclass(frozen=True)
class StoredFile:
    """A file of a commit. `oid` is its git blob; of an LFS file, that of the pointer."""

    path: str
    size: int
    sha256: str
    oid: str
    lfs: bool

    @property
    def etag(self) -> str:
        """What names the content to clients: the SHA-256 of an LFS file, else the git blob."""
        return self.sha256 if self.lfs else self.oid

    @property
    def pointer_size(self) -> int:
        """Size in bytes of the LFS pointer."""
        return len(lfs_pointer(self.sha256, self.size))


@dataclass(frozen=True)
class Commit:
    """A commit, with its whole tree."""

    oid: str
    parent: str | None
    title: str
    message: str
    author: str
    date: str
    files: Mapping[str, StoredFile]


@dataclass
class Repo:
    """A repo. `branches` holds pull requests too, as refs/pr/N; `lock` guards every change."""

    type: str
    id: str
    folder: Path
    created: str
    private: bool = False
    gated: str | bool = False
    granted: list[str] = field(default_factory=list)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    discussions: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False, compare=False)
    cache: dict[str, Commit] = field(default_factory=dict, repr=False, compare=False)

    @property
    def namespace(self) -> str:
        """The user or organisation that owns the repo."""
        return self.id.split("/")[0]

    def save(self) -> None:
        """Write what may change to repo.json."""
        state = {key: value for key, value in vars(self).items() if key not in ("folder", "lock", "cache")}
        draft = self.folder / "repo.json.new"
        draft.write_text(json.dumps(state, indent=1))
        draft.replace(self.folder / "repo.json")

    def commit(self, oid: str) -> Commit:
        """Read one commit."""
        if oid not in self.cache:
            data = json.loads((self.folder / "commits" / f"{oid}.json").read_text())
            data["files"] = {file["path"]: StoredFile(**file) for file in data["files"]}
            self.cache[oid] = Commit(**data)
        return self.cache[oid]

    def find(self, revision: str) -> Commit | None:
        """Return the commit of a branch, a tag, refs/..., or a commit id of seven digits or more."""
        name = revision.removeprefix("refs/heads/").removeprefix("refs/tags/")
        oid = self.branches.get(name) or self.tags.get(name)
        if oid is None and len(name) >= 7 and name.isalnum():
            found = [path.stem for path in (self.folder / "commits").glob(f"{name}*.json")]
            oid = found[0] if len(found) == 1 else None
        return self.commit(oid) if oid else None

    def history(self, oid: str) -> Iterator[Commit]:
        """Yield a commit and those before it, newest first."""
        at: str | None = oid
        while at is not None:
            commit = self.commit(at)
            yield commit
            at = commit.parent

    def write(
        self, branch: str, files: Mapping[str, StoredFile], *, title: str, message: str = "", author: str
    ) -> Commit:
        """Put a commit with this whole tree on a branch."""
        date = now()
        parent = self.branches.get(branch)
        rows = [asdict(files[path]) for path in sorted(files)]
        seed = json.dumps([parent, title, message, author, date, rows, secrets.token_hex(8)])
        oid = hashlib.sha1(seed.encode(), usedforsecurity=False).hexdigest()
        commit = Commit(
            oid, parent, title, message, author, date, {row["path"]: files[row["path"]] for row in rows}
        )
        data = {**vars(commit), "files": rows}
        (self.folder / "commits" / f"{oid}.json").write_text(json.dumps(data))
        self.cache[oid] = commit
        self.branches[branch] = oid
        self.save()
        return commit


class Store:
    """The folder of a Hub."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.objects, self.uploads = folder / "objects", folder / "uploads"
        for part in (self.objects, self.uploads, folder / "repos"):
            part.mkdir(parents=True, exist_ok=True)
        self.cas = Cas(folder / "xet")
        self.lock = threading.RLock()
        self.repos: dict[tuple[str, str], Repo] = {}
        for path in sorted((folder / "repos").glob("*/*/*/repo.json")):
            repo = Repo(**json.loads(path.read_text()), folder=path.parent)
            self.repos[repo.type, repo.id] = repo

    def create(self, repo_type: str, repo_id: str, author: str, *, private: bool = False) -> Repo:
        """Make a repo with its first commit, as the Hub does; FileExistsError where it exists."""
        with self.lock:
            if (repo_type, repo_id) in self.repos:
                raise FileExistsError(repo_id)
            folder = self.folder / "repos" / repo_type / repo_id
            (folder / "commits").mkdir(parents=True)
            repo = Repo(repo_type, repo_id, folder, now(), private)
            attributes = self.add_file(".gitattributes", GITATTRIBUTES, lfs=False)
            repo.write("main", {attributes.path: attributes}, title="initial commit", author=author)
            self.repos[repo_type, repo_id] = repo
            return repo

    def delete(self, repo: Repo) -> None:
        """Remove a repo; its contents stay."""
        with self.lock, repo.lock:
            del self.repos[repo.type, repo.id]
            shutil.rmtree(repo.folder)

    def path(self, sha256: str) -> Path:
        """Return where a content lies, or would lie."""
        return self.objects / sha256[:2] / sha256

    def has(self, sha256: str, size: int | None = None) -> bool:
        """Say whether a content is here, rebuilding it from Xet storage where that has it."""
        path = self.path(sha256)
        if not path.exists():
            xet_hash = self.cas.hash_of(sha256)
            if xet_hash is None:
                return False
            try:
                self.add(self.cas.rebuild(xet_hash), sha256)
            except ValueError:
                return False
        return size is None or path.stat().st_size == size

    def read(self, sha256: str) -> bytes:
        """Return a content."""
        return self.path(sha256).read_bytes()

    def add(self, chunks: Iterable[bytes], sha256: str | None = None) -> str:
        """Store a content and return its SHA-256; ValueError where that is not the one expected."""
        draft = self.uploads / secrets.token_hex(8)
        digest = hashlib.sha256()
        try:
            with draft.open("wb") as file:
                for chunk in chunks:
                    digest.update(chunk)
                    file.write(chunk)
            if sha256 not in (None, digest.hexdigest()):
                raise ValueError(f"the content has SHA-256 {digest.hexdigest()}, not {sha256}")
            path = self.path(digest.hexdigest())
            path.parent.mkdir(exist_ok=True)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        return digest.hexdigest()

    def add_file(self, path: str, content: bytes, *, lfs: bool) -> StoredFile:
        """Store a content and return it as a file of a commit."""
        sha256 = self.add([content])
        return (
            lfs_file(path, sha256, len(content))
            if lfs
            else StoredFile(path, len(content), sha256, git_blob(content), False)
        )


def lfs_pointer(sha256: str, size: int) -> bytes:
    """Return what git holds instead of an LFS file."""
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n".encode()


def lfs_file(path: str, sha256: str, size: int) -> StoredFile:
    """Return an LFS file of a commit."""
    return StoredFile(path, size, sha256, git_blob(lfs_pointer(sha256, size)), True)


def git_blob(content: bytes) -> str:
    """Return the git object id of a content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def now(when: float | None = None) -> str:
    """Return the time, or another one in seconds since 1970, as the Hub writes it."""
    moment = datetime.now(timezone.utc) if when is None else datetime.fromtimestamp(when, timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
