"""A trained run behind an address, in the form of OpenAI's chat completions that many programs speak.

    POST /v1/chat/completions    one picture as a data: address, with a question or none; the answer
    GET  /v1/models

Answers are those of ``predict``, one picture at a time. All input is untrusted: a picture is read as there,
and no address that a request names is ever opened.
"""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import uuid4

from aiohttp import web
from pydantic import AliasChoices, BaseModel, BeforeValidator, Field, ValidationError

from datagen.schemas import InputError, RunFailed
from datagen.train.chat.conversation import Template
from datagen.train.data.picture_files import MOST_BYTES, check_picture_file
from datagen.train.evaluation.generate import MAX_NEW_TOKENS, MOST_NEW_TOKENS, answers

if TYPE_CHECKING:
    from datagen.train.models.base import Base

MOST_REQUEST_BYTES = MOST_BYTES * 4 // 3 + 100_000
DATA = r"^data:image/[a-z]+;base64,"


class _Address(BaseModel):
    url: str = Field(pattern=DATA)


class _Picture(BaseModel):
    type: Literal["image_url"]
    image_url: _Address


class _Text(BaseModel):
    type: Literal["text"]
    text: str = Field(max_length=2000)


def _as_parts(content: object) -> object:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


_Part = Annotated[_Picture | _Text, Field(discriminator="type")]


class _Message(BaseModel):
    role: Literal["user"]
    content: Annotated[list[_Part], BeforeValidator(_as_parts), Field(max_length=20)]


class _Request(BaseModel):
    """What a request may ask; other fields are ignored, since answers are always the likeliest ones."""

    messages: list[_Message] = Field(min_length=1, max_length=1)
    max_tokens: int = Field(
        default=0,
        ge=0,
        le=MOST_NEW_TOKENS,
        validation_alias=AliasChoices("max_completion_tokens", "max_tokens"),
    )
    stream: Literal[False] = False


def application(base: Base, template: Template, name: str, most: int = MAX_NEW_TOKENS) -> web.Application:
    """The server of a model under ``name``; ``most``: tokens of an answer where a request does not say."""
    turn = asyncio.Lock()

    async def complete(request: web.Request) -> web.Response:
        try:
            asked = _Request.model_validate_json(await request.read())
            picture, question = _read(asked.messages[0])
            about = template.model_copy(update={"question": question or template.question})
            tokens = asked.max_tokens or most
            async with turn:
                (text,) = await asyncio.to_thread(answers, base, [picture], about, max_new_tokens=tokens)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the request"
            return _refused(400, f"{where}: {first['msg']}; see the example in docs/training.md.")
        except (InputError, RunFailed) as error:
            sentence = str(error).replace("Picture 0 ", "The picture ")
            return _refused(400 if isinstance(error, InputError) else 503, sentence)
        whole = len(base.processor.tokenizer(text)["input_ids"]) < tokens
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop" if whole else "length"}
        known = {"id": f"chatcmpl-{uuid4().hex}", "object": "chat.completion", "created": int(time.time())}
        return web.json_response({**known, "model": name, "choices": [choice]})

    async def models(_: web.Request) -> web.Response:
        model = {"id": name, "object": "model", "created": 0, "owned_by": "datagen"}
        return web.json_response({"object": "list", "data": [model]})

    app = web.Application(client_max_size=MOST_REQUEST_BYTES)
    app.add_routes([web.post("/v1/chat/completions", complete), web.get("/v1/models", models)])
    return app


def _read(message: _Message) -> tuple[bytes, str]:
    """The picture and the question of a message. Raises InputError."""
    pictures = [part for part in message.content if isinstance(part, _Picture)]
    if len(pictures) != 1:
        raise InputError(f"The message has {len(pictures)} pictures; send one.")
    try:
        picture = base64.b64decode(pictures[0].image_url.url.partition(",")[2], validate=True)
        check_picture_file(picture)
    except ValueError as error:  # InputError is one
        why = str(error) if isinstance(error, InputError) else "is not in base64."
        raise InputError(f"The picture {why}") from None
    texts = [part.text for part in message.content if isinstance(part, _Text)]
    return picture, "\n".join(texts).strip()


def _refused(status: int, sentence: str) -> web.Response:
    return web.json_response({"error": {"message": sentence, "code": status}}, status=status)


async def serve_until_stopped(
    app: web.Application, host: str, port: int, started: Callable[[str], None]
) -> None:
    """Serve until SIGINT or SIGTERM; ``started`` is called with the address.

    Raises InputError for an address that this machine does not have, or that is in use.
    """
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        started(f"http://{host}:{runner.addresses[0][1]}")
        await stop.wait()
    except OSError as error:
        why = os.strerror(error.errno).lower() if error.errno and error.errno > 0 else "no such address"
        raise InputError(f"{host}:{port} cannot be used ({why}); give another --port or --host.") from None
    finally:
        await runner.cleanup()
