"""The options by which `make`, `train` and `study` run elsewhere, and the command that follows jobs."""

from datagen.jobs.commands.jobs import jobs
from datagen.jobs.commands.make import make
from datagen.jobs.commands.study import study
from datagen.jobs.commands.train import train

__all__ = ["jobs", "make", "study", "train"]
