"""Wrong input to the command is refused in one sentence."""

from __future__ import annotations

import pytest
from support.command import SMALL, invoke, refusal
from support.sets import GARDEN, OPTIONS

from datagen.schemas import InputError

MAKE = ["make", "--no-images", *OPTIONS]
WRONG: list[tuple[list[object], str]] = [
    (["make"], "--rows"),
    (["mak"], "No such command 'mak'"),
    (["make", "--row", 3], "No such option"),
    (["make", "--rows", 3, "spare"], "unexpected extra argument"),
    ([*MAKE, "--rows", -3], "-3 rows"),
    ([*MAKE, "--rows", 0], "0 rows"),
    ([*MAKE, "--rows", "many"], "'many' is not a valid integer"),
    ([*MAKE, "--rows", "1.5"], "'1.5' is not a valid integer"),
    ([*MAKE, "--rows", 10**6], "at most 72,"),
    ([*MAKE, "--rows", 10**30], "at most 72,"),
    ([*MAKE, "--rows", 3, "--seed", -1], "seed -1"),
    ([*MAKE, "--rows", 3, "--seed", 2**64], "seed 18446744073709551616"),
    ([*MAKE, "--rows", 3, "--workers", 0], "--workers is 0; give at least 1 worker"),
    ([*MAKE, "--rows", 3, "--workers", -2], "--workers is -2"),
    ([*MAKE, "--rows", 3, "--shard-rows", 0], "0 rows"),
    ([*MAKE, "--rows", 3, "--jpeg-quality", 0], "quality 0"),
    ([*MAKE, "--rows", 3, "--jpeg-quality", 101], "quality 101"),
    ([*SMALL, "--image-size", "0x0"], "0x0"),
    ([*SMALL, "--image-size", "64x63"], "64x63"),
    ([*SMALL, "--image-size", "20000x20000"], "20000x20000"),
    ([*SMALL, "--image-size", "abc"], "'abc' is not a picture size"),
    ([*SMALL, "--image-size", "64"], "'64' is not a picture size"),
    ([*SMALL, "--image-size", "-64x64"], "'-64x64' is not a picture size"),
    ([*SMALL, "--image-size", "9999999999x64"], "is not a picture size"),
    (MAKE, "give --rows, or --count"),
    ([*MAKE, "--rows", 3, "--where", "group"], "'group' is not a condition"),
    ([*MAKE, "--rows", 3, "--where", "=Wear"], "is not a condition"),
    ([*MAKE, "--rows", 3, "--where", "group="], "is not a condition"),
    ([*MAKE, "--rows", 3, "--where", "price<cheap"], "The price 'cheap' is not a number"),
    ([*MAKE, "--rows", 3, "--where", "kind=tot"], "did you mean 'tote'"),
    ([*MAKE, "--rows", 3, "--where", "price>8000000"], "Too few products match price>8000000"),
    ([*MAKE, "--count", "Hats"], "--count 'Hats' is not VALUE=NUMBER"),
    ([*MAKE, "--count", "Hats=many"], "--count 'Hats=many' is not VALUE=NUMBER"),
    ([*MAKE, "--count", "=3"], "is not VALUE=NUMBER"),
    ([*MAKE, "--count", "Hats=3", "--count", "Hats=4"], "the number of Hats twice"),
    ([*MAKE, "--count", "Hat=3"], "did you mean 'Hats'"),
    ([*MAKE, "--rows", 3, "--count", "Hats=4"], "add up to 4, more than 3"),
    ([*MAKE, "--rows", 3, "--balance", "label"], "cannot be balanced by 'label'"),
    ([*MAKE, "--rows", 3, "--balance", "kind", "--count", "Hats=3"], "give one of --count and --balance"),
    ([*MAKE, "--rows", 3, "--where", "grupp=Wear"], "did you mean 'group'"),
    ([*MAKE, "--rows", 3, "--where", "label=Hat"], "cannot be selected by 'label'"),
    ([*MAKE, "--rows", 3, "--where", "subgroup=Hat"], "did you mean 'Hats'"),
    (
        [*MAKE, "--rows", 3, "--where", "group=Carry", "--where", "subgroup=Hats"],
        "no product that matches group=Carry",
    ),
    (["make", "--rows", 3, "--schema", "burbery"], "did you mean 'burberry'"),
    (["make", "--rows", 3, "--profile", "burbery"], "did you mean 'burberry'"),
    (["make", "--rows", 3, "--profile", GARDEN["profile"]], "for the schema 'garden'"),
    (
        ["make", "--rows", 3, "--schema", GARDEN["schema"], "--profile", "burberry"],
        "for the schema 'burberry'",
    ),
    (["make", "--rows", 3, "--schema", "nowhere.yaml"], "nowhere.yaml"),
    (["make", "--rows", 3, "--schema", "/"], "'/'"),
    (["make", "--rows", 3, "--schema", ""], "schema"),
    ([*MAKE, "--rows", 3, "--out", "."], "is not a name"),
    ([*MAKE, "--rows", 3, "--out", "/"], "is not a name"),
    ([*MAKE, "--rows", 3, "--out", ""], "is not a name"),
    ([*MAKE, "--rows", 3, "--out", "/etc"], "already exists"),
    ([*MAKE, "--rows", 3, "--out", "/etc", "--overwrite"], "not be overwritten"),
    ([*MAKE, "--rows", 3, "--out", "/etc/passwd/set"], "/etc/passwd/set"),
    ([*MAKE, "--rows", 3, "--resume", "--overwrite"], "contradict"),
    (["preview", "nowhere"], "no dataset folder nowhere"),
    (["preview", "."], "no manifest.json"),
    (["preview", "/"], "no manifest.json"),
    (["preview"], "either a dataset or a --grid"),
    (["verify", "nowhere"], "no dataset folder nowhere"),
    (["verify", "."], "no manifest.json"),
    (["export", "nowhere", "--format", "csv"], "no dataset folder nowhere"),
    (["export", ".", "--format", "csv"], "no manifest.json"),
    (["export", "nowhere"], "--format"),
    (["export", "nowhere", "--format", "tar"], "'tar'"),
    (["schema", "burbery"], "did you mean 'burberry'"),
]


@pytest.mark.parametrize(("words", "named"), WRONG, ids=range(len(WRONG)))
def test_wrong_input_is_refused_in_one_sentence(words: list[object], named: str) -> None:
    assert named in refusal(invoke(*words))


def test_a_defect_is_told_by_its_traceback_only_with_debug() -> None:
    with pytest.raises(InputError):
        invoke("--debug", *MAKE, "--rows", 0)
