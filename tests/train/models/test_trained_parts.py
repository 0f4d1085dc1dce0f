"""What is trained beside or instead of plain adapters, attention, and bases that cannot be had."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from huggingface_hub import hf_hub_download
from huggingface_hub.errors import GatedRepoError
from peft import LoraConfig, PeftModel
from peft.tuners.lora import LoraLayer
from safetensors.torch import load_file, save_file
from support.hub_server import Hub
from support.tiny_families import save_family
from transformers import AutoModelForImageTextToText

from datagen.schemas import InputError
from datagen.train.config import CONFIG, load_config
from datagen.train.models.adapter import merge
from datagen.train.models.attention import attention
from datagen.train.models.base import attach_lora, load_base, load_run, skeleton
from datagen.train.models.loading import ADAPTER, load_files
from datagen.train.models.trained_parts import PREFIX, save_adapter, trained_weights

pytestmark = pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing.*:FutureWarning")

IDS = torch.arange(5, 40)[None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_family(
        "phi3_v", tmp_path_factory.mktemp("base") / "model", ["What is shown in this image?"] * 4
    )


def asked(folder: Path, **flags: Any) -> Any:
    given = {name.replace("__", "."): value for name, value in flags.items()}
    return load_config(None, {"data.real": "shop", "model.base": str(folder), **given})


def moved(folder: Path, **flags: Any) -> tuple[Any, Any]:
    """A model of which everything trained was changed."""
    config = asked(folder, model__lora__dropout=0.0, **flags)
    base = attach_lora(load_base(config), config)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for weight in base.model.parameters():
            if weight.requires_grad:
                weight.data += torch.randn_like(weight) * 0.05
    return base, config


def logits(model: Any) -> torch.Tensor:
    with torch.inference_mode():
        found: torch.Tensor = model.eval()(input_ids=IDS).logits.float()
    return found


@pytest.mark.parametrize(("stabilised", "scaling"), [(False, 16 / 4), (True, 16 / 2)])
def test_rank_stabilised_adapters_are_scaled_by_the_root_of_the_rank(
    folder: Path, stabilised: bool, scaling: float
) -> None:
    lora = {"model__lora__rank": 4, "model__lora__alpha": 16}
    config = asked(folder, model__method="lora", model__lora__rank_stabilised=stabilised, **lora)
    model = attach_lora(load_base(config), config).model
    found = {layer.scaling["default"] for layer in model.modules() if isinstance(layer, LoraLayer)}
    assert found == {scaling}


@pytest.mark.parametrize("method", ["qlora", "lora"])
def test_dora_trains_and_keeps_magnitudes_and_can_be_merged(
    folder: Path, method: str, tmp_path: Path
) -> None:
    base, config = moved(folder, model__method=method, model__lora__dora=True)
    assert base.trainable() == trained_weights(skeleton(base.model.config), base.architecture, config)
    base.model(input_ids=IDS, labels=IDS).loss.backward()
    named = dict(base.model.named_parameters())
    sizes = [weight for name, weight in named.items() if "lora_magnitude_vector" in name]
    assert sizes
    assert all(weight.grad is not None and bool(weight.grad.any()) for weight in sizes)
    config.save(tmp_path / CONFIG)
    save_adapter(base.model, tmp_path / "best")
    base.processor.save_pretrained(tmp_path / "best")
    assert sum("lora_magnitude_vector" in name for name in load_file(tmp_path / "best" / ADAPTER)) == len(
        sizes
    )
    assert torch.equal(logits(load_run(tmp_path).model), logits(base.model))
    if method == "lora":
        merge(tmp_path, tmp_path / "merged")
        whole = AutoModelForImageTextToText.from_pretrained(tmp_path / "merged")
        assert torch.allclose(logits(whole), logits(base.model), atol=1e-4)


def test_peft_alone_reads_the_parts_in_an_adapters_file(folder: Path, tmp_path: Path) -> None:
    base, _ = moved(folder, model__method="lora", model__train=["decoder", "projector"])
    save_adapter(base.model, tmp_path / "best")
    plain = AutoModelForImageTextToText.from_pretrained(folder)
    again = PeftModel.from_pretrained(plain, str(tmp_path / "best"))
    expected, found = base.model.state_dict(), again.state_dict()
    assert all(torch.equal(found[name], weight) for name, weight in expected.items())
    assert LoraConfig.from_pretrained(str(tmp_path / "best")).modules_to_save is None


def test_an_adapter_without_a_part_that_its_run_trained_is_refused(folder: Path, tmp_path: Path) -> None:
    base, config = moved(folder, model__method="lora", model__train=["decoder", "projector"])
    config.save(tmp_path / CONFIG)
    save_adapter(base.model, tmp_path / "best")
    file = tmp_path / "best" / ADAPTER
    kept = {name: weight for name, weight in load_file(file).items() if "img_projection" not in name}
    save_file(kept, file)
    with pytest.raises(InputError, match=r"lacks model\.vision_embed_tokens\.img_projection"):
        load_run(tmp_path)
    assert any(PREFIX in name for name in kept)


@pytest.mark.parametrize("implementation", ["auto", "sdpa", "eager"])
def test_attention_is_as_asked_and_gives_the_same(folder: Path, implementation: str) -> None:
    config = asked(folder, model__method="lora", model__attention=implementation)
    model = load_base(config).model
    assert model.config._attn_implementation == ("sdpa" if implementation == "auto" else implementation)
    plain = load_base(asked(folder, model__method="lora")).model
    assert torch.allclose(logits(model), logits(plain), atol=1e-4)


def test_flash_attention_is_refused_where_it_cannot_run(folder: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    config = asked(folder, model__method="lora", model__attention="flash_attention_2")
    with pytest.raises(InputError, match=r"^model\.attention flash_attention_2 needs a GPU, which .*auto\.$"):
        attention(config)
    with pytest.raises(InputError, match="needs a GPU"):
        load_base(config)


def test_a_gated_base_is_refused_with_the_page_of_its_licence(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)

    def download(name: str) -> Any:
        return hf_hub_download(
            name, "config.json", endpoint=hub.url, token=hub.token("bob"), cache_dir=tmp_path / "cache"
        )

    def download_as_transformers_does(name: str) -> Any:
        try:
            return download(name)
        except GatedRepoError as error:
            raise OSError(f"You are trying to access a gated repo.\n{error}") from error

    files = {"config.json": (folder / "config.json").read_bytes()}
    with Hub(tmp_path / "hub", xet=False) as hub:
        hub.seed("alice/gated", files, type="model", gated="manual")
        hub.seed("alice/open", files, type="model")
        for load in (download, download_as_transformers_does):
            with pytest.raises(InputError) as refused:
                load_files("alice/gated", load, "alice/gated")
            assert str(refused.value) == (
                "alice/gated is gated: accept its licence at https://huggingface.co/alice/gated, log in with "
                "hf auth login, then try again."
            )
            assert Path(load_files("alice/open", load, "alice/open")).is_file()


def test_a_type_that_only_transformers_knows_is_refused_with_the_nearest_families(
    folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(folder, tmp_path / "other")
    (tmp_path / "other" / "config.json").write_text('{"model_type": "qwen3_5"}')
    with pytest.raises(
        InputError, match=r"cannot be trained here; the nearest supported: .*qwen3_vl \(Qwen3-VL\)"
    ):
        load_base(asked(tmp_path / "other"))
