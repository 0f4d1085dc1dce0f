"""Phi-3-vision and Phi-3.5-vision for current transformers, without code from the Hub.

After importing this package, ``AutoConfig``, ``AutoProcessor``, ``AutoImageProcessor`` and
``AutoModelForImageTextToText`` load the official repositories, and models saved from them.
"""

from transformers import (
    AutoConfig,
    AutoImageProcessor,
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    AutoProcessor,
)

from datagen.train.phi3_vision.configuration import Phi3VConfig
from datagen.train.phi3_vision.image_processing import Phi3VImageProcessor
from datagen.train.phi3_vision.modeling import Phi3VForConditionalGeneration, Phi3VModel
from datagen.train.phi3_vision.processing import Phi3VProcessor

__all__ = [
    "Phi3VConfig",
    "Phi3VForConditionalGeneration",
    "Phi3VImageProcessor",
    "Phi3VModel",
    "Phi3VProcessor",
    "register",
]

AutoConfig.register(Phi3VConfig.model_type, Phi3VConfig, exist_ok=True)
AutoModelForImageTextToText.register(Phi3VConfig, Phi3VForConditionalGeneration, exist_ok=True)
AutoModelForCausalLM.register(Phi3VConfig, Phi3VForConditionalGeneration, exist_ok=True)
AutoProcessor.register(Phi3VConfig, Phi3VProcessor, exist_ok=True)  # type: ignore[no-untyped-call]
AutoImageProcessor.register(
    Phi3VConfig,
    image_processor_classes={"torchvision": Phi3VImageProcessor, "pil": Phi3VImageProcessor},
    exist_ok=True,
)


def register() -> None:
    """Nothing more than the import of this package: what vLLM calls when it loads its plugins.

    With it vLLM, which has a Phi-3-vision of its own, reads configuration and processor of a complete model
    without remote code.
    """
