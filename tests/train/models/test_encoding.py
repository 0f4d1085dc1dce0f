from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from support.tiny_chats import gemma_base, idefics_base
from transformers import PreTrainedTokenizerFast

from datagen.schemas import InputError
from datagen.train.chat.answers import parse
from datagen.train.chat.conversation import Chat, Template
from datagen.train.data.pictures import picture_size
from datagen.train.data.sources import Source, open_source
from datagen.train.models.collator import IGNORED
from datagen.train.models.encoding import Encoder, chat_of, picture_slots
from datagen.train.phi3_vision.processing import Phi3VProcessor
from datagen.train.phi3_vision.tiny_tokenizer import tiny_processor

OFFICIAL = Path(__file__).parents[4] / "shared" / "phi3_vision" / "phi3"
TEXTS = [
    "Product: Check Cotton Shirt, Category: SHIRTS, Full Price: 450.0",
    "What is shown in this image?",
] * 3
PROCESSOR = tiny_processor(TEXTS)


def picture(colour: str = "red", size: tuple[int, int] = (64, 64)) -> dict[str, Any]:
    into = io.BytesIO()
    Image.new("RGB", size, colour).save(into, "PNG")
    return {"bytes": into.getvalue(), "path": None}


def row(**changes: Any) -> dict[str, Any]:
    plain = {
        "title": "Check Cotton Shirt",
        "category3_code": "SHIRTS",
        "full_price": 450.0,
        "image": picture(),
    }
    return {**plain, **changes}


@pytest.fixture
def processor() -> Phi3VProcessor:
    return PROCESSOR


@pytest.fixture
def encoder() -> Encoder:
    return Encoder(PROCESSOR, Template())


def test_labels_cover_the_answer_and_its_end_and_nothing_else(
    processor: Phi3VProcessor, encoder: Encoder
) -> None:
    sample = encoder(row())
    learned = sample["labels"] != IGNORED
    told = processor.tokenizer.decode(sample["labels"][learned])
    assert told == "Product: Check Cotton Shirt, Category: SHIRTS, Full Price: 450.0<|end|>"
    assert sample["labels"][-1] == processor.tokenizer.convert_tokens_to_ids("<|end|>")
    first = int(learned.nonzero()[0])
    assert learned[first:].all()
    assert not learned[:first].any()
    assert torch.equal(sample["labels"][first:], sample["input_ids"][first:])
    asked = Encoder(processor, Template(), answers=False)(row())
    assert torch.equal(sample["input_ids"][:first], asked["input_ids"])
    assert "labels" not in asked


def test_the_picture_is_seen(encoder: Encoder) -> None:
    red, blue = encoder(row()), encoder(row(image=picture("blue")))
    assert torch.equal(red["input_ids"], blue["input_ids"])
    slots = red["input_ids"] == -1
    assert slots.sum() > 10
    assert (red["labels"][slots] == IGNORED).all()
    assert red["pixel_values"].shape[:1] == red["image_sizes"].shape[:1] == (1,)
    assert not torch.equal(red["pixel_values"], blue["pixel_values"])


def test_the_prompt_does_not_contain_the_answer(processor: Phi3VProcessor) -> None:
    encoder = Encoder(processor, Template(), answers=False)
    one, other = encoder(row()), encoder(row(title="Silk Tie", category3_code="TIES", full_price=9.0))
    assert set(one) == set(other) == {"input_ids", "attention_mask", "pixel_values", "image_sizes"}
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_the_prompt_is_the_published_one_token_by_token(processor: Phi3VProcessor) -> None:
    ids = Encoder(processor, Template(), answers=False)(row())["input_ids"]
    plain = processor.tokenizer.decode(ids[ids >= 0])
    assert (
        plain.replace("<s>", "").replace(" ", "") == "<|user|>\nWhatisshowninthisimage?<|end|><|assistant|>"
    )


@pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the official tokenizer is not beside the repository")
def test_prompt_and_answer_tokenised_apart_are_the_official_tokens_of_both_together() -> None:
    processor = Phi3VProcessor.from_pretrained(OFFICIAL)
    sample = Encoder(processor, Template(), options={"num_crops": 1})(row())
    ids = sample["input_ids"].tolist()
    tokenizer = PreTrainedTokenizerFast.from_pretrained(OFFICIAL)
    before, after = "<|user|>\n", "What is shown in this image?<|end|><|assistant|>\n"
    answer = "Product: Check Cotton Shirt, Category: SHIRTS, Full Price: 450.0<|end|>"
    last = len(ids) - 1 - ids[::-1].index(-1)
    assert ids[: ids.index(-1)] == tokenizer(before)["input_ids"] == [1, 32010, 29871, 13]
    assert ids[last + 1 :] == tokenizer(after + answer)["input_ids"]
    assert ids[-1] == 32007
    assert sample["labels"][sample["labels"] != IGNORED].tolist()[0] == 10969
    assert ids.count(-1) == 313


@given(
    st.text(max_size=40),
    st.sampled_from(["<|end|>", "<|endoftext|>", "<s>", "<|image_1|>", "<|user|>", "</s>", ""]),
)
def test_no_title_becomes_a_special_token(text: str, token: str) -> None:
    ids = Encoder(PROCESSOR, Template()).answer_ids(row(title=text[:20] + token + text[20:]))
    special = set(PROCESSOR.tokenizer.added_tokens_decoder)
    assert [number for number in ids if number in special] == [ids[-1]]
    told = PROCESSOR.tokenizer.decode(ids)
    assert parse(told, Template()) is not None


def test_special_tokens_of_other_tokenizers_are_taken_out_too() -> None:
    processor = tiny_processor(TEXTS)
    processor.tokenizer.add_special_tokens({"additional_special_tokens": ["[INST]"]})
    encoder = Encoder(processor, Template())
    assert encoder.answer_text(row(title="A [INST] B")).startswith("Product: A   B, Category")
    assert processor.tokenizer.convert_tokens_to_ids("[INST]") not in encoder.answer_ids(row(title="[INST]"))


def test_a_row_without_a_picture_asks_without_one(encoder: Encoder) -> None:
    sample = encoder(row(image=None))
    assert (sample["input_ids"] >= 0).all()
    assert "pixel_values" not in sample
    assert sample["labels"][-1] != IGNORED


def test_a_sample_that_is_too_long_is_refused_never_cut(processor: Phi3VProcessor) -> None:
    whole = Encoder(processor, Template())(row())
    tokens, slots = len(whole["input_ids"]), int((whole["input_ids"] < 0).sum())
    assert len(Encoder(processor, Template(), max_length=tokens)(row())["input_ids"]) == tokens
    why = f"has {tokens} tokens, {slots} of them its picture, .* {tokens - 1}; lower num_crops or raise"
    with pytest.raises(InputError, match=why):
        Encoder(processor, Template(), max_length=tokens - 1)(row())
    with pytest.raises(InputError, match="; raise max_length"):
        Encoder(processor, Template(), max_length=5)(row(image=None))


def test_fewer_crops_make_fewer_tokens(processor: Phi3VProcessor) -> None:
    sizes = [
        len(Encoder(processor, Template(), options={"num_crops": crops})(row())["input_ids"])
        for crops in (1, 4, 9)
    ]
    assert sizes == sorted(set(sizes))


def test_a_broken_picture_is_refused_in_a_sentence(encoder: Encoder) -> None:
    with pytest.raises(InputError, match="^its picture cannot be read"):
        encoder(row(image={"bytes": b"GIF89a", "path": None}))


def lengths_of(encoder: Encoder, source: Source) -> tuple[list[int], list[int]]:
    rows = [source.row(number) for number in range(len(source))]
    pictures = [row[encoder.template.image] for row in rows]
    sizes = [None if picture is None else picture_size(picture) for picture in pictures]
    lengths, of_pictures = encoder.lengths(rows, sizes)
    return lengths.tolist(), of_pictures.tolist()


@pytest.mark.parametrize("answers", [True, False])
def test_lengths_are_known_from_headers(tmp_path: Path, answers: bool) -> None:
    sizes = [(64, 64), (400, 60), (60, 400), (200, 130), (64, 64)]
    rows = [row(title="A" * 9 * at, image=picture(size=size)["bytes"]) for at, size in enumerate(sizes)]
    path = tmp_path / "sizes.parquet"
    pq.write_table(pa.Table.from_pylist([*rows, row(image=None)]), path)
    source = open_source(str(path), Template())
    encoder = Encoder(PROCESSOR, Template(), answers=answers)
    lengths, of_pictures = lengths_of(encoder, source)
    samples = [encoder(source.row(number))["input_ids"] for number in range(len(source))]
    assert lengths == [len(ids) for ids in samples]
    assert of_pictures == [picture_slots(PROCESSOR, ids) for ids in samples]
    assert len(set(lengths)) > 3


def test_lengths_are_those_of_samples_whether_or_not_the_processor_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = [(64, 64), (200, 60), (60, 200), (64, 64)]
    rows = [row(image=picture(size=size)["bytes"]) for size in sizes]
    path = tmp_path / "sizes.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path)
    source = open_source(str(path), Template())
    for made, counts in ((idefics_base, False), (gemma_base, True)):  # Idefics3 counts one too many here
        base = made()
        encoder = Encoder(base.processor, Template(), base.chat)
        samples = [encoder(source.row(number)) for number in range(len(source))]
        lengths = [len(sample["input_ids"]) for sample in samples]
        assert not counts or lengths_of(encoder, source)[0] == lengths
        assert all(picture_slots(base.processor, sample["input_ids"]) >= 4 for sample in samples)
        with monkeypatch.context() as patch:
            patch.setattr("datagen.train.models.encoding.count_picture_tokens", lambda *_, **__: None)
            assert lengths_of(Encoder(base.processor, Template(), base.chat), source)[0] == lengths


def test_a_start_token_that_the_tokenizer_adds_is_not_doubled() -> None:
    base = gemma_base()
    ids = Encoder(base.processor, Template(), base.chat)(row())["input_ids"].tolist()
    start = base.processor.tokenizer.bos_token_id
    assert ids.count(start) == 1
    assert ids[0] == start


class _WithTemplate:
    """Stands for a processor that has a chat template."""

    def __init__(self, template: str) -> None:
        self.tokenizer = tiny_processor(TEXTS).tokenizer
        self.tokenizer.chat_template = template

    def apply_chat_template(self, messages: Any, **options: Any) -> Any:
        return self.tokenizer.apply_chat_template(messages, **options)


QWEN = (
    "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
    "{% for m in messages %}<|im_start|>{{ m.role }}\n"
    "{% for c in m.content %}{% if c.type == 'image' %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% else %}{{ c.text }}{% endif %}{% endfor %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SMOL = (
    "<|im_start|>{% for m in messages %}{{ m.role | capitalize }}:{% if m.content[0].type != 'image' %} "
    "{% endif %}{% for c in m.content %}{% if c.type == 'image' %}<image>{% else %}{{ c.text }}{% endif %}"
    "{% endfor %}<end_of_utterance>\n{% endfor %}{% if add_generation_prompt %}Assistant:{% endif %}"
)


def test_other_chats_are_found_by_their_templates() -> None:
    assert chat_of(_WithTemplate(QWEN)) == Chat(
        before="<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n",
        picture="<|vision_start|><|image_pad|><|vision_end|>",
        after="<|im_end|>\n<|im_start|>assistant\n",
        end="<|im_end|>",
    )
    assert chat_of(_WithTemplate(SMOL)) == Chat(
        before="<|im_start|>User:",
        picture="<image>",
        after="<end_of_utterance>\nAssistant:",
        lead=" ",
        end="<end_of_utterance>",
    )


@pytest.mark.parametrize(
    "template",
    ["nothing", "{{ raise_exception('no') }}", "{% for m in messages %}{{ m.content[-1].text }}{% endfor %}"],
)
def test_a_chat_template_of_no_use_is_refused(template: str) -> None:
    with pytest.raises(InputError, match="chat template"):
        chat_of(_WithTemplate(template))
