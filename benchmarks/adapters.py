"""Whether adapters learn as well in bfloat16 as in float32, on a small model on a CPU.

python benchmarks/adapters.py [--seeds 3] [--steps 300] [--rates 0.0002 0.002]

A small Phi-3-vision (2 layers of 128) learns one catalogue with all its weights, is frozen in bfloat16, and
gets adapters of rank 32 that learn another catalogue, with AdamW, a cosine schedule and clipping, as the
recipes do. For each seed (of rows, order and adapters) and learning rate: the loss of held-out rows before
and after, with adapters in float32, in bfloat16 with AdamW's ordinary rounding, and in bfloat16 with
float32 copies of the weights in the optimiser. One line of JSON each, then the differences from float32.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from torch.nn.utils import clip_grad_norm_
from transformers import get_cosine_schedule_with_warmup

from datagen import make
from datagen.train.chat.conversation import Template
from datagen.train.data.sources import Source, open_source
from datagen.train.models.collator import IGNORED, Collator, Sample
from datagen.train.models.encoding import Encoder
from datagen.train.models.smoke import SIZE
from datagen.train.phi3_vision import Phi3VForConditionalGeneration
from datagen.train.phi3_vision.tiny import tiny_config, tiny_model
from datagen.train.phi3_vision.tiny_tokenizer import tiny_processor
from datagen.train.run.optimiser import CopyingAdamW

BATCH = 16
GARDEN = Path(__file__).parents[1] / "tests" / "data"
VARIANTS = {
    "float32": (torch.float32, torch.optim.AdamW),
    "bfloat16": (torch.bfloat16, torch.optim.AdamW),
    "bfloat16, float32 copies": (torch.bfloat16, CopyingAdamW),
}
"""Type of the adapters, and their optimiser."""


class Task:
    """Two catalogues as samples, and a model that knows the first; ``rows`` of each are trained on."""

    def __init__(self, folder: Path, rows: int, steps: int) -> None:
        template, held = Template(), 64
        garden = {"schema": GARDEN / "garden.yaml", "profile": GARDEN / "garden.profile.yaml"}
        first = open_source(str(make(rows, folder / "first", image_size=(64, 64)).path), template)
        second = make(rows + held, folder / "second", image_size=(64, 64), **garden).path
        other = open_source(str(second), template)
        texts = [
            template.text(template.fields(source.row(at))) for source in (first, other) for at in range(rows)
        ]
        self.processor = tiny_processor([template.question, *texts], num_crops=1, vocab_size=1024)
        encode = Encoder(self.processor, template)
        self.first, samples = _samples(first, encode), _samples(other, encode)
        self.train, self.held = samples[:rows], samples[rows:]
        tokenizer = self.processor.tokenizer
        self.config = tiny_config(
            len(tokenizer), eos_token_id=self.processor.stop_ids, pad_token_id=tokenizer.pad_token_id, **SIZE
        )
        self.collate = Collator(tokenizer.pad_token_id)
        model = tiny_model(self.config).train()
        optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
        self.fit(model, optimiser, self.first, steps, seed=0)
        self.known = {name: value.to(torch.bfloat16) for name, value in model.state_dict().items()}

    def fit(self, model: Any, optimiser: Any, samples: list[Sample], steps: int, seed: int) -> None:
        """Train on random batches."""
        schedule = get_cosine_schedule_with_warmup(optimiser, steps // 20, steps)
        drawn = np.random.default_rng(seed)
        for _ in range(steps):
            batch = self.collate([samples[at] for at in drawn.integers(len(samples), size=BATCH)])
            model(**batch).loss.backward()
            clip_grad_norm_([weight for weight in model.parameters() if weight.requires_grad], 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()

    def loss(self, model: Any) -> float:
        """Mean over the answer tokens of held-out rows."""
        total = labels = 0.0
        with torch.no_grad():
            for at in range(0, len(self.held), BATCH):
                batch = self.collate(self.held[at : at + BATCH])
                count = int((batch["labels"] != IGNORED).sum())
                total, labels = total + float(model(**batch).loss) * count, labels + count
        return total / labels

    def adapted(self, variant: str, rate: float, steps: int, seed: int) -> tuple[float, float]:
        """The loss before and after training new adapters."""
        dtype, optimiser_type = VARIANTS[variant]
        model: Any = Phi3VForConditionalGeneration(self.config).to(torch.bfloat16)
        model.load_state_dict(self.known)
        model.requires_grad_(False)
        torch.manual_seed(seed)
        options = LoraConfig(
            r=32, lora_alpha=64, target_modules=list(Phi3VForConditionalGeneration.LORA_TARGETS)
        )
        model = get_peft_model(model, options)
        weights = [weight for weight in model.parameters() if weight.requires_grad]
        for weight in weights:
            weight.data = weight.data.to(dtype)
        before = self.loss(model)
        optimiser = optimiser_type([{"params": weights}], lr=rate, weight_decay=0.01)
        self.fit(model, optimiser, self.train, steps, seed)
        return before, self.loss(model)


def _samples(source: Source, encode: Encoder) -> list[Sample]:
    return [encode(source.row(at)) for at in range(len(source))]


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--rows", type=int, default=400)
    parser.add_argument("--rates", type=float, nargs="+", default=[2e-4, 2e-3])
    asked = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        task = Task(Path(folder), asked.rows, asked.steps)
    found: dict[tuple[str, float], list[float]] = {}
    for rate in asked.rates:
        for seed in range(asked.seeds):
            for variant in VARIANTS:
                before, after = task.adapted(variant, rate, asked.steps, seed)
                found.setdefault((variant, rate), []).append(after)
                line = {"rate": rate, "seed": seed, "adapters": variant, "before": before, "after": after}
                print(json.dumps(line), flush=True)
    for (variant, rate), losses in found.items():
        more = [mine - plain for mine, plain in zip(losses, found["float32", rate], strict=True)]
        mean, difference = statistics.mean(losses), statistics.mean(more)
        print(f"rate {rate:g}, {variant}: {mean:.4f}, {difference:+.4f} to float32")


if __name__ == "__main__":
    main()
