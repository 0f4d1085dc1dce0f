"""The processor that the tests share; and one thread for tiny models, which are slower on several."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from support.phi3_prompts import WORDS

from datagen.train.phi3_vision.processing import Phi3VProcessor
from datagen.train.phi3_vision.tiny_tokenizer import tiny_processor


@pytest.fixture(autouse=True)
def one_thread_for_tiny_models(request: pytest.FixtureRequest) -> Iterator[None]:
    """On a busy machine, several threads are far slower."""
    threads = torch.get_num_threads()
    torch.set_num_threads(threads if "golden" in request.node.nodeid else 1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def processor() -> Phi3VProcessor:
    return tiny_processor(WORDS * 3)
