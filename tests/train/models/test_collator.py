from __future__ import annotations

import io
from typing import Any

import pytest
import torch
from PIL import Image

from datagen.schemas import InputError
from datagen.train.chat.conversation import Template
from datagen.train.data.mixture import Place
from datagen.train.models.collator import IGNORED, PLACES, Collator, without_padding_mask
from datagen.train.models.encoding import Encoder
from datagen.train.phi3_vision.processing import Phi3VProcessor
from datagen.train.phi3_vision.tiny_tokenizer import tiny_processor

PAD = 3


@pytest.fixture(scope="module")
def processor() -> Phi3VProcessor:
    return tiny_processor(["Product: Check Cotton Shirt, Category: SHIRTS, Full Price: 450.0"] * 4)


def row(title: str, size: tuple[int, int] | None) -> dict[str, Any]:
    picture = None
    if size is not None:
        into = io.BytesIO()
        Image.linear_gradient("L").resize(size).save(into, "PNG")
        picture = {"bytes": into.getvalue(), "path": None}
    return {"title": title, "category3_code": "BAGS", "full_price": 5, "image": picture}


ROWS = [
    row("A", (64, 64)),
    row("A Long Check Cotton Trench Coat", (400, 60)),
    row("B", None),
    row("C", (60, 200)),
]


def test_a_batch_holds_each_sample_and_padding_that_nothing_learns(processor: Phi3VProcessor) -> None:
    encoder = Encoder(processor, Template())
    samples = [encoder(one) for one in ROWS]
    batch = Collator(PAD, multiple=8)(samples)
    assert batch["input_ids"].shape[1] % 8 == 0
    for number, sample in enumerate(samples):
        length = len(sample["input_ids"])
        assert torch.equal(batch["input_ids"][number, :length], sample["input_ids"])
        assert torch.equal(batch["labels"][number, :length], sample["labels"])
        assert batch["attention_mask"][number].tolist() == [1] * length + [0] * (
            batch["input_ids"].shape[1] - length
        )
        assert (batch["input_ids"][number, length:] == PAD).all()
        assert (batch["labels"][number, length:] == IGNORED).all()
    told = [processor.tokenizer.decode(labels[labels != IGNORED]) for labels in batch["labels"]]
    assert [text.split(",")[0] for text in told] == [f"Product: {one['title']}" for one in ROWS]


def test_pictures_of_any_size_and_none_share_a_batch(processor: Phi3VProcessor) -> None:
    encoder = Encoder(processor, Template())
    samples = [encoder(one) for one in ROWS]
    tiles = [sample["pixel_values"].shape[1] for sample in samples if "pixel_values" in sample]
    assert len(set(tiles)) > 1
    batch = Collator(PAD)(samples)
    assert batch["pixel_values"].shape[:2] == (3, max(tiles))
    assert batch["image_sizes"].shape == (3, 2)
    for number, sample in enumerate(one for one in samples if "pixel_values" in one):
        own = sample["pixel_values"][0]
        assert torch.equal(batch["pixel_values"][number, : len(own)], own)
        assert not batch["pixel_values"][number, len(own) :].any()
    together = processor(
        text=["<|user|>\n<|image_1|>What is shown in this image?<|end|><|assistant|>\n"] * 2,
        images=[[Image.open(io.BytesIO(ROWS[at]["image"]["bytes"])).convert("RGB")] for at in (0, 1)],
    )
    alone = Collator(processor.tokenizer.pad_token_id)(
        [Encoder(processor, Template(), answers=False)(ROWS[at]) for at in (0, 1)]
    )
    for name in ("input_ids", "attention_mask", "pixel_values", "image_sizes"):
        assert torch.equal(together[name], alone[name]), name


def test_prompts_are_filled_up_on_the_left_to_generate(processor: Phi3VProcessor) -> None:
    encoder = Encoder(processor, Template(), answers=False)
    samples = [encoder(one) for one in ROWS]
    batch = Collator(PAD, side="left")(samples)
    for number, sample in enumerate(samples):
        length = len(sample["input_ids"])
        assert torch.equal(batch["input_ids"][number, -length:], sample["input_ids"])
        assert batch["attention_mask"][number].sum() == length
        assert batch["attention_mask"][number, -1] == 1
    assert "labels" not in batch


def test_samples_without_any_picture_make_a_batch_without_pictures(processor: Phi3VProcessor) -> None:
    encoder = Encoder(processor, Template())
    batch = Collator(PAD)([encoder(ROWS[2]), encoder(ROWS[2])])
    assert set(batch) == {"input_ids", "attention_mask", "labels"}


def test_tensors_of_other_architectures_are_concatenated() -> None:
    """Qwen2.5-VL: patches and a grid; SmolVLM: (1, pictures, 3, height, width) and a mask; token types."""

    def sample(tokens: int, patches: int, height: int, kinds: bool) -> dict[str, Any]:
        given = {
            "input_ids": torch.arange(tokens),
            "pixel_values": torch.ones(patches, 7),
            "image_grid_thw": torch.tensor([[1, patches, 1]]),
            "pixel_attention_mask": torch.ones(1, 2, height, 4),
        }
        return {**given, "mm_token_type_ids": torch.ones(tokens, dtype=torch.long)} if kinds else given

    batch = Collator(PAD)([sample(5, 3, 6, True), sample(4, 2, 8, False)])
    assert batch["pixel_values"].shape == (5, 7)
    assert batch["image_grid_thw"].tolist() == [[1, 3, 1], [1, 2, 1]]
    assert batch["pixel_attention_mask"].shape == (2, 2, 8, 4)
    assert batch["pixel_attention_mask"][0, :, 6:].sum() == 0
    assert batch["mm_token_type_ids"].tolist() == [[1] * 5, [0] * 5]


def test_a_batch_may_say_which_rows_it_holds(processor: Phi3VProcessor) -> None:
    sample = {**Encoder(processor, Template())(ROWS[2]), "place": Place(1, 7)}
    assert PLACES not in Collator(PAD)([sample])
    assert Collator(PAD, places=True)([sample])[PLACES] == [Place(1, 7)]
    with pytest.raises(InputError, match="left or the right"):
        Collator(PAD, side="middle")


@pytest.mark.parametrize(
    ("mask", "longest", "dropped"),
    [
        ([[1, 1, 1, 1], [1, 1, 0, 0]], None, True),
        ([[1, 1, 1, 1], [1, 1, 0, 0]], 4, True),
        ([[1, 1, 1, 1], [1, 1, 0, 0]], 3, False),  # padding at positions that change Phi-3's rope
        ([[1, 1, 1, 1], [1, 1, 1, 1]], 3, True),
        ([[1, 1, 1, 1], [0, 0, 1, 1]], None, False),
        ([[1, 0, 1, 1]], None, False),
    ],
)
def test_a_padding_mask_is_left_out_only_where_it_changes_nothing(
    mask: list[list[int]], longest: int | None, dropped: bool
) -> None:
    batch = {"input_ids": torch.ones(len(mask), 4), "attention_mask": torch.tensor(mask)}
    bare = without_padding_mask(batch, longest)
    assert ("attention_mask" not in bare) == dropped
    assert bare.keys() | {"attention_mask"} == batch.keys()


def test_pictures_may_travel_in_half_as_many_bytes(processor: Phi3VProcessor) -> None:
    samples = [Encoder(processor, Template())(one) for one in ROWS]
    batch, small = Collator(PAD)(samples), Collator(PAD, floats=torch.bfloat16)(samples)
    assert small["pixel_values"].nbytes * 2 == batch["pixel_values"].nbytes
    assert torch.equal(small["pixel_values"], batch["pixel_values"].to(torch.bfloat16))
    assert torch.equal(small["input_ids"], batch["input_ids"])
