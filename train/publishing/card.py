"""The card of a pushed model: what it is, how to use it, what it has learned from, how good it is, limits."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from datagen.schemas.markdown import code, escape, table
from datagen.schemas.text import count
from datagen.train.config import RunConfig
from datagen.train.evaluation.report import ABOUT_INTERVALS, SHOWN, markdown, scores_table, sentence
from datagen.train.evaluation.report import about as about_evaluation
from datagen.train.evaluation.scores import named
from datagen.train.models.architectures import ARCHITECTURES, elsewhere

Record = dict[str, Any]

OWN_CODE = {"phi3_v": "datagen.train.phi3_vision"}
"""Type of model -> the module that registers it with transformers, which does not know it."""


@dataclass(frozen=True)
class About:
    """What a card is written from.

    ``base``, ``revision``: on the Hub, None where it is on no Hub. ``data``: the contents of data.json;
    ``names``: of its datasets, as given -> as shown. ``scores``: published evaluations, that of the run's
    test rows first. ``prompt``: the text for the processor. ``model_type``: as in config.json.
    """

    repo: str
    config: RunConfig
    complete: bool
    base: str | None
    revision: str | None
    data: dict[str, Any]
    names: dict[str, str]
    scores: Sequence[Record]
    prompt: str
    model_type: str


def front_matter(about: About) -> dict[str, Any]:
    """The YAML of the card."""
    relation = "finetune" if about.complete else "adapter"
    base = {"base_model": about.base, "base_model_relation": relation} if about.base else {}
    on_hub = [entry for entry in _datasets(about) if entry["on_hub"]]
    front = {
        **base,
        "library_name": "transformers" if about.complete else "peft",
        "pipeline_tag": "image-text-to-text",
        "datasets": sorted({str(entry["name"]).partition("@")[0] for entry in on_hub}),
        "tags": ["datagen", "product-catalogue", about.config.model.method, about.model_type],
    }
    results = _model_index(about)
    return {**{key: value for key, value in front.items() if value}, **results}


def body(about: About) -> str:
    """The text of the card, without the section about the licence."""
    sections = [
        f"# {escape(about.repo.partition('/')[2])}",
        _lead(about),
        "## How to use it",
        _use(about),
        "## What it was trained on",
        _training(about),
        "## How good it is",
        *_scores(about),
        "## Limits",
        _limits(about),
    ]
    return "\n\n".join(section for section in sections if section)


def _lead(about: About) -> str:
    what = "complete model" if about.complete else "LoRA adapter"
    of = f" of {code(about.base)}" if about.base else ""
    commit = re.fullmatch("([0-9a-f]{12})[0-9a-f]{28}", about.revision or "")
    at = f" at commit `{commit[1]}`" if about.base and commit else ""
    template = about.config.data.template
    roles = {template.title: "title", template.category: "category", template.price: "price"}
    *first, last = (roles.get(one.field) or code(one.field) for one in template.answer_fields)
    fields = f"{', '.join(first)} and {last}" if first else last
    return (
        f"A {what}{of}{at}, fine-tuned to read {fields} off the picture of a product. Asked "
        f"{code(template.question, 2000)}, it answers in the form {code(template.answer, 2000)}."
    )


def _use(about: About) -> str:
    own = OWN_CODE.get(about.model_type)
    loader = "AutoModelForImageTextToText" if about.complete else "AutoPeftModel"
    imports = [f"import {own}  # transformers does not know {about.model_type} by itself"] if own else []
    imports += ["from peft import AutoPeftModel"] if not about.complete else []
    imports += ["from PIL import Image"]
    imports += [f"from transformers import {'AutoModelForImageTextToText, ' * about.complete}AutoProcessor"]
    lines = [
        f'model = {loader}.from_pretrained("{about.repo}", dtype="auto", device_map="auto")',
        f'processor = AutoProcessor.from_pretrained("{about.repo}")',
        f"prompt = {json.dumps(about.prompt, ensure_ascii=False)}",
        'inputs = processor(text=[prompt], images=[[Image.open("photo.jpg")]], return_tensors="pt")',
        "ids = model.generate(**inputs.to(model.device), max_new_tokens=128)[0]",
        'print(processor.tokenizer.decode(ids[inputs["input_ids"].shape[1] :], skip_special_tokens=True))',
    ]
    program = "\n".join([*imports, "", *lines])
    fence = "`" * (max(map(len, re.findall("`+", program)), default=2) + 1)
    return (
        f"```bash\npip install 'datagen[train]'\ndatagen predict {about.repo} photo.jpg\n```\n\n"
        f"or, in Python:\n\n{fence}python\n{program}\n{fence}"
    )


def _datasets(about: About) -> list[dict[str, Any]]:
    """The datasets of the run: part, public name, digest, rows, trained rows, share of the training."""
    entries = []
    for part in ("real", "synthetic"):
        entry = about.data.get(part)
        if entry:
            digest = str(entry.get("digest"))
            name = about.names.get(str(entry.get("name")), "")
            entries.append({**entry, "part": part, "name": name, "on_hub": "@" in digest, "digest": digest})
    rows = sum(int(entry.get("training_rows", 0)) for entry in entries)
    share = about.config.data.synthetic_share
    for entry in entries:
        by_rows = int(entry.get("training_rows", 0)) / rows if rows else 0.0
        wanted = None if share is None else share if entry["part"] == "synthetic" else 1 - share
        entry["share"] = by_rows if wanted is None else wanted
    return entries


def _training(about: About) -> str:
    config, entries = about.config, _datasets(about)
    lines = [
        [
            code(entry["name"]),
            str(entry["part"]),
            f"{int(entry.get('training_rows', 0)):,} of {int(entry.get('rows', 0)):,}",
            f"{100 * entry['share']:.0f} %",
            code(entry["digest"].rpartition("@")[2][:16]),
        ]
        for entry in entries
    ]
    data = table(
        ["data", "kind", "rows trained on", "share of training", "digest"], lines, right_aligned=(2, 3)
    )
    split, method = about.data.get("split") or {}, config.model.method
    how = {
        "full": "All weights were trained",
        "lora": "A LoRA was trained on the frozen base in 16 bits",
    }.get(method, "A LoRA was trained on the frozen base in 4 bits (QLoRA)")
    rank = (
        "" if method == "full" else f" of rank {config.model.lora.rank} ({', '.join(config.model.adapted)})"
    )
    if method != "full" and config.model.whole:
        rank += f", and all weights of the {' and the '.join(config.model.whole)}"
    length = (
        count(config.training.steps, "step")
        if config.training.steps
        else f"{config.training.epochs:g} epochs"
    )
    held = f"{int(split.get('test', 0)):,} test and {int(split.get('validation', 0)):,} validation rows"
    left = int(about.data.get("left_out") or 0)
    sentences = [
        f"{how}{rank}, for {length}, with datagen {escape(_version())}; `config.yaml` has every setting.",
        f"{held} ({'real' if split.get('of') == 'real' else 'synthetic'}) were held out by title, so that no "
        "title of theirs was trained on.",
        f"{left:,} synthetic rows were left out because they have such titles." if left else "",
    ]
    return f"{data}\n\n{' '.join(each for each in sentences if each)}"


def _scores(about: About) -> list[str]:
    own = [record for record in about.scores if record["images"] == "own" and record["which"] != "base"]
    if not own:
        return ["It was not evaluated before it was pushed."]
    first = own[0]
    same = [record for record in about.scores if record["data"]["key"] == first["data"]["key"]]
    others = [record for record in same if record is not first]
    lines = [
        f"On the {escape(first['data']['name'], 300)}: "
        + " ".join(escape(line, 2000) for line in about_evaluation(first)),
        markdown(scores_table(first, others)),
        ABOUT_INTERVALS,
    ]
    for record in same:
        against = record["differences"].get("own")
        if against is not None and record["which"] != "base":
            what = "neighbours are" if record["images"] in SHOWN else "picture is"
            lines += [f"**What the {what} worth.** {escape(sentence(record, against), 2000)}"]
    if not any(record["images"] not in ("own", *SHOWN) for record in same):
        lines += ["What the picture is worth was not measured (`datagen evaluate RUN --shuffle-images`)."]
    return lines


def _limits(about: About) -> str:
    of = "its catalogue" if about.data.get("real") else "a synthetic catalogue, and no real photo"
    rows = sum(int(entry.get("training_rows", 0)) for entry in _datasets(about))
    items = [
        f"It has seen {rows:,} products of {of}; on pictures from elsewhere it answers as fluently, and may "
        "be wrong.",
        "Prices are those of its data, in their currency and of their day; it cannot know a price, only "
        "guess one from how such products look.",
        "It answers whatever it is shown, also where there is no product; nothing tells how sure it is.",
        "The scores hold for the rows named above; measure on your own before you rely on it.",
    ]
    pictures = elsewhere(ARCHITECTURES[about.model_type], about.config.model)
    if pictures:
        items.append(f"The programs above cut pictures as in training. {pictures}")
    if about.config.retrieval.index is not None:
        items.append(
            f"It was trained with the answers of the {count(about.config.retrieval.k, 'product')} nearest to "
            "each picture in its prompt, from an index that is not part of it; make one of your catalogue "
            "with `datagen index`, and give it to `datagen predict` with `--retrieve`."
        )
    if about.config.smoke:
        items.insert(
            0,
            "**It is a tiny model from a trial run (`--smoke`), of no use but to try the tools.** Its "
            "tokenizer holds words of the answers that it was trained on, so keep it private.",
        )
    return "\n".join(f"- {item}" for item in items)


def _model_index(about: About) -> dict[str, Any]:
    """The scores on the run's test rows in the form that the Hub reads from a card."""
    found = next((r for r in about.scores if r["images"] == "own" and r["which"] != "base"), None)
    if found is None:
        return {}
    source, _, revision = str(found["data"]["source"]).partition("@")
    metrics = [
        {"type": score.name, "value": found["scores"][score.name]["value"], "name": score.label}
        for score in named(found["scores"])
        if found["scores"][score.name]["value"] is not None
    ]
    dataset = {"type": source, "name": str(found["data"]["name"])}
    result = {
        "task": {"type": "image-text-to-text"},
        "dataset": {**dataset, **({"revision": revision} if revision else {})},
        "metrics": metrics,
    }
    return {"model-index": [{"name": about.repo.partition("/")[2], "results": [result]}]}


def _version() -> str:
    return version("datagen")
