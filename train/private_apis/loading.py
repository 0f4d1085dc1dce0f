"""Private attributes of loaded configurations, processors and 4-bit weights."""

from __future__ import annotations

from typing import Any

ATTENTION_KEY = "_attn_implementation"
"""Key of config.json that old files use to force an attention implementation (transformers 5.23 still reads
it).
"""


def count_picture_tokens(processor: Any, size: tuple[int, int], **options: Any) -> int | None:
    """Tokens of a picture of ``size`` (width, height) pixels, or None if the processor cannot count them.

    Encoding a picture of that size gives the same number, but is far slower. Not every processor has the
    method (SmolVLM's has none as of transformers 5.23).
    """
    count = getattr(processor, "_get_num_multimodal_tokens", None)
    if count is None:
        return None
    width, height = size
    return int(count(image_sizes=[(height, width)], **options)["num_image_tokens"][0])


def keep_weights_unpacked(model: Any) -> None:
    """Keep bitsandbytes from repacking 4-bit weights in the first evaluation on a CPU with AVX512-BF16.

    The kernel for packed weights has no gradient, so adapters behind it would stop learning; bitsandbytes has
    no option to turn it off. The attribute has this name in bitsandbytes 0.50.
    """
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False
