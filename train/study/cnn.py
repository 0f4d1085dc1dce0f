"""A small network that learns from nothing, on a CPU, to read category and price off a picture.

    learned = fit(examples, classes=9, seed=0)
    found = predict(learned, pictures)

It is a fair judge of training pictures where frozen features of gradients are not: it learns what the
pictures teach, and augmentation keeps it from learning their backdrop and their place in the frame. Equal
examples, seed and number of steps give equal weights on one machine.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from datagen.schemas.keyed import F64, I64

WIDTH, HEIGHT = 36, 48
"""Pixels of a picture as the network sees it."""
STEPS, BATCH = 500, 64
LEARNING_RATE = 2e-3
CHANNELS = (16, 32, 64, 128)
DROPOUT = 0.3
PRICE_WEIGHT = 0.5
"""Of the price's squared error (in standard deviations) beside the category's cross entropy."""
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Examples:
    """What is learned from.

    ``pixels``: uint8 (n, 3, 48, 36). ``categories``: int64 (n,), -1 where unknown. ``log_prices``: float64
    (n,), NaN where unknown.
    """

    pixels: Pixels
    categories: I64
    log_prices: F64

    def __len__(self) -> int:
        return len(self.pixels)

    def take(self, rows: I64) -> Examples:
        """Some of the examples."""
        return Examples(self.pixels[rows], self.categories[rows], self.log_prices[rows])

    def with_others(self, others: Examples) -> Examples:
        """These examples, then ``others``."""
        return Examples(
            np.concatenate([self.pixels, others.pixels]),
            np.concatenate([self.categories, others.categories]),
            np.concatenate([self.log_prices, others.log_prices]),
        )


@dataclass(frozen=True)
class Learned:
    """A trained network, with the mean and the standard deviation of the log prices that it learned from."""

    network: Network
    price_mean: float
    price_deviation: float


@dataclass(frozen=True)
class Answers:
    """``probabilities``: float64 (n, classes) of each category. ``log_prices``: float64 (n,)."""

    probabilities: F64
    log_prices: F64

    @property
    def categories(self) -> I64:
        """The likeliest category of each picture."""
        return self.probabilities.argmax(axis=1)


class Network(nn.Module):
    """Four convolutions with halving, the mean over the picture, and two heads."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 3
        for channels in CHANNELS:
            layers += [
                nn.Conv2d(before, channels, 3, padding=1, bias=False),
                # Pooled first, so that the rest works on a quarter of the pixels.
                nn.MaxPool2d(2),
                nn.BatchNorm2d(channels),
                nn.ReLU(inplace=True),
            ]
            before = channels
        self.body = nn.Sequential(*layers)
        self.dropout = nn.Dropout(DROPOUT)
        self.category = nn.Linear(before, classes)
        self.price = nn.Linear(before, 1)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Category logits (n, classes), standardised log prices (n,) of pictures (n, 3, 48, 36), -1 to 1."""
        seen = self.dropout(self.body(pictures).mean(dim=(2, 3)))
        return self.category(seen), self.price(seen).squeeze(1)


def pixels_of(pictures: Iterable[Image.Image]) -> Pixels:
    """Pictures as the network sees them, whole, on the colour of their border: uint8 (n, 3, 48, 36)."""
    found = [_fitted(picture) for picture in pictures]
    return np.stack(found) if found else np.empty((0, 3, HEIGHT, WIDTH), dtype=np.uint8)


def _fitted(picture: Image.Image) -> Pixels:
    scale = min(WIDTH / picture.width, HEIGHT / picture.height)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    small = picture.convert("RGB").resize(size, Image.Resampling.BOX)
    pixels = np.asarray(small)
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    whole = Image.new("RGB", (WIDTH, HEIGHT), tuple(int(value) for value in np.median(border, axis=0)))
    whole.paste(small, ((WIDTH - size[0]) // 2, (HEIGHT - size[1]) // 2))
    return np.asarray(whole).transpose(2, 0, 1)


def fit(
    examples: Examples,
    classes: int,
    *,
    seed: int,
    steps: int = STEPS,
    batch: int = BATCH,
    start: Learned | None = None,
) -> Learned:
    """A network trained on examples, with AdamW.

    Every category has the same weight, whatever its share; every epoch shows each example once, in an order
    that depends on the seed. ``start``: a network to go on from, which stays as it is. Raises ValueError for
    no examples.
    """
    if not len(examples):
        raise ValueError("there is nothing to learn from")
    known = examples.log_prices[~np.isnan(examples.log_prices)]
    mean, deviation = (float(known.mean()), float(known.std()) or 1.0) if len(known) else (0.0, 1.0)
    if start is not None:
        mean, deviation = start.price_mean, start.price_deviation
    prices = torch.tensor((examples.log_prices - mean) / deviation, dtype=torch.float32)
    pixels, labels = torch.from_numpy(examples.pixels), torch.from_numpy(examples.categories)
    draw = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = Network(classes)
        if start is not None:
            network.load_state_dict(start.network.state_dict())
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        optimiser = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=0.05)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step / steps))
        weights = _category_weights(examples.categories, classes)
        order = torch.empty(0, dtype=torch.int64)
        size = min(batch, len(examples))
        network.train()
        for _ in range(steps):
            if len(order) < size:
                order = torch.cat([order, torch.randperm(len(examples), generator=draw)])
            rows, order = order[:size], order[size:]
            changed = augmented(pixels[rows], draw).contiguous(memory_format=torch.channels_last)
            loss = _loss(network(changed), labels[rows], prices[rows], weights)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    network.eval()
    return Learned(network, mean, deviation)


def _rate(done: float) -> float:
    """The share of the learning rate at a share of the steps: rising in a tenth of them, then a cosine."""
    return min((done + 0.01) / 0.11, 0.5 + 0.5 * math.cos(math.pi * done))


def predict(learned: Learned, pixels: Pixels) -> Answers:
    """Answers to pictures, each the mean over the picture and its mirror image."""
    probabilities, prices = [], []
    with torch.no_grad():
        for first in range(0, len(pixels), 512):
            batch = _scaled(torch.from_numpy(pixels[first : first + 512]))
            seen = [learned.network(each) for each in (batch, batch.flip(3))]
            probabilities.append(torch.stack([logits.softmax(1) for logits, _ in seen]).mean(0))
            prices.append(torch.stack([price for _, price in seen]).mean(0))
    known = torch.cat(prices).double().numpy() * learned.price_deviation + learned.price_mean
    return Answers(torch.cat(probabilities).double().numpy(), known)


def _loss(answer: tuple[Tensor, Tensor], labels: Tensor, prices: Tensor, weights: Tensor) -> Tensor:
    logits, price = answer
    loss = logits.sum() * 0
    if (labels >= 0).any():
        loss = functional.cross_entropy(logits, labels, weights, ignore_index=-1, label_smoothing=0.1)
    known = ~prices.isnan()
    if known.any():
        loss = loss + PRICE_WEIGHT * functional.mse_loss(price[known], prices[known])
    return loss


def _category_weights(categories: I64, classes: int) -> Tensor:
    """Weights that make up half (on a log scale) for the different numbers of examples of the categories."""
    counts = np.bincount(categories[categories >= 0], minlength=classes).astype(np.float64)
    weights = np.where(counts > 0, 1 / np.sqrt(np.maximum(counts, 1)), 0.0)
    return torch.tensor(weights / max(weights.sum(), 1e-12) * classes, dtype=torch.float32)


def augmented(pixels: Tensor, draw: torch.Generator) -> Tensor:
    """Pictures (uint8, n, 3, 48, 36), each changed at random, as floats in -1 to 1.

    Mirrored, turned by up to 10 degrees, scaled by 0.75 to 1.25 and shifted; brighter or darker, with more or
    less contrast and colour; with noise, and with a rectangle missing. So nothing is learned from where the
    subject stands, how it is lit and what noise the camera has.
    """
    count = len(pixels)

    def uniform(low: float, high: float, *size: int) -> Tensor:
        return torch.rand((count, *size), generator=draw) * (high - low) + low

    angle, scale = uniform(-10, 10) * math.pi / 180, uniform(0.75, 1.25)
    mirror = torch.where(uniform(0, 1) < 0.5, -1.0, 1.0)
    cos, sin, aspect = angle.cos() / scale, angle.sin() / scale, HEIGHT / WIDTH
    matrix = torch.stack(
        [
            torch.stack([cos * mirror, -sin * aspect, uniform(-0.15, 0.15)], 1),
            torch.stack([sin * mirror / aspect, cos, uniform(-0.15, 0.15)], 1),
        ],
        1,
    )
    grid = functional.affine_grid(matrix, [count, 3, HEIGHT, WIDTH], align_corners=False)
    moved = functional.grid_sample(_scaled(pixels), grid, padding_mode="border", align_corners=False)
    moved = moved * uniform(0.7, 1.3, 1, 1, 1) + uniform(-0.3, 0.3, 1, 1, 1)
    grey = moved.mean(1, keepdim=True)
    moved = grey + (moved - grey) * uniform(0.3, 1.5, 1, 1, 1) + uniform(-0.1, 0.1, 3, 1, 1)
    moved = moved + torch.randn(moved.shape, generator=draw) * uniform(0, 0.1, 1, 1, 1)
    return torch.where(_rectangles(count, draw), uniform(-1, 1, 3, 1, 1), moved)


def _rectangles(count: int, draw: torch.Generator) -> Tensor:
    """Bool (n, 1, 48, 36): in half of the pictures, a rectangle of up to half their height and width."""

    def inside(length: int) -> Tensor:
        size = torch.rand(count, generator=draw) * length / 2
        start = torch.rand(count, generator=draw) * length - size / 2
        at = torch.arange(length)
        return (at >= start[:, None]) & (at < (start + size)[:, None])

    both = inside(HEIGHT)[:, :, None] & inside(WIDTH)[:, None, :]
    return (both & (torch.rand(count, generator=draw) < 0.5)[:, None, None])[:, None]


def _scaled(pixels: Tensor) -> Any:
    return pixels.float() / 127.5 - 1
