"""The options about a job, and how a command gets them: without --on it is what it was."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import click

WHERE = "hf-jobs"

Started = Callable[[dict[str, Any], dict[str, Any]], None]
"""Called with the options about the job and those of the command, by name."""


class TimeOption(click.ParamType[int]):
    """A length of time; :class:`datagen.jobs.estimate.Duration` reads it, imported when it is needed."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """``1.5h`` as 5400 seconds."""
        from datagen.jobs.estimate import Duration

        return Duration().convert(value, param, ctx)


def job_options(flavour: str, timeout: str) -> list[click.Option]:
    """``--on`` and what goes with it. ``flavour``, ``timeout``: the defaults, in words."""
    return [
        click.Option(
            ["--on"],
            type=click.Choice([WHERE]),
            help="Run this command as a Hugging Face Job, for which your account pays.",
        ),
        click.Option(
            ["--flavor"],
            metavar="NAME",
            help=f"Machine of the job; a name that does not exist lists them.  [default: {flavour}]",
        ),
        click.Option(
            ["--timeout"],
            type=TimeOption(),
            help=f"Time after which the job is stopped, such as 90m or 2h.  [default: {timeout}]",
        ),
        click.Option(["--detach"], is_flag=True, help="Start the job and do not wait for it."),
        click.Option(
            ["--secret", "secrets"],
            multiple=True,
            metavar="NAME",
            help="Environment variable that the job gets as a secret, as it gets HF_TOKEN; can be repeated.",
        ),
        click.Option(
            ["--package"],
            metavar="SPEC",
            help="Install this datagen in the job.  [default: the one that runs here, sent as a wheel]",
        ),
        click.Option(["--yes", "-y"], is_flag=True, help="Do not ask before the job is started."),
    ]


def with_options(
    command: click.Command, more: Sequence[click.Option], start: Started, example: str
) -> click.Command:
    """A command that has more options, and calls ``start`` instead of what it did if --on is given.

    ``example``: is added to those that its help ends with.
    """
    names = [str(option.name) for option in more]
    usual = callback_of(command)

    def callback(**given: Any) -> Any:
        asked = {name: given.pop(name) for name in names}
        if asked["on"] is not None:
            return start(asked, given)
        _refuse_without_job(more, asked)
        return usual(**given)

    extended = copy.copy(command)
    extended.params = [*command.params, *more]
    extended.callback = callback
    extended.help = f"{inspect.cleandoc(command.help or '')}\n  {example}"
    return extended


def callback_of(command: click.Command) -> Callable[..., Any]:
    """The function of a command."""
    if command.callback is None:
        raise TypeError(f"{command.name} has no function")
    return command.callback


def _refuse_without_job(more: Sequence[click.Option], asked: dict[str, Any]) -> None:
    from datagen.schemas import InputError

    for option in more:
        if asked[str(option.name)] not in (None, False, ()):
            raise InputError(f"{option.opts[0]} is about a job; give --on {WHERE} as well, or leave it out.")


def words_of(
    command: click.Command,
    context: click.Context,
    *,
    leave_out: Sequence[str],
    replace: Callable[[str, str], str],
) -> tuple[str, ...]:
    """The options of ``command`` in this call as words, without some.

    ``replace`` makes the value in the job of an option's name and value here. A value is in one word with its
    option, so that none is taken for an option.
    """
    values, _, _ = context.command.make_parser(context).parse_args(list(context.meta["arguments"]))
    words: list[str] = []
    for param in command.params:
        value = values.get(str(param.name))
        if not isinstance(param, click.Option) or param.name in leave_out or value is None:
            continue
        name = max(param.opts, key=len)
        if param.is_flag:
            words += [name] * bool(value)
        else:
            several = value if isinstance(value, (list, tuple)) else [value]
            words += [f"{name}={replace(str(param.name), str(each))}" for each in several]
    return tuple(words)
