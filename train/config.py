"""The configuration of a training run: one checked, frozen object, from a recipe and command-line flags.

    config = load_config(Path("train/recipes/gpu-24gb.yaml"), {"data.real": "shop/", "training.epochs": 2})
    config.save(run / CONFIG)

Later layers override earlier ones: the defaults below, those of ``smoke``, the recipe, the flags. The
result of all of them is saved, so that a run can be read, repeated and resumed from its own folder. The
learning rate, whose default depends on the method, is filled in here too, so that the saved file shows
it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from datagen.schemas import InputError, RunFailed
from datagen.schemas.files import write_file
from datagen.schemas.validation_errors import line_of
from datagen.schemas.yaml_file import read_yaml
from datagen.train.chat.conversation import Template
from datagen.train.settings import NULL, in_words, laid_over, nested

CONFIG = "config.yaml"
RECIPES = Path(__file__).parent / "recipes"
PHI_3_VISION = "microsoft/Phi-3-vision-128k-instruct"
EPOCHS = 3.0
LEARNING_RATES = {"qlora": 2e-4, "lora": 2e-4, "full": 1e-5}
"""From the Phi-3 cookbook: 2e-4 for LoRA and QLoRA, 5e-6 to 5e-5 for all weights."""

Part = Literal["decoder", "projector", "tower"]
"""A part of a model: the projector maps what the vision tower sees to the decoder's embeddings."""
PARTS: tuple[Part, ...] = ("decoder", "projector", "tower")
FULL_RATES: Mapping[Part, float] = {"projector": 2e-5, "tower": 2e-6}
"""For all weights of a part beside adapters: LLaVA-1.5's recipe for LoRA, and LLaVA-OneVision's tower."""

SMOKE: Mapping[str, Mapping[str, Any]] = {
    section: values for section, values in read_yaml(RECIPES / "smoke.yaml").items() if section != "smoke"
}
"""Defaults of a smoke run: a tiny model on a CPU, in about a minute."""

MOST_CROPS = 16
"""Phi-3-vision was trained with up to 16 tiles per picture; it has not learned what more of them mean."""

AUTO: Literal["auto"] = "auto"
OR_AUTO = "constrained-int"
"""What pydantic adds to the name of a setting that may be a number or auto."""
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1, le=10**9)]
Name = Annotated[str, Field(min_length=1, max_length=500)]
Rate = Annotated[float, Field(gt=0, le=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class SplitShares(_Section):
    """Shares of the real rows (of the synthetic ones if there are no real ones), by title family."""

    train: Share = 0.8
    validation: Share = 0.1
    test: Share = 0.1

    @model_validator(mode="after")
    def _add_up(self) -> SplitShares:
        if not self.train > 0 or abs(self.train + self.validation + self.test - 1) > 1e-6:
            raise ValueError("train, validation and test must add up to 1, and train must be more than 0")
        return self


class DataConfig(_Section):
    """Where rows come from and how they become questions and answers.

    ``real``, ``synthetic``: a folder, a file, or owner/name[@revision] on the Hub. ``synthetic_share``: of
    the training stream; if null, all rows count equally. ``real_rows``: train on only this many real rows.
    ``split_from``: folder of another run whose split of the same real data is used, so that both runs are
    tested on the same rows. ``real_columns``, ``synthetic_columns``: field of the template -> column, if the
    names differ. ``stream``: read Parquet files in place instead of copying them. ``group_by_length``: group
    samples of similar length in a step. ``max_length``: exclude samples with more tokens. ``seed``: of the
    split and of the order.
    """

    real: Name | None = None
    synthetic: Name | None = None
    synthetic_share: Share | None = None
    real_rows: Count | None = None
    split: SplitShares = SplitShares()
    split_from: Name | None = None
    real_columns: dict[str, str] = {}
    synthetic_columns: dict[str, str] = {}
    stream: bool = False
    group_by_length: bool = True
    max_length: Annotated[int, Field(ge=16, le=131_072)] | None = 4096
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    template: Template = Field(default_factory=Template)

    @model_validator(mode="after")
    def _fits(self) -> DataConfig:
        if self.real is None and self.synthetic is None:
            raise ValueError("there is no training data; give --real, --synthetic or both")
        if self.real is None and self.real_rows is not None:
            raise ValueError("--real-rows limits the real rows; give --real, or leave real_rows out")
        if self.real is None and self.synthetic_share not in (None, 1.0):
            raise ValueError(
                f"a synthetic share of {self.synthetic_share:g} needs real rows; give --real, "
                "or leave the share out"
            )
        if self.synthetic is None and self.synthetic_share not in (None, 0.0):
            raise ValueError(
                f"a synthetic share of {self.synthetic_share:g} needs synthetic rows; give "
                "--synthetic, or leave the share out"
            )
        return self


class LoraSettings(_Section):
    """Adapters (Hu et al., "LoRA", ICLR 2022): ``alpha / rank`` scales them.

    ``targets``: names of linear layers of the decoder; if null, those of the architecture's table entry.
    ``rank_stabilised``: scale by ``alpha / sqrt(rank)`` (Kalajdzievski, "rsLoRA", 2023). ``dora``: also train
    the length of each weight's columns (Liu et al., "DoRA", ICML 2024), which takes more time and memory.
    """

    rank: Annotated[int, Field(ge=1, le=1024)] = 32
    alpha: Annotated[float, Field(gt=0, le=4096)] = 64
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.05
    targets: tuple[Name, ...] | None = Field(default=None, min_length=1)
    rank_stabilised: bool = False
    dora: bool = False


class ModelConfig(_Section):
    """The base model and which of its weights are trained.

    ``base``: a Hub id or a local folder; ``revision``: branch, tag or commit (a run's own file holds the
    commit). ``method``: qlora (base in 4 bit, adapters), lora (adapters), full (all weights). ``train``: the
    parts that are trained; by default the decoder, and all of them with method full. ``train_fully``: which
    of them are trained with all their weights while others get adapters. ``num_crops``
    (Phi-3-vision) or ``max_pixels`` (other architectures) set the resolution at which pictures are seen,
    which matters most for memory and speed. ``num_crops`` is a number, to which every picture is enlarged as
    the official processor does; or auto, for as many crops as a picture's own pixels fill, and at most
    ``most_crops``; or null for the number in the processor's own file. Architectures without crops ignore
    auto. ``attention``: its implementation; auto is sdpa.
    """

    base: Name = PHI_3_VISION
    revision: Name | None = None
    num_crops: Annotated[int, Field(ge=1, le=MOST_CROPS)] | Literal["auto"] | None = AUTO
    most_crops: Annotated[int, Field(ge=1, le=MOST_CROPS)] = MOST_CROPS
    max_pixels: Annotated[int, Field(ge=28 * 28, le=50_000_000)] | None = None
    method: Literal["qlora", "lora", "full"] = "qlora"
    quantisation: Literal["nf4", "fp4"] = "nf4"
    double_quantisation: bool = True
    train: tuple[Part, ...] = Field(default=("decoder",), min_length=1)
    train_fully: tuple[Literal["projector", "tower"], ...] = ("projector",)
    attention: Literal["auto", "sdpa", "eager", "flash_attention_2"] = "auto"
    lora: LoraSettings = LoraSettings()

    @model_validator(mode="after")
    def _fits(self) -> ModelConfig:
        if isinstance(self.num_crops, int) and self.max_pixels is not None:
            raise ValueError(
                "model.num_crops is for Phi-3-vision and model.max_pixels for other architectures; give one"
            )
        if len(set(self.train)) < len(self.train):
            raise ValueError("model.train names a part twice; name each part once")
        if self.method != "full" and not self.adapted:
            raise ValueError(
                f"model.train {list(self.train)} leaves no part for adapters; add decoder, take the parts "
                "out of model.train_fully, or use method full"
            )
        return self

    @property
    def adapted(self) -> tuple[Part, ...]:
        """The parts that get adapters."""
        return tuple(part for part in self.train if part not in self.whole)

    @property
    def whole(self) -> tuple[Part, ...]:
        """The parts of which all weights are trained."""
        return tuple(part for part in self.train if self.method == "full" or part in self.train_fully)


class TrainingConfig(_Section):
    """How the model is trained. A step takes ``batch_size x accumulation x processes`` samples.

    ``epochs`` or ``steps``, not both. ``learning_rates``: of single parts, where they are not
    ``learning_rate``. ``warmup``: share of all steps. ``clip``: maximum gradient norm, null for none.
    ``optimiser``: auto is fused AdamW for adapters and paged 8-bit AdamW for all weights, on a
    CPU plain AdamW. ``bf16``: null means if the GPU supports it. ``adapter_dtype``: auto is
    bfloat16, with float32 copies in the optimiser, on a GPU with a base in bfloat16, else float32.
    ``compile``: compile the decoder's layers, which takes minutes at first. ``patience``: stop after this
    many evaluations without a lower validation loss, null for never. ``evaluate_rows``: most validation
    rows of an evaluation; ``generate_rows``: how many of them the model answers, for scores during
    training. ``explodes_at``: the run stops at a step whose loss is larger. ``gradient_checkpointing``:
    compute activations twice instead of storing them; null (or auto) means if the GPU lacks the memory to
    store them, which the plan decides and the saved configuration records. ``evaluate_every``: steps; null
    means once an epoch. ``keep``: number of checkpoints. ``memory_check``: refuse a run that the estimate
    finds too large for the GPU. ``seed``: of adapters and dropout.
    """

    epochs: Annotated[float, Field(gt=0, le=10_000)] | None = None
    steps: Count | None = None
    batch_size: Annotated[int, Field(ge=1, le=4096)] = 1
    accumulation: Annotated[int, Field(ge=1, le=4096)] = 16
    learning_rate: Rate = LEARNING_RATES["qlora"]
    learning_rates: dict[Part, Rate] = {}
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    warmup: Annotated[float, Field(ge=0, lt=1)] = 0.05
    clip: Annotated[float, Field(gt=0)] | None = 1.0
    weight_decay: Annotated[float, Field(ge=0, le=1)] = 0.01
    gradient_checkpointing: Annotated[
        bool | None, BeforeValidator(lambda value: None if value == AUTO else value)
    ] = None
    bf16: bool | None = None
    optimiser: Literal["auto", "adamw", "paged_adamw_8bit"] = "auto"
    adapter_dtype: Literal["auto", "float32", "bfloat16"] = "auto"
    compile: bool = False
    patience: Count | None = None
    log_every: Count = 1
    save_every: Count = 50
    evaluate_every: Count | None = None
    evaluate_rows: Count = 500
    generate_rows: Annotated[int, Field(ge=0, le=10_000)] = 16
    keep: Annotated[int, Field(ge=1, le=1000)] = 2
    explodes_at: Annotated[float, Field(gt=0)] = 100.0
    workers: Annotated[int, Field(ge=0, le=128)] = 2
    memory_check: bool = True
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0

    @model_validator(mode="after")
    def _fits(self) -> TrainingConfig:
        if (self.epochs is None) == (self.steps is None):
            raise ValueError("a run has either epochs or steps; give one of them")
        return self


class RetrievalConfig(_Section):
    """The answers of the ``k`` products of ``index`` whose pictures are nearest, in the prompt.

    After the line ``introduction``, in at most ``max_tokens``; the farthest are left out first.
    """

    index: Name | None = None
    k: Annotated[int, Field(ge=1, le=100)] = 4
    max_tokens: Annotated[int, Field(ge=1, le=100_000)] = 512
    introduction: Annotated[str, Field(max_length=2000)] = "The most similar products that are known:"


class TrackingConfig(_Section):
    """Where figures go in addition to the run's own log.jsonl.

    ``tracker``: wandb is offline unless there is a key or WANDB_MODE says otherwise. ``pictures``: how many
    validation pictures, with the right answers and the predictions, go there at each evaluation.
    """

    tracker: Literal["none", "wandb", "tensorboard"] = "none"
    project: Name = "datagen"
    entity: Name | None = None
    name: Name | None = None
    tags: tuple[Name, ...] = ()
    pictures: Annotated[int, Field(ge=0, le=1000)] = 0


class RunConfig(_Section):
    """Everything about a run; see the sections. ``smoke``: try everything with a tiny model on a CPU."""

    smoke: bool = False
    data: DataConfig
    model: ModelConfig = ModelConfig()
    training: TrainingConfig
    retrieval: RetrievalConfig = RetrievalConfig()
    tracking: TrackingConfig = TrackingConfig()

    def text(self) -> str:
        """The configuration as YAML that reads back as the same values."""
        values = self.model_dump(mode="json")
        text = yaml.safe_dump(values, sort_keys=False, allow_unicode=True)
        if yaml.safe_load(text) == values:
            return text
        return yaml.safe_dump(values, sort_keys=False)  # rare line breaks, which YAML would otherwise fold

    def save(self, path: Path) -> None:
        """Write the configuration as YAML, whole or not at all. Raises RunFailed."""
        try:
            write_file(path, self.text())
        except OSError as error:
            raise RunFailed(f"{path} cannot be written ({error.strerror or error}).") from None


def load_config(
    recipe: Path | None = None,
    flags: Mapping[str, Any] | None = None,
    options: Mapping[str, str] | None = None,
) -> RunConfig:
    """The configuration from a recipe and flags.

    ``flags``: dotted name (``data.real``, ``training.epochs``, ``smoke``) -> value; None means not given.
    ``options``: dotted name -> what the user typed for it, for messages. Raises InputError that names the
    setting and the remedy.
    """
    given = {} if recipe is None else read_yaml(recipe)
    if not isinstance(given, dict):
        raise InputError(f"{recipe} must hold the sections of a run, not a {type(given).__name__}.")
    given_flags = {name: value for name, value in (flags or {}).items() if value is not None}
    from_flags = nested({name: None if value is NULL else value for name, value in given_flags.items()})
    whole = laid_over(given, from_flags)
    if whole.get("smoke") is True:
        whole = laid_over({section: dict(values) for section, values in SMOKE.items()}, whole)
    try:
        config = RunConfig.model_validate(_filled(whole))
        _check(config)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        either = first["loc"][-1] == OR_AUTO
        first["loc"] = first["loc"][:-1] if either else first["loc"]
        if either and first["type"].startswith("int_"):
            first["msg"] = "Input should be a whole number or auto"
        field = ".".join(map(str, first["loc"]))
        typed = (options or {}).get(field) if field in given_flags else None
        sentence = in_words(first, typed or field, RunConfig)
        where = f"{_place(recipe, first['loc'])}: " if recipe is not None and field not in given_flags else ""
        prose = first["type"] in {"value_error", "extra_forbidden"} and not where
        raise InputError(f"{where}{sentence[0].upper() + sentence[1:] if prose else sentence}.") from None
    except RecursionError:
        raise InputError(f"{recipe} is nested too deeply.") from None
    return config


def optimiser_of(config: RunConfig) -> Literal["adamw", "paged_adamw_8bit"]:
    """The optimiser of a run on a GPU, with ``auto`` resolved.

    The moments of adapters are small (400 MB for 50 million weights), and the fused kernel is far faster.
    """
    chosen = config.training.optimiser
    if chosen == "auto":
        return "paged_adamw_8bit" if config.model.method == "full" else "adamw"
    return chosen


def _place(recipe: Path, location: tuple[int | str, ...]) -> str:
    """A recipe, and the line of a setting in it where it has one."""
    line = line_of(recipe, location)
    return str(recipe) if line is None else f"{recipe}, line {line}"


def saved_config(run: Path) -> RunConfig:
    """The configuration in a run's folder. Raises InputError if there is none."""
    if not (run / CONFIG).is_file():
        raise InputError(
            f"{run} is not a run folder, since it has no {CONFIG}; give the folder that datagen train wrote."
        )
    return load_config(run / CONFIG)


def _check(config: RunConfig) -> None:
    """Check what no section can check by itself. Raises InputError."""
    model = config.model
    if config.smoke != (model.base == SMOKE["model"]["base"]):
        problem = "model.base is 'tiny' in smoke runs and only there; leave out model.base or --smoke"
    elif model.method != "qlora" and model.quantisation != "nf4":
        problem = (
            f"model.quantisation has no effect with method {model.method}; use method qlora, or leave it out"
        )
    elif model.method == "full" and model.lora.targets is not None:
        problem = "model.lora.targets has no effect with method full; use lora or qlora, or leave it out"
    elif untrained := [part for part in config.training.learning_rates if part not in model.train]:
        problem = (
            f"training.learning_rates has a rate for the {untrained[0]}, which is not trained; add it to "
            "model.train, or leave the rate out"
        )
    else:
        return
    raise InputError(f"{problem}.")


def _filled(whole: dict[str, Any]) -> dict[str, Any]:
    """With the defaults that depend on other settings: the length of the run, the learning rate."""
    training = whole.get("training", {})
    model = whole.get("model", {})
    if not isinstance(training, Mapping) or not isinstance(model, Mapping):
        return whole
    method = str(model.get("method", "qlora"))
    filled = {"learning_rate": LEARNING_RATES.get(method, LEARNING_RATES["qlora"]), **training}
    if filled.get("epochs") is None and filled.get("steps") is None:
        filled["epochs"] = EPOCHS
    model = {**model, "train": model.get("train") or list(PARTS if method == "full" else PARTS[:1])}
    rates = filled.get("learning_rates") or {}
    with suppress(ValidationError):  # which is raised again where the whole is read
        whole_parts = ModelConfig.model_validate(model).whole if method != "full" else ()
        if isinstance(rates, Mapping):
            filled["learning_rates"] = {part: FULL_RATES[part] for part in whole_parts} | dict(rates)
    return {**whole, "model": model, "training": filled, "data": whole.get("data", {})}
