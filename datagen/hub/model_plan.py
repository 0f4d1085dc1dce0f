"""What a push of a model has to do: what is asked for less what is there; refused where it would do harm."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError

from datagen.dataset.card_merge import Card, mark, merged
from datagen.hub.client import RepoType, commit_id, validate_card
from datagen.hub.files import (
    RemoteFile,
    download_card,
    download_file,
    git_blob_id,
    list_files,
    same_content,
)
from datagen.hub.request import Plan, PushRequest, repository
from datagen.schemas import InputError
from datagen.schemas.files import sha256
from datagen.schemas.folder import CARD
from datagen.schemas.markdown import code
from datagen.schemas.model_folder import (
    MODEL_RECORD,
    MOST_RECORD_BYTES,
    ModelFolder,
    ModelRecord,
    read_record,
)

_WEIGHTS = (".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".gguf", ".onnx", ".h5", ".msgpack")
_OF_A_MODEL = ("adapter_config.json", "config.json")
"""What a repository with a model has."""

_OURS = frozenset(
    {"base_model", "base_model_relation", "library_name", "pipeline_tag", "datasets", "model-index"}
)
"""YAML of the card that each push rewrites; other YAML is added where it is missing."""

_LICENCE_FIELDS = ("license", "license_name", "license_link")


@dataclass(frozen=True)
class ModelRequest(PushRequest):
    """A model to push. ``licence``: the YAML about it on the card of its base."""

    folder: ModelFolder
    licence: dict[str, str]

    repo_type: ClassVar[RepoType] = "model"

    @property
    def digest(self) -> str:
        """Of all files."""
        return digest_of(self.folder)

    @property
    def count(self) -> int:
        """The number of files."""
        return len(self.folder.record.files)

    def use(self, revision: str) -> str:
        """The command that answers with what was pushed."""
        return f"datagen predict {self.repo}{f'@{revision}' if revision else ''} photo.jpg"

    def plan(self, api: HfApi, revision: str) -> Plan:
        """What has to be done. Raises InputError where the repository has something else."""
        files = _files(self.folder)
        info = repository(api, self, revision)
        private = self.private is not False if info is None else bool(info.private)
        if self.folder.confidential and not private:
            raise InputError(self.folder.confidential)
        if info is None:
            card = _card(self, Card({}, ""))
            validate_card(api, card, "model")
            return Plan(None, private, files, card, (), 0)
        base = commit_id(info.sha)
        remote = list_files(api, self.repo, base, "model")
        before = _record(api, self.repo, base, remote)
        _refuse_other_model(self, before, remote)
        stale = [name for name in (before.files if before else ()) if name in remote and name not in files]
        new = {name: path for name, path in files.items() if not same_content(remote.get(name), path)}
        card = _card(self, download_card(api, self.repo, base, remote, "model"))
        unchanged = CARD in remote and remote[CARD].blob_id == git_blob_id(card.encode())
        if not unchanged:
            validate_card(api, card, "model")
        return Plan(
            base=base,
            private=private,
            send=new,
            card=None if unchanged else card,
            delete=tuple(sorted(stale)),
            kept=len(files) - len(new) + unchanged,
        )


def digest_of(folder: ModelFolder) -> str:
    """A short digest of what a model's folder holds."""
    digest = hashlib.sha256()
    for name, path in sorted(_files(folder).items()):
        digest.update(f"{name}\0{sha256(path)}\n".encode())
    return digest.hexdigest()[:12]


def licence_of(api: HfApi, record: ModelRecord) -> dict[str, str]:
    """The YAML about the licence on the card of a model's base; "unknown" where there is none."""
    if record.base is None:
        return {"license": "unknown"}
    try:
        card = api.model_info(record.base, revision=record.revision).card_data
    except HfHubHTTPError as error:
        if error.response.status_code not in {401, 403, 404}:
            raise
        card = None
    said = {name: getattr(card, name, None) for name in _LICENCE_FIELDS}
    return {"license": "unknown", **{name: value for name, value in said.items() if isinstance(value, str)}}


def _files(folder: ModelFolder) -> dict[str, Path]:
    """Path in the repository -> file on disk, without the card."""
    return {name: folder.path / name for name in (*folder.record.files, MODEL_RECORD)}


def _record(api: HfApi, repo: str, commit: str, remote: dict[str, RemoteFile]) -> ModelRecord | None:
    """The record that an earlier push left; None without one that can be read."""
    if MODEL_RECORD not in remote or remote[MODEL_RECORD].size > MOST_RECORD_BYTES:
        return None
    return read_record(download_file(api, repo, commit, MODEL_RECORD, remote, "model"))


def _refuse_other_model(
    request: ModelRequest, before: ModelRecord | None, remote: dict[str, RemoteFile]
) -> None:
    """What datagen did not push is not overwritten, and a repository stays one of the same base."""
    record, repo = request.folder.record, request.repo
    if before is not None:
        if before.base != record.base:
            holds = "an adapter" if before.kind == "adapter" else "a model"
            raise InputError(
                f"{repo} already holds {holds} of {_named(before.base)}, and this one is of "
                f"{_named(record.base)}; push to another repository."
            )
        return
    foreign = [name for name in sorted(remote) if name in _OF_A_MODEL or name.lower().endswith(_WEIGHTS)]
    if foreign:
        raise InputError(
            f"{repo} holds a model that datagen did not push ({foreign[0]}), which a push would overwrite; "
            "push to another repository."
        )


def _named(base: str | None) -> str:
    return "a base that is on no Hub" if base is None else base


def _card(request: ModelRequest, old: Card) -> str:
    """The repository's card after the push: what a user wrote on the Hub is kept."""
    front = {name: value for name, value in old.front.items() if name not in _OURS}
    licence = request.licence if "license" not in front else {}
    ours = Card(
        {**licence, **request.folder.front}, mark("model", request.folder.body + _licence_section(request))
    )
    card = merged(Card(front, old.body), ours)
    order = dict.fromkeys((*_LICENCE_FIELDS, *ours.front, *card.front))  # the same at every push
    return Card({name: card.front[name] for name in order if name in card.front}, card.body).text()


def _licence_section(request: ModelRequest) -> str:
    base, said = request.folder.record.base, request.licence
    if base is None or said["license"] == "unknown":
        of = "Its base" if base is None else code(base)
        text = f"{of} states no licence that could be read here; ask its authors before you use this."
    else:
        name = said.get("license_name") or said["license"]
        text = f"That of its base, {code(base)}: {code(name)}. The terms of the data hold as well."
    return f"\n\n## Licence\n\n{text}\n"
