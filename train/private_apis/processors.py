"""Processors of pictures and texts without their part for videos: it needs torchvision and is not used here.

What a model's files say of that part is kept, and written again where the processor is saved, so that a model
that was trained on a machine without torchvision loads on one that has it, here and elsewhere.
"""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

from transformers import AutoProcessor, PreTrainedConfig
from transformers.models.auto.processing_auto import PROCESSOR_MAPPING
from transformers.video_processing_utils import BaseVideoProcessor

VIDEO, VIDEO_TYPE = "video_processor", "video_processor_type"
CLASSES = {
    "InternVLProcessor": "InternVLVideoProcessor",
    "LlavaOnevisionProcessor": "LlavaOnevisionVideoProcessor",
    "Qwen2_5_VLProcessor": "Qwen2VLVideoProcessor",
    "Qwen3VLProcessor": "Qwen3VLVideoProcessor",
    "SmolVLMProcessor": "SmolVLMVideoProcessor",
}
"""Processor -> the class of its part for videos, by which transformers finds it beside an adapter; it has no
config.json that would say it, and without torchvision transformers itself does not tell."""


def load_processor(name: str, described: PreTrainedConfig, **options: Any) -> Any:
    """The processor of a model, without its part for videos.

    transformers 5.23 reads pictures with torchvision, or with Pillow where it is missing, but offers no
    processor that leaves videos out. A processor's parts are the arguments of its constructor, which
    ``get_attributes`` lists.
    """
    kind: Any = PROCESSOR_MAPPING.get(type(described), None)
    if kind is None or VIDEO not in kind.get_attributes():
        auto: Any = AutoProcessor
        return auto.from_pretrained(name, trust_remote_code=False, **options)
    return without_videos(kind).from_pretrained(name, **options)


@cache
def without_videos(kind: Any) -> Any:
    """A processor class under the same name, by which it is saved, that has no part for videos."""

    class PicturesOnly(kind):  # type: ignore[misc]
        # SmolVLM's asks for these before it applies a chat template.
        video_processor = SimpleNamespace(num_frames=None, fps=None)
        video_settings: dict[str, Any] | None = None

        @classmethod
        def get_attributes(cls) -> list[str]:
            return [part for part in kind.get_attributes() if part != VIDEO]

        @classmethod
        def from_pretrained(cls, name: Any, **options: Any) -> Any:
            made = super().from_pretrained(name, **options)
            said = _video_settings(name, options.get("revision"))
            kinds = {VIDEO_TYPE: CLASSES[kind.__name__]} if kind.__name__ in CLASSES else {}
            made.video_settings = None if said is None else {**kinds, **said}
            return made

        @classmethod
        def _get_arguments_from_pretrained(cls, *args: Any, **options: Any) -> list[Any]:
            # The constructor takes the part for videos third, and passes it on where nothing asks for it.
            return [*super()._get_arguments_from_pretrained(*args, **options), None]

        def to_dict(self) -> dict[str, Any]:
            found: dict[str, Any] = super().to_dict()
            return found if self.video_settings is None else {**found, VIDEO: self.video_settings}

        def __reduce__(self) -> tuple[Any, ...]:
            # To the workers that load samples: by the class of transformers, since this one has no address.
            return _rebuilt, (kind, self.__dict__)

    PicturesOnly.__name__ = PicturesOnly.__qualname__ = kind.__name__
    return PicturesOnly


def _rebuilt(kind: Any, state: dict[str, Any]) -> Any:
    made = object.__new__(without_videos(kind))
    made.__dict__.update(state)
    return made


def _video_settings(name: Any, revision: str | None) -> dict[str, Any] | None:
    """What a model's files say of its part for videos; None if they say nothing.

    Models that were published before that part had a file of its own say the same of pictures and videos.
    """
    try:
        found, _ = BaseVideoProcessor.get_video_processor_dict(name, revision=revision)
    except OSError:
        return None
    return {key: value for key, value in found.items() if key not in ("image_processor_type", "auto_map")}
