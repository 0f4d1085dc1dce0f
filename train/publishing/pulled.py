"""A pushed model as a run again: `owner/name` or `owner/name@revision` wherever a run is named.

    CACHE/datagen/models/OWNER--NAME/COMMIT/    config.yaml and best/, as in a run's own folder

The files are anybody's: only names that a push writes are fetched, weights only as safetensors, nothing
above a size, and nothing is taken for whole that has not the listed bytes. Configurations are read as those
of runs are; no code is loaded.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from huggingface_hub import HfApi, cached_assets_path, constants, get_token, hf_hub_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.hf_api import RepoFile

from datagen.schemas import InputError, RunFailed
from datagen.schemas.files import sha256
from datagen.schemas.hub_pages import OddPage, listed
from datagen.schemas.model_folder import MODEL_RECORD, MOST_RECORD_BYTES, read_record
from datagen.schemas.progress import StageProgress
from datagen.schemas.text import printable, without_secrets
from datagen.train.config import CONFIG, ModelConfig, RunConfig, load_config
from datagen.train.data.local_paths import refuse_missing_folder

REPO = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}")
WEIGHTS = re.compile(r"(adapter_model|model(-[0-9]{5}-of-[0-9]{5})?)\.safetensors")
BESIDE = frozenset(
    """
    adapter_config.json config.json generation_config.json model.safetensors.index.json
    preprocessor_config.json processor_config.json chat_template.jinja chat_template.json
    tokenizer.json tokenizer_config.json special_tokens_map.json added_tokens.json
    vocab.json merges.txt
    """.split()  # noqa: SIM905 - words read better
)
"""The files of a model, its processor and its tokenizer, besides the weights."""

ABOUT = (CONFIG, MODEL_RECORD)
"""What says how the others are to be read."""

MOST_FILES = 10_000
MOST_BYTES_BESIDE = 100_000_000
"""Of a file that is no weights; the largest tokenizers have a third of it."""
MOST_BYTES_OF_WEIGHTS = 400_000_000_000


def run_folder(name: str | Path, progress: StageProgress = lambda stage, done, total: None) -> Path:
    """The folder of a run: ``name`` itself, or what it names on the Hub, which is fetched once.

    Raises InputError for a name that is neither, a repository that no push of a run wrote, or files that a
    push would not write; RunFailed if the Hub cannot be reached or the disk is full.
    """
    repo, _, revision = str(name).partition("@")
    if Path(name).exists() or not REPO.fullmatch(repo):
        return Path(name)
    refuse_missing_folder(str(name), "run")
    with _in_one_sentence(str(name)):
        api = HfApi(token=get_token(), library_name="datagen")
        commit = str(api.model_info(repo, revision=revision or None).sha)
        if not re.fullmatch("[0-9a-f]{40,64}", commit):
            raise _odd_answer()
        models = cached_assets_path(
            "datagen", namespace="models", subfolder=repo, assets_dir=constants.HF_ASSETS_CACHE
        )
        folder = models / commit
        if not folder.is_dir():
            _fetch(api, repo, commit, folder, progress)
    return folder


def is_pulled(run: Path) -> bool:
    """Whether a folder is a model from the Hub, which comes without its data."""
    return (run / MODEL_RECORD).is_file()


def _fetch(api: HfApi, repo: str, commit: str, folder: Path, progress: StageProgress) -> None:
    files = _wanted(_listed(api, repo, commit), repo)
    aside = folder.with_name(f".{commit}.part")
    total, done = sum(file.size for file in files), 0

    def receive(file: RepoFile, to: Path) -> None:
        nonlocal done
        progress("Receiving", done, total)
        hf_hub_download(
            repo, file.path, revision=commit, local_dir=to, token=api.token, endpoint=api.endpoint
        )
        path = to / file.path
        if path.stat().st_size != file.size or (file.lfs and sha256(path) != file.lfs.sha256):
            path.unlink()
            raise RunFailed(f"{repo}/{file.path} arrived incomplete or damaged; run the same command again.")
        done += file.size

    for file in files:
        if file.path in ABOUT:
            receive(file, aside)
    config = _as_run(aside, repo, folder)
    for file in files:
        if file.path not in ABOUT:
            receive(file, aside / "best")
    progress("Receiving", done, total)
    config.save(aside / CONFIG)
    for notes in (aside / ".cache", aside / "best" / ".cache"):  # the client's
        shutil.rmtree(notes, ignore_errors=True)
    try:
        aside.rename(folder)
    except OSError:
        if not folder.is_dir():  # another process was faster
            raise
        shutil.rmtree(aside, ignore_errors=True)


def _listed(api: HfApi, repo: str, commit: str) -> Iterator[RepoFile]:
    """The files at the top of a repository; what lies deeper, a run does not need."""
    try:
        for number, entry in enumerate(listed(api, f"models/{repo}/tree/{commit}", recursive=False)):
            if number == MOST_FILES:
                raise InputError(f"{repo} has more than {MOST_FILES:,} files, more than any model.")
            if entry.get("type") == "file":
                yield RepoFile(**entry)  # type: ignore[no-untyped-call]
    except OddPage:
        raise _odd_answer() from None


def _odd_answer() -> RunFailed:
    return RunFailed(
        f"{without_secrets(constants.ENDPOINT)} does not answer as the Hub does; try again later."
    )


def _wanted(files: Iterator[RepoFile], repo: str) -> list[RepoFile]:
    """The files to fetch, smallest first. Raises InputError for a repository that no push of a run wrote."""
    found = [
        file for file in files if file.path in ABOUT or file.path in BESIDE or WEIGHTS.fullmatch(file.path)
    ]
    names = {file.path for file in found}
    if not {CONFIG, MODEL_RECORD} <= names:
        raise InputError(
            f"{repo} is not a model that datagen push wrote, since it has no {MODEL_RECORD}; give such a "
            "model, or a run's folder."
        )
    if not any(WEIGHTS.fullmatch(name) for name in names):
        raise InputError(
            f"{repo} has no weights as safetensors, and nothing else is read; give another model."
        )
    weights = 0
    for file in found:
        most = MOST_RECORD_BYTES if file.path in ABOUT else MOST_BYTES_BESIDE
        is_weights = WEIGHTS.fullmatch(file.path) is not None
        weights += file.size if is_weights else 0
        if not 0 <= file.size <= (MOST_BYTES_OF_WEIGHTS if is_weights else most):
            raise InputError(f"{repo}/{file.path} has {file.size:,} bytes, more than such a file ever has.")
    if weights > MOST_BYTES_OF_WEIGHTS:
        raise InputError(f"{repo} has {weights:,} bytes of weights, more than {MOST_BYTES_OF_WEIGHTS:,}.")
    return sorted(found, key=lambda file: (file.size, file.path))


def _as_run(aside: Path, repo: str, folder: Path) -> RunConfig:
    """The configuration of a pulled model: a complete one is its own base. Raises InputError."""
    record = read_record((aside / MODEL_RECORD).read_bytes())
    if record is None:
        raise InputError(f"{repo} has a {MODEL_RECORD} that datagen push did not write; give another model.")
    try:
        config = load_config(aside / CONFIG)
    except InputError as error:
        raise InputError(str(error).replace(str(aside / CONFIG), f"{repo}/{CONFIG}")) from None
    if record.kind == "model":
        model = ModelConfig(
            base=str(folder / "best"),
            method="full",
            num_crops=config.model.num_crops,
            most_crops=config.model.most_crops,
            max_pixels=config.model.max_pixels,
        )
        return config.model_copy(update={"smoke": False, "model": model})
    base = config.model.base
    if config.smoke or config.model.method == "full" or not REPO.fullmatch(base) or Path(base).exists():
        raise InputError(
            f"{repo} is an adapter of {printable(base[:100])!r}, which is no model on the Hub, or the name "
            "of a folder here; give another model, or give the command in another folder."
        )
    return config


@contextmanager
def _in_one_sentence(name: str) -> Iterator[None]:
    """What the client raises as InputError or RunFailed."""
    repo, _, revision = name.partition("@")
    try:
        yield
    except (InputError, RunFailed):
        raise
    except OfflineModeIsEnabled:
        raise InputError("HF_HUB_OFFLINE is set, so the Hub cannot be reached; unset it.") from None
    except GatedRepoError:
        raise InputError(
            f"{repo} is gated; request access on its page, then log in with `hf auth login`."
        ) from None
    except RevisionNotFoundError:
        raise InputError(f"{repo} has no branch, tag or commit {revision!r}; give another.") from None
    except RepositoryNotFoundError:
        raise InputError(
            f"There is no folder {name}, and no model of that name on the Hub that your login can read."
        ) from None
    except HfHubHTTPError as error:
        raise RunFailed(
            f"The Hub answered {error.response.status_code} about {repo}; try again later."
        ) from None
    except (httpx2.TransportError, LocalEntryNotFoundError, ConnectionError) as error:
        raise RunFailed(
            f"{repo} cannot be downloaded from the Hub ({type(error).__name__}); try again later."
        ) from None
