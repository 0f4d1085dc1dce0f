"""Cards as YAML and text, and how a new card is merged into an existing one without losing what a user wrote.

Of the text, what lies between a pair of marks is ours, one pair for each table of the repository; of the
YAML, ``configs``, ``dataset_info`` and ``size_categories``. Everything else is kept as it is, and our
other YAML is added only where it is missing.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import yaml

from datagen.schemas import InputError
from datagen.schemas.yaml_file import parse_yaml

_BEGIN = "<!-- datagen begin {} : datagen rewrites this part at every push; write above or below it -->"
_END = "<!-- datagen end {} -->"
_MARK = re.compile(
    r"^[ \t]*<!-- datagen (?:begin (?P<begin>[^\s<>]{1,130}) :[^<>\n]*|end (?P<end>[^\s<>]{1,130}) )-->"
    r"(?=[ \t\r]*$)",
    re.MULTILINE,
)
"""A mark is a line of its own: a value that reads like one stands in a table."""
MOST_CHARACTERS = 2_000_000
TABLES = frozenset({"configs", "dataset_info"})
"""The YAML fields that describe tables; each push replaces the entries of its own tables."""


@dataclass(frozen=True)
class Card:
    """A card: the YAML as a mapping, and the text under it."""

    front: dict[str, Any]
    body: str

    def text(self) -> str:
        """The card as a file; one table of the default name is written as the Hub writes it."""
        front = dict(self.front)
        infos = front.get("dataset_info")
        if isinstance(infos, list) and len(infos) == 1 and infos[0].get("config_name") == "default":
            front["dataset_info"] = {name: value for name, value in infos[0].items() if name != "config_name"}
        written = yaml.safe_dump(front, sort_keys=False, allow_unicode=True, width=100)
        return f"---\n{written}---\n\n{self.body.strip()}\n"


def mark(key: str, text: str) -> str:
    """``text`` between the marks of the table ``key``."""
    return f"{_BEGIN.format(key)}\n{text.strip()}\n{_END.format(key)}"


def read_card(text: str, where: str) -> Card:
    """A card from a file's text. Raises InputError where its YAML is broken."""
    if len(text) > MOST_CHARACTERS:
        raise InputError(f"{where}: larger than any card.")
    found = re.match(r"\A\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*$\r?\n?", text, re.DOTALL | re.MULTILINE)
    if not found:
        return Card({}, text)
    front = parse_yaml(found[1], where)
    if front is None:
        front = {}
    if not isinstance(front, dict):
        raise InputError(f"{where}: the YAML between the --- lines is not a mapping.")
    return Card(front, text[found.end() :])


def merged(old: Card, new: Card) -> Card:
    """``new`` merged into ``old``: our tables and our YAML replaced or added, everything else kept."""
    front = dict(old.front)
    for name, value in new.front.items():
        if name in TABLES:
            front[name] = _merged_tables(front.get(name), value, name)
        elif name == "tags":
            tags = _listed(front.get(name))
            front[name] = [*tags, *(tag for tag in value if tag not in tags)]
        elif name == "size_categories" or name not in front:
            front[name] = value
    return Card(front, _merged_text(old.body, new.body))


def without_splits(card: Card, config: str, splits: Collection[str]) -> Card:
    """A card without some splits of a table."""
    if not splits:
        return card
    front = dict(card.front)
    for name, inner, key in (("configs", "data_files", "split"), ("dataset_info", "splits", "name")):
        tables = infos(front) if name == "dataset_info" else list(_dicts(front.get(name)))
        for at, table in enumerate(tables):
            if table.get("config_name") == config and isinstance(table.get(inner), list):
                kept = [part for part in _dicts(table[inner]) if part.get(key) not in splits]
                tables[at] = {**table, inner: kept}
        if tables:
            front[name] = tables
    return Card(front, card.body)


def without_blocks(body: str) -> str:
    """A card's text without what this tool wrote."""
    return "".join(text for key, text in _pieces(body) if not key).strip()


def _pieces(body: str) -> list[tuple[str, str]]:
    """A card's text cut at the marks: (the key of a block, or "" for a user's text; the text).

    A mark without its counterpart is a user's text, as is everything around it.
    """
    pieces, begun, upto = [], None, 0
    for mark in _MARK.finditer(body):
        if mark["begin"]:
            begun = mark
        elif begun and mark["end"] == begun["begin"]:
            pieces += [("", body[upto : begun.start()]), (mark["end"], body[begun.start() : mark.end()])]
            begun, upto = None, mark.end()
    return [*pieces, ("", body[upto:])]


def infos(front: dict[str, Any]) -> list[dict[str, Any]]:
    """The ``dataset_info`` of a card as a list of mappings, each with its ``config_name``."""
    found = front.get("dataset_info")
    entries = [found] if isinstance(found, dict) else found if isinstance(found, list) else []
    return [{"config_name": "default", **entry} for entry in entries if isinstance(entry, dict)]


def rows_on_card(front: dict[str, Any]) -> int:
    """The number of rows in all tables, according to the card."""
    splits = [split for info in infos(front) for split in _listed(info.get("splits"))]
    counts = [split.get("num_examples") for split in splits if isinstance(split, dict)]
    return sum(_number(count) for count in counts)


def _merged_tables(old: Any, new: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """Tables by config and, within one, by split."""
    inner = "data_files" if name == "configs" else "splits"
    key = "split" if name == "configs" else "name"
    tables = infos({"dataset_info": old}) if name == "dataset_info" else list(_dicts(old))
    for entry in new:
        at = next((i for i, t in enumerate(tables) if t.get("config_name") == entry["config_name"]), None)
        if at is None:
            tables.append(entry)
            continue
        ours = {part[key] for part in entry[inner]}
        others = [part for part in _dicts(tables[at].get(inner)) if part.get(key) not in ours]
        parts = sorted([*others, *entry[inner]], key=lambda part: _order(str(part.get(key))))
        table = {**tables[at], **entry, inner: parts}
        if name == "dataset_info" and others:
            table["dataset_size"] = sum(_number(part.get("num_bytes")) for part in parts)
            if entry[inner][0] in _dicts(
                tables[at].get(inner)
            ):  # estimated once, it would drift with every push
                table["download_size"] = tables[at].get("download_size", entry["download_size"])
            else:
                table["download_size"] = entry["download_size"] + _rest(tables[at], others)
        tables[at] = table
    return tables


def _rest(table: dict[str, Any], kept: list[dict[str, Any]]) -> int:
    """The part of a table's old download size that its kept splits account for, by their bytes."""
    before = sum(_number(part.get("num_bytes")) for part in _dicts(table.get("splits")))
    stays = sum(_number(part.get("num_bytes")) for part in kept)
    return _number(table.get("download_size")) * stays // before if before else 0


def _number(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < 2**63 else 0


def _order(split: str) -> tuple[int, str]:
    usual = ("train", "validation", "test")
    return (usual.index(split), "") if split in usual else (len(usual), split)


def _merged_text(old: str, new: str) -> str:
    blocks = {key: text for key, text in _pieces(new) if key}
    pieces = _pieces(old)
    keys = {key for key, _ in pieces if key}
    text = "".join(blocks.get(key, text) for key, text in pieces)
    added = [block for key, block in blocks.items() if key not in keys]
    known = {paragraph.strip() for paragraph in _paragraphs(text)}
    added += [own for own in _paragraphs(without_blocks(new)) if own.strip() not in known]
    parts = [*added, text] if not keys else [text, *added]
    return "\n\n".join(part.strip() for part in parts if part.strip())


def _paragraphs(text: str) -> list[str]:
    return re.split(r"\n[ \t]*\n", text) if text else []


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in _listed(value) if isinstance(entry, dict)]
