"""Texts and pictures to ids and tiles: the official ids, a batch like its texts one by one, refusals."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from support.phi3_prompts import OFFICIAL, PROMPT, WORDS, needs_official, picture

from datagen.schemas import InputError
from datagen.train.phi3_vision.image_processing import Phi3VImageProcessor, count_slots
from datagen.train.phi3_vision.processing import Phi3VProcessor
from datagen.train.phi3_vision.tiny_tokenizer import tiny_tokenizer

GOLDEN = [("phi3", "wide"), ("phi3", "tall"), ("phi3", "square"), ("phi35", "tall")]


@st.composite
def prompts(draw: st.DrawFn) -> tuple[str, list[Image.Image]]:
    """A text that names none to three pictures, anywhere, and the pictures."""
    sizes = draw(st.lists(st.tuples(st.integers(1, 150), st.integers(1, 150)), max_size=3))
    pictures = [picture(w, h) for w, h in sizes if max(w, h) < 56 * min(w, h)]
    text = draw(st.sampled_from(WORDS))
    for number in range(1, len(pictures) + 1):
        text += f"<|image_{number}|>" + draw(st.sampled_from(WORDS))
    return text, pictures


# What the ids are


@needs_official
@pytest.mark.parametrize(("model", "case"), GOLDEN)
def test_ids_equal_the_official_ones(model: str, case: str) -> None:
    golden = np.load(OFFICIAL / model / "golden.npz")
    official = Phi3VProcessor.from_pretrained(OFFICIAL / model)
    done = official(str(golden[f"{case}.prompt"]), golden[f"{case}.image_png"].tobytes(), num_crops=4)
    assert np.array_equal(done["input_ids"], golden[f"{case}.input_ids"])
    assert np.array_equal(done["image_sizes"], golden[f"{case}.image_sizes"])
    assert np.array_equal(
        done["pixel_values"].numpy().ravel()[::997], golden[f"{case}.pixel_values_every_997th"]
    )
    assert done["attention_mask"].all()


@needs_official
def test_ids_of_two_pictures_are_the_official_pieces_side_by_side() -> None:
    official = Phi3VProcessor.from_pretrained(OFFICIAL / "phi35")
    text = "<|user|>\n<|image_1|>\n<|image_2|>\nWhich?<|end|>\n<|assistant|>\n"
    ids = official(text, [picture(), picture(40, 60)], num_crops=1)["input_ids"][0].tolist()
    around, question = [1, 29871, 13], [1, 29871, 13, 8809, 436, 29973, 32007, 29871, 13, 32001]
    assert ids == [1, 32010, 29871, 13, *[-1] * 313, *around, *[-2] * 313, *question]


def test_every_piece_of_text_begins_with_its_own_s(processor: Phi3VProcessor) -> None:
    ids = processor("<|image_1|><|image_2|>", [picture(), picture()])["input_ids"][0].tolist()
    runs = [ids[0], *(after for before, after in pairwise(ids) if before != after)]
    assert runs == [1, -1, 1, -2, 1]
    plain = processor("<|image_1|>x", picture(), add_special_tokens=False)["input_ids"]
    assert not (plain == 1).any()


@settings(max_examples=60)
@given(st.lists(prompts(), min_size=1, max_size=4), st.sampled_from(["left", "right"]), st.integers(1, 9))
def test_a_batch_is_its_texts_one_by_one(
    processor: Phi3VProcessor, batch: list[tuple[str, list[Image.Image]]], side: str, num_crops: int
) -> None:
    texts, pictures = [text for text, _ in batch], [own for _, own in batch]
    nested = processor(texts, pictures, num_crops=num_crops, padding_side=side)
    flat = processor(texts, [one for own in pictures for one in own], num_crops=num_crops, padding_side=side)
    assert nested.keys() == flat.keys()
    assert all(torch.equal(nested[key], flat[key]) for key in nested)
    assert ("pixel_values" in nested) == any(pictures)
    seen = 0
    for k, (text, own) in enumerate(batch):
        single = processor(text, own or None, num_crops=num_crops)
        ids, mask = nested["input_ids"][k], nested["attention_mask"][k].bool()
        assert torch.equal(ids[mask], single["input_ids"][0])
        assert (ids[~mask] == processor.tokenizer.pad_token_id).all()
        empty = int((~mask).sum())
        assert not (mask[:empty] if side == "left" else mask[len(mask) - empty :]).any()
        for number in range(1, len(own) + 1):
            rows, columns = (nested["image_sizes"][seen] // 56).tolist()
            assert rows * columns <= num_crops
            assert int((ids == -number).sum()) == count_slots(rows, columns, 4)
            tiles = nested["pixel_values"][seen, : 1 + rows * columns]
            assert torch.equal(tiles, single["pixel_values"][number - 1, : 1 + rows * columns])
            seen += 1
        slots = ids[ids < 0]
        assert torch.equal(slots, slots.sort(descending=True).values)
    assert seen == len(nested.get("image_sizes", []))


def test_text_alone(processor: Phi3VProcessor) -> None:
    for nothing in (None, [], [[]], [None]):
        done = processor("What is shown?", nothing)
        assert set(done) == {"input_ids", "attention_mask"}
    assert done["input_ids"][0].tolist() == processor.tokenizer("What is shown?").input_ids


def test_texts_with_and_without_pictures_mix(processor: Phi3VProcessor) -> None:
    texts = ["x<|image_1|>", "y", "<|image_1|><|image_2|>"]
    one, two, three = picture(), picture(30, 90), picture(90, 30)
    done = processor(texts, [one, None, [two, three]])
    assert torch.equal(done["pixel_values"], processor(texts, [one, two, three])["pixel_values"])
    assert len(done["image_sizes"]) == 3
    assert processor.model_input_names == list(done)


def test_padding(processor: Phi3VProcessor) -> None:
    texts = ["a b c d e f", "a"]
    longest = len(processor(texts[0])["input_ids"][0])
    assert processor(texts)["input_ids"].shape == (2, longest)
    assert processor(texts, padding="longest", pad_to_multiple_of=64)["input_ids"].shape == (2, 64)
    assert processor(texts, padding="max_length", max_length=40)["attention_mask"].sum(1).tolist() == [
        longest,
        len(processor("a")["input_ids"][0]),
    ]
    ragged = processor(texts, padding=False, return_tensors=None)
    assert [len(row) for row in ragged["input_ids"]] == [longest, len(processor("a")["input_ids"][0])]
    processor.tokenizer.padding_side = "left"
    try:
        assert processor(texts)["attention_mask"][1, 0] == 0
    finally:
        processor.tokenizer.padding_side = "right"


def test_numpy_on_request(processor: Phi3VProcessor) -> None:
    done = processor(PROMPT, picture(), return_tensors="np")
    assert {type(value) for value in done.values()} == {np.ndarray}
    assert np.array_equal(done["input_ids"], processor(PROMPT, picture())["input_ids"])


# Truncation


def test_truncation_cuts_text_and_never_a_picture(processor: Phi3VProcessor) -> None:
    text = "<|image_1|>" + "a b c d e f g h"
    whole = processor(text, picture(), num_crops=1)["input_ids"][0]
    slots = int((whole < 0).sum())
    kept = processor(text, picture(), num_crops=1, truncation=True, max_length=slots + 4)["input_ids"][0]
    assert torch.equal(kept, whole[: slots + 4])
    with pytest.raises(
        InputError, match=r"which would cut picture 1; lower num_crops \(now 1\) or raise max_"
    ):
        processor(text, picture(), num_crops=1, truncation=True, max_length=slots)
    processor.tokenizer.truncation_side = "left"
    try:
        assert torch.equal(
            processor("a b c d e f", truncation=True, max_length=3)["input_ids"][0],
            processor("a b c d e f")["input_ids"][0, -3:],
        )
        with pytest.raises(InputError, match="picture 1"):
            processor(text, picture(), truncation=True, max_length=slots)
    finally:
        processor.tokenizer.truncation_side = "right"


def test_without_truncation_a_long_text_is_refused(processor: Phi3VProcessor) -> None:
    with pytest.raises(
        InputError, match="text 2 of 2 has .* ids, more than the 5 allowed, and truncation is off"
    ):
        processor(["a", "a b c d e f g h"], max_length=5)
    with pytest.raises(InputError, match="truncation is off"):
        processor("a b c d e f g h", max_length=5, truncation="do_not_truncate")


# Refusals


REFUSED: dict[str, tuple[Any, Any, dict[str, Any], str]] = {
    "no text": (None, None, {}, "text must be a string"),
    "empty list": ([], None, {}, "text must be a string"),
    "tokens": ([["a", "b"]], None, {}, "text must be a string"),
    "half a character": (["a", "b\ud800"], None, {}, "text 2 of 2 has half a character"),
    "skips a number": ("<|image_2|>", [picture()], {}, "has <|image_2|> where <|image_1|> is expected"),
    "begins at none": ("<|image_0|>", [picture()], {}, "has <|image_0|> where <|image_1|> is expected"),
    "has a hole": (
        "<|image_1|><|image_3|>",
        [picture()] * 2,
        {},
        "<|image_3|> where <|image_2|> is expected",
    ),
    "repeats": ("<|image_1|><|image_1|>", [picture()] * 2, {}, "<|image_1|> where <|image_2|> is expected"),
    "misorders": ("<|image_2|><|image_1|>", [picture()] * 2, {}, "<|image_2|> where <|image_1|> is expected"),
    "leading nought": ("<|image_01|>", [picture()], {}, "<|image_01|> where"),
    "endless number": (f"<|image_{'1' * 9999}|>", [picture()], {}, "<|image_111111111111|> where"),
    "runs on over texts": (
        ["<|image_1|>", "<|image_2|>"],
        [picture()] * 2,
        {},
        "text 2 of 2 has <|image_2|> where <|image_1|> is expected",
    ),
    "picture missing": (PROMPT, None, {}, "the text refers to 1 picture but 0 are given"),
    "picture too many": (PROMPT, [picture()] * 2, {}, "the text refers to 1 picture but 2 are given"),
    "picture unnamed": ("What?", picture(), {}, "the text refers to 0 pictures but 1 is given"),
    "in the wrong text": (
        [PROMPT, "x"],
        [[], [picture()]],
        {},
        "text 1 of 2 refers to 1 picture but 0 are given",
    ),
    "flat, too few": ([PROMPT, PROMPT], [picture()], {}, "the batch refers to 2 pictures but 1 is given"),
    "lists, too few": ([PROMPT, PROMPT], [[picture()]], {}, "there are 2 texts but lists of pictures for 1"),
    "bad picture": ([PROMPT, PROMPT], [picture(), b"no"], {}, "picture 2 of 2: the picture cannot be read"),
    "num_crops": (PROMPT, [picture()], {"num_crops": 0}, "num_crops must be"),
    "padding": ("a", None, {"padding": "max_length"}, "padding must be"),
    "unknown padding": ("a", None, {"padding": "yes"}, "padding must be"),
    "padding_side": (["a", "a b"], None, {"padding_side": "top"}, "padding_side must be"),
    "max_length": ("a", None, {"max_length": 0}, "max_length must be"),
    "ragged": (["a", "a b"], None, {"padding": False}, "the texts differ in length"),
    "return_tensors": ("a", None, {"return_tensors": "tf"}, "return_tensors must be"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_fault_is_one_sentence(processor: Phi3VProcessor, name: str) -> None:
    text, images, options, reason = REFUSED[name]
    with pytest.raises(InputError) as caught:
        processor(text, images, **options)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


def test_both_parts_are_needed() -> None:
    with pytest.raises(InputError, match="needs both"):
        Phi3VProcessor(Phi3VImageProcessor())
    tokenizer = tiny_tokenizer(["a"])
    tokenizer.pad_token = None
    with pytest.raises(InputError, match="no pad_token"):
        Phi3VProcessor(Phi3VImageProcessor(), tokenizer)


def test_ids_to_stop_at_come_from_the_vocabulary(processor: Phi3VProcessor) -> None:
    assert processor.tokenizer.convert_ids_to_tokens(processor.stop_ids) == ["<|end|>", "<|endoftext|>"]


@needs_official
@pytest.mark.parametrize("model", ["phi3", "phi35"])
def test_official_ids_to_stop_at_and_to_pad_with(model: str) -> None:
    official = Phi3VProcessor.from_pretrained(OFFICIAL / model)
    assert official.stop_ids == [32007, 32000]
    assert official.tokenizer.pad_token_id == 32000


# Back to text


def test_decoding_shows_pictures_or_drops_them(processor: Phi3VProcessor) -> None:
    ids = processor(["<|user|>x<|image_1|>y<|image_2|><|end|>", "z"], [picture(), picture()])["input_ids"]
    shown = processor.batch_decode(ids)
    assert shown[0] == "<s><|user|> x<|image_1|><s> y<|image_2|><s><|end|>"
    assert processor.decode(ids[0].tolist()) == shown[0]
    assert processor.decode(ids) == shown == processor.decode(ids.numpy())
    assert processor.batch_decode(ids, skip_special_tokens=True) == ["xy", "z"]
    assert processor.post_process_image_text_to_text(ids) == ["xy", "z"]
    assert processor.decode([]) == ""
    labels = torch.where(ids < 0, -100, ids)
    assert processor.batch_decode(labels, skip_special_tokens=True) == ["xy", "z"]
