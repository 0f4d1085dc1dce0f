"""What a Hub has after a push: files, shards, the card, and whether a revision is a whole dataset."""

from __future__ import annotations

import json

from support.hub_server import Hub

SET = "alice/set"
SENDING = ("preupload", "batch", "put", "put_part", "commit", "create", "branch", "tag", "xorb", "shard")


def files(hub: Hub, revision: str = "main", repo: str = SET) -> dict[str, str]:
    """Path -> SHA-256 of what the repository has."""
    return {path: file.sha256 for path, file in hub.files(repo, revision).items() if path != ".gitattributes"}


def shards(hub: Hub, revision: str = "main") -> list[str]:
    return sorted(path for path in files(hub, revision) if path.endswith(".parquet"))


def card(hub: Hub, revision: str = "main") -> str:
    return hub.read(SET, "README.md", revision).decode()


def nothing_was_sent(hub: Hub) -> bool:
    return not [entry for entry in hub.log if entry.route in SENDING]


def is_whole(hub: Hub, repo: str, revision: str = "main") -> bool:
    """Whether a revision is a whole set, or has nothing of one."""
    there = files(hub, revision, repo)
    if "manifest.json" not in there:
        return not [path for path in there if path != "README.md"]
    manifest = json.loads(hub.read(repo, "manifest.json", revision))
    listed = {shard["path"]: shard["sha256"] for shard in manifest["shards"]}
    return listed == {path: sha for path, sha in there.items() if path.endswith(".parquet")}
