"""Features of the pictures of a study: seen once by a vision model, kept, and found again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import transformers
from support.sets import contents
from support.vision_models import write_vision_model

from datagen.schemas import InputError, RunFailed
from datagen.train.config import load_config
from datagen.train.data.pictures import open_picture
from datagen.train.models import vision_model
from datagen.train.models.vision_model import open_vision_model
from datagen.train.study.features import VisionFeatures
from datagen.train.study.learners.probe import Probe
from datagen.train.study.plan import RETRIEVED, Asked
from datagen.train.study.running import run_cells
from datagen.train.study.study import Study, open_cells


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_vision_model(tmp_path_factory.mktemp("models") / "clip", "clip")


def study_in(real: Path, synthetic: Path, out: Path, model: Path | None) -> Study:
    flags = {"data.real": str(real), "data.synthetic": str(synthetic)}
    asked = Asked(real_rows=(40,), shares=(0, 0.5), seeds=2, features=None if model is None else str(model))
    return open_cells(asked, load_config(None, flags).data, Probe, out, lambda *_: None)


def unseen(name: str) -> Any:
    pytest.fail(f"{name} is opened again")


def test_every_picture_is_seen_once_and_its_features_are_kept(
    clip: Path, garden_set: Path, other_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = study_in(other_set, garden_set, tmp_path / "study", clip)
    by_hand = study_in(other_set, garden_set, tmp_path / "study", None)
    assert study.shared != by_hand.shared
    assert study.shared["learner"]["features"] == "clip"
    first = replace(study, cells=tuple(cell for cell in study.cells if cell.seed == 0))
    run_cells(first, None, lambda *_: None)
    assert not first.failures()
    assert any(cell.arm == RETRIEVED for cell in first.cells)

    data, row = study.data, int(study.data.test[3])
    picture = open_picture(data.real.source.row(row)[data.template.image])
    seen = open_vision_model(str(clip)).features([picture])[0]
    np.testing.assert_allclose(study.features.real[row], seen, atol=1e-5)
    assert not study.features.real[np.setdiff1d(np.arange(200), [*data.pool, *data.test])].any()
    assert len(list((tmp_path / "study/features").glob("*.npy"))) == 2

    monkeypatch.setattr(vision_model, "open_vision_model", unseen)
    moved = clip.parent / "moved"
    clip.rename(moved)
    again = study_in(other_set, garden_set, tmp_path / "study", moved)
    moved.rename(clip)
    np.testing.assert_array_equal(again.features.real, study.features.real)
    np.testing.assert_array_equal(again.features.synthetic, study.features.synthetic)
    run_cells(study, None, lambda *_: None)
    assert len(study.finished()) == len(study.cells)


def test_other_weights_have_files_of_their_own(
    clip: Path, garden_set: Path, other_set: Path, tmp_path: Path
) -> None:
    vit = write_vision_model(tmp_path / "clip", "vit")  # of the same name
    for model in (clip, vit):
        assert study_in(other_set, garden_set, tmp_path / "study", model).features.synthetic.any()
    assert len(contents(tmp_path / "study")) == 2


def test_a_kept_file_of_another_size_is_told(
    clip: Path, garden_set: Path, other_set: Path, tmp_path: Path
) -> None:
    study = study_in(other_set, garden_set, tmp_path, clip)
    assert study.features.synthetic.any()
    (file,) = (tmp_path / "features").iterdir()
    whole = file.read_bytes()
    for damage in (b"", whole[:-8], whole.replace(b"<f4", b"<f8"), b"\x93NUMPY" + b"x" * 40):
        file.write_bytes(damage)
        features = VisionFeatures(str(clip), study.data, tmp_path, lambda *_: None)
        with pytest.raises(RunFailed, match=r"\.npy is damaged \(.*\); remove it and run the command again"):
            assert features.synthetic.any()


def test_what_is_no_vision_model_is_refused_before_anything_is_written(
    clip: Path, garden_set: Path, other_set: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="There is no folder"):
        study_in(other_set, garden_set, tmp_path / "study", tmp_path / "nowhere")
    words = tmp_path / "words"
    config = transformers.BertConfig(
        vocab_size=20, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8
    )
    transformers.BertModel(config).save_pretrained(words)
    transformers.ViTImageProcessorPil().save_pretrained(words)
    study = study_in(other_set, garden_set, tmp_path / "study", words)
    with pytest.raises(InputError, match=r"is no model that turns pictures into vectors \(bert: "):
        run_cells(study, None, lambda *_: None)
    small = write_vision_model(tmp_path / "vit", "vit")
    transformers.ViTImageProcessorPil(size={"height": 48, "width": 48}).save_pretrained(small)
    study = study_in(other_set, garden_set, tmp_path / "study", small)
    with pytest.raises(InputError, match=r"into vectors \(vit: .*48"):
        run_cells(study, None, lambda *_: None)
    assert not (tmp_path / "study").exists()
