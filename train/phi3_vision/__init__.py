"""Phi-3-vision and Phi-3.5-vision for current transformers, without code from the Hub.

Importing this package makes ``AutoConfig`` and ``AutoModelForImageTextToText`` know the official
checkpoints.
"""

from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText

from train.phi3_vision.configuration import Phi3VConfig
from train.phi3_vision.modeling import Phi3VForConditionalGeneration, Phi3VModel

__all__ = ["Phi3VConfig", "Phi3VForConditionalGeneration", "Phi3VModel"]

AutoConfig.register(Phi3VConfig.model_type, Phi3VConfig, exist_ok=True)
AutoModelForImageTextToText.register(Phi3VConfig, Phi3VForConditionalGeneration, exist_ok=True)
AutoModelForCausalLM.register(Phi3VConfig, Phi3VForConditionalGeneration, exist_ok=True)
