"""Reading YAML that somebody else wrote: safe and bounded; what is wrong is refused in one sentence."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Hashable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from datagen.schemas.errors import InputError
from datagen.schemas.files import read_file
from datagen.schemas.validation_errors import describe

MAX_BYTES = 2_000_000
MAX_DEPTH = 50
HERE = Path(__file__).parent
Model = TypeVar("Model", bound=BaseModel)


_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    """SafeLoader (in C where available) that refuses a repeated key, which would drop a value."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        if len(mapping) != len(node.value):
            keys = Counter(self.construct_object(key, deep=True) for key, _ in node.value)
            repeated = next((key for key, count in keys.items() if count > 1), "<<")
            raise yaml.MarkedYAMLError(
                problem=f"the key {repeated!r} appears twice", problem_mark=node.start_mark
            )
        return mapping


def parse_yaml(text: str, where: str) -> Any:
    """The value of a YAML text; ``where`` names it in messages. Raises InputError."""
    try:
        _refuse_aliases(text)
        return _load(text)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise InputError(f"{where}{line}: {error.problem or 'not YAML'}.") from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, OverflowError) as error:
        raise InputError(f"{where}: not YAML ({_one_line(error)}).") from None


def _load(text: str) -> Any:
    loader = _Loader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _refuse_aliases(text: str) -> None:
    """Raises MarkedYAMLError for aliases, a few of which expand to gigabytes, and for deep nesting."""
    depth = 0
    for event in yaml.parse(text, Loader=_Base):
        if isinstance(event, yaml.AliasEvent):
            raise _refusal("aliases (*name) are not allowed here", event)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _refusal("nested too deeply", event)


def _refusal(problem: str, event: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)


def read_yaml(path: Path) -> Any:
    """The value in a YAML file. Raises InputError when it cannot be read, is too big or not YAML."""
    try:
        text = read_file(path, MAX_BYTES).decode("utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}).") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8 text.") from None
    return parse_yaml(text, str(path))


def built_in(suffix: str) -> dict[str, Path]:
    """The built-in files ``<name><suffix>`` by name: schemas (".yaml") or profiles (".profile.yaml")."""
    found = {file.name[: -len(suffix)]: file for file in sorted(HERE.glob(f"*{suffix}"))}
    return {name: file for name, file in found.items() if "." not in name}


def find(source: str | Path, suffix: str) -> Path:
    """The file that ``source`` names: a path, or the name of a built-in ``<name><suffix>``."""
    path, builtin = Path(source), built_in(suffix)
    if str(source) in builtin:
        return builtin[str(source)]
    if path.suffix in {".yaml", ".yml"} or path.is_file():
        return path
    what = "profile" if "profile" in suffix else "schema"
    raise InputError(f"No {what} {str(source)!r}: {nearest(str(source), builtin)}, or give a .yaml file.")


def validate(model: type[Model], value: Any, where: str, file: Path | None = None) -> Model:
    """``value`` as ``model``. Raises InputError: one sentence that names the first wrong field.

    ``where`` begins the sentence; ``file``: the YAML file that the value is from, which the sentence names
    with the line of the field, instead of ``where``.
    """
    if not isinstance(value, dict):
        found = "nothing" if value is None else f"a {_kind_of(value)}"
        raise InputError(f"{where}: expected a mapping of fields, found {found}.")
    try:
        return model.model_validate(value)
    except ValidationError as error:
        line, wrong = describe(error, model, file, nearest)
        place = where if line is None else f"{file}, line {line}"
        raise InputError(f"{place}: {_one_line(wrong)}.") from None
    except RecursionError:
        raise InputError(f"{where}: nested too deeply.") from None


def _kind_of(value: Any) -> str:
    return {list: "list", str: "text", bool: "flag"}.get(type(value), "number or date")


def nearest(word: str, known: Any) -> str:
    """The end of a refusal: the nearest known word, if one is near, and all known words (at most 40)."""
    names = sorted(_one_line(name) for name in known)
    if not names:
        return "there are none"
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.5) or difflib.get_close_matches(
        word.upper(), names, n=1, cutoff=0.5
    )
    listed = ", ".join(names[:40]) + (", ..." if len(names) > 40 else "")
    return (f"did you mean {close[0]!r}? Known" if close else "known") + f": {listed}"


def _one_line(message: object) -> str:
    return " ".join(str(message).split())[:300]


def to_yaml(value: BaseModel) -> str:
    """A schema or profile as YAML that reads back as an equal one."""
    plain = value.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(plain, Dumper=dumper, sort_keys=False, allow_unicode=True, width=110))
