"""A folder is opened whole or refused in one sentence; its small files are written whole or not at all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from support.sets import edit_manifest, garden

from datagen.dataset.folder import open_folder
from datagen.dataset.preview import write_preview
from datagen.dataset.verify import verify_folder
from datagen.product.profile import Profile, load_profile
from datagen.schemas import InputError, Schema, load_schema
from datagen.schemas.files import safe_file_name, write_file
from datagen.schemas.folder import partial
from datagen.schemas.schema import schema_digest
from datagen.schemas.yaml_file import to_yaml


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return garden(tmp_path_factory.mktemp("folder") / "whole", rows=12)


@pytest.fixture(scope="module")
def victim(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(whole, tmp_path_factory.mktemp("victim") / "set"))


def _refused(folder: Path) -> str:
    with pytest.raises(InputError) as refused:
        verify_folder(folder)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 2000
    return str(refused.value)


def test_a_folder_opens_as_what_it_was_made_from(
    whole: Path, garden_schema: Schema, garden_profile: Profile
) -> None:
    folder = open_folder(whole)
    assert folder.schema == garden_schema
    assert folder.profile == garden_profile
    assert folder.profile.digest() == garden_profile.digest() == folder.manifest.recipe.profile.sha256
    assert schema_digest(folder.schema) == folder.manifest.recipe.table.sha256
    assert folder.manifest.rows == 12
    assert all(path.is_file() for path in folder.shard_paths())


def test_the_built_in_profile_and_schema_survive_being_written(burberry: Profile, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(to_yaml(burberry), encoding="utf-8")
    (tmp_path / "s.yaml").write_text(to_yaml(load_schema("burberry")), encoding="utf-8")
    assert load_profile(tmp_path / "p.yaml").digest() == burberry.digest()
    assert load_schema(tmp_path / "s.yaml") == load_schema("burberry")


def test_what_is_no_dataset_is_refused(tmp_path: Path) -> None:
    assert "no dataset folder" in _refused(tmp_path / "nowhere")
    assert "no manifest.json" in _refused(tmp_path)
    (tmp_path / "half.partial").mkdir()
    assert "--resume" in _refused(tmp_path / "half")
    (tmp_path / "file").write_text("")
    assert "no dataset folder" in _refused(tmp_path / "file")
    (tmp_path / "manifest.json").mkdir()
    assert "cannot be read" in _refused(tmp_path)


@pytest.mark.parametrize("name", ["manifest.json", "profile.yaml", "schema.yaml"])
def test_a_missing_or_cut_or_binary_file_is_refused(whole: Path, victim: Path, name: str) -> None:
    content = (whole / name).read_bytes()
    (victim / name).unlink()
    assert name in _refused(victim) or "no manifest" in _refused(victim)
    for damaged in (b"", content[: len(content) // 2], b"\xff\xfe" + content, b"[" * 100_000, b"- a\n- b\n"):
        (victim / name).write_bytes(damaged)
        assert name in _refused(victim)
    (victim / name).write_bytes(content)
    assert verify_folder(victim).whole


HOSTILE: list[Any] = [
    ("shards", []),
    ("shards", "data"),
    ("shards", [{"path": "../../etc/passwd", "rows": 1, "bytes": 1, "sha256": "0" * 64}]),
    ("shards", [{"path": "/etc/passwd.parquet", "rows": 1, "bytes": 1, "sha256": "0" * 64}]),
    ("shards", [{"path": "data/a\n.parquet", "rows": 1, "bytes": 1, "sha256": "0" * 64}]),
    ("shards", [{"path": "data/a.parquet", "rows": -1, "bytes": 1, "sha256": "0" * 64}]),
    ("shards", [{"path": "data/a.parquet", "rows": 10**4000, "bytes": 1, "sha256": "0" * 64}]),
    ("shards", [{"path": "data/a.parquet", "rows": 1, "bytes": 1, "sha256": "0" * 63}]),
    ("versions", None),
    ("families", -1),
    ("recipe", "all"),
    ("recipe", {}),
    ("more", 1),
]


@pytest.mark.parametrize(("field", "value"), HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_manifest_is_refused(whole: Path, victim: Path, field: str, value: object) -> None:
    edit_manifest(victim, lambda manifest: manifest.update({field: value}))
    assert "manifest.json" in _refused(victim)
    shutil.copy(whole / "manifest.json", victim / "manifest.json")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("image_size", "64x64"),
        ("image_size", 64),
        ("image_size", [64]),
        ("image_size", ["a", "b"]),
        ("profile", "garden"),
        ("profile", {"name": "garden"}),
        ("schema", "garden"),
        ("rows", "many"),
        ("rows", 0),
    ],
)
def test_a_hostile_recipe_is_refused(whole: Path, victim: Path, field: str, value: object) -> None:
    edit_manifest(victim, lambda manifest: manifest["recipe"].update({field: value}))
    assert "manifest.json" in _refused(victim)
    with pytest.raises(InputError):
        write_preview(victim, victim.with_name("p.png"))
    shutil.copy(whole / "manifest.json", victim / "manifest.json")


def test_an_older_manifest_reads_and_asks_for_no_ground_truth(whole: Path) -> None:
    recipe = json.loads((whole / "manifest.json").read_text(encoding="utf-8"))["recipe"]
    assert not {"attributes", "masks"} & set(recipe)
    assert open_folder(whole).ground_truth == ()


def test_columns_that_cannot_be_there_are_refused(whole: Path, victim: Path) -> None:
    edit_manifest(victim, lambda manifest: manifest["recipe"].update(attributes=True))
    assert open_folder(victim).ground_truth == ("attributes",)
    text = (victim / "schema.yaml").read_text(encoding="utf-8")
    (victim / "schema.yaml").write_text(text.replace("name: photo", "name: attributes"), encoding="utf-8")
    assert "'attributes', which is also the name" in _refused(victim)
    for name in ("schema.yaml", "manifest.json"):
        shutil.copy(whole / name, victim / name)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.one_of(
        st.binary(max_size=300),
        ANY_JSON.map(lambda value: json.dumps(value).encode()),
        st.fixed_dictionaries(
            {"versions": ANY_JSON, "recipe": ANY_JSON, "shards": st.lists(ANY_JSON, max_size=2)}
        ).map(lambda value: json.dumps(value).encode()),
    )
)
def test_any_bytes_are_refused_as_a_manifest(victim: Path, content: bytes) -> None:
    whole = (victim / "manifest.json").read_bytes()
    try:
        (victim / "manifest.json").write_bytes(content)
        _refused(victim)
    finally:
        (victim / "manifest.json").write_bytes(whole)


def test_a_manifest_larger_than_any_is_not_read(victim: Path) -> None:
    path = victim / "manifest.json"
    content = path.read_bytes()
    with path.open("r+b") as file:
        file.truncate(60_000_000)
    assert "larger" in _refused(victim)
    path.write_bytes(content)


def test_the_card_is_never_read(victim: Path) -> None:
    before = (victim / "README.md").read_bytes()
    (victim / "README.md").write_bytes(b"---\n!!python/object/apply:os.system [exit]\n" + b"\xff" * 100)
    assert verify_folder(victim).whole
    (victim / "README.md").write_bytes(before)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "file"
    write_file(target, "first\n")
    with pytest.raises(UnicodeEncodeError):
        write_file(target, "second \ud800")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert target.read_bytes() == b"first\n"


@given(st.text(max_size=260) | st.from_regex(r"[A-Za-z0-9+._/ -]{1,20}", fullmatch=True))
def test_a_name_that_passes_can_do_no_harm(name: str) -> None:
    try:
        assert safe_file_name(name) == name
    except InputError as refused:
        assert "\n" not in str(refused)
        return
    assert Path("folder", name).parent == Path("folder")
    assert name.isascii()
    assert name[0].isalnum() or name[0] == "+"
    assert name.isprintable()
    assert len(name) <= 250


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x.jpg", "/etc/x", "a/b.jpg", "a\\b", ".x", "x.", "a\0", "é.jpg", "x\n"]
)
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(InputError):
        safe_file_name(name)


@pytest.mark.parametrize("name", [".", "..", "/", "a/.."])
def test_a_place_without_a_name_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        partial(Path(name))
    assert partial(Path("sets/a")) == Path("sets/a.partial")


def test_what_is_written_is_plain_yaml(whole: Path) -> None:
    for name in ("schema.yaml", "profile.yaml"):
        assert isinstance(yaml.safe_load((whole / name).read_text(encoding="utf-8")), dict)
