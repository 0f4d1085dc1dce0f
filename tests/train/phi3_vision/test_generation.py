"""Generating: what the cache holds changes nothing, not even across the switch of rope factors."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from support.phi3_batches import MIXED, NO_SHARED, SHARED, Picture, Prompt, collate
from transformers import GenerationConfig

from datagen.schemas import InputError
from datagen.train.phi3_vision import Phi3VForConditionalGeneration
from datagen.train.phi3_vision.tiny import tiny_config, tiny_model
from datagen.train.phi3_vision.tiny_tokenizer import tiny_tokenizer

LONG = 48
NEVER = 319  # stands for the end of an answer where a test wants all tokens


@pytest.fixture(scope="module")
def model() -> Phi3VForConditionalGeneration:
    return tiny_model(tiny_config(original_max_position_embeddings=LONG, eos_token_id=NEVER)).eval()


def generate(model: Phi3VForConditionalGeneration, batch: dict[str, Any], **options: Any) -> Any:
    return model.generate(**batch, **{"max_new_tokens": 8, "do_sample": False, **options})


def continuation(model: Phi3VForConditionalGeneration, prompt: Prompt, new: int) -> list[int]:
    """Greedy decoding without `generate` and without a cache: the whole sequence at every step."""
    batch = collate(model.config, [prompt])
    length = batch["input_ids"].shape[1]
    for _ in range(new):
        with torch.no_grad():
            token = model(**batch, use_cache=False).logits[:, -1:].argmax(dim=-1)
        batch["input_ids"] = torch.cat([batch["input_ids"], token], dim=1)
        batch["attention_mask"] = torch.ones_like(batch["input_ids"])
    out: list[int] = batch["input_ids"][0, length:].tolist()
    return out


def prompt_of(length: int) -> Prompt:
    return [1, *(3 + (7 * i) % 300 for i in range(length - 1))]


@pytest.mark.parametrize("cache", [True, False])
def test_a_batch_of_pictures_and_texts_across_the_switch(
    model: Phi3VForConditionalGeneration, cache: bool
) -> None:
    """Left padded; the sequences grow past the limit at different steps, one is beyond it from the start."""
    prompts: list[Prompt] = [
        *MIXED,
        prompt_of(LONG - 2),
        prompt_of(LONG),
        prompt_of(LONG + 1),
        [1, Picture(2, 2, seed=5), *prompt_of(LONG - 33)],
    ]
    batch = collate(model.config, prompts)
    written = generate(model, batch, use_cache=cache)[:, batch["input_ids"].shape[1] :].tolist()
    assert written == [continuation(model, prompt, 8) for prompt in prompts]


def test_scores_do_not_depend_on_the_cache(model: Phi3VForConditionalGeneration) -> None:
    batch = collate(model.config, [[1, Picture(2, 2, seed=5), *prompt_of(LONG - 33)], prompt_of(LONG - 4)])
    both = [
        torch.stack(
            generate(model, batch, use_cache=cache, return_dict_in_generate=True, output_logits=True).logits
        )
        for cache in (True, False)
    ]
    assert (both[0] - both[1]).abs().max() < 1e-4


def test_keys_of_both_kinds_would_be_seen(
    model: Phi3VForConditionalGeneration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above can fail: without emptying the cache the scores differ."""
    batch = collate(model.config, [prompt_of(LONG - 4)])

    def scores() -> torch.Tensor:
        out = generate(model, batch, max_new_tokens=6, return_dict_in_generate=True, output_logits=True)
        return torch.stack(out.logits)

    right = scores()
    monkeypatch.setattr(type(model), "_outgrows_short_rope", lambda *_: False)
    assert (scores() - right).abs().max() > 1e-2


def test_the_whole_batch_is_taken_again_only_when_a_sequence_outgrows(
    model: Phi3VForConditionalGeneration, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths: list[int] = []
    forward = model.model.forward

    def watched(**inputs: Any) -> Any:
        lengths.append(inputs["input_ids"].shape[1])
        return forward(**inputs)

    monkeypatch.setattr(model.model, "forward", watched)
    generate(model, collate(model.config, [prompt_of(LONG - 3), prompt_of(4)]), max_new_tokens=8)
    assert lengths == [LONG - 3, 1, 1, 1, LONG + 1, 1, 1, 1]


def test_embeddings_in_place_of_ids_across_the_switch(model: Phi3VForConditionalGeneration) -> None:
    prompts: list[Prompt] = [[1, Picture(2, 2, seed=5), *prompt_of(LONG - 33)], prompt_of(LONG - 4)]
    batch = collate(model.config, prompts)
    length = batch["input_ids"].shape[1]
    written = generate(model, batch)[:, length:]
    with torch.no_grad():
        embeddings = model.model.embed(batch["input_ids"], batch["pixel_values"], batch["image_sizes"])
    given = {"inputs_embeds": embeddings, "attention_mask": batch["attention_mask"]}
    assert torch.equal(generate(model, given), written)
    assert torch.equal(generate(model, {**given, "input_ids": batch["input_ids"]})[:, length:], written)


@pytest.mark.parametrize("cache", [True, False])
def test_beams_see_each_sample_with_its_own_pictures(
    model: Phi3VForConditionalGeneration, cache: bool
) -> None:
    options = {"num_beams": 3, "use_cache": cache, "max_new_tokens": 6}
    batch = collate(model.config, MIXED)
    together = generate(model, batch, **options)[:, batch["input_ids"].shape[1] :]
    for prompt, written in zip(MIXED, together, strict=True):
        alone = collate(model.config, [prompt])
        assert (
            generate(model, alone, **options)[0, alone["input_ids"].shape[1] :].tolist() == written.tolist()
        )


def test_beams_over_too_few_pictures_are_refused(model: Phi3VForConditionalGeneration) -> None:
    batch = collate(model.config, MIXED)
    batch["pixel_values"], batch["image_sizes"] = batch["pixel_values"][:2], batch["image_sizes"][:2]
    with pytest.raises(InputError, match="refer to 3 pictures, but there are 2"):
        generate(model, batch, num_beams=2)


def test_beams_across_the_switch(model: Phi3VForConditionalGeneration) -> None:
    batch = collate(model.config, [[1, Picture(2, 2, seed=5), *prompt_of(LONG - 33)], prompt_of(LONG - 4)])
    cached, uncached = (generate(model, batch, num_beams=3, use_cache=cache) for cache in (True, False))
    assert torch.equal(cached, uncached)


def test_sampling_several_answers(model: Phi3VForConditionalGeneration) -> None:
    batch = collate(model.config, MIXED)
    options = {"do_sample": True, "num_return_sequences": 2, "top_k": 20, "temperature": 0.7}
    torch.manual_seed(0)
    first = generate(model, batch, **options)
    torch.manual_seed(0)
    assert torch.equal(generate(model, batch, **options), first)
    assert first.shape == (6, batch["input_ids"].shape[1] + 8)
    assert torch.equal(first[:, :-8], batch["input_ids"].repeat_interleave(2, dim=0))
    written = first[:, -8:].view(3, 2, 8)
    assert (written[:, 0] != written[:, 1]).any()


def test_logits_processors_that_look_ids_up(model: Phi3VForConditionalGeneration) -> None:
    batch = collate(model.config, MIXED)
    plain = generate(model, batch)
    options = {"repetition_penalty": 1.5, "no_repeat_ngram_size": 2}
    assert not torch.equal(generate(model, batch, **options), plain)
    assert torch.equal(
        generate(model, batch, num_beams=2, min_new_tokens=3, **options)[:, :-8], plain[:, :-8]
    )


def test_stop_strings_work_with_a_picture() -> None:
    tokenizer = tiny_tokenizer(["a red coat and a blue coat"] * 9, vocab_size=320)
    config = tiny_config(len(tokenizer), eos_token_id=NEVER, pad_token_id=0)
    batch = collate(config, [[1, Picture(1, 1), 5]])
    out = generate(tiny_model(config).eval(), batch, stop_strings=["coat"], tokenizer=tokenizer)
    assert out.shape[1] <= batch["input_ids"].shape[1] + 8


def test_a_static_cache(model: Phi3VForConditionalGeneration) -> None:
    batch = collate(model.config, [[1, Picture(2, 2, seed=5), *prompt_of(LONG - 33)], prompt_of(LONG - 4)])
    static = generate(model, batch, cache_implementation="static", disable_compile=True)
    assert torch.equal(static, generate(model, batch))


def test_prompt_is_given_back_with_its_slots(model: Phi3VForConditionalGeneration) -> None:
    batch = collate(model.config, MIXED)
    assert torch.equal(generate(model, batch)[:, :-8], batch["input_ids"])


def test_an_answer_ends_at_a_stop_token_and_the_rest_is_padding() -> None:
    config = tiny_config(eos_token_id=[NEVER], pad_token_id=0)
    model = tiny_model(config).eval()
    prompt = prompt_of(9)
    written = continuation(model, prompt, 4)
    model.generation_config.eos_token_id = [NEVER, written[2]]
    first_end = written.index(written[2]) + 1
    both = collate(config, [prompt, prompt_of(5)])
    out = generate(model, both)[0, both["input_ids"].shape[1] :].tolist()
    assert out[:first_end] == written[:first_end]
    assert not any(out[first_end:])


@pytest.mark.parametrize("named", [2, [2, 32000], None])
def test_stop_tokens_do_not_depend_on_the_files(named: int | list[int] | None, tmp_path: Path) -> None:
    config = tiny_config(vocab_size=32064)
    assert tiny_model(config).generation_config.eos_token_id == [32007, 32000]
    tiny_model(config).save_pretrained(tmp_path)
    for name in ("config.json", "generation_config.json"):
        fields = json.loads((tmp_path / name).read_text(encoding="utf-8"))
        (tmp_path / name).write_text(json.dumps({**fields, "eos_token_id": named}), encoding="utf-8")
    model = Phi3VForConditionalGeneration.from_pretrained(tmp_path)
    assert model.generation_config.eos_token_id == [32007, 32000]
    assert model.generation_config.pad_token_id == 32000
    (tmp_path / "generation_config.json").unlink()
    model = Phi3VForConditionalGeneration.from_pretrained(tmp_path)
    assert model.generation_config.eos_token_id == [32007, 32000]
    assert model.generation_config.pad_token_id == 32000


def test_the_callers_stop_token_counts() -> None:
    model = tiny_model(tiny_config(eos_token_id=NEVER)).eval()
    prompt = prompt_of(9)
    first = continuation(model, prompt, 1)[0]
    batch = collate(model.config, [prompt])
    assert generate(model, batch, eos_token_id=first).shape[1] == 10


def test_the_official_generation_config_is_mended() -> None:
    if not SHARED.exists():
        pytest.skip(NO_SHARED)
    official = GenerationConfig.from_pretrained(SHARED / "phi35")
    assert official.eos_token_id == 2
    assert tiny_config(vocab_size=32064).stop_tokens(official.eos_token_id) == [32007, 32000]
