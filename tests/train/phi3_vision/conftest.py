"""Tiny models are slower on several threads than on one, and far slower on a busy machine."""

from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(autouse=True)
def one_thread_for_tiny_models(request: pytest.FixtureRequest) -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(threads if "golden" in request.node.nodeid else 1)
    yield
    torch.set_num_threads(threads)
