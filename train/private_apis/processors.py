"""Processors of pictures and texts without their part for videos, which needs torchvision."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from transformers import AutoProcessor, PreTrainedConfig
from transformers.models.auto.processing_auto import PROCESSOR_MAPPING
from transformers.utils.import_utils import is_torchvision_available

VIDEO = "video_processor"


def load_processor(name: str, described: PreTrainedConfig, **options: Any) -> Any:
    """The processor of a model, without its part for videos where torchvision is missing.

    Without torchvision transformers 5.23 reads pictures with Pillow, but offers no processor that leaves
    videos out. A processor's parts are the arguments of its constructor, which ``get_attributes`` lists.
    """
    kind: Any = PROCESSOR_MAPPING.get(type(described), None)
    if kind is None or is_torchvision_available() or VIDEO not in kind.get_attributes():
        auto: Any = AutoProcessor
        return auto.from_pretrained(name, trust_remote_code=False, **options)
    return without_videos(kind).from_pretrained(name, **options)


def without_videos(kind: Any) -> Any:
    """A processor class under the same name, by which it is saved, that has no part for videos."""

    class PicturesOnly(kind):  # type: ignore[misc]
        # SmolVLM's asks for these before it applies a chat template.
        video_processor = SimpleNamespace(num_frames=None, fps=None)

        @classmethod
        def get_attributes(cls) -> list[str]:
            return [part for part in kind.get_attributes() if part != VIDEO]

        @classmethod
        def _get_arguments_from_pretrained(cls, *args: Any, **options: Any) -> list[Any]:
            # The constructor takes the part for videos third, and passes it on where nothing asks for it.
            return [*super()._get_arguments_from_pretrained(*args, **options), None]

    PicturesOnly.__name__ = PicturesOnly.__qualname__ = kind.__name__
    return PicturesOnly
