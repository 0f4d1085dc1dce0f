"""The commands that train a model and use it, one file for each.

Everything heavy is imported inside the commands, so that ``datagen --help`` answers at once.
"""

from datagen.train.commands.evaluate import evaluate
from datagen.train.commands.index import index
from datagen.train.commands.merge import merge
from datagen.train.commands.predict import predict
from datagen.train.commands.serve import serve
from datagen.train.commands.study import study
from datagen.train.commands.train import train

COMMANDS = [train, evaluate, study, predict, serve, index, merge]
"""In the order in which ``datagen --help`` lists them."""
