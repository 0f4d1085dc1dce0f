"""What several tests need: the built-in catalogue, and another one that shares no name with it."""

from __future__ import annotations

import gc
import os
import signal
import sys

import pytest
from hypothesis import settings
from hypothesis.internal.conjecture import providers
from support.sets import GARDEN

from datagen.generation.recipe import Recipe, write_recipe
from datagen.product.profile import Profile, load_profile
from datagen.schemas import Schema, load_schema


def pytest_xdist_auto_num_workers() -> int:
    """One more worker than cores, since many tests wait for processes that they start and kill."""
    return (os.cpu_count() or 1) + 1


# Imports leave no garbage; to look for it all the while takes a fifth of their time.
gc.disable()


def pytest_collection_finish() -> None:
    """What was imported stays: it is not looked through again."""
    gc.freeze()
    gc.enable()


# Where nothing compiled may be kept, every worker compiles all of our modules, and so does each of the many
# commands that the tests start. (What is kept lies in __pycache__, which git ignores.)
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A shell starts what runs in the background with Ctrl-C ignored, and so do all its children: tests of Ctrl-C
# would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The tests share the cores already: tiny models on several threads each only wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A machine may be slow for a moment. The same cases are tried every time, so that no run depends on luck;
# DATAGEN_SEARCH=1 looks for new ones, as one does while working.
SEARCH = os.environ.get("DATAGEN_SEARCH") == "1"
settings.register_profile("datagen", deadline=None, derandomize=not SEARCH)
settings.load_profile("datagen")
if not SEARCH:
    # Hypothesis also tries the constants in our modules that happen to be imported, and those depend on which
    # tests ran before in the same process. There is no public switch (6.168).
    providers._get_local_constants = lambda: providers._local_constants


@pytest.fixture(scope="session")
def burberry() -> Profile:
    return load_profile("burberry")


@pytest.fixture(scope="session")
def garden_schema() -> Schema:
    return load_schema(GARDEN["schema"])


@pytest.fixture(scope="session")
def garden_profile() -> Profile:
    return load_profile(GARDEN["profile"])


@pytest.fixture(scope="session")
def garden_recipe() -> Recipe:
    """300 rows with small pictures of the garden shop."""
    return write_recipe(300, image_size=(96, 128), shard_rows=100, **GARDEN)
