"""Private methods of ``GenerationMixin`` under public names.

``generate`` has no public hook for inputs with another first dimension than the batch, or for ids that logits
processors cannot look up. The names and arguments are those of transformers 5.23.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from transformers import LogitsProcessorList, StoppingCriteriaList
from transformers.generation.utils import GenerationMixin


class GenerationHooks(GenerationMixin):
    """A ``GenerationMixin`` that models adapt by its public methods alone."""

    @abstractmethod
    def expand_pictures(self, inputs: dict[str, Any], input_ids: Any, times: int) -> dict[str, Any]:
        """Take the pictures out of ``inputs`` and return them, those of each sample repeated ``times``."""

    @abstractmethod
    def adapt_logits_processors(self, processors: LogitsProcessorList) -> LogitsProcessorList:
        """The logits processors to use in place of ``processors``."""

    @abstractmethod
    def adapt_stopping_criteria(self, criteria: StoppingCriteriaList) -> StoppingCriteriaList:
        """The stopping criteria to use in place of ``criteria``."""

    def _expand_inputs_for_generation(
        self,
        expand_size: int = 1,
        is_encoder_decoder: bool = False,
        input_ids: Any = None,
        **model_kwargs: Any,
    ) -> tuple[Any, dict[str, Any]]:
        pictures = self.expand_pictures(model_kwargs, input_ids, expand_size)
        input_ids, model_kwargs = super()._expand_inputs_for_generation(  # type: ignore[misc]
            expand_size=expand_size,
            is_encoder_decoder=is_encoder_decoder,
            input_ids=input_ids,
            **model_kwargs,
        )
        return input_ids, {**model_kwargs, **pictures}

    def _get_logits_processor(self, *args: Any, **kwargs: Any) -> LogitsProcessorList:
        return self.adapt_logits_processors(super()._get_logits_processor(*args, **kwargs))  # type: ignore[misc]

    def _get_stopping_criteria(self, *args: Any, **kwargs: Any) -> StoppingCriteriaList:
        return self.adapt_stopping_criteria(super()._get_stopping_criteria(*args, **kwargs))  # type: ignore[misc]
