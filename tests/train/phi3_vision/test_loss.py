"""The loss is the plain one, computed at label positions only."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.functional import cross_entropy

from datagen.train.phi3_vision import loss
from datagen.train.phi3_vision.loss import label_loss

HIDDEN, VOCABULARY = 8, 11


def head() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(HIDDEN, VOCABULARY, bias=False)


def plain_loss(states: torch.Tensor, labels: torch.Tensor, lm_head: nn.Linear) -> torch.Tensor:
    """The official code: all logits, shifted by one, mean over labels that are not -100."""
    logits = lm_head(states).float()[:, :-1].flatten(0, 1)
    return cross_entropy(logits, labels[:, 1:].flatten(), ignore_index=-100)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 3), st.integers(2, 9), st.integers(0, 99), st.sampled_from([1, 2, 5, 1024]))
def test_value_and_gradient_of_the_plain_loss(batch: int, length: int, seed: int, at_once: int) -> None:
    numbers = torch.Generator().manual_seed(seed)
    states = torch.randn((batch, length, HIDDEN), generator=numbers, requires_grad=True)
    labels = torch.randint(0, VOCABULARY, (batch, length), generator=numbers)
    labels[torch.rand((batch, length), generator=numbers) < 0.5] = -100
    labels[0, 1] = 3
    lm_head = head()
    expected = plain_loss(states, labels, lm_head)
    gradients = torch.autograd.grad(expected, [states, lm_head.weight])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loss, "POSITIONS_AT_ONCE", at_once)
        found = label_loss(states, labels, lm_head)
        torch.testing.assert_close(found, expected)
        for mine, theirs in zip(torch.autograd.grad(found, [states, lm_head.weight]), gradients, strict=True):
            torch.testing.assert_close(mine, theirs)


def test_picture_slots_are_no_labels() -> None:
    states = torch.randn((1, 5, HIDDEN), generator=torch.Generator().manual_seed(0))
    masked = torch.tensor([[-100, -100, 4, -100, 5]])
    with_slots = torch.tensor([[-1, -1, 4, -2, 5]])
    assert torch.equal(label_loss(states, with_slots, head()), label_loss(states, masked, head()))


def test_a_batch_without_labels_has_loss_zero_and_gradient_zero() -> None:
    states = torch.randn((2, 4, HIDDEN), requires_grad=True)
    lm_head = head()
    found = label_loss(states, torch.full((2, 4), -100), lm_head)
    assert found == 0
    found.backward()
    assert states.grad is not None
    assert not states.grad.any()
    assert lm_head.weight.grad is not None
    assert not lm_head.weight.grad.any()


@pytest.mark.parametrize("kind", [int, torch.tensor])
def test_batches_of_a_step_add_up_to_the_loss_of_all_labels(kind: type) -> None:
    numbers = torch.Generator().manual_seed(0)
    states = torch.randn((3, 6, HIDDEN), generator=numbers)
    labels = torch.randint(0, VOCABULARY, (3, 6), generator=numbers)
    labels[0, :4] = -100
    count = int((labels[:, 1:] >= 0).sum())
    parts = [label_loss(states[i : i + 1], labels[i : i + 1], head(), kind(count)) for i in range(3)]
    torch.testing.assert_close(torch.stack(parts).sum(), plain_loss(states, labels, head()))
