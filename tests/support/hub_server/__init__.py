"""A small Hugging Face Hub on loopback, for the official clients as they are.

    with Hub(folder, users={"alice": "hf_alice"}) as hub:
        subprocess.run([sys.executable, "push.py"], env=os.environ | hub.environment("alice"))
        assert hub.files("alice/set")["README.md"].size > 0

It keeps repos with commits, branches, tags and pull requests; takes contents through LFS and Xet storage;
runs jobs; checks what the Hub checks; and fails on request (`hub.faults.add`). It needs the standard library
and PyYAML.

    faults.py      what goes wrong on request, and the log
    accounts.py    users, organisations, tokens
    store.py       the folder: contents, commits, repos
    xet.py         the formats of Xet storage
    cards.py       the check of a README.md
    replies.py     replies and refusals
    calls.py       a request, and who may do what
    routes.py      the table of routes
    web.py         HTTP: the server, identity, faults
    jobs.py        jobs, which really run; uv.py is what they find as `uv`
    buckets.py     storage buckets
    repos.py, refs.py, commits.py, uploads.py, downloads.py, pages.py    the other routes
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from . import commits as _commits  # noqa: F401 - registers its routes
from . import pages as _pages  # noqa: F401
from . import refs as _refs  # noqa: F401
from . import repos as _repos
from . import uploads as _uploads  # noqa: F401
from .accounts import Accounts, TokenRole
from .buckets import Buckets, read_bucket
from .calls import Call
from .faults import Entry, Fault, Faults
from .jobs import Job, Jobs
from .replies import Refusal
from .routes import ROUTES, Route
from .store import Commit, Repo, Store, StoredFile
from .web import Server

__all__ = ["Commit", "Entry", "Fault", "Faults", "Hub", "Job", "StoredFile"]

WINDOW = 300  # seconds over which the Hub counts requests
DEMO_USERS = {"alice": "hf_alice", "bob": "hf_bob"}


class Hub:
    """A Hub that lives as long as the `with` block, or from `start` to `stop`.

    folder: where everything is kept; a Hub on the same folder finds it again. Default: a temporary folder.
    users: name -> token. The token may write; the same token followed by "_read" may only read.
    orgs: organisation -> {user: "admin", "write" or "read"}.
    xet: whether there is Xet storage beside LFS, as on the real Hub; without it clients must turn Xet off
         (`environment` does).
    port: 0 takes any free port.
    part_size: contents above so many bytes are sent through LFS in parts of that size; None: never in parts.
    quota: requests per five minutes and user, above which the answer is 429.

    `faults` makes things go wrong, `log` holds every request, `crashes` every bug of this server that a
    request met (leaving the `with` block raises the first).
    """

    def __init__(
        self,
        folder: str | Path | None = None,
        *,
        users: Mapping[str, str] = DEMO_USERS,
        orgs: Mapping[str, Mapping[str, str]] | None = None,
        xet: bool = True,
        port: int = 0,
        part_size: int | None = None,
        quota: int = 100_000,
        verbose: bool = False,
    ) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="hub-"))
        self.store = Store(Path(folder) if folder else self._home / "hub")
        self.accounts = Accounts(users, orgs or {})
        self.xet, self.part_size, self.quota, self.verbose = xet, part_size, quota, verbose
        self.tree_page = _repos.TREE_PAGE
        self.buckets = Buckets(self.store.folder / "buckets")
        self.faults = Faults(route.name for route in ROUTES)
        self.jobs = Jobs(self, self._home / "jobs")
        self.log: list[Entry] = []
        self.crashes: list[Exception] = []
        self._port = port
        self._server: Server | None = None
        self._secret = secrets.token_bytes(32)
        self._cas_tokens: dict[str, tuple[str, int]] = {}
        self._counts: dict[tuple[str, int], int] = {}
        self._lock = threading.Lock()

    # Start and stop

    def start(self) -> Hub:
        """Listen. After `stop`, the same port is taken again, as after an outage."""
        self._server = Server(self, self._port)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def close(self) -> None:
        """Stop for good, kill the jobs, and remove the temporary folders."""
        self.stop()
        self.jobs.close()
        shutil.rmtree(self._home, ignore_errors=True)

    def __enter__(self) -> Hub:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if self.crashes and error is None:
            raise AssertionError("the test Hub itself failed") from self.crashes[0]

    @property
    def url(self) -> str:
        """The endpoint: what HF_ENDPOINT must be."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def storage_url(self) -> str:
        """The origin of contents: different from the endpoint's, since no user's token may be sent."""
        return f"http://localhost:{self._port}"

    # For tests

    def token(self, user: str, role: TokenRole = "write") -> str:
        """Return a user's token."""
        return self.accounts.token(user, role)

    def revoke(self, token: str) -> None:
        """Make a token invalid, as when it expires or its owner deletes it."""
        self.accounts.revoked.add(token)

    def environment(
        self, user: str | None = "alice", *, role: TokenRole = "write", home: str | Path | None = None
    ) -> dict[str, str]:
        """Return the variables that make a client process talk to this Hub as `user` (None: without a token).

        Caches go to `home`; without it to a temporary folder for each user, gone with the Hub. Clients read
        most of these when they are imported.
        """
        home = Path(home) if home else self._home / "clients" / (user or "nobody")
        home.mkdir(parents=True, exist_ok=True)
        return {
            "HF_ENDPOINT": self.url,
            "HF_TOKEN": self.token(user, role) if user else "",
            "HF_HOME": str(home),
            "HF_HUB_CACHE": str(home / "hub"),
            "HF_DATASETS_CACHE": str(home / "datasets"),
            "HF_XET_CACHE": str(home / "xet"),
            "HF_TOKEN_PATH": str(home / "token"),
            "HF_HUB_DISABLE_XET": "0" if self.xet else "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_UPDATE_CHECK": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_HUB_OFFLINE": "0",
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }

    def requests(self, route: str | None = None, method: str | None = None) -> list[Entry]:
        """Return the log, or the part of it for one route or one method."""
        return [e for e in list(self.log) if route in (None, e.route) and method in (None, e.method)]

    def seed(
        self,
        repo: str,
        files: Mapping[str, bytes] | None = None,
        *,
        type: str = "dataset",
        private: bool = False,
        gated: str | bool = False,
        branch: str = "main",
        title: str = "seed",
    ) -> Commit:
        """Commit files to a repo without a request, as another client would; creates a missing repo."""
        author = repo.split("/")[0]
        try:
            found = self.store.create(type, repo, author, private=private)
            found.gated = gated
        except FileExistsError:
            found = self.repo(repo, type)
        with found.lock:
            start = found.branches.get(branch) or found.branches["main"]
            tree = dict(found.commit(start).files)
            for path, content in (files or {}).items():
                tree[path] = self.store.add_file(path, content, lfs=b"\0" in content[:512])
            found.branches[branch] = start
            return found.write(branch, tree, title=title, author=author)

    def grant(self, repo: str, user: str, type: str = "dataset") -> None:
        """Let a user into a gated repo."""
        found = self.repo(repo, type)
        found.granted.append(user)
        found.save()

    def repos(self, type: str = "dataset") -> list[str]:
        """Return the names of all repos."""
        return sorted(repo.id for repo in self.store.repos.values() if repo.type == type)

    def repo(self, repo: str, type: str = "dataset") -> Repo:
        """Return a repo: its `branches`, `tags`, `discussions`, `private`, `gated`; KeyError if none."""
        return self.store.repos[type, repo]

    def files(self, repo: str, revision: str = "main", type: str = "dataset") -> dict[str, StoredFile]:
        """Return the files of a revision by path, each with `size`, `sha256`, `oid` and `lfs`."""
        return dict(self._commit(repo, revision, type).files)

    def read(self, repo: str, path: str, revision: str = "main", type: str = "dataset") -> bytes:
        """Return the content of a file."""
        return self.store.read(self._commit(repo, revision, type).files[path].sha256)

    def bucket(self, bucket: str) -> dict[str, bytes]:
        """Return the contents of a bucket by path; KeyError if there is none."""
        return read_bucket(self, bucket)

    def commits(self, repo: str, revision: str = "main", type: str = "dataset") -> list[Commit]:
        """Return the commits of a revision, newest first; the last is the Hub's own "initial commit"."""
        return list(self.repo(repo, type).history(self._commit(repo, revision, type).oid))

    def tags(self, repo: str, type: str = "dataset") -> dict[str, str]:
        """Return the tags and the commits they name."""
        return dict(self.repo(repo, type).tags)

    def branches(self, repo: str, type: str = "dataset") -> dict[str, str]:
        """Return the branches and their heads, pull requests among them as refs/pr/N."""
        return dict(self.repo(repo, type).branches)

    def _commit(self, repo: str, revision: str, type: str) -> Commit:
        commit = self.repo(repo, type).find(revision)
        if commit is None:
            raise KeyError(f"{repo} has no revision {revision}")
        return commit

    # For the routes

    def signed_url(self, kind: str, key: str, *, origin: str | None = None) -> str:
        """Return a link to the storage that works for an hour and without a token."""
        expires = int(time.time()) + 3600
        signature = self._sign(kind, key, expires)
        return f"{origin or self.storage_url}/storage/{kind}/{key}?expires={expires}&signature={signature}"

    def check_signature(self, call: Call, kind: str, key: str) -> None:
        """Refuse a link that was not made here, or long ago."""
        try:
            expires, signature = int(call.query["expires"][0]), call.query["signature"][0]
        except (KeyError, ValueError) as error:
            raise Refusal(403, "AccessDenied: the link is not signed") from error
        if expires < time.time() or not hmac.compare_digest(signature, self._sign(kind, key, expires)):
            raise Refusal(403, "AccessDenied: the link expired, or its signature is wrong")

    def _sign(self, kind: str, key: str, expires: int) -> str:
        return hmac.new(self._secret, f"{kind}/{key}/{expires}".encode(), hashlib.sha256).hexdigest()

    def cas_token(self, scope: str, *, expired: bool = False) -> tuple[str, int]:
        """Make a token for Xet storage; return it and when it expires."""
        token, expiry = f"{scope}-{secrets.token_hex(8)}", int(time.time()) + (-60 if expired else 3600)
        self._cas_tokens[token] = scope, expiry
        return token, expiry

    def check_cas_token(self, call: Call, scope: str) -> None:
        """Refuse a call to Xet storage whose token is unknown, expired, or for reading only."""
        held, expiry = self._cas_tokens.get(call.token or "", ("", 0))
        if expiry < time.time():
            raise Refusal(401, "The token is invalid or expired")
        if scope == "write" and held != "write":
            raise Refusal(403, "The token may only read")

    def count(self, call: Call, route: Route) -> dict[str, str]:
        """Count a request; return the RateLimit headers, or refuse with 429 above the quota."""
        if route.auth != "hub":
            return {}
        now = int(time.time())
        key = (call.identity.user if call.identity else "anonymous", now // WINDOW)
        with self._lock:
            used = self._counts[key] = self._counts.get(key, 0) + 1
        kind = {"resolve": "resolvers", "page": "pages"}.get(route.name, "api")
        headers = {
            "RateLimit": f'"{kind}";r={max(self.quota - used, 0)};t={WINDOW - now % WINDOW}',
            "RateLimit-Policy": f'"fixed window";"{kind}";q={self.quota};w={WINDOW}',
        }
        if used > self.quota:
            raise Refusal(429, "You have sent too many requests", headers=headers)
        return headers
