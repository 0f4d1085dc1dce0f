"""Texts and pictures to ids and tiles: the official ids, a batch like its texts one by one, refusals."""

from __future__ import annotations

import json
import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from transformers import AutoProcessor

import datagen.train.phi3_vision  # noqa: F401 (registers the processor with transformers)
from datagen.schemas import InputError
from datagen.train.phi3_vision.image_processing import Phi3VImageProcessor, count_slots
from datagen.train.phi3_vision.placeholders import PLACEHOLDER
from datagen.train.phi3_vision.processing import Phi3VProcessor
from datagen.train.phi3_vision.tiny_tokenizer import tiny_processor, tiny_tokenizer

OFFICIAL = Path(__file__).parents[4] / "shared" / "phi3_vision"
needs_official = pytest.mark.skipif(not OFFICIAL.is_dir(), reason=f"no official files at {OFFICIAL}")
GOLDEN = [("phi3", "wide"), ("phi3", "tall"), ("phi3", "square"), ("phi35", "tall")]
WORDS = ["What is shown in this image?", "Title: a wool scarf, price 450.00", "", "ü", "a  b"]
PROMPT = "<|user|>\n<|image_1|>\nWhat is shown?<|end|>\n<|assistant|>\n"


def picture(width: int = 60, height: int = 40) -> Image.Image:
    return Image.new("RGB", (width, height), (width % 256, height % 256, 90))


@pytest.fixture(scope="module")
def processor() -> Phi3VProcessor:
    return tiny_processor(WORDS * 3)


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


# Conversations

PARTS = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": [{"type": "image", "image": picture()}, {"type": "text", "text": "Which?"}]},
    {"role": "assistant", "content": "The first."},
    {
        "role": "user",
        "content": [{"type": "text", "text": "And now? "}, {"type": "image", "image": picture(9, 9)}],
    },
]
WRITTEN = (
    "<|system|>\nBe brief.<|end|>\n<|user|>\n<|image_1|>\nWhich?<|end|>\n<|assistant|>\nThe first.<|end|>\n"
    "<|user|>\nAnd now? <|image_2|>\n<|end|>\n<|assistant|>\n"
)


def test_parts_of_a_conversation_become_numbered_names(processor: Phi3VProcessor) -> None:
    assert processor.apply_chat_template(PARTS, add_generation_prompt=True) == WRITTEN
    assert processor.apply_chat_template([PARTS, PARTS[:1]], add_generation_prompt=True) == [
        WRITTEN,
        "<|system|>\nBe brief.<|end|>\n<|assistant|>\n",
    ]
    assert isinstance(PARTS[1]["content"], list)


def test_numbers_go_on_after_names_in_a_text(processor: Phi3VProcessor) -> None:
    conversation = [
        {"role": "user", "content": "<|image_1|>\nWhat?"},
        {"role": "user", "content": [{"type": "image"}, "And this?"]},
    ]
    prompt = processor.apply_chat_template(conversation)
    assert PLACEHOLDER.findall(prompt) == ["1", "2"]


def test_a_conversation_is_tokenised_with_its_pictures(processor: Phi3VProcessor) -> None:
    done = processor.apply_chat_template(
        [PARTS, PARTS[:1]],
        add_generation_prompt=True,
        tokenize=True,
        return_dict=True,
        processor_kwargs={"num_crops": 1, "padding_side": "left"},
    )
    prompts = [WRITTEN, "<|system|>\nBe brief.<|end|>\n<|assistant|>\n"]
    expected = processor(prompts, [picture(), picture(9, 9)], num_crops=1, padding_side="left")
    assert done.keys() == expected.keys()
    assert all(torch.equal(done[key], expected[key]) for key in done)


def test_pictures_can_be_given_next_to_a_conversation(processor: Phi3VProcessor) -> None:
    conversation = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What?"}]}]
    ids = processor.apply_chat_template(conversation, tokenize=True, images=[picture()], num_crops=1)
    assert torch.equal(
        ids, processor("<|user|>\n<|image_1|>\nWhat?<|end|>\n", picture(), num_crops=1)["input_ids"]
    )


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"role": "user"}, "message 1 needs a role and a content"),
        ({"content": "x"}, "message 1 needs a role and a content"),
        ("x", "message 1 needs a role and a content"),
        ({"role": "user", "content": [{"type": "video"}]}, "part of type 'video'"),
        ({"role": "user", "content": [{"type": "text"}]}, "text part without a text"),
        ({"role": "user", "content": [7]}, "part of type 'None'"),
        (
            {"role": "user", "content": [{"type": "image", "url": "http://x/y.png"}]},
            "has only the address of its picture",
        ),
        (
            {"role": "user", "content": [{"type": "image", "path": "/etc/passwd"}]},
            "has only the address of its picture",
        ),
        (
            {"role": "user", "content": [{"type": "image_url", "image_url": {}}]},
            "has only the address of its picture",
        ),
        ({"role": "user", "content": [{"type": "image"}]}, "the text refers to 1 picture but 0 are given"),
        ({"role": "user", "content": [{"type": "image", "image": "x.png"}]}, "is of type str"),
    ],
)
def test_a_malformed_message_is_refused(processor: Phi3VProcessor, message: Any, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        processor.apply_chat_template([message], tokenize=True)
    assert reason in str(caught.value)


def test_a_conversation_of_nothing_is_refused(processor: Phi3VProcessor) -> None:
    with pytest.raises(InputError, match="at least one message"):
        processor.apply_chat_template([])


def test_pictures_in_two_places_are_refused(processor: Phi3VProcessor) -> None:
    with pytest.raises(InputError, match="in one place"):
        processor.apply_chat_template(PARTS, tokenize=True, images=[picture()])


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


# On disk


def test_saved_and_loaded_is_the_same(processor: Phi3VProcessor, tmp_path: Path) -> None:
    processor.save_pretrained(tmp_path / "first")
    for loaded in (
        Phi3VProcessor.from_pretrained(tmp_path / "first"),
        AutoProcessor.from_pretrained(tmp_path / "first"),
    ):
        assert type(loaded) is Phi3VProcessor
        before, after = processor(PROMPT, picture()), loaded(PROMPT, picture())
        assert all(torch.equal(before[key], after[key]) for key in before)
        assert loaded.chat_template == processor.chat_template
    loaded.save_pretrained(tmp_path / "second")
    assert json.loads((tmp_path / "first" / "processor_config.json").read_text()) == {
        "processor_class": "Phi3VProcessor"
    }
    assert {file.name for file in (tmp_path / "first").iterdir()} == {
        "tokenizer.json",
        "tokenizer_config.json",
        "preprocessor_config.json",
        "processor_config.json",
        "chat_template.jinja",
    }
    for name in (
        "tokenizer.json",
        "preprocessor_config.json",
        "processor_config.json",
        "chat_template.jinja",
    ):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()
    assert Phi3VProcessor.from_pretrained(tmp_path / "first", num_crops=9).image_processor.num_crops == 9


def test_code_next_to_the_files_is_never_run(processor: Phi3VProcessor, tmp_path: Path) -> None:
    processor.save_pretrained(tmp_path)
    mine = f"open({str(tmp_path / 'ran')!r}, 'w')\nclass Phi3VProcessor: pass\n"
    (tmp_path / "processing_phi3_v.py").write_text(mine)
    for name in ("tokenizer_config.json", "preprocessor_config.json", "processor_config.json"):
        config = json.loads((tmp_path / name).read_text())
        kinds = ("AutoProcessor", "AutoTokenizer", "AutoImageProcessor")
        config["auto_map"] = dict.fromkeys(kinds, "processing_phi3_v.Phi3VProcessor")
        (tmp_path / name).write_text(json.dumps(config))
    for loaded in (
        Phi3VProcessor.from_pretrained(tmp_path),
        Phi3VProcessor.from_pretrained(tmp_path, trust_remote_code=True),
        AutoProcessor.from_pretrained(tmp_path),
    ):
        assert type(loaded) is Phi3VProcessor
    assert not (tmp_path / "ran").exists()
    loaded.save_pretrained(tmp_path / "again")
    assert not any("auto_map" in file.read_text() for file in (tmp_path / "again").glob("*_config.json"))


@needs_official
@pytest.mark.parametrize(("model", "num_crops"), [("phi3", 16), ("phi35", 4)])
def test_the_official_folder_loads_unchanged(tmp_path: Path, model: str, num_crops: int) -> None:
    for name in ("config", "preprocessor_config", "tokenizer", "tokenizer_config", "special_tokens_map"):
        shutil.copy(OFFICIAL / model / f"{name}.json", tmp_path)
    loaded = AutoProcessor.from_pretrained(tmp_path)
    assert type(loaded) is Phi3VProcessor
    assert loaded.image_processor.num_crops == num_crops
    assert type(AutoProcessor.from_pretrained(tmp_path, trust_remote_code=True)) is Phi3VProcessor
    loaded.save_pretrained(tmp_path / "saved")
    again = AutoProcessor.from_pretrained(tmp_path / "saved")
    before, after = loaded(PROMPT, picture()), again(PROMPT, picture())
    assert all(torch.equal(before[key], after[key]) for key in before)
    assert not any("auto_map" in file.read_text() for file in (tmp_path / "saved").glob("*_config.json"))
