"""Which of the wanted figures a file of findings meets."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Lines = list[dict[str, Any]]


@dataclass(frozen=True)
class Wanted:
    """A figure, what measures it, how it is read from the findings (None if they lack it), and its bounds."""

    what: str
    part: str
    value: Callable[[Lines], float | None]
    least: float | None = None
    most: float | None = None

    def met(self, value: float) -> bool:
        """Whether a value lies within the bounds."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


def _some(lines: Lines, part: str, name: str, **values: Any) -> Lines:
    wanted = {"part": part, "name": name, **values}
    return [
        line
        for line in lines
        if "error" not in line and all(line.get(key) == is_ for key, is_ in wanted.items())
    ]


def _number(lines: Lines, key: str, part: str, name: str, **values: Any) -> float | None:
    found = _some(lines, part, name, **values)
    return float(found[-1][key]) if found and key in found[-1] else None


def _ratio(above: float | None, below: float | None) -> float | None:
    return None if above is None or not below else above / below


def _step(lines: Lines, method: str, crops: int, batch: int, key: str = "ms") -> float | None:
    return _number(lines, key, "steps", "step", method=method, crops=crops, batch=batch)


def _slower(crops: int, batch: int) -> Callable[[Lines], float | None]:
    return lambda lines: _ratio(_step(lines, "qlora", crops, batch), _step(lines, "lora", crops, batch))


def _estimate_off(lines: Lines) -> float | None:
    """The largest relative error of the estimate, over all runs that were measured."""
    errors = [
        abs(line["estimated_gb"] / (line["reserved_gb"] + line["cuda_itself_gb"]) - 1)
        for line in lines
        if "reserved_gb" in line and line.get("estimated_gb") and "error" not in line
    ]
    return max(errors, default=None)


def _waiting(lines: Lines) -> float | None:
    """The largest share of a step spent waiting for a batch, at 4 crops and batches of 4 and 8."""
    found = [_step(lines, method, 4, batch, "waiting") for method in ("lora", "qlora") for batch in (4, 8)]
    return max((share for share in found if share is not None), default=None)


def _against_published(lines: Lines) -> float | None:
    theirs = [line["samples_per_second"] for line in _some(lines, "published", "theirs")]
    return _ratio(_number(lines, "samples_per_second", "published", "ours"), max(theirs, default=None))


def _preset(lines: Lines) -> float | None:
    found = _some(lines, "presets", "trained", preset="gpu-8gb")
    if not found or "reserved_gb" not in found[-1]:
        return None
    return float(found[-1]["reserved_gb"] + found[-1]["cuda_itself_gb"])


def _exact(images: str) -> Callable[[Lines], float | None]:
    return lambda lines: _ratio(
        _number(lines, "exact", "overfit", "answers", images=images),
        _number(lines, "rows", "overfit", "answers", images=images),
    )


WANTED = (
    Wanted("QLoRA's step time / LoRA's, 4 crops, batch 8", "steps", _slower(4, 8), most=1.05),
    Wanted("QLoRA's step time / LoRA's, 4 crops, batch 4", "steps", _slower(4, 4), most=1.05),
    Wanted("GB of gpu-8gb, with CUDA itself (8 GiB are 8.59)", "presets", _preset, most=8.59),
    Wanted("samples a second / Microsoft's recipe, 16 crops", "published", _against_published, least=2.0),
    Wanted("largest relative error of the memory estimate", "steps, presets, full", _estimate_off, most=0.10),
    Wanted("largest share of a step spent waiting for a batch", "steps", _waiting, most=0.02),
    Wanted(
        "seconds to answer 304 rows, 16-bit base",
        "answers",
        lambda lines: _number(lines, "seconds", "answers", "answered", method="lora"),
        most=60.0,
    ),
    Wanted(
        "seconds to answer 304 rows, 4-bit base",
        "answers",
        lambda lines: _number(lines, "seconds", "answers", "answered", method="qlora"),
        most=60.0,
    ),
    Wanted("share of rows learned by heart answered exactly", "overfit", _exact("own"), least=0.9),
    Wanted("the same with other rows' pictures", "overfit", _exact("shuffled"), most=0.3),
    Wanted(
        "largest difference of a loss after a kill (QLoRA)",
        "resume",
        lambda lines: _number(lines, "resumed_difference", "resume", "compared", method="qlora"),
        most=1e-2,
    ),
    Wanted(
        "time of a step with compiled layers / without",
        "compile",
        lambda lines: _ratio(
            _number(lines, "ms", "compile", "step", training__compile=True),
            _number(lines, "ms", "compile", "step", training__compile=None),
        ),
        most=1.0,
    ),
)


def judge(*paths: Path) -> int:
    """Print the table; returns 1 if a wanted figure is missed or a part failed, else 0."""
    lines = [json.loads(text) for path in paths for text in path.read_text(encoding="utf-8").splitlines()]
    rehearsal = any(line.get("tiny") for line in lines)
    failures = [line for line in lines if "error" in line]
    missed = 0
    print(f"\n{'wanted':50} {'measured by':22} {'bound':>8} {'measured':>10}")
    for wanted in WANTED:
        value = wanted.value(lines)
        bound = f">= {wanted.least:g}" if wanted.least is not None else f"<= {wanted.most:g}"
        met = value is not None and wanted.met(value)
        verdict = "not measured" if value is None else f"{value:10.3g}  {'met' if met else 'missed'}"
        missed += value is not None and not met
        print(f"{wanted.what:50} {wanted.part:22} {bound:>8} {verdict}")
    for line in lines:
        if line["name"] == "skipped":
            print(f"skipped: {line['part']}: {line.get('why')}; give it to --parts of another command")
    for line in failures:
        print(f"failed: {line['part']}: {line['name']}: {line['error']}")
    if rehearsal:
        print("A rehearsal with a tiny model: what was measured, met or missed means nothing.")
        return int(bool(failures))
    return int(bool(missed or failures))
