"""``datagen serve``: a trained run behind an address."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from pathlib import Path

import click

from datagen.train.commands.options import (
    max_new_tokens_option,
    quiet_option,
    run_argument,
    run_or_pulled,
    which_option,
)


@click.command()
@run_argument
@which_option
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="Where to listen. There is no login: at 0.0.0.0, everyone who reaches this machine can ask.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    metavar="N",
    show_default=True,
    help="0 takes a free one.",
)
@max_new_tokens_option
@quiet_option
def serve(run: Path, which: str, host: str, port: int, max_new_tokens: int, quiet: bool) -> None:
    """Answer the pictures that other programs send.

    RUN is a folder that datagen train wrote, or a model that datagen push sent, as owner/name[@revision].
    Programs send them as to OpenAI's chat completions, one picture in each request, as a data: address. A
    request without a text is asked the question of the training. Ctrl-C ends the command.

    \b
    Examples:
      datagen serve run
      datagen serve me/product-reader --port 8080
    """
    from datagen.schemas import InputError
    from datagen.train.config import saved_config

    named, run = run, run_or_pulled(run, quiet=quiet)
    config = saved_config(run)
    if config.retrieval.index is not None:
        raise InputError(
            f"{named} was trained with the products nearest to each picture in its prompts, which serve does "
            "not show; use datagen predict."
        )
    from datagen.train.terminal import calm, loading

    click.get_current_context().with_resource(calm())
    if find_spec("aiohttp") is None:
        raise InputError("serve needs aiohttp; install it with pip install 'datagen[serve]'.")
    with loading():
        from datagen.train.evaluation.serving import application, serve_until_stopped
        from datagen.train.models.base import run_to_answer
    from datagen.schemas.terminal import show

    app = application(run_to_answer(run, which), config.data.template, str(named), max_new_tokens)
    told = (
        (lambda address: None) if quiet else (lambda address: show(f"Answers at {address}/v1 until Ctrl-C."))
    )
    asyncio.run(serve_until_stopped(app, host, port, told))
