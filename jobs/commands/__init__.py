"""The options by which `make` and `train` run in a job, and the command that follows jobs."""

from datagen.jobs.commands.jobs import jobs
from datagen.jobs.commands.make import make
from datagen.jobs.commands.train import train

__all__ = ["jobs", "make", "train"]
